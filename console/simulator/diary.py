"""What happened on the host of a pretend runner, kept as it happened; lines are made of it when somebody reads."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from console.simulator.inhabitants import Runner

FILES_KEPT = 3
"""Logs of the listener; those before are deleted, and the journal begins with the oldest that is kept."""
STARTS_KNOWN = 20
JOBS_IN_A_FILE = 40
"""Then the log has reached its size, and the listener begins another."""


class Line(NamedTuple):
    """One thing that was written. `source` is `systemd`, `runsvc`, `Terminal`, or a part of the runner's program."""

    at: datetime
    text: str
    source: str = "Terminal"
    level: str = "INFO"

    @property
    def in_journal(self) -> bool:
        """The journal keeps no empty lines."""
        return bool(self.text) and self.source in {"systemd", "runsvc", "Terminal"}

    @property
    def in_diag(self) -> bool:
        return self.source not in {"systemd", "runsvc"}


Words = Callable[["Runner", "Happening", datetime], Iterable[Line]]
"""What is written of a happening until some time: later no less, and the same beginning."""


@dataclass(eq=False, slots=True)
class Happening:
    """Something that begins and may go on; `job` is the id of the job that it is about, if any."""

    words: Words
    begins: datetime
    pid: int
    """Of the service then."""
    version: str = ""
    """Of the listener then, where it is another one now."""
    ends: datetime | None = None
    job: int = 0
    name: str = ""
    """The job's."""
    code: int | None = None
    """With which the worker ended; None: it has not, or nobody could note it any more."""


def listener_pid(service: int) -> int:
    """Of the listener that this process has started."""
    return service + 12


@dataclass(eq=False, slots=True)
class ListenerLog:
    """One file of the listener: of one process of it, until it has reached its size."""

    begins: datetime
    pid: int
    """Of the service."""
    happenings: list[Happening] = field(default_factory=list)


@dataclass(eq=False, slots=True)
class Diary:
    """Of one runner. Times are the world's and never go back."""

    logs: list[ListenerLog] = field(default_factory=list)
    running: bool = False
    """Whether its listener lives."""
    since: datetime | None = None
    """Of that."""
    starts: int = 0
    begun: list[datetime] = field(default_factory=list)
    """When the last of its logs were begun, deleted ones included."""
    forgotten: int = 0
    """How many lines the journal has had before its first one now."""

    def begin(self, runner: "Runner", at: datetime, *said: Words) -> None:
        """A listener is started, of whatever lies there: the one before has ended by then."""
        self.starts += 1
        if runner.unpacked:
            for each in (happening for log in self.logs for happening in log.happenings):
                each.version = each.version or runner.version or ""
            runner.version, runner.unpacked = runner.unpacked, ""
        self.running, self.since = True, at
        self._open(runner, at, 700 + runner.id % 300 + self.starts * 1210)
        for words in said:
            self.note(words, at)

    def end(self, at: datetime, *said: Words) -> None:
        """The listener ends, and whatever goes on with it."""
        self.stop_going_on(at)
        for words in said:
            self.note(words, at)
        self.running, self.since = False, at

    def note(self, words: Words, at: datetime, job: int = 0, name: str = "") -> Happening:
        """Something begins."""
        happening = Happening(words, at, self.logs[-1].pid, job=job, name=name)
        self.logs[-1].happenings.append(happening)
        return happening

    def took(self, runner: "Runner", words: Words, at: datetime, job: int, name: str) -> None:
        """It works on a job from now on."""
        if sum(each.job != 0 for each in self.logs[-1].happenings) >= JOBS_IN_A_FILE:
            self._open(runner, at, self.logs[-1].pid)
        self.note(words, at, job, name)

    def finished(self, at: datetime, job: int, code: int | None) -> None:
        """The worker of that job has ended."""
        for each in self.logs[-1].happenings:
            if each.job == job and each.ends is None:
                each.ends, each.code = at, code

    def stop_going_on(self, at: datetime) -> None:
        """Nothing of what began before goes on."""
        for log in self.logs[-1:]:
            for each in log.happenings:
                each.ends = each.ends or at

    def lines(self, runner: "Runner", log: ListenerLog, now: datetime) -> Iterator[Line]:
        """Everything that one file's time has seen until now, also what went to the journal alone."""
        for happening in log.happenings:
            yield from takewhile(lambda line: line.at <= now, happening.words(runner, happening, now))

    def journal(self, runner: "Runner", now: datetime) -> Iterator[Line]:
        """What the service has said, of all files."""
        yield from (line for _, line in self.entries(runner, now))

    @property
    def service_pid(self) -> int:
        """Of the process that was last."""
        return self.logs[-1].pid

    @property
    def listener_pid(self) -> int:
        """Of the process that it has started."""
        return listener_pid(self.service_pid)

    def entries(self, runner: "Runner", now: datetime) -> Iterator[tuple[int, Line]]:
        """The same, each with the process of the service then."""
        for log in self.logs:
            yield from ((log.pid, line) for line in self.lines(runner, log, now) if line.in_journal)

    def _open(self, runner: "Runner", at: datetime, pid: int) -> None:
        self.logs.append(ListenerLog(at, pid))
        self.begun = [*self.begun, at][-STARTS_KNOWN:]
        for old in self.logs[:-FILES_KEPT]:
            self.forgotten += sum(line.in_journal for line in self.lines(runner, old, at))
        del self.logs[:-FILES_KEPT]
