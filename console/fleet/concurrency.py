"""Which run is perhaps ahead of a job that its concurrency group holds back. GitHub does not name these groups."""

from collections.abc import Iterable

from console.fleet.inquiry import Case
from console.fleet.models import Name, Phrase, Run
from console.fleet.words import sentence

# A run with one of these has no place in the group, or none yet.
_NOT_AHEAD = frozenset({"completed", "pending", "requested"})


def ahead_of(case: Case) -> Phrase:
    """A sentence about the run of the same workflow that is ahead, those of the same branch first."""
    run = case.inquiry.snapshot.runs.get(case.job.run_key)
    rivals = [] if run is None else [each for each in case.inquiry.runs_like(run) if _may_be_ahead(each, run)]
    if run is None or not rivals:
        return ("Which run is ahead of it is unknown: GitHub does not name concurrency groups.",)
    first = min(rivals, key=lambda each: (each.branch != run.branch, each.created_at, each.key))
    same = "workflow and branch" if first.branch == run.branch else "workflow"
    return sentence("Probably ahead of it: ", run_name(first), ", ", *_state(first), f", a run of the same {same}.")


def _may_be_ahead(other: Run, run: Run) -> bool:
    return other.key != run.key and other.status not in _NOT_AHEAD and other.created_at <= run.created_at


def _state(run: Run) -> Iterable[str | Name]:
    return ("in progress",) if run.status == "in_progress" else ("status ", Name(run.status))


def run_name(run: Run) -> Phrase:
    """`acme/web #812 Fix the login`."""
    return (Name(run.repository), f" #{run.number} ", Name(run.title))
