import random
import threading
import tracemalloc
from collections.abc import Callable, Iterator

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.finder import finder
from console.fleet.hearsay import is_hearsay
from console.fleet.log_lines import Where
from console.fleet.scanner import BLOCK, LINE_KEPT, Scanner
from console.fleet.signatures import Catalogue, Severity, Signature, shipped_catalogue
from console.fleet.tally import KEPT_OF_ONE
from console.fleet.verdicts import Match, Verdict


def known(name: str, pattern: str, severity: Severity = "error", **more: object) -> Signature:
    given = {"harmless": "never", "where": ("job-log",), **more}
    return Signature(
        id=f"test.{name}", title=name, pattern=pattern, severity=severity, meaning=f"It is {name}.", remedy="Nothing.",
        source="a test", examples=("x",), near_misses=(), **given,  # type: ignore[arg-type]
    )  # fmt: skip


def scanned(text: bytes, *signatures: Signature, where: Where = "unknown", cut: int = 0) -> Scanner:
    scanner = Scanner(Catalogue(signatures), where)
    for start in range(0, len(text), cut or len(text) or 1):
        scanner.feed(text[start : start + (cut or len(text))])
    scanner.end()
    return scanner


def verdicts(text: bytes, *signatures: Signature, where: Where = "unknown") -> list[Verdict]:
    return scanned(text, *signatures, where=where).verdicts()


def found(text: bytes, *signatures: Signature, cut: int = 0) -> list[tuple[int, str]]:
    of = scanned(text, *signatures, cut=cut).verdicts()
    return [(each.match.line, each.match.signature.title) for each in of]


DISK = known("disk", r"[Nn]o space left on device")
RESERVE = known("reserve", r"Unable to reserve cache with key (?P<key>[^,]+)", "info")
BREAKER = known("breaker", r"(?i)circuit breaker (?:is )?open")


def test_a_match_says_its_line_its_place_and_what_the_pattern_took() -> None:
    text = b"first\r\n2026-01-01 Unable to reserve cache with key linux-9, another job\r\n"
    (match,) = (each.match for each in verdicts(text, RESERVE))
    assert (match.line, match.offset, match.groups) == (1, 7, {"key": b"linux-9"})
    assert match.words == b"Unable to reserve cache with key linux-9"


def test_a_match_far_into_a_long_line_is_kept_with_what_is_around_it() -> None:
    (match,) = (each.match for each in verdicts(b"x" * 30_000 + b" No space left on device " + b"y" * 30_000, DISK))
    assert match.words == b"No space left on device"
    assert (match.start, len(match.text)) == (30_001, 1_000)
    assert match.before + len(match.text) + match.after == 60_025


@pytest.mark.parametrize("line", [b"CIRCUIT BREAKER OPEN", b"the Circuit Breaker is open now", b"circuit breaker open"])
def test_a_pattern_without_case_is_found_in_every_spelling(line: bytes) -> None:
    assert found(b"\n" + line, BREAKER) == [(1, "breaker")]


def test_colours_within_a_message_do_not_hide_it_and_its_place_is_that_of_the_bytes() -> None:
    text = b"\x1b[32mfine\x1b[0m\nplain\n"
    text += b"\x1b[1mNo \x1b[31mspace\x1b[0m left \x1b]8;;http://x\x1b\\on\x1b]8;;\x1b\\ device\n"
    (match,) = (each.match for each in verdicts(text, DISK))
    assert (match.line, match.offset) == (2, text.index(b"\x1b[1m"))
    assert match.text == b"No space left on device"


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=40))
def test_a_match_in_a_log_full_of_colours_knows_the_place_of_its_line(lines: list[tuple[int, bool]]) -> None:
    texts = [b"\x1b[31m" * codes + (b"No space left on device" if bad else b"well") + b"\n" for codes, bad in lines]
    places = [(number, sum(map(len, texts[:number]))) for number, (_, bad) in enumerate(lines) if bad]
    assert [(each.match.line, each.match.offset) for each in verdicts(b"".join(texts), DISK)] == places


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n", b""])
def test_the_end_of_a_line_is_its_end_however_it_is_written(end: bytes) -> None:
    assert found(b"first" + end + b"sh: jq: not found" + end, known("end", "not found$")) == [(end.count(b"\n"), "end")]


