"""A job, or one of its steps, as one line of a table."""

from collections.abc import Callable
from datetime import datetime

import msgspec

from console.fleet.failure import Failure, failed
from console.fleet.failure_words import failure_reason
from console.fleet.findings import Reason, Severity
from console.fleet.job_order import in_state_since, job_order
from console.fleet.models import Job, Phrase, Step, plain
from console.ui import signs
from console.ui.columns import Cell, Column, Fields, FixedRow, Part, SortKey, cell, phrase_parts
from console.ui.runner_row import known, labels_cell, labels_key, lasted
from console.ui.signs import Sign

JOB_COLUMNS = (
    Column("Job", 26, 16, 0, cut="middle", grow=3),
    Column("State", 13, 9, 0),
    Column("Reason", 26, 14, 1, grow=3),
    Column("Class", 14, 8, 2),
    Column("Age", 9, 9, 1, align="right", cut="never"),
    Column("Labels", 22, 12, 2, grow=2),
    Column("Can take", 8, 8, 3, align="right", cut="never"),
    Column("Runner", 20, 12, 4, cut="middle", grow=1),
    Column("Try", 3, 3, 5, align="right", cut="never"),
    Column("Workflow", 16, 10, 6, cut="middle", grow=1),
    Column("Branch", 16, 10, 7, cut="middle", grow=1),
)
CLASS = next(place for place, column in enumerate(JOB_COLUMNS) if column.title == "Class")
STEP_COLUMNS = (
    Column("#", 3, 3, 0, align="right", cut="never"),
    Column("Step", 50, 16, 0, cut="middle"),
    Column("State", 13, 9, 0),
    Column("Took", 7, 7, 1, align="right", cut="never"),
)

_SIGNS: dict[str, tuple[Sign, str]] = {
    "queued": ("queued", ""),
    "requested": ("queued", "muted"),
    "pending": ("waiting", ""),
    "waiting": ("waiting", ""),
    "in_progress": ("running", ""),
    "success": ("proved", "muted"),
    "failure": ("failed", "error"),
    "timed_out": ("failed", "error"),
    "startup_failure": ("failed", "error"),
    "action_required": ("waiting", "warning"),
    "cancelled": ("offline", "muted"),
    "skipped": ("info", "muted"),
    "neutral": ("info", "muted"),
    "stale": ("info", "muted"),
}
"""Sign and style of GitHub's words for a status or, once it is completed, a conclusion."""
STATES = (*_SIGNS, "completed")
"""What one may ask for as status."""


def state_of(status: str, conclusion: str | None) -> tuple[str, Sign, str]:
    """GitHub's word, our sign, and the style of both. A word we do not know is shown as it is."""
    word = (conclusion or signs.sign("unknown")) if status == "completed" else status
    name, style = _SIGNS.get(word, ("unknown", "foreign"))
    return word, name, style


