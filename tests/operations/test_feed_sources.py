"""What comes from a host goes into its log once, wherever the network cuts it."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from console.fleet.frames import Frame
from console.fleet.hosts import Located
from console.fleet.models import RunnerKey
from console.operations.feed_sources import DiagLog, JobOutput, Journal, ServiceOutput
from console.operations.journal_lines import LONGEST, JournalLines
from console.operations.printed_trace import PrintedLines
from console.operations.worker_lines import WorkerLines
from tests.host_programs import journal_line

PLACE = Located(RunnerKey("org:acme", 1), "h", "/r", None, None, "proved", 1)
GUID = "5b3c1d2e-0000-4000-8000-000000000001"
FIRST, SECOND = "Runner_20260902-051400-utc.log", "Runner_20260902-060000-utc.log"
AT = "[2026-09-02 05:14:00Z "


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return [data[begin:end] for begin, end in pairwise(edges)]


def part(data: bytes, offset: int = 0, name: str = FIRST, inode: str = "7") -> Frame:
    return Frame("part", (name, inode, str(offset)), data)


PLACES = st.lists(st.integers(0, 5000), max_size=8)


@given(PLACES, st.lists(st.one_of(st.text(), st.binary().map(list), st.none(), st.just(["a", "b"])), max_size=4))
def test_a_journal_is_the_same_wherever_it_is_cut(places: list[int], messages: list[object]) -> None:
    data = "".join(f"{journal_line(at, said)}\n" for at, said in enumerate(messages)).encode()
    lines, whole = JournalLines(), JournalLines()
    assert b"".join(map(lines.feed, cut(data, places))) == whole.feed(data)
    assert (lines.entries, lines.cursor) == (whole.entries, whole.cursor)
    assert lines.entries == len(messages)


def test_every_line_of_an_entry_has_its_time() -> None:
    said = JournalLines().feed(f"{journal_line(1, 'one' + chr(10) + 'two')}\n".encode())
    assert said == b"2026-09-02T05:14:01.123456Z one\n2026-09-02T05:14:01.123456Z two\n"


def test_entries_that_cannot_be_read_are_told_and_the_rest_goes_on() -> None:
    lines = JournalLines()
    said = lines.feed(b'{"MESSAGE": 3}\nnot JSON\n' + journal_line(1, "fine").encode() + b"\n")
    assert said.count(b"cannot be read") == 2
    assert said.endswith(b"fine\n")
    said = lines.feed(b"x" * (LONGEST + 1)) + lines.feed(b"y\n" + journal_line(2, "on").encode() + b"\n")
    assert said.startswith(b"(an entry of the journal that is longer than 8 MB is left out)\n")
    assert said.endswith(b"on\n")


def test_an_entry_that_a_lost_connection_has_cut_comes_again_whole() -> None:
    journal, entry = Journal("actions.runner.acme.a.service"), f"{journal_line(1, 'one')}\n".encode()
    assert journal.take(Frame("part", ("journal", "0", "0"), entry + b'{"__CURSOR": "s=')).endswith(b"one\n")
    journal.cut()
    assert journal.values()[1] == json.loads(entry)["__CURSOR"]
    assert journal.take(Frame("part", ("journal", "0", "0"), f"{journal_line(2, 'two')}\n".encode())).endswith(b"two\n")


WORKER = (
    f"{AT}INFO Worker] Message received.\n{AT}INFO Worker] Job message:\n"
    ' {\n  "a": "CANARY",\n'
    f'  "b": [\n    "{AT}"\n  ]\n }}\n'
    f"{AT}INFO JobRunner] Job ID {GUID}\n   at Some.Stack()\n{AT}ERR  Worker] broken\n"
).encode()


@given(PLACES)
def test_a_job_message_is_left_out_wherever_it_is_cut(places: list[int]) -> None:
    lines = WorkerLines()
    said = b"".join(map(lines.feed, cut(WORKER, places)))
    assert said.decode().splitlines() == [
        f"{AT}INFO Worker] Message received.",
        f"{AT}INFO Worker] Job message: (it is left out here)",
        f"{AT}INFO JobRunner] Job ID {GUID}",
        "   at Some.Stack()",
        f"{AT}ERR  Worker] broken",
    ]


RUNNER_AT, WORKER_AT = f"[RUNNER {AT[1:]}", f"[WORKER {AT[1:]}"
PRINTED = [
    f"{WORKER_AT}INFO Worker]   CANARY: it begins in the middle of a message",
    f"{RUNNER_AT}INFO Listener] Version: 2.336.0",
    f"{RUNNER_AT}INFO Terminal] WRITE LINE: 2026-09-02 05:14:00Z: Running job: build",
    "2026-09-02 05:14:00Z: Running job: build",
    f"{RUNNER_AT}ERR  Terminal] WRITE ERROR: one",
    f"{RUNNER_AT}ERR  Terminal] two",
    "one",
    f"{WORKER_AT}INFO Worker] Job message:",
    f"{WORKER_AT}INFO Worker]  {{",
    f'{WORKER_AT}INFO Worker]   "a": "CANARY",',
    "two",
    f"{WORKER_AT}INFO Worker]   }},",
    f"{WORKER_AT}INFO Worker] }}",
    f"{RUNNER_AT}INFO Terminal] WRITE LINE: ",
    f"{WORKER_AT}INFO JobRunner] Job ID {GUID}",
    f"{WORKER_AT}ERR  Worker]    at Some.Stack()",
    "2026-09-02 05:14:00Z: Running job: build",
]
ONCE = [
    f"{RUNNER_AT}INFO Listener] Version: 2.336.0",
    "2026-09-02 05:14:00Z: Running job: build",
    "one",
    "two",
    f"{WORKER_AT}INFO Worker] Job message: (it is left out here)",
    f"{WORKER_AT}INFO JobRunner] Job ID {GUID}",
    f"{WORKER_AT}ERR  Worker]    at Some.Stack()",
    "2026-09-02 05:14:00Z: Running job: build",
]
"""What was printed and not traced is no repetition."""
STDOUT = "/Users/ci/Library/Logs/actions.runner.acme.a/stdout.log"


@given(PLACES)
def test_a_service_that_prints_its_trace_is_shown_once_and_without_the_job_message(places: list[int]) -> None:
    log, offset, said = ServiceOutput(STDOUT), 0, b""
    for piece in cut("".join(f"{line}\n" for line in PRINTED).encode(), places):
        said += log.take(part(piece, offset, "stdout.log"))
        offset += len(piece)
    assert said.decode().splitlines() == ONCE


def test_so_it_is_in_a_journal_also_after_a_lost_connection() -> None:
    journal, said = Journal("actions.runner.acme.a.service"), b""
    for number, line in enumerate(PRINTED):
        said += journal.take(Frame("part", ("journal", "0", "0"), f"{journal_line(number, line)}\n".encode()))
        journal.cut()
    assert [line.partition(" ")[2] for line in said.decode().splitlines()] == ONCE


def test_a_line_of_a_job_message_that_is_too_long_for_an_entry_is_left_out_to_its_end() -> None:
    cut_line = [
        (f'{WORKER_AT}INFO Worker]   "a": "CANARY', "line-max", "812"),
        ("of another process", None, "1"),
        ("CANARY", "line-max", "812"),
        ('CANARY"', None, "812"),
        ("Listening for Jobs", None, "812"),
    ]
    entries = [
        {**json.loads(journal_line(number, words)), "_LINE_BREAK": how, "_PID": pid}
        for number, (words, how, pid) in enumerate(cut_line)
    ]
    said = JournalLines().feed("".join(f"{json.dumps(each)}\n" for each in entries).encode()).decode()
    assert [line.partition(" ")[2] for line in said.splitlines()] == ["of another process", "Listening for Jobs"]
    lines = PrintedLines()
    said = "".join(
        lines.feed(each).decode()
        for each in (WORKER_AT.encode() + b"INFO Worker]  {", b"CANARY" * 400_000, b"CANARY\non\n")
    )
    assert said == "on\n"


def test_a_job_message_without_an_end_takes_no_memory_and_is_not_kept() -> None:
    lines = WorkerLines()
    said = lines.feed(f"{AT}INFO Worker] Job message:\n".encode())
    for _ in range(40):
        said += lines.feed(b"CANARY " * 10_000)
    assert b"CANARY" not in said + lines.rest()


def test_bytes_that_come_twice_are_kept_once_and_missing_ones_are_told() -> None:
    log = DiagLog(PLACE, "listener")
    assert log.take(part(b"abc\ndef\n")) == b"abc\ndef\n"
    assert log.take(part(b"def\nghi\n", 4)) == b"ghi\n"
    assert log.take(part(b"def\n", 4)) == b""
    assert log.take(part(b"xyz\n", 20)) == b"----- 8 bytes are missing here -----\nxyz\n"
    assert log.values() == ("/r", "Runner", FIRST, "7", "24")


def test_a_mark_never_joins_a_line_that_was_cut() -> None:
    log = DiagLog(PLACE, "listener")
    log.take(part(b"half a li"))
    assert log.take(part(b"next\n", name=SECOND, inode="8")) == f"\n----- here begins {SECOND} -----\nnext\n".encode()


def test_the_pages_of_a_job_are_joined_without_their_byte_order_marks() -> None:
    log = JobOutput(PLACE, GUID)
    first, second = (f"{GUID}_{GUID}_{number}.log" for number in (1, 2))
    assert log.take(part(b"\xef\xbb\xbfa cut li", name=first)) == b"a cut li"
    assert log.take(Frame("gone", (first,))) == b""
    gone_then = log.gone
    assert log.take(part(b"\xef\xbb\xbfne\n", name=second, inode="8")) == b"ne\n"
    assert (gone_then, log.gone) == (True, False)
    assert log.values() == ("/r", GUID, second, "8", "6")


def test_a_service_output_that_begins_late_says_that_there_is_more_before() -> None:
    log = ServiceOutput("/Users/ci/Library/Logs/actions.runner.acme.a/stdout.log")
    assert log.values()[1:] == ("0", "0")
    assert log.take(part(b"on\n", 1000, "stdout.log")) == b"----- what is older is left out -----\non\n"
    assert log.values()[1:] == ("7", "1003")


def test_what_may_not_be_read_or_entered_is_said() -> None:
    log = DiagLog(PLACE, "worker")
    told = []
    for frame in (Frame("note", ("no-directory",)), Frame("note", ("unreadable", FIRST)), part(b"x\n")):
        log.take(frame)
        told.append(log.notes)
    assert told == [
        ("its directory is not there, or may not be entered by this user",),
        (f"{FIRST} may not be read by this user",),
        (),
    ]


@given(PLACES, st.binary(max_size=300).map(b"\xef\xbb\xbf".__add__))
def test_a_file_is_the_same_wherever_it_is_cut_and_taken_up_again(places: list[int], content: bytes) -> None:
    log, said, offset = JobOutput(PLACE, GUID), b"", 0
    for piece in cut(content, places):
        said += log.take(part(piece, offset))
        offset += len(piece)
        log.cut()
        again = content[max(0, offset - 3) : offset]
        said += log.take(part(again, offset - len(again)))
    assert said == content[3:]