def test_one_signature_wins_a_line_by_priority_and_then_because_it_is_more_specific() -> None:
    generic = known("generic", r"##\[error\].+", priority=85)
    short = known("short", r"Failed to save")
    long = known("long", r"Failed to save: .+ the quota is used up")
    text = b"##[error]Failed to save: 1\n##[error]Failed to save: now the quota is used up\n##[error]other\n"
    assert found(text, generic, short, long) == [(0, "short"), (1, "long"), (2, "generic")]


def test_a_line_that_the_exception_names_is_left_to_the_next_signature() -> None:
    generic = known("generic", "space left", priority=85)
    tested = known("disk", "No space left on device", unless="in a test")
    assert found(b"No space left on device (in a test)\n", generic, tested) == [(0, "generic")]


def test_only_signatures_of_this_kind_of_log_are_looked_for_and_all_where_the_kind_is_not_known() -> None:
    kernel = known("kernel", "Out of memory", where=("kernel-log",))
    assert not verdicts(b"Out of memory\n", kernel, where="job-log")
    assert verdicts(b"Out of memory\n", kernel, where="kernel-log")
    assert verdicts(b"Out of memory\n", kernel)


@pytest.mark.parametrize(
    ("where", "severity"), [("unknown", "warning"), ("job-log", "warning"), ("service-log", "error")]
)
def test_a_hint_is_an_error_only_where_nobodys_tests_write(where: Where, severity: str) -> None:
    refused = known("refused", "ECONNREFUSED", hint=True, where=("job-log", "service-log"))
    (verdict,) = verdicts(b"Error: connect ECONNREFUSED 10.0.0.1:443\n", refused, where=where)
    assert verdict.severity == severity


def test_where_the_lines_tell_what_kind_of_log_it_is_no_signature_is_left_out() -> None:
    refused = known("refused", "ECONNREFUSED", hint=True, where=("job-log",))
    journal = b"Mar 03 10:00:00 build-07 runsvc.sh[811]: connect ECONNREFUSED 10.0.0.1:443\n"
    (verdict,) = verdicts(journal, refused)
    assert verdict.severity == "error"
    (verdict,) = verdicts(b"Mar 03 10:00:00 build-07 sshd[811]: hello\n" + journal, refused)
    assert verdict.severity == "warning"


@pytest.mark.parametrize(
    ("severity", "shown"),
    [("critical", "error"), ("error", "error"), ("warning", "warning"), ("notice", "info"), ("info", "info")],
)
def test_what_never_is_harmless_is_shown_as_its_author_says_and_what_always_is_as_info(
    severity: Severity, shown: str
) -> None:
    (verdict,) = verdicts(b"it happened\n", known("event", "it happened", severity))
    assert (verdict.severity, verdict.serious) == (shown, shown == "error")
    (verdict,) = verdicts(b"it happened\n", known("event", "it happened", severity, harmless="always"))
    assert (verdict.severity, verdict.serious) == ("info", False)


def test_a_condition_that_a_later_line_ends_is_over_and_one_that_comes_again_is_not() -> None:
    conflict = known("conflict", "session already exists", clears=r"Listening for Jobs")
    text = b"session already exists\nListening for Jobs\nsession already exists\n"
    assert [(each.cleared, each.serious) for each in verdicts(text, conflict)] == [(True, False), (False, True)]


SAME_LINE = known(
    "reserve", "Unable to reserve cache", "info", harmless="usually", harmless_when="In a matrix.",
    worse={"when": "Cache not found for input keys", "severity": "error", "meaning": "The key was never saved."},
)  # fmt: skip


def with_parts(signature: Signature) -> Signature:
    """As the loader makes it."""
    return msgspec.convert(msgspec.to_builtins(signature), Signature)


def test_the_same_line_is_harmless_alone_and_serious_with_the_line_that_makes_it_so() -> None:
    reserve = with_parts(SAME_LINE)
    (verdict,) = verdicts(b"Unable to reserve cache\n", reserve)
    assert (verdict.severity, verdict.harmless, verdict.serious) == ("info", "usually", False)
    (verdict,) = verdicts(b"Unable to reserve cache\nCache not found for input keys: x\n", reserve)
    assert (verdict.severity, verdict.harmless, verdict.serious) == ("error", "never", True)
    assert verdict.meaning == "The key was never saved."