class JobRow(msgspec.Struct, frozen=True, gc=False):
    """What is known about one job."""

    job: Job
    reason: Phrase = ()
    severity: Severity | None = None
    """Of the finding that it belongs to."""
    wedged: bool = False
    """A runner that could take it is idle."""
    takers: int | None = None
    failure: Failure | None = None
    """Why it failed, once its log has been read."""
    until: datetime | None = None
    """What is known of it is late, and holds until then; None: it is looked at, or over."""

    @property
    def since(self) -> datetime | None:
        """Since when it is in its state."""
        return in_state_since(self.job)

    def cells(self) -> tuple[Cell, ...]:
        job = self.job
        word, name, style = state_of(job.status, job.conclusion)
        if self.severity in {"alert", "watch"}:
            style = "error" if self.severity == "alert" else "warning"
        mark = signs.sign("wedged" if self.wedged else name)
        return (
            Cell((Part(mark, style), Part(" "), Part(job.repository, "foreign"), Part(" "), Part(job.name, "foreign"))),
            cell(word, style),
            self._reason_cell(),
            self._class_cell(),
            self._age_cell(),
            labels_cell(job.labels),
            self._takers_cell(),
            known(job.runner_name) if job.status == "in_progress" else cell(job.runner_name or "", "foreign"),
            cell(str(job.attempt), "muted" if job.attempt == 1 else ""),
            cell(job.workflow, "foreign"),
            cell(job.branch, "foreign"),
        )

    def _age_cell(self) -> Cell:
        if self.since is None:
            return known(None)
        return cell("", since=self.since) if self.until is None else cell(self.lasted(self.until), "muted")

    def lasted(self, now: datetime) -> str:
        """For how long it has been in its state; empty where that is not known."""
        return lasted(self.since, self.until, now)

    @property
    def _why(self) -> Phrase:
        """Why it waits, or why it failed."""
        return failure_reason(self.failure) if self.failure is not None else self.reason

    @property
    def kind(self) -> str:
        """The class of its failure; empty where it has not failed."""
        if not failed(self.job):
            return ""
        return self.failure.kind if self.failure is not None else "unknown"

    def _reason_cell(self) -> Cell:
        if self.failure is None:
            return Cell(phrase_parts(self._why))
        return Cell(phrase_parts(self._why), beside=(CLASS, phrase_parts(failure_reason(self.failure, classed=True))))

    def _class_cell(self) -> Cell:
        if self.kind == "unknown":
            return known(None)
        unsure = self.failure is not None and self.failure.causes[0].certainty == "possible"
        return cell(self.kind, "muted" if unsure else "")

    def _takers_cell(self) -> Cell:
        if not self.job.queued:
            return Cell()
        if self.takers is None:
            return known(None)
        return cell(signs.count(self.takers), "" if self.takers else "warning")

    def sort_key(self, column: int) -> SortKey:
        return _SORT_KEYS[column](self)

    def fields(self) -> Fields:
        job = self.job
        runner = job.runner_name or ""
        status = (job.status, job.conclusion or "")
        names = (job.repository, job.name, *status, *job.labels, runner, job.workflow, job.branch, plain(self._why))
        return {
            "text": " ".join(names),
            "label": job.labels,
            "status": status,
            "group": job.group_name or "",
            "repo": job.repository,
            "host": runner,
            "branch": job.branch,
            "class": self.kind,
        }


_SORT_KEYS: tuple[Callable[[JobRow], SortKey], ...] = (
    lambda row: (row.job.repository.casefold(), row.job.name.casefold()),
    lambda row: job_order(row.job),
    lambda row: plain(row._why),
    lambda row: row.kind,
    lambda row: -row.since.timestamp() if row.since else float("inf"),
    lambda row: labels_key(row.job.labels),
    lambda row: -1 if row.takers is None else row.takers,
    lambda row: (row.job.runner_name or "").casefold(),
    lambda row: row.job.attempt,
    lambda row: row.job.workflow.casefold(),
    lambda row: row.job.branch.casefold(),
)
"""One for each column."""


def job_row(
    job: Job,
    *,
    reason: Reason | None = None,
    takers: int | None = None,
    severity: Severity | None = None,
    wedged: bool = False,
    failure: Failure | None = None,
    until: datetime | None = None,
) -> JobRow:
    """One line of Jobs. `wedged`: a runner that could take it is idle; `takers`: how many could, None if unknown."""
    return JobRow(job, reason.text if reason else (), severity, wedged, takers, failure, until)


def step_row(step: Step) -> FixedRow:
    """One step of a job; how long it took, or for how long it has been running."""
    word, name, style = state_of(step.status, step.conclusion)
    took = Cell()
    if step.started_at and step.completed_at:
        took = cell(signs.age(step.completed_at - step.started_at), "muted")
    elif step.started_at:
        took = cell("", since=step.started_at)
    return FixedRow(
        (
            cell(str(step.number), "muted"),
            Cell((Part(signs.sign(name), style), Part(" "), Part(step.name, "foreign"))),
            cell(word, style),
            took,
        )
    )
