"""A runner as one line of a table."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import msgspec

from console.fleet.labels import COMMON_LABELS, telling_first
from console.fleet.models import Job, Runner
from console.fleet.sightings import Sighting
from console.fleet.words import several
from console.ui import signs
from console.ui.columns import Cell, Column, Fields, Part, SortKey, cell
from console.ui.signs import Sign

RUNNER_COLUMNS = (
    Column("Runner", 26, 16, 0, cut="middle", grow=3),
    Column("State", 12, 7, 0),
    Column("Job", 22, 14, 1, cut="middle", grow=3),
    Column("Age", 9, 9, 1, align="right", cut="never"),
    Column("Labels", 24, 12, 2, grow=2),
    Column("Last seen in its logs", 22, 12, 3, grow=2),
    Column("Group", 16, 10, 3, cut="middle"),
    Column("Version", 10, 8, 4),
    Column("OS", 7, 5, 5),
    Column("Scope", 20, 12, 6, cut="middle", grow=1),
)
IN_LOGS = next(place for place, column in enumerate(RUNNER_COLUMNS) if column.title == "Last seen in its logs")


class RunnerState(NamedTuple):
    """How a runner is shown: worst has the lowest rank."""

    rank: int
    sign: Sign
    word: str
    style: str


_WEDGED = RunnerState(0, "wedged", "idle while queued", "error")
_MISSING = RunnerState(1, "unknown", "missing", "warning")
_OFFLINE_BUSY = RunnerState(2, "offline", "offline busy", "warning")
_OFFLINE = RunnerState(3, "offline", "offline", "muted")
_DRAINED = RunnerState(4, "draining", "drained", "")
_BUSY = RunnerState(5, "busy", "busy", "")
_IDLE = RunnerState(6, "idle", "idle", "")


_KNOWN = (_WEDGED, _MISSING, _OFFLINE_BUSY, _OFFLINE, _DRAINED, _BUSY, _IDLE)
STATES = (*(each.word for each in _KNOWN), "online", "wedged", "draining")
"""What one may ask for as status."""


class RunnerRow(msgspec.Struct, frozen=True, gc=False):
    """What the list of runners says about one of them."""

    runner: Runner
    group: str | None = None
    """The name of its group; None where it is not known."""
    job: Job | None = None
    """The job it runs, as far as it is in a watched repository."""
    waiting: int = 0
    """Queued jobs that it could take."""
    wedged: bool = False
    missing: bool = False
    """Not in the last whole list of its scope."""
    idle_since: datetime | None = None
    idle_longer: bool = False
    """It may have been idle for much longer: it was so already when the watch began."""
    until: datetime | None = None
    """What is known of it is late, and holds until then; None: it is looked at."""
    sighting: Sighting | None = None
    """The last known line in its logs, as far as they were opened here."""

    drained: bool = False
    """It was stopped on purpose."""

    @property
    def state(self) -> RunnerState:
        """GitHub's two words and our own judgement as one."""
        runner = self.runner
        if self.missing:
            return _MISSING
        if self.wedged:
            return _WEDGED
        if runner.status == "online":
            return _BUSY if runner.busy else _IDLE
        if runner.status == "offline":
            if self.drained and not runner.busy:
                return _DRAINED
            return _OFFLINE_BUSY if runner.busy else _OFFLINE
        return RunnerState(4, "unknown", runner.status, "foreign")

    @property
    def since(self) -> datetime | None:
        """Since when it runs its job, or is idle."""
        if self.runner.busy:
            return self.job.started_at if self.job else None
        return self.idle_since if self.runner.online else None

    def cells(self) -> tuple[Cell, ...]:
        runner, state = self.runner, self.state
        return (
            Cell((Part(signs.sign(state.sign), state.style), Part(" "), Part(runner.name, "foreign"))),
            cell(state.word or signs.sign("unknown"), state.style),
            self._job_cell(),
            self._age_cell(),
            labels_cell(runner.labels),
            self._sighting_cell(),
            cell("-", "muted") if runner.scope.startswith("repo:") else known(self.group),
            known(runner.version),
            known(runner.os),
            cell(runner.scope, "foreign"),
        )

    def _job_cell(self) -> Cell:
        if self.wedged and self.waiting:
            return cell(several(self.waiting, "job waits", "jobs wait"), "error")
        if self.job is not None:
            return Cell((Part(self.job.repository, "foreign"), Part(" "), Part(self.job.name, "foreign")))
        if self.runner.busy:
            return known(None)
        # Where the screen is too narrow for a column of it, there is room here.
        in_log = self._sighting_cell().parts
        return Cell((Part("log: ", "muted"), *in_log), beside=(IN_LOGS, ())) if in_log else Cell()

    def _sighting_cell(self) -> Cell:
        """Empty: no log of it was opened here, or nothing telling was in it."""
        seen = self.sighting
        if seen is None:
            return Cell()
        return cell(seen.title, "error" if seen.severity == "error" else "warning")

    def _age_cell(self) -> Cell:
        if self.since is None:
            return known(None)
        if self.until is not None:
            return cell(self.lasted(self.until), "muted")
        return cell(signs.sign("at least") if self._longer else "", "muted", since=self.since)

    @property
    def _longer(self) -> bool:
        return self.idle_longer and not self.runner.busy

    def lasted(self, now: datetime) -> str:
        """For how long it has been at its job, or idle; empty where that is not known."""
        return lasted(self.since, self.until, now, longer=self._longer)

    def sort_key(self, column: int) -> SortKey:
        return _SORT_KEYS[column](self)

    def fields(self) -> Fields:
        runner, job, word = self.runner, self.job, self.state.word
        group, version, labels = self.group or "", runner.version or "", runner.labels
        text = f"{runner.name} {word} {' '.join(labels)} {group} {version} {runner.os} {runner.scope}"
        return {
            "text": f"{text} {job.repository} {job.name}" if job else text,
            "label": labels,
            "status": (word, runner.status, *self._status_words()),
            "group": group,
            "repo": job.repository if job else "",
            "host": runner.name,
            "os": runner.os,
            "version": version,
            "branch": job.branch if job else "",
        }

    def _status_words(self) -> list[str]:
        """What one may ask for beside GitHub's word and ours."""
        busy = "busy" if self.runner.busy else "idle" if self.runner.online else ""
        return [busy, *(["wedged"] if self.wedged else []), *(["draining"] if self.state is _DRAINED else [])]


