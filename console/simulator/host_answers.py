"""What the scripts that answer and end say on a pretend host."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from console.fleet.frames import Frame
from console.simulator.diag import DiagFile, listener_files, worker_files
from console.simulator.host_tree import (
    agent_of,
    disk_of,
    host_of,
    listener_log_name,
    place_of,
    service_of,
    settings_of,
    stdout_of,
)
from console.simulator.inhabitants import Runner
from console.simulator.job_output import Page, pages_of
from console.simulator.listener_words import worker_pid
from console.simulator.world import World

ORPHAN = 19_707
"""The process of a worker that nobody wants any more."""
TAIL = 256 * 1024
MEGABYTE = 1024 * 1024
_STEP_LINE = re.compile(
    rb"\[[0-9: Z-]{20} INFO (StepsRunner|JobRunner)\] "
    rb"(Processing step: |Starting the step|Step result: |Skipping step |Job ID |Job result )"
)
_EXIT_LINE = re.compile("listener.*exit|exit.*listener", re.IGNORECASE)


class Host(NamedTuple):
    """One machine of the pretend world; take the world's lock to ask it."""

    world: World
    name: str
    web: str
    """Where the pretend GitHub is."""

    @property
    def now(self) -> datetime:
        return self.world.timeline.now

    def runners(self) -> list[Runner]:
        """Those that live here."""
        return [each for fleet in self.world.runners.values() for each in fleet.values() if host_of(each) == self.name]

    def at(self, directory: str) -> Runner | None:
        """Whose root that is."""
        return next((each for each in self.runners() if place_of(each).directory == directory), None)

    def of_unit(self, unit: str) -> Runner | None:
        """Whom that unit keeps running."""
        return next((each for each in self.runners() if place_of(each).unit == unit), None)

    def pages(self, runner: Runner) -> list[Page]:
        """Of all jobs that have left any."""
        ids = [each.job for log in runner.diary.logs for each in log.happenings if each.job]
        jobs = [self.world.runs.jobs[each] for each in ids if each in self.world.runs.jobs]
        return [page for job in jobs for page in pages_of(runner, job, self.now)]


def find_runners(host: Host) -> Iterator[Frame]:
    """Units, then processes, each with the settings that lie in its directory."""
    if not any(runner.os == "macOS" for runner in host.runners()):
        yield Frame("looked", ("units",))
    for runner in host.runners():
        unit, diary = place_of(runner).unit, runner.diary
        if runner.os == "macOS":
            yield Frame("agent", (agent_of(runner), stdout_of(runner)))
            yield from _described(host, runner)
        elif unit:
            state = ("active", "running", str(diary.service_pid)) if diary.running else ("inactive", "dead", "0")
            yield Frame("unit", (unit, *state))
            yield from _described(host, runner)
    yield Frame("looked", ("processes",))
    for runner in host.runners():
        if runner.diary.running:
            yield Frame("process", (str(runner.diary.listener_pid),))
            yield from _described(host, runner)


def _described(host: Host, runner: Runner) -> Iterator[Frame]:
    yield Frame("directory", (place_of(runner).directory,))
    yield Frame("file", (".runner",), settings_of(runner, host.web))
    if service := service_of(runner):
        yield Frame("file", (".service",), service)


def listener_tail(host: Host, directory: str) -> Iterator[Frame]:
    """The last of the listener's newest two logs, and the steps of the newest job."""
    runner = host.at(directory)
    if runner is None:
        yield Frame("note", ("no-directory",))
        return
    for file in listener_files(runner, host.now)[-2:]:
        yield Frame("listener", (file.name, _seconds(_written(file))), file.text[-TAIL:])
    for file in worker_files(host.world, runner, host.now)[-1:]:
        told = [line for line in file.text.splitlines(keepends=True) if _STEP_LINE.match(line)]
        yield Frame("worker", (file.name, _seconds(_written(file))), b"".join(told[-200:]))


