"""What the scripts that follow something say on a pretend host, each time that they look."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Protocol

from console.fleet.frames import Frame
from console.simulator.diag import DiagFile, listener_files, worker_files
from console.simulator.diary import Line
from console.simulator.host_answers import Host
from console.simulator.host_tree import inode, place_of, stdout_of
from console.simulator.inhabitants import Runner
from console.simulator.job_output import Page

AT_ONCE = 8 * 1024 * 1024
"""Bytes that one look says at most."""
TAIL = 256 * 1024


class Stream(Protocol):
    """A script that goes on."""

    ended: bool
    status: int
    """With which it has ended."""

    def look(self) -> Iterator[Frame]:
        """What there is to say since the last look. The world's lock is held."""
        ...


class JournalStream:
    """`journalctl -f -o json`: lines after a cursor, or the last so many, and on."""

    status = 127

    def __init__(self, host: Host, unit: str, cursor: str, lines: str) -> None:
        self._host = host
        self._unit = unit
        self._said: int | None = None if cursor == "-" else _number_in(cursor)
        self._past = int(lines)
        self._begun = False
        self.ended = False

    def look(self) -> Iterator[Frame]:
        """The number of a line, from 1, is in its cursor."""
        if any(runner.os == "macOS" for runner in self._host.runners()):
            yield Frame("note", ("no-journal",))
            self.ended = True
            return
        if not self._begun:
            yield Frame("part", ("journal", "0", "0"))
            self._begun = True
        runner = self._host.of_unit(self._unit)
        if runner is None:
            return
        lines = list(enumerate(runner.diary.entries(runner, self._host.now), runner.diary.forgotten + 1))
        fresh = lines[max(0, len(lines) - self._past) :] if self._said is None else lines
        for number, (pid, line) in fresh:
            if number > (self._said or 0):
                yield Frame("", (), _entry(runner, number, pid, line))
        self._said = lines[-1][0] if lines else 0


def _number_in(cursor: str) -> int:
    """0 where it is no cursor of these: everything comes."""
    number = re.search(r"(?:^|;)i=([0-9a-f]{1,16})(?:;|$)", cursor)
    return int(number[1], 16) if number else 0


def _entry(runner: Runner, number: int, pid: int, line: Line) -> bytes:
    """As `journalctl -o json` prints it."""
    own = line.source != "systemd"
    unit, at = place_of(runner).unit, line.at + timedelta(microseconds=number % 1000)
    passed = int(at.timestamp() * 1_000_000)
    boot, up = f"{runner.id:032x}", passed % 8_640_000_000_000
    said = {
        "__CURSOR": f"s={runner.id:032x};i={number:x};b={boot};m={up:x};t={passed:x};x={number:016x}",
        "__REALTIME_TIMESTAMP": str(passed),
        "__MONOTONIC_TIMESTAMP": str(up),
        "_BOOT_ID": boot,
        "_HOSTNAME": runner.host or runner.name,
        "PRIORITY": "6",
        "SYSLOG_IDENTIFIER": "runsvc.sh" if own else "systemd",
        "_PID": str(pid) if own else "1",
        "_TRANSPORT": "stdout" if own else "journal",
        **({"_SYSTEMD_UNIT": unit} if own else {"_SYSTEMD_UNIT": "init.scope", "UNIT": unit}),
        "MESSAGE": line.text,
    }
    return json.dumps(said, ensure_ascii=False).encode() + b"\n"


Files = Callable[[Host], Mapping[str, Page] | None]
"""What is in a directory now, in the order in which it was written; None: there is no such directory."""


