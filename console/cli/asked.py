"""Which runner, job or run the words after `explain` mean."""

from collections.abc import Sequence

from console.cli.verdict import coverage
from console.errors import ConsoleError, UsageError, printable
from console.fleet.explain_run import comparison_of
from console.fleet.lookup import find, find_runs, nearest
from console.fleet.models import FleetSnapshot, JobKey, RunKey, RunnerKey
from console.fleet.words import several

MOST = 12


def asked_for(snapshot: FleetSnapshot, words: str) -> RunnerKey | JobKey | RunKey:
    """The one that is meant. Of several jobs it is the one that is not over, where there is just one such; a run whose
    jobs are all over is meant itself, and so is one that was to write a release.

    Raises UsageError with the candidates; and ConsoleError for what is not among what could be read.
    """
    found = find(snapshot, words)
    runs = find_runs(snapshot, words)
    releases = {comparison_of(snapshot, run) for run in runs}
    if len(releases) == 1 and (None not in releases or (len(runs) == 1 and not found)):
        return runs[0]
    if not found:
        raise _nobody(snapshot, words)
    if len(found) > 1:
        found = tuple(key for key in found if not _over(snapshot, key)) or found
    if len(found) > 1 and len(runs) == 1 and all(_over(snapshot, key) for key in found):
        return runs[0]
    if len(found) > 1:
        shown = _listed([_spelled(key, snapshot) for key in found])
        raise UsageError(f"“{printable(words, 200)}” may be one of {len(found)}", f"Say which, by its id:\n{shown}")
    return found[0]


def _over(snapshot: FleetSnapshot, key: RunnerKey | JobKey) -> bool:
    return isinstance(key, JobKey) and snapshot.jobs[key].status == "completed"


def _nobody(snapshot: FleetSnapshot, words: str) -> ConsoleError:
    shown = f"“{printable(words, 200)}”"
    near = nearest(snapshot, words)
    hint = f"Did you mean one of these?\n{_listed(near)}" if near else ""
    if not coverage(snapshot).complete:
        return ConsoleError(f"There is no job or runner {shown} in what could be read", hint)
    return UsageError(
        f"There is no watched job or runner {shown}",
        hint or "`runner-console jobs` and `runner-console runners` list them; a job may have ended a while ago.",
    )


def _spelled(key: RunnerKey | JobKey, snapshot: FleetSnapshot) -> str:
    """As `find` understands it, alone, and what it is."""
    if isinstance(key, RunnerKey):
        return f"{key.scope}/{key.id}  runner {snapshot.runners[key].name}"
    job = snapshot.jobs[key]
    return f"{key.id}  {job.repository} {job.name}, {job.conclusion or job.status}"


def _listed(names: Sequence[str]) -> str:
    more = f"\nand {several(len(names) - MOST, 'more', 'more')}" if len(names) > MOST else ""
    return "\n".join(names[:MOST]) + more
