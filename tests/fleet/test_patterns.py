import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.pattern_tree import Choice, One, Repeat, tree
from console.fleet.patterns import LEAST_LITERAL, Needle, compiled, faults, needles
from console.fleet.scanner import LINE_KEPT, Scanner
from console.fleet.signatures import Catalogue, Signature, shipped_catalogue


def test_the_parser_of_this_python_still_makes_what_is_read_of_it() -> None:
    """It is a private module: where it changes, this fails, and no signature is silently left unfound."""
    one, group, digits, choice, lazy = tree(r"(?i)a(?P<n>b)\d+(?:xx|yy[^z])c*?$")[:5]
    assert one == One(97, True)
    assert group == One(98, True)
    assert isinstance(digits, Repeat)
    assert digits.least == 1
    assert isinstance(digits.body[0], One)
    assert digits.body[0].bytes() == frozenset(b"0123456789")
    assert isinstance(choice, Choice)
    assert choice.branches[0] == (One(120, True), One(120, True))
    assert isinstance(lazy, Repeat)
    last = choice.branches[1][2]
    assert isinstance(last, One)
    assert last.bytes() == frozenset(range(256)) - set(b"zZ")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (r"Failed to save: (?P<why>.+)", [b"Failed to save: "]),
        (r"\bNo (?:space|room) left on device", [b" left on device"]),
        (r"ENOSPC|EMFILE|Too many files", [b"ENOSPC", b"EMFILE", b"Too many files"]),
        (r"(?:abc)?(?:defgh)+x", [b"defgh"]),
        (r"(?P<who>git)hub\.com", [b"github.com"]),
        (r"[Nn]etwork is (?:down|unreachable) now", [b"etwork is "]),
        (r"a{5}", [b"aaaaa"]),
        ("❌ gone", ["❌ gone".encode()]),
    ],
)
def test_a_pattern_is_found_by_the_longest_text_that_every_match_has(pattern: str, found: list[bytes]) -> None:
    assert needles(pattern) == tuple(Needle(each) for each in found)


def test_text_without_case_is_kept_apart_from_text_with_it() -> None:
    assert needles(r"(?i)Breaker OPEN") == (Needle(b"breaker open", caseless=True),)
    assert needles(r"(?i:brea)Koala") == (Needle(b"Koala"),)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        (r"Failed (to save", "at position 7"),
        (r"Failed to (?=save)", "look-around"),
        (r"Failed (?<!x)to save", "look-around"),
        (r"(?P<a>Failed) to (?P=a)", "a back-reference"),
        (r"\AFailed to save", r"\A"),
        (r"abc", "no 4 characters in a row"),
        (r"abcd|xyz", "no 4 characters in a row"),
        (r"(?:abcd)?.+", "no 4 characters in a row"),
        (r"Failed [❌✗] to save", "not ASCII"),
        (r"Failed ❌+ to save", "not ASCII"),
        (r"Failed (?:a+)+ to save", "in several ways"),
        (r"Failed (?:\w{2}|\d{2})* to save", "in several ways"),
        (r"Failed [[a] to save", "Possible nested set"),
        ("(" * 5_000, "cannot be used"),
        (r"Failed (?:a|ab|b)* to save", "in several ways"),
        (r"Failed .+: .+ to save", "2 repeats without an end"),
        (r"Failed \s*\s*\s*: to save", "2 repeats without an end"),
        (r"Failed .{0,400}x.{0,400}to save", "in too many ways"),
        (r"Failed to save\n", "within one line"),
    ],
)
def test_what_cannot_be_looked_for_quickly_is_refused_with_the_reason(pattern: str, said: str) -> None:
    assert said in "; ".join(faults(pattern))


@pytest.mark.parametrize(
    "pattern",
    [
        r"Failed to save: (?P<why>.+)",
        r"Failed to (?P<verb>\w+) the (?P<what>[^ ]+) of (?P<who>\S+)$",
        r"Failed .+ to save",
        r"Failed (?:, \d+ \w+){0,8} in [\d.]+s",
        r"Failed (?P<at>[0-9a-f]{8}(?:-[0-9a-f]{4}){3})",
        r"Failed (?:\.\d+)* to save",
    ],
)
def test_ordinary_patterns_are_taken(pattern: str) -> None:
    assert list(faults(pattern)) == []


def test_an_exception_needs_no_text_of_its_own() -> None:
    assert list(faults(r"\d+", needs_literal=False)) == []


LETTERS = st.sampled_from([*"abcd", "[ab]", "(?:ab|cd)", "(?:abcd|dcba)", ".", "a?", "(?:abcd)+", "b*", "(?i:aB)"])


@given(st.lists(LETTERS, min_size=1, max_size=9).map("".join), st.text("abcdABCD", max_size=40))
def test_every_line_that_matches_holds_one_of_the_pattern_s_texts(pattern: str, line: str) -> None:
    matched = re.search(pattern, line)
    found = needles(pattern)
    if matched is None or not found:
        return
    assert all(len(needle.text) >= LEAST_LITERAL for needle in found)
    exact, lower = matched[0].encode(), matched[0].lower().encode()
    assert any(needle.text in (lower if needle.caseless else exact) for needle in found)


@pytest.mark.parametrize("signature", shipped_catalogue().signatures, ids=lambda each: each.id)
def test_no_line_made_to_be_slow_holds_a_signature_up(signature: Signature) -> None:
    """Lines of 64 KB that begin to match over and over: without limits some would take minutes."""
    scanner = Scanner(Catalogue((signature,)))
    scanner.feed(b"warm up\n")
    compiled(signature.pattern)
    at = time.process_time()
    for needle in needles(signature.pattern)[:4]:
        beginning = signature.examples[0].encode().partition(needle.text)[0][-40:]
        for unit in (needle.text, beginning + needle.text, needle.text + b" ", beginning + needle.text + b"a1 '(["):
            scanner.feed((unit * (LINE_KEPT // len(unit)))[:LINE_KEPT] + b"\n")
    scanner.end()
    assert time.process_time() - at < 2.0
