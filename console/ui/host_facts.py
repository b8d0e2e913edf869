"""What a host says of one runner, as lines of a word and what it says; pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from console.errors import ConsoleError
from console.fleet.host_strength import is_out_of_memory, is_overloaded, load_of, memory_of
from console.fleet.hosts import DiskSpace, HostFacts, HostProcess, LogFileFact
from console.fleet.models import RunnerKey
from console.fleet.words import several, size_in_words
from console.ui import signs
from console.ui.columns import Part
from console.ui.panes.facts import fact
from console.ui.widgets.fact_lines import FactLine

SCARCE = 0.05
"""Share of a disk: with less than that free, jobs fail."""
NOTABLE_CLOCK = timedelta(seconds=30)


class HostAnswer(NamedTuple):
    """What came of asking the host of a runner: facts, or why there are none; neither while it is being asked."""

    runner: RunnerKey
    facts: HostFacts | None = None
    trouble: ConsoleError | None = None


def host_lines(answer: HostAnswer, now: datetime) -> list[FactLine]:
    """The host's part of a runner's facts."""
    if answer.trouble is not None:
        hint = [fact("", Part(line)) for line in answer.trouble.hint.splitlines()]
        return [fact("host", Part(answer.trouble.message, "warning")), *hint]
    if answer.facts is None:
        return [fact("host", Part("It is being asked.", "muted"))]
    return list(_lines(answer.facts, now))


def _lines(facts: HostFacts, now: datetime) -> Iterator[FactLine]:
    located = facts.located
    age = f"  asked {signs.age(now - facts.taken_at)} ago" if now - facts.taken_at > timedelta(seconds=5) else ""
    sure = "" if located.certainty == "proved" else "  likely, not proved"
    system = [Part(f"  {facts.system}", "foreign")] if facts.system else []
    up = [Part(f"  up {signs.age(facts.uptime)}")] if facts.uptime is not None else []
    yield fact("host", Part(located.host, "foreign"), Part(sure, "warning"), *system, *up, Part(age, "muted"))
    yield fact("directory", Part(located.directory, "foreign"))
    yield fact("service", *_service(facts, now))
    if facts.exit_line:
        yield fact("", Part(facts.exit_line, "foreign"))
    yield fact("processes", Part(_processes("listener", facts.listeners)), Part(", "), *_workers(facts.workers))
    if facts.version or facts.flow:
        yield fact("runs", *_software(facts))
    for disk in facts.disks:
        yield fact("disk", *_disk(disk))
    if facts.clock_ahead is not None:
        yield fact("clock", _clock(facts.clock_ahead, facts.clock_unsure))
    if load := load_of(facts):
        yield fact("load", Part(load, "warning" if is_overloaded(facts) else ""))
    if free := memory_of(facts):
        yield fact("memory", Part(f"{free} free", "warning" if is_out_of_memory(facts) else ""))
    logs = (("listener", facts.newest_listener_log), ("worker", facts.newest_worker_log))
    yield fact("logs", Part(", ".join(_log(word, log, facts) for word, log in logs)))
    for words in facts.unknown:
        yield fact("unknown", Part(words, "muted"))


def _service(facts: HostFacts, now: datetime) -> list[Part]:
    located = facts.located
    if not (located.unit or located.service):
        return [Part("no unit was found for it", "warning")]
    active = facts.unit_state.startswith("active")
    state = [Part(f"  {facts.unit_state}", "" if active else "warning")] if facts.unit_state else []
    lasted = [Part(f" for {signs.age(now - facts.unit_since)}")] if state and facts.unit_since is not None else []
    if located.unit:
        return [Part(located.unit, "foreign"), *state, *lasted]
    return [Part("none of its own; its listener is in "), Part(located.service, "foreign"), *state, *lasted]


def _software(facts: HostFacts) -> Iterator[Part]:
    """What its listener ran as when it last wrote."""
    yield Part(facts.version, "foreign")
    yield Part(f"  {facts.flow}" if facts.flow else "", "muted")
    if facts.updates_itself is False:
        yield Part("  does not update itself (disableUpdate)", "warning")
    if facts.renewed:
        yield Part("  replaced since its listener last wrote")


def _processes(word: str, processes: Sequence[HostProcess]) -> str:
    if not processes:
        return f"no {word}"
    ages = ", ".join(f"{each.pid}" + (f" for {signs.age(each.age)}" if each.age else "") for each in processes)
    return f"{several(len(processes), word)} ({ages})"


def _workers(workers: Sequence[HostProcess]) -> list[Part]:
    return [Part(_processes("worker", workers)), Part("  a job is running" if workers else "", "accent")]


def _disk(disk: DiskSpace) -> list[Part]:
    scarce = disk.free < disk.size * SCARCE
    room = Part(f"{size_in_words(disk.free)} free of {size_in_words(disk.size)}", "error" if scarce else "")
    return [room, Part(f"  {disk.directory}", "muted")]


def _clock(ahead: timedelta, unsure: timedelta) -> Part:
    off = abs(ahead)
    if off <= unsure + timedelta(seconds=1):
        return Part("agrees with GitHub's", "muted")
    word = "ahead" if ahead > timedelta() else "behind"
    return Part(f"{signs.age(off)} {word}", "warning" if off > NOTABLE_CLOCK else "")


def _log(word: str, log: LogFileFact | None, facts: HostFacts) -> str:
    if log is None:
        return f"no log of a {word}"
    return f"{word} wrote {signs.age(facts.taken_at + (facts.clock_ahead or timedelta()) - log.written_at)} ago"
