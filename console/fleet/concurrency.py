"""Which run is ahead of a job that its concurrency group holds back, as GitHub says; else which perhaps is."""

from collections.abc import Iterable

from console.fleet.inquiry import Case
from console.fleet.models import Name, Phrase, Run, RunKey
from console.fleet.particulars import Holder, Unread
from console.fleet.words import run_name, sentence

# A run with one of these has no place in the group, or none yet.
_NOT_AHEAD = frozenset({"completed", "pending", "requested"})
_MOST = 3


def ahead_of(case: Case) -> tuple[Phrase, ...]:
    """Sentences about what goes first."""
    found = case.inquiry.snapshot.particulars.holders.get(case.job.run_key)
    if found and not isinstance(found, Unread):
        return tuple(_holds(case, each) for each in found[:_MOST])
    unread = ""
    if isinstance(found, Unread):
        lacks = f"To read it the token needs: {found.needs}" if found.needs else f"It could not be read: {found.why}"
        unread = f" {lacks}."
    return (_perhaps(case, unread),)


def _holds(case: Case, holder: Holder) -> Phrase:
    run = case.inquiry.snapshot.runs.get(RunKey(case.job.repository, holder.run_id))
    what = run_name(run) if run is not None else (Name(holder.run_name), f" (run {holder.run_id})")
    of_it: Phrase = (", job ", Name(holder.job_name)) if holder.job_name else ()
    state = "in progress" if holder.running else "waiting as well"
    return sentence("Ahead of it in the concurrency group ", Name(holder.group), ": ", what, of_it, f", {state}.")


def _perhaps(case: Case, unread: str) -> Phrase:
    """The run of the same workflow that is ahead, those of the same branch first."""
    run = case.inquiry.snapshot.runs.get(case.job.run_key)
    rivals = [] if run is None else [each for each in case.inquiry.runs_like(run) if _may_be_ahead(each, run)]
    if run is None or not rivals:
        return (f"Which run is ahead of it is not known.{unread}",)
    first = min(rivals, key=lambda each: (each.branch != run.branch, each.created_at, each.key))
    same = "workflow and branch" if first.branch == run.branch else "workflow"
    probably = sentence("Probably ahead of it: ", run_name(first), ", ", *_state(first), f", a run of the same {same}.")
    return sentence(probably, unread) if unread else probably


def _may_be_ahead(other: Run, run: Run) -> bool:
    return other.key != run.key and other.status not in _NOT_AHEAD and other.created_at <= run.created_at


def _state(run: Run) -> Iterable[str | Name]:
    return ("in progress",) if run.status == "in_progress" else ("status ", Name(run.status))