def host_facts(host: Host, unit: str, directory: str) -> Iterator[Frame]:
    """What the machine and its service are like."""
    runner = host.at(directory)
    system = "Darwin 25.1.0 arm64" if runner and runner.os == "macOS" else "Linux 6.12.48-1-amd64 x86_64"
    yield _fact("now", _seconds(host.now))
    yield _fact("system", system)
    yield _fact("uptime", f"{_up(host):.2f} {_up(host) * 3:.2f}")
    yield _fact("load", "0.42 0.61 0.58 1/412 90210")
    yield _fact("cores", "8")
    yield _fact("memory", "MemTotal:       32614432 kB", "MemAvailable:   24173128 kB")
    yield _fact("kernel")
    of_unit = host.of_unit(unit)
    if of_unit is not None:
        yield _fact("unit", _unit_shown(of_unit))
        said = [line.text for line in of_unit.diary.journal(of_unit, host.now) if _EXIT_LINE.search(line.text)]
        yield _fact("exit-line", *said[-1:])
    if runner is None:
        yield Frame("note", ("no-directory",))
        return
    yield _fact("processes", *processes(runner, host.now))
    yield _fact("bin", f"bin.{runner.unpacked or runner.version}")
    for disk in ("disk", "work-disk"):
        yield _fact(disk, *disk_of(runner))
    yield Frame("fact", (".runner",), settings_of(runner, host.web))
    yield _fact("listener-starts", *(listener_log_name(at) for at in runner.diary.begun))
    log = listener_files(runner, host.now)[-1]
    yield _fact("listener-log", _listed(log))
    versions = [line for line in log.text[:16384].splitlines() if b"] Version: " in line]
    yield Frame("fact", ("version-line",), b"".join(line + b"\n" for line in versions[:1]))
    if runner.unpacked:
        yield _fact("renewed", f"{place_of(runner).directory}/bin/Runner.Listener")
    yield _fact("worker-log", *(_listed(file) for file in worker_files(host.world, runner, host.now)[-1:]))


def leftovers(host: Host, directory: str) -> Iterator[Frame]:
    """What is in `_diag/pages`; a block has the same bytes as its page."""
    runner = host.at(directory)
    if runner is None:
        yield from (Frame("note", (note,)) for note in ("no-pages", "no-blocks"))
        return
    pages = host.pages(runner)
    for page in pages:
        yield Frame("left", (page.name, str(page.size), _seconds(page.written)))
    for page in pages:
        yield Frame("left", (_block(page.name), str(page.size), _seconds(page.written)))


def leftover(host: Host, directory: str, name: str, megabyte: str) -> Iterator[Frame]:
    """One megabyte of one of them."""
    runner = host.at(directory)
    pages = [] if runner is None else host.pages(runner)
    page = next((each for each in pages if name in {each.name, _block(each.name)}), None)
    if page is None:
        yield Frame("gone", (name,))
        return
    begin = int(megabyte) * MEGABYTE
    yield Frame("bytes", (name, megabyte), page.read(begin, max(begin, min(page.size, begin + MEGABYTE))))


ANSWERS: dict[str, Callable[..., Iterator[Frame]]] = {
    "find-runners": find_runners,
    "listener-tail": listener_tail,
    "host-facts": host_facts,
    "leftovers": leftovers,
    "leftover": leftover,
}
"""By the id of the script."""


def _fact(key: str, *lines: str) -> Frame:
    return Frame("fact", (key,), "".join(f"{line}\n" for line in lines).encode())


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def _written(file: DiagFile) -> datetime:
    """When the last line with a time was written."""
    last = next(line for line in reversed(file.text.splitlines()) if line.startswith(b"["))
    return datetime.strptime(last[1:21].decode(), "%Y-%m-%d %H:%M:%S%z")


def _listed(file: DiagFile) -> str:
    return f"{file.name} {file.inode} {len(file.text)} {_seconds(_written(file))}"


def _block(page: str) -> str:
    record, _, number = page.removesuffix(".log").rpartition("_")
    return f"{record}.{number}"


def _up(host: Host) -> float:
    """Since a day before its first listener."""
    began = min(runner.diary.logs[0].begins for runner in host.runners())
    return (host.now - began + timedelta(days=1)).total_seconds()


def _unit_shown(runner: Runner) -> str:
    diary = runner.diary
    changed = f"{diary.since:%a %Y-%m-%d %H:%M:%S} UTC" if diary.since else ""
    state = ("active", "running", str(diary.service_pid)) if diary.running else ("inactive", "dead", "0")
    shown = {
        "ActiveState": state[0],
        "SubState": state[1],
        "Result": "success",
        "ExecMainCode": "0" if diary.running else "1",
        "ExecMainStatus": "0",
        "ExecMainExitTimestamp": "" if diary.running else changed,
        "StateChangeTimestamp": changed,
        "MainPID": state[2],
    }
    return "\n".join(f"{key}={value}" for key, value in shown.items())


def processes(runner: Runner, now: datetime) -> Iterator[str]:
    """Its listener and its worker, a line each."""
    diary = runner.diary
    if diary.running and diary.since is not None:
        yield f"listener {diary.listener_pid} {_elapsed(now - diary.since)}"
        if runner.twin:
            yield f"listener {diary.listener_pid + 31} {_elapsed((now - diary.since) / 2)}"
        for each in diary.logs[-1].happenings:
            if each.job and each.ends is None and runner.busy:
                yield f"worker {worker_pid(each)} {_elapsed(now - each.begins)}"
    if runner.orphaned_at is not None:
        yield f"worker {ORPHAN} {_elapsed(now - runner.orphaned_at)}"


def _elapsed(age: timedelta) -> str:
    """As `ps -o etime` prints it."""
    minutes, seconds = divmod(age.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days = f"{age.days}-" if age.days else ""
    return f"{days}{hours:02}:{minutes:02}:{seconds:02}"