ACQUIRED = known(
    "acknowledged", "Acknowledging runner request", "info",
    followup={"expect": "Job request \\d+ for plan", "within_seconds": 120, "severity": "critical"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("rest", "followed", "severity"),
    [
        (b"[2026-01-01 10:01:59Z INFO X] Job request 7 for plan p\n", True, "info"),
        (b"[2026-01-01 10:02:01Z INFO X] Job request 7 for plan p\n", False, "error"),
        (b"[2026-01-01 10:09:00Z INFO X] something else\n  a line without a time\n", False, "error"),
        (b"[2026-01-01 10:01:00Z INFO X] something else\n", None, "info"),
        (b"something else, nobody knows when\n", None, "info"),
        (b"Job request 7 for plan p, nobody knows when\n", True, "info"),
        (b"[2025-01-01 10:00:00Z INFO X] the clock was set back\n", None, "info"),
    ],
)
def test_what_must_follow_is_missed_only_when_its_time_is_known_to_be_over(
    rest: bytes, followed: bool | None, severity: str
) -> None:
    text = b"[2026-01-01 10:00:00Z INFO X] Acknowledging runner request 'r'\n" + rest
    (verdict,) = verdicts(text, with_parts(ACQUIRED))
    assert (verdict.followed, verdict.severity) == (followed, severity)


def test_a_line_does_not_follow_itself() -> None:
    expect = {"expect": "runner request", "within_seconds": 1, "severity": "critical"}
    asked = with_parts(known("asked", "Acknowledging runner request", "info", followup=expect))
    first = b"[2026-01-01 10:00:00Z INFO X] Acknowledging runner request\n"
    assert [each.followed for each in verdicts(first, asked)] == [None]
    assert [each.followed for each in verdicts(first + first, asked)] == [True, None]


def test_matches_beyond_the_limit_are_counted_and_the_newest_is_kept() -> None:
    times = KEPT_OF_ONE + 500
    scanner = scanned(b"No space left on device\n" * times, DISK)
    kept = scanner.verdicts()
    assert scanner.counts == {"test.disk": times}
    assert len(kept) == KEPT_OF_ONE
    assert kept[-1].match.line == times - 1


def test_a_line_is_looked_at_up_to_a_limit_however_it_arrives() -> None:
    inside, outside = b"." * 9_000 + b"No space left on device", b"." * LINE_KEPT + b"No space left on device"
    text = inside + b"\n" + outside + b"\n" + outside + b"\nNo space left on device"
    for cut in (0, 1_000, 70_000):
        assert found(text, DISK, cut=cut) == [(0, "disk"), (3, "disk")]


@pytest.fixture
def megabytes() -> Iterator[Callable[[], float]]:
    """The most that was in memory at once since the test began."""
    tracemalloc.start()
    yield lambda: tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()


def test_two_hundred_megabytes_in_one_line_are_one_line_and_keep_nothing(megabytes: Callable[[], float]) -> None:
    scanner = Scanner(Catalogue((DISK,)))
    chunk, matches = b"No space left on device " * 50_000, list[Match]()
    for _ in range(170):
        matches += scanner.feed(chunk)
    assert scanner.lines == 1
    matches += scanner.feed(b"\nNo space left on device\n")
    assert [(each.line, each.offset) for each in matches] == [(0, 0), (1, 170 * len(chunk) + 1)]
    assert megabytes() < 10


def test_any_number_of_matches_takes_no_more_room_than_those_that_are_kept(megabytes: Callable[[], float]) -> None:
    scanner = Scanner(Catalogue((with_parts(ACQUIRED),)))
    lines = b"[2026-01-01 10:00:00Z INFO X] Acknowledging runner request 'r'\n" * 1_000
    for _ in range(8):
        scanner.feed(lines)
    assert scanner.counts == {"test.acknowledged": 8_000}
    assert megabytes() < 5


def test_bytes_that_are_no_text_are_only_bytes() -> None:
    text = (
        b"\xff\xfe\x00\x00No space left on device\x00\x80\n\xef\xbb\xbf\x00\n\x1b[\n\x1b\nNo space left on device\x1b"
    )
    assert found(text, DISK) == [(0, "disk"), (4, "disk")]


def test_a_byte_order_mark_at_the_beginning_is_not_part_of_the_first_line() -> None:
    assert found(b"\xef\xbb\xbfStarted well\n", known("start", "^Started")) == [(0, "start")]


PIECES = [
    b"\n", b"\r\n", b"No space left on device", b"Unable to reserve cache with key k, x", b"circuit BREAKER is open",
    b"\x1b[31m", b"\x1b]0;t\x07", b"\x1b", b"No space ", b"left on device", b"\xff\x00", b"y" * 70_000, b"words",
]  # fmt: skip


def taken(matches: Iterator[Match] | list[Match]) -> list[tuple[int, int, int, str, bytes]]:
    return [(each.line, each.offset, each.start, each.signature.id, each.text) for each in matches]


@given(st.lists(st.sampled_from(PIECES), max_size=30), st.lists(st.integers(1, 80_000), max_size=12))
def test_how_the_bytes_are_cut_into_chunks_changes_nothing(pieces: list[bytes], cuts: list[int]) -> None:
    text, catalogue = b"".join(pieces), Catalogue((DISK, RESERVE, BREAKER))
    whole, cut = Scanner(catalogue), Scanner(catalogue)
    at_once = [*whole.feed(text), *whole.end()]
    in_parts: list[Match] = []
    rest = text
    for size in cuts:
        in_parts += cut.feed(rest[:size])
        rest = rest[size:]
    in_parts += [*cut.feed(rest), *cut.end()]
    assert taken(in_parts) == taken(at_once)
    assert (cut.lines, cut.counts) == (whole.lines, whole.counts)


def test_the_whole_catalogue_finds_in_a_log_what_trying_every_pattern_on_every_line_finds() -> None:
    catalogue = shipped_catalogue()
    ranked = finder(catalogue, "unknown").signatures
    lines = [line.encode() for each in ranked for line in (*each.examples, *each.near_misses)]
    wanted = [
        (number, next((each.id for each in ranked if each.describes(line)), None))
        for number, line in enumerate(lines)
        if not is_hearsay(line, line)
    ]
    scanner = Scanner(catalogue)
    matches = [*scanner.feed(b"\n".join(lines)), *scanner.end()]
    assert [(each.line, each.signature.id) for each in matches] == [pair for pair in wanted if pair[1]]


def test_a_block_that_ends_within_a_line_loses_nothing() -> None:
    line = b"2026-01-01T00:00:00.0000000Z nothing to see here\n"
    text = line * (BLOCK // len(line)) + b"No space left on device\n" * 3
    for cut in (0, 7_919, BLOCK, BLOCK + 1):
        assert len(found(text, DISK, cut=cut)) == 3


def test_other_threads_run_while_a_block_is_searched() -> None:
    """A search that kept Python's lock would let nobody count before it is over."""
    automaton = finder(Catalogue((DISK,)), "unknown")
    block = b"2026-01-01T00:00:00.0000000Z nothing to see here\n" * 400_000
    searching = [False]

    def search() -> None:
        searching[0] = True
        automaton.hits(block)
        searching[0] = False

    most = 0
    for _ in range(20):
        counted, thread = 0, threading.Thread(target=search)
        thread.start()
        while searching[0]:
            counted += 1
        thread.join()
        most = max(most, counted)
    assert most > 100


def healthy_lines() -> Iterator[bytes]:
    """A job that goes well, with words in it that sound like trouble."""
    chance = random.Random(3)
    words = (
        "Run actions/checkout@v5",
        "##[group]Run make test",
        "##[endgroup]",
        "[command]/usr/bin/git version",
        "Cache restored from key: linux-pip-3f",
        "test_error_is_raised PASSED",
        "0 errors, 0 warnings",
        "collected 412 items / 0 errors",
        "Downloading failed-requests-1.2.tar.gz (12 kB)",
        "tests/test_retry.py::test_timeout PASSED",
        "Compiling thiserror v2.0.3",
        "Process completed successfully with exit code 0",
        "\x1b[32m✓\x1b[0m handles a connection that is refused",
        "INFO: 10.0.0.7:51000 - GET /health 200 OK",
        "Post job cleanup.",
        "Cleaning up orphan processes",
        "remote: Enumerating objects: 51, done.",
        "warning-free build, ok: no failures",
        "Artifact upload finished: 18 files",
    )
    for number in range(100_000):
        time = f"2026-11-20T10:{number // 60 % 60:02}:{number % 60:02}.0000000Z"
        yield f"{time} {chance.choice(words)} {number}\n".encode()


def test_a_healthy_log_of_a_hundred_thousand_lines_gives_no_error() -> None:
    scanner = Scanner(shipped_catalogue(), "job-log")
    scanner.feed(b"".join(healthy_lines()))
    scanner.end()
    assert scanner.lines == 100_000
    assert [each.match.text for each in scanner.verdicts() if each.severity != "info"] == []