class FileStream:
    """Follows files, each from where it was left, and goes on with the next one."""

    status = 127

    def __init__(self, host: Host, files: Files, name: str, number: str, offset: str, *, newest: bool) -> None:
        self._host = host
        self._files = files
        self._name = "" if name == "-" else name
        self._resumed: tuple[int, int] | None = (int(number), int(offset)) if self._name else None
        self._newest = newest
        self._page: Page | None = None
        self._at = 0
        self._noted = False
        self._gone = False
        self.ended = False

    def look(self) -> Iterator[Frame]:
        """All that is new, but never more than so much."""
        there = self._files(self._host)
        if not there:
            if not self._noted:
                yield Frame("note", ("no-directory" if there is None else "no-file",))
                self._noted = True
            there = {}
        yield from self._here(there)
        later = self._later(there)
        while later is not None and self._drained():
            if self._name:
                yield Frame("next", (later.name,))
            self._name, self._page, self._at, self._gone = later.name, later, 0, False
            yield from self._pump()
            later = self._later(there)

    def _here(self, there: Mapping[str, Page]) -> Iterator[Frame]:
        """More of the file that is followed."""
        if not self._name:
            return
        found = there.get(self._name)
        if self._resumed is not None:
            yield from self._resume(found, *self._resumed)
            self._resumed = None
        self._page = found or self._page
        if self._page is not None:
            yield from self._pump()
        if found is None and not self._gone and self._drained():
            yield Frame("gone", (self._name,))
            self._gone = True

    def _resume(self, found: Page | None, number: int, offset: int) -> Iterator[Frame]:
        """Where it was left, or from the beginning of what has its name now."""
        if found is not None and found.inode != number:
            yield Frame("gone", (self._name,))
        elif found is not None and found.size < offset:
            yield Frame("note", ("truncated", self._name))
        else:
            self._at = offset

    def _drained(self) -> bool:
        return self._page is None or self._at >= self._page.size

    def _later(self, there: Mapping[str, Page]) -> Page | None:
        names = list(there)
        if self._name:
            after = names[names.index(self._name) + 1 :] if self._name in there else self._not_before(names)
            return there[after[0]] if after else None
        return there[names[-1 if self._newest else 0]] if names else None

    def _not_before(self, names: list[str]) -> list[str]:
        return [name for name in names if (len(name), name) > (len(self._name), self._name)]

    def _pump(self) -> Iterator[Frame]:
        assert self._page is not None
        end = min(self._page.size, self._at + AT_ONCE)
        if end > self._at:
            yield Frame("part", (self._name, str(self._page.inode), str(self._at)), self._page.read(self._at, end))
            self._at = end


def _diag(directory: str, kind: str) -> Files:
    def files(host: Host) -> Mapping[str, Page] | None:
        runner = host.at(directory)
        if runner is None:
            return None
        now = host.now
        found = listener_files(runner, now) if kind == "Runner" else worker_files(host.world, runner, now)
        return {file.name: _as_page(file, host) for file in found}

    return files


def _as_page(file: DiagFile, host: Host) -> Page:
    return Page(file.name, file.inode, len(file.text), host.now, lambda begin, end: file.text[begin:end])


def _pages(directory: str, job: str) -> Files:
    def files(host: Host) -> Mapping[str, Page] | None:
        runner = host.at(directory)
        if runner is None:
            return None
        return {page.name: page for page in host.pages(runner) if f"_{job}_" in page.name}

    return files


def _stdout(path: str) -> Files:
    def files(host: Host) -> Mapping[str, Page] | None:
        runner = next((each for each in host.runners() if each.os == "macOS" and stdout_of(each) == path), None)
        if runner is None:
            return None
        text = "".join(f"{line.text}\n" for line in runner.diary.journal(runner, host.now)).encode()
        name = "stdout.log"
        return {name: Page(name, inode(runner, name), len(text), host.now, lambda begin, end: text[begin:end])}

    return files


def _service_output(host: Host, path: str, number: str, offset: str) -> Stream:
    page = next(iter((_stdout(path)(host) or {}).values()), None)
    if number == "0" and page is not None:
        number, offset = str(page.inode), str(max(0, page.size - TAIL))
    return FileStream(host, _stdout(path), "stdout.log", number, offset, newest=True)


def _diag_log(host: Host, directory: str, kind: str, *begin: str) -> Stream:
    return FileStream(host, _diag(directory, kind), *begin, newest=True)


def _job_output(host: Host, directory: str, job: str, *begin: str) -> Stream:
    return FileStream(host, _pages(directory, job), *begin, newest=False)


STREAMS: Mapping[str, Callable[..., Stream]] = {
    "journal": JournalStream,
    "diag-log": _diag_log,
    "job-output": _job_output,
    "service-output": _service_output,
}
"""By the id of the script; made under the world's lock."""
