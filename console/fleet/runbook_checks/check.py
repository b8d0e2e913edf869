"""What a check of a runbook is, and the registry of them."""

import inspect
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from console.fleet.ages import age
from console.fleet.models import Name, Phrase, Runner, SourceKind
from console.fleet.runbook_leads import Lead, Seen, runner_of
from console.fleet.runbooks import Runbook

KINDS: dict[SourceKind, str] = {
    "runners": "runners",
    "groups": "runner groups",
    "repositories": "repositories",
    "jobs": "jobs",
    "waiting": "runs that wait",
    "finished": "runs that ended",
    "server": "facts",
}
"""In words."""


class Checked(msgspec.Struct, frozen=True):
    """What came of a check. `met` None: it could not be told, and `found` says why."""

    met: bool | None
    found: Phrase


class Walked(NamedTuple):
    """What is walked, and about whom: None where nothing led to it."""

    runbook: Runbook
    lead: Lead | None
    looked_into: bool = False
    """An explanation or a log was opened since something led here."""


Judge = Callable[[Seen, Walked], Checked]


class Check(NamedTuple):
    """One of them."""

    id: str
    says: str
    """What must hold: the first sentence of its function's docstring."""
    judge: Judge
    of: frozenset[SourceKind]
    """What it rests on: while that is not known to the last, nothing is said to hold."""
    of_host: bool = False
    """What the host of the walk's runner says is looked at."""


RUNBOOK_CHECKS: dict[str, Check] = {}
"""By id."""


def check(check_id: str, *of: SourceKind, of_host: bool = False) -> Callable[[Judge], Judge]:
    """Put a check into the registry."""

    def register(judge: Judge) -> Judge:
        says = (inspect.getdoc(judge) or "").partition("\n\n")[0].replace("\n", " ")
        RUNBOOK_CHECKS[check_id] = Check(check_id, says, judge, frozenset(of), of_host)
        return judge

    return register


def made(check_id: str, seen: Seen, walked: Walked) -> Checked:
    """What came of it. What was seen in old facts may have changed: then it cannot be told."""
    known = RUNBOOK_CHECKS[check_id]
    if seen.remembered or not seen.snapshot.whole:
        return Checked(None, ("Not all of the fleet has been looked at yet.",))
    found = known.judge(seen, walked)
    late = _late(seen, known.of, walked) if found.met else None
    return found if late is None else Checked(None, late)


def _late(seen: Seen, kinds: frozenset[SourceKind], walked: Walked) -> Phrase | None:
    """The first source that is too old to rely on; of runners, that of the scope in question alone."""
    now, runner = seen.snapshot.taken_at, walked.lead.runner if walked.lead is not None else None
    for source in seen.snapshot.freshness:
        elsewhere = source.kind == "runners" and runner is not None and source.place != runner.scope
        if source.kind in kinds and not elsewhere and (source.problem is not None or source.late(now)):
            old = source.age(now)
            when = f"were last read {age(old)} ago" if old is not None else "have not been read yet"
            why: Phrase = (": ", Name(source.problem.message.rstrip("."))) if source.problem is not None else ()
            return (f"It cannot be relied on: the {KINDS[source.kind]} of ", Name(source.place), f" {when}", *why, ".")
    return None


def of_runner(judge: Callable[[Seen, Runner], Checked]) -> Judge:
    """A check of the runner that the walk is about."""

    def judged(seen: Seen, walked: Walked) -> Checked:
        if walked.lead is None or walked.lead.runner is None:
            return Checked(None, ("No runner is known that this is about. Come here from a finding or a runner.",))
        runner = runner_of(walked.lead, seen.snapshot)
        if runner is None or runner.key in seen.snapshot.missing:
            name = walked.lead.runner_name or str(walked.lead.runner.id)
            return Checked(False, ("GitHub does not list ", Name(name), " any more."))
        return judge(seen, runner)

    judged.__doc__ = judge.__doc__
    return judged
