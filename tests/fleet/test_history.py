"""What is kept of a deed, and what is told of it again."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from console.fleet.history import (
    Deed,
    DeedPart,
    End,
    Entry,
    Operator,
    Process,
    Result,
    Subject,
    line_of,
    recorded,
    standing,
    subject_of,
    worth_telling,
)
from console.fleet.models import JobKey, RunKey, RunnerKey
from console.remote.sanitize import harmless, redact

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
DEED = Deed(
    id="4f1c",
    at=NOON,
    operator=Operator("ops", "192.0.2.7", "octocat"),
    context="acme-prod",
    action="restart-service",
    title="Restart service on prod-linux-03",
    target=Subject("runner", "org:acme", 23, "prod-linux-03"),
    parts=(DeedPart("script", 'set -u\nsystemctl restart -- "$1"\n'), DeedPart("wait", "GitHub sees the runner")),
    process=Process(4711, "99", "boot", "opsbox"),
    host="prod-linux-03.example.com",
    unit="actions.runner.acme.prod-linux-03.service",
    directory="/opt/runner",
    agent_id=23,
    before="active (running), online, idle",
    console="0.1.0",
)
END = End(id="4f1c", at=NOON + timedelta(seconds=9), outcome="proved", after="active (running)")
HOSTILE = (
    "a\nb",
    'x"}\n{"what":"end","v":1,"id":"4f1c","at":"2026-03-02T12:00:00Z","outcome":"proved"}\n{"a":"',
    "one\u2028two\u2029three\x85four\x0bfive\x0csix",
    "\r\x1b[2K\x00",
    "\ud800 half",
    "\\",
    "\u202egnirts",
)


def plainly(text: str) -> str:
    return text


def lines(*kept: Deed | Result | End, clean: Callable[[str], str] = plainly) -> bytes:
    return b"".join(line_of(each, clean) for each in kept)


def test_a_deed_is_told_again_as_it_was_kept() -> None:
    first = Result(id="4f1c", at=NOON, index=0, outcome="done", words="restarted")
    known = recorded(lines(DEED, first, END), harmless)
    assert known.unread == 0
    (entry,) = known.entries
    assert entry.deed == DEED
    assert entry.results == (first, None)
    assert entry.end == END
    assert entry.state == "proved"


def test_the_newest_is_told_first() -> None:
    later = msgspec.structs.replace(DEED, id="5")
    assert [entry.deed.id for entry in recorded(lines(DEED, later, END), harmless).entries] == ["5", "4f1c"]


@pytest.mark.parametrize(("there", "state"), [(True, "under-way"), (False, "unfinished"), (None, "elsewhere")])
def test_a_deed_without_an_end_is_unfinished_once_its_console_has_gone(there: bool | None, state: str) -> None:
    kept = recorded(lines(DEED), harmless)
    assert standing(kept, lambda _process: there).entries[0].state == state


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_can_forge_an_entry_or_break_a_line(name: str) -> None:
    deed = msgspec.structs.replace(DEED, title=name, target=Subject("runner", name, 1, name), before=name)
    raw = lines(deed, Result(id=deed.id, at=NOON, index=1, outcome="failed", words=name))
    assert raw.isascii()
    assert len(raw.decode().splitlines()) == 2
    (entry,) = recorded(raw, plainly).entries
    assert entry.deed.title.replace("\n", "") == name.replace("\n", "")
    assert entry.end is None


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_told_is_harmless_to_draw(name: str) -> None:
    deed = msgspec.structs.replace(DEED, title=name, parts=(DeedPart("script", f"one\n{name}"),))
    (entry,) = recorded(lines(deed), harmless).entries
    assert entry.deed.title == harmless(name)
    assert entry.deed.title.isprintable()
    first, *others = entry.deed.parts[0].text.split("\n")
    assert (first, "".join(others).isprintable()) == ("one", True)


def test_a_secret_in_any_text_is_never_written() -> None:
    token = "ghs_" + "a" * 36
    deed = msgspec.structs.replace(
        DEED, title=token, parts=(DeedPart("request", f"x {token}"),), operator=Operator(token), before=token
    )
    raw = lines(
        deed,
        Result(id=deed.id, at=NOON, index=0, outcome="failed", words=f"sent {token}"),
        msgspec.structs.replace(END, after=token, words=token),
        clean=redact,
    )
    assert token.encode() not in raw
    assert raw.count(b"***") == 7


@pytest.mark.parametrize(
    "line",
    [
        b"what is this",
        b'{"what":"intent","v":1',
        b'{"what":"intent","v":1,"id":"9"}',
        b"[" * 100_000,
        b"1" * 6_000,
        b"null",
        b"\xff\xfe",
        lines(DEED).rstrip().replace(b'"v":1', b'"v":2').replace(b"4f1c", b"9"),
        lines(DEED).rstrip().replace(b"2026-03-02T12:00:00Z", b"2026-03-02T12:00:00").replace(b"4f1c", b"9"),
        lines(DEED).rstrip().replace(b"2026-", b"0001-").replace(b"4f1c", b"9"),
        lines(DEED).rstrip(),
        lines(END).rstrip().replace(b"4f1c", b"nobody"),
        lines(Result(id="4f1c", at=NOON, index=2, outcome="done")).rstrip(),
        lines(Result(id="4f1c", at=NOON, index=-1, outcome="done")).rstrip(),
        lines(DEED)[:200],
    ],
)
def test_a_line_that_cannot_be_read_is_counted_and_hides_nothing_else(line: bytes) -> None:
    known = recorded(lines(DEED) + line + b"\n\n" + lines(END), harmless)
    assert known.unread == 1
    assert [entry.state for entry in known.entries] == ["proved"]


def test_what_ended_once_does_not_end_in_another_way_later() -> None:
    known = recorded(lines(DEED, END, msgspec.structs.replace(END, outcome="failed")), harmless)
    assert (known.entries[0].state, known.unread) == ("proved", 1)


def test_names_that_a_newer_console_adds_do_no_harm() -> None:
    built = json.loads(lines(DEED)) | {"weather": "rain"}
    assert recorded(json.dumps(built).encode(), harmless).entries[0].deed == DEED


def test_the_target_of_an_action_is_kept_with_its_kind() -> None:
    assert subject_of(RunnerKey("org:acme", 1), "mac") == Subject("runner", "org:acme", 1, "mac")
    assert subject_of(JobKey("acme/web", 2), "build") == Subject("job", "acme/web", 2, "build")
    assert subject_of(RunKey("acme/web", 3), "#7 ci") == Subject("run", "acme/web", 3, "#7 ci")


def unfinished(number: int, *, at: datetime = NOON) -> Entry:
    return Entry(
        msgspec.structs.replace(DEED, id="x", at=at, target=Subject("runner", "org:acme", number, "n")), (), None, False
    )


def test_of_what_was_cut_off_it_is_told_until_something_else_was_done_there() -> None:
    ended = msgspec.structs.replace(unfinished(1), end=END)
    now = NOON + timedelta(days=1)
    assert worth_telling([unfinished(2), ended, unfinished(1)], now) == (unfinished(2),)
    assert worth_telling([unfinished(1), ended], now) == (unfinished(1),)
    assert worth_telling([unfinished(1), unfinished(1)], now) == (unfinished(1),)


def test_what_was_cut_off_long_ago_is_told_to_those_who_look() -> None:
    assert worth_telling([unfinished(1)], NOON + timedelta(days=8)) == ()


def test_what_is_still_under_way_was_not_cut_off() -> None:
    at_work = msgspec.structs.replace(unfinished(1), there=True)
    assert worth_telling([at_work], NOON) == ()