_SORT_KEYS: tuple[Callable[[RunnerRow], SortKey], ...] = (
    lambda row: row.runner.name.casefold(),
    lambda row: (row.state.rank, row.state.word),
    lambda row: (row.job.repository.casefold(), row.job.name.casefold()) if row.job else ("", ""),
    lambda row: -row.since.timestamp() if row.since else float("inf"),
    lambda row: labels_key(row.runner.labels),
    lambda row: (row.sighting is None, row.sighting.title if row.sighting is not None else ""),
    lambda row: (row.group or "").casefold(),
    lambda row: row.runner.version or "",
    lambda row: row.runner.os.casefold(),
    lambda row: row.runner.scope.casefold(),
)
"""One for each column."""


def runner_row(
    runner: Runner,
    *,
    group: str | None = None,
    job: Job | None = None,
    waiting: int = 0,
    wedged: bool = False,
    missing: bool = False,
    idle_since: datetime | None = None,
    idle_longer: bool = False,
    until: datetime | None = None,
    sighting: Sighting | None = None,
    drained: bool = False,
) -> RunnerRow:
    """One line of Runners."""
    return RunnerRow(runner, group, job, waiting, wedged, missing, idle_since, idle_longer, until, sighting, drained)


def lasted(since: datetime | None, until: datetime | None, now: datetime, *, longer: bool = False) -> str:
    """`14 min`, `≥ 14 min`: what is late stands still, for whether it goes on is not known."""
    if since is None:
        return ""
    at_least = f"{signs.sign('at least')} " if longer or until is not None else ""
    return f"{at_least}{signs.age((until or now) - since)}"


def labels_key(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Sorts rows by what tells them apart."""
    return telling_first(label.casefold() for label in labels)


def labels_cell(labels: tuple[str, ...]) -> Cell:
    """All labels, as they are spelt. Where room is short, what tells this one apart is seen."""
    parts = [
        Part(f"{' ' if place else ''}{label}", "muted" if label.casefold() in COMMON_LABELS else "foreign")
        for place, label in enumerate(telling_first(labels))
    ]
    return Cell(tuple(parts))


def known(text: str | None) -> Cell:
    """Text from outside, or `?` where there is none."""
    return cell(text, "foreign") if text else cell(signs.sign("unknown"), "muted")
