"""Foreign text is harmless to draw, and secrets are not in it."""

import base64
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.remote.sanitize import HIDDEN_SECRET, LONGEST, redact, text, text_of_bytes
from tests.remote.fault_server import CANARY

# Every code point, lone surrogates too; the dangerous ones often.
NASTY = "\x00\x07\x08\t\n\r\x1b\x7f\x85\x9b\x9c\x9d\xad\u061c\u200b\u200d\u200e\u2028\u202e\u2066\u2069\ufeff\ud800"
anything = st.text(
    st.one_of(st.characters(exclude_categories=()), st.sampled_from(NASTY + "\U000e0041\U000e0101\u0301")), max_size=60
)

ESCAPES = [
    "\x1b]0;title\x07",
    "\x1b]52;c;Zm9v\x1b\\",
    "\x9d52;c;Zm9v\x9c",
    "\x1b[2J",
    "\x1b[6n",
    "\x1bc",
    "\x1bPdcs\x1b\\",
    "\x1b_apc\x1b\\",
    "\x9b2J",
    "\x1b",
]


def harmless(char: str) -> bool:
    return (
        unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}
        and not 0xE0000 <= ord(char) <= 0xE0FFF
        and char not in "\xa0\u115f\u1160\u3164\uffa0\u034f"
    )


@given(anything)
def test_nothing_that_acts_or_hides_is_left_of_any_text(value: str) -> None:
    assert all(harmless(char) for char in text(value))


@given(anything)
def test_a_harmless_text_stays_as_it_is(value: str) -> None:
    assert text(text(value)) == text(value)


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=LONGEST))
def test_printable_ascii_is_not_changed(value: str) -> None:
    assert text(value) == value


@given(st.binary(max_size=80))
def test_bytes_of_any_kind_become_harmless_text(value: bytes) -> None:
    assert all(harmless(char) for char in text_of_bytes(value))


@pytest.mark.parametrize("payload", ESCAPES)
def test_an_escape_sequence_is_seen_and_does_nothing(payload: str) -> None:
    shown = text(f"build{payload}main")
    assert shown.startswith("build")
    assert shown.endswith("main")
    assert all(harmless(char) for char in shown)


def test_control_characters_become_pictures_and_invisible_ones_marks() -> None:
    assert text("a\nb\tc\x1b\x7f") == "a␊b␉c␛␡"
    assert text("\x9b\u202e\u200b\U000e0041\ud83d\xa0") == "<009B><202E><200B><E0041><D83D><00A0>"


def test_names_that_differ_only_by_something_invisible_look_different() -> None:
    assert text("deploy\u200b") != text("deploy")


@pytest.mark.parametrize(
    "name", ["Größe", "デプロイ\u3000本番", "مرحبا", "हिन्दी", "🛠\ufe0f build", "ภาษาไทย", "e\u0301"]
)
def test_words_of_any_language_stay_readable(name: str) -> None:
    assert text(name) == name


def test_a_pile_of_combining_marks_is_counted_away() -> None:
    shown = text("a" + "\u0301" * 500 + "b")
    assert shown == "a" + "\u0301" * 8 + "<+492>b"


def test_a_name_too_long_for_a_line_is_counted() -> None:
    shown = text("x" * 5_000_000)
    assert len(shown) <= LONGEST
    assert shown.endswith("…(+4999024)")
    assert text(shown) == shown


SECRETS = [
    "ghp_" + "a1B2" * 9,
    "gho_" + "a1B2" * 9,
    "ghu_" + "a1B2" * 9,
    "ghr_" + "a1B2" * 19,
    "ghs_" + "a1B2" * 9,
    "ghs_1234567_eyJhbGciOiJSUzI1NiJ9." + "eyJpc3MiOi" * 30 + "." + "Ab-_9" * 34,
    "github_pat_" + "11ABCDEFG0abcdefghijkl_" + "Z" * 59,
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJJdjEifQ.c2lnbmF0dXJl-_x",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nxyz\n-----END RSA PRIVATE KEY-----",
    "-----BEGIN PRIVATE KEY-----\nMIIEow cut short",
    base64.b64encode(b'{".runner": "' + b"x" * 80 + b'"}').decode(),
]


@pytest.mark.parametrize("secret", SECRETS)
def test_what_has_the_shape_of_a_secret_is_taken_out(secret: str) -> None:
    assert redact(f"it said {secret}") == f"it said {HIDDEN_SECRET}"


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("Authorization: Bearer abc.def and more", "Authorization: *** and more"),
        ("{'authorization': 'token opaque'}", "{'authorization': '***'}"),
        ("(b'Authorization', b'Bearer opaque')", "(b'Authorization', b'***')"),
        ("https://blob/x?sv=2025&sig=a%2Fb&se=1&rsct=text", "https://blob/x?sv=***&sig=***&se=***&rsct=text"),
        ("registration token: AAAAABBBBBCCCCCDDDDDEEEEEFFFF", "registration token: ***"),
        ("token 0123456789abcdef0123456789abcdef01234567", "token ***"),
        ("http://alice:secret@proxy:3128", "http://***@proxy:3128"),
    ],
)
def test_a_secret_told_only_by_its_place_is_taken_out(said: str, left: str) -> None:
    assert redact(said) == left


def test_a_commit_and_ordinary_words_are_no_secrets() -> None:
    said = "commit 0123456789abcdef0123456789abcdef01234567 by eyJack, no token here, authorize me"
    assert redact(said) == said


@given(st.binary(max_size=7), st.binary(max_size=7))
def test_a_live_token_is_found_in_base64_wherever_it_starts(before: bytes, after: bytes) -> None:
    secret = "an opaque token without a shape"
    packed = base64.b64encode(before + secret.encode() + after).decode()
    assert base64.b64encode(secret.encode()).decode()[4:-4] not in redact(packed, [secret])
    assert HIDDEN_SECRET in redact(packed, [secret])
    assert secret not in redact(f"x{secret}y", [secret])


@given(st.lists(st.sampled_from([*SECRETS, "Authorization: ", "Bearer ", "token ", " ", "x", CANARY, "?sig="])))
def test_taking_secrets_out_twice_changes_nothing_more(parts: list[str]) -> None:
    once = redact("".join(parts))
    assert redact(once) == once
