"""Foreign bytes into harmless text, and secrets out of any text."""

import base64
import re
import unicodedata
from collections import deque
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import filterfalse

LONGEST = 1_000
"""Characters of one name or message that are kept."""
MOST_MARKS = 8
"""Combining marks that may follow one another; no script needs more."""

_ROOM_FOR_COUNT = 24
_HIDDEN = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # C0, DEL, C1
    "\xa0\u1680\u2000-\u200a\u202f\u205f"  # spaces that look like another space
    "\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180b-\u180f"  # soft hyphen, joiner, format characters
    "\u115f\u1160\u17b4\u17b5\u3164\uffa0"  # letters that draw nothing
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"  # zero width, separators, bidirectional controls
    "\ufe00-\ufe0d\ufff0-\ufffb\ufdd0-\ufdef\ufffe\uffff"  # variation selectors, interlinear marks, no characters
    "\ud800-\udfff"  # halves of a pair
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"  # tags, and variation selectors that can carry a hidden message
    "]"
)


_CONTROLS = {code: chr(0x2400 + code) for code in range(0x20)}
"""The control characters that a log may be full of; each has a picture of its own."""


def text(value: str) -> str:
    """One line that is harmless to draw: what would act or hide becomes a visible mark, what is too long is counted."""
    if len(value) <= LONGEST and value.isascii() and value.isprintable():
        return value
    beyond = max(len(value) - 4 * LONGEST, 0)
    shown = harmless(value[: 4 * LONGEST])
    if beyond or len(shown) > LONGEST:
        kept = shown[: LONGEST - _ROOM_FOR_COUNT]
        return f"{kept}…(+{len(shown) - len(kept) + beyond})"
    return shown


def harmless(value: str) -> str:
    """As `text`, at any length: for those who have cut it already."""
    shown = _HIDDEN.sub(_mark, value.translate(_CONTROLS))
    return shown if shown.isascii() else _piled_marks().sub(_count_marks, shown)


def text_of_bytes(value: bytes) -> str:
    """As `text`, from bytes that should have been UTF-8."""
    return text(value.decode("utf-8", "replace"))


def _mark(found: re.Match[str]) -> str:
    code = ord(found[0])
    return "\u2421" if code == 0x7F else f"<{code:04X}>"


def _count_marks(found: re.Match[str]) -> str:
    marks = found[0]
    return f"{marks[:MOST_MARKS]}<+{len(marks) - MOST_MARKS}>"


@cache
def _piled_marks() -> re.Pattern[str]:
    """More combining marks in a row than any script needs. Made at the first text that is not ASCII: it is slow."""
    marks = [chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code)) in {"Mn", "Me", "Mc"}]
    # Two sets: one of characters of 16 bits alone is looked up, one that goes beyond them is searched.
    common, rare = (f"[{''.join(each)}]" for each in (filter(_is_common, marks), filterfalse(_is_common, marks)))
    return re.compile(f"(?:{common}|(?=[\U00010000-\U0001ffff]){rare}){{{MOST_MARKS + 1},}}")


def _is_common(mark: str) -> bool:
    return mark < "\U00010000"


HIDDEN_SECRET = "***"  # noqa: S105 - what stands in a secret's place

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL),
        HIDDEN_SECRET,
    ),
    # A header, as text, as a dict's repr or as raw bytes: the scheme and what follows it.
    (
        re.compile(r"(?i)(authorization[\"']?\s*[:=,]\s*(?:b?[\"'])?)(?!\*\*\*)[^\s\"']+(?:[ \t]+[^\s\"']+)?"),
        rf"\1{HIDDEN_SECRET}",
    ),
    (re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"), HIDDEN_SECRET),
    # Installation tokens may be some 520 characters with dots and hyphens.
    (re.compile(r"gh[pousr]_[A-Za-z0-9_.\-]{20,}"), HIDDEN_SECRET),
    (re.compile(r"github_pat_[A-Za-z0-9_]{22,}"), HIDDEN_SECRET),
    # What is in front of it is looked through once, however often it begins as a token does.
    (
        re.compile(r"(?<![\w\-])(?=[\w\-]++\.[\w\-]++\.[\w\-])([\w\-]*?)eyJ[\w\-]+\.[\w\-]+\.[\w\-]+"),
        rf"\1{HIDDEN_SECRET}",
    ),
    # A JIT configuration is base64 of a JSON object.
    (re.compile(r"ey[IJ][A-Za-z0-9+/_\-]{60,}={0,2}"), HIDDEN_SECRET),
    (re.compile(r"(?i)([?&;](?:sig|se|sp|sv|skoid)=)[^&\s\"'<>]+"), rf"\1{HIDDEN_SECRET}"),
    # Registration and removal tokens, and the old 40 hexadecimal digits, have no shape of their own.
    (
        re.compile(r"(?i)(token\W{0,6}(?:is\W{1,3})?)(?:A[A-Z0-9]{28}|[0-9a-f]{40})(?![A-Za-z0-9])"),
        rf"\1{HIDDEN_SECRET}",
    ),
)


_given: deque[str] = deque(maxlen=8)


def hide(secret: str) -> None:
    """From now on `redact` takes it out of every text, as it is spelt; the last few are remembered."""
    _given.append(secret)


def redact(value: str, live: Iterable[str] = ()) -> str:
    """The text without anything that has the shape of a secret, and without `live` ones in plain or in base64."""
    for given in _given:
        value = value.replace(given, HIDDEN_SECRET)
    for secret in live:
        for spelling in _spellings(secret):
            value = value.replace(spelling, HIDDEN_SECRET)
    for pattern, instead in _SECRETS:
        value = pattern.sub(instead, value)
    return value


@lru_cache(maxsize=8)
def _spellings(secret: str) -> tuple[str, ...]:
    """The secret, and the middle of its base64 at each of the three places it can start within other bytes."""
    if len(secret) < 8:
        return (secret,) if secret else ()
    raw = secret.encode("utf-8", "surrogatepass")
    found = [secret]
    for before in range(3):
        whole = base64.b64encode(b"\0" * before + raw).decode("ascii").rstrip("=")
        cut = 1 if (before + len(raw)) % 3 else 0
        middle = whole[(0, 2, 3)[before] : len(whole) - cut]
        found += [middle, middle.replace("+", "-").replace("/", "_")]
    return tuple(dict.fromkeys(found))
