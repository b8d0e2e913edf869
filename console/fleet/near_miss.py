"""What to say of labels that no runner has: the one that is short, where, and which label was perhaps meant."""

from difflib import get_close_matches
from typing import NamedTuple

from console.fleet.inquiry import Case
from console.fleet.labels import telling_first
from console.fleet.models import Name, Phrase
from console.fleet.scopes import covers
from console.fleet.words import named, sentence, several

# Only so many runners are asked for labels that come close to the missing one.
_ASKED = 50
# From `difflib`: so much alike, one label may have been meant for the other; or they have something in common at all.
MEANT = 0.7
ALIKE = 0.5
_MOST_ALIKE = 3


class Shortfall(NamedTuple):
    """Which labels stand between a job and the runners, as the job spells them."""

    label: str
    """The single label that is short; empty when more than one is."""
    absent: tuple[str, ...]
    """Labels that no runner has which serves the repository."""
    closest: str
    """A label that runners do have and that resembles the missing one; empty when none does."""
    runners: tuple[str, ...]
    """Names of runners that have all labels but that one, first those that have the closest."""


def shortfall(case: Case) -> Shortfall:
    """Compare a job that no runner has the labels for with the runners that come closest."""
    pool, request = case.inquiry.pool, case.request
    spelling = {label.casefold(): label for label in case.job.labels}
    absent = absent_labels(case)
    miss = pool.near_miss(request)
    short = miss.runners if miss else 0
    suspect = miss.label if miss else absent[0] if len(absent) == 1 else ""
    alike = resembling(case, suspect, short)
    first = pool.having(alike[:1], short)
    return Shortfall(
        label=spelling[miss.label] if miss else "",
        absent=tuple(spelling[label] for label in absent),
        closest=pool.spelling[alike[0]] if alike else "",
        runners=tuple(runner.name for part in (first, short & ~first) for runner in pool.members(part)),
    )


def absent_labels(case: Case) -> tuple[str, ...]:
    """Those it asks for, folded, that no runner has which serves the repository."""
    pool, covered = case.inquiry.pool, case.match.covered
    asked = dict.fromkeys(label.casefold() for label in telling_first(case.job.labels))
    return tuple(label for label in asked if not pool.having((label,), covered))


def resembling(case: Case, label: str, near: int, how_much: float = MEANT) -> list[str]:
    """Labels, folded, that look like the missing one, the most alike first: those of the runners `near`, else of any
    that serve the repository."""
    pool, covered = case.inquiry.pool, case.match.covered
    if not label:
        return []
    nearby = {other.casefold() for runner in pool.members(near, _ASKED) for other in runner.labels}
    common = (other for other in pool.common_labels() if pool.having((other,), covered))
    for candidates in (nearby, set(common)):
        close = get_close_matches(label, sorted(candidates - case.request.labels), n=_MOST_ALIKE, cutoff=how_much)
        if close:
            return close
    return []


def evidence_of(case: Case, short: Shortfall) -> tuple[Phrase, ...]:
    """The near miss in sentences."""
    sentences: list[Phrase] = []
    if short.label:
        have = several(len(short.runners), "runner has", "runners have")
        sentences.append(sentence(f"{have} all labels but ", Name(short.label), ": ", named(short.runners), "."))
    if short.absent:
        sentences.append(
            sentence("No runner that serves ", Name(case.job.repository), " has ", named(short.absent), ".")
        )
    if short.closest:
        sentences.append(("The closest label that runners have is ", Name(short.closest), "."))
    if others := elsewhere(case):
        sentences.append(sentence("Runners with all labels are registered elsewhere: ", named(others), "."))
    sentences += unwatched(case)
    if not case.match.covered:
        sentences.append(("No runner is registered where ", Name(case.job.repository), " could use it."))
    if "self-hosted" not in case.request.labels:
        sentences.append(("It does not ask for self-hosted.",))
    return tuple(sentences)


def unwatched(case: Case) -> tuple[Phrase, ...]:
    """That its owner may have runners, too, where only those of its repository are watched."""
    if any(not scope.startswith("repo:") for scope in case.scopes):
        return ()
    owner = Name(case.job.repository.partition("/")[0])
    return (("Runners that ", owner, " may have as an organization are not watched."),)


def elsewhere(case: Case, *, own: bool = False) -> tuple[str, ...]:
    """Scopes that do not serve its repository and have runners with all of its labels. `own`: of its owner alone."""
    pool, request = case.inquiry.pool, case.request
    scopes = [scope for scope in case.inquiry.sources.scopes if not covers(scope, request.repository)]
    if own:
        scopes = [scope for scope in scopes if scope.lower().partition(":")[2].partition("/")[0] == request.owner]
    everywhere = pool.having(request.labels, (1 << len(pool.runners)) - 1) if scopes and request.labels else 0
    return tuple(scope for scope in scopes if everywhere & pool.registered_at(scope))


def suspicion_of(case: Case, short: Shortfall) -> Phrase:
    """What is probably behind labels that no runner has."""
    if short.closest:
        return (Name(short.label or short.absent[0]), " may be misspelt")
    if "self-hosted" not in case.request.labels:
        return ("it may be meant for a larger GitHub-hosted runner or a scale set",)
    return ("such a runner may be gone, or was never registered",)


def helps_of(short: Shortfall) -> Phrase:
    """What helps against labels that no runner has."""
    if short.closest:
        missing = short.label or short.absent[0]
        return ("If ", Name(missing), " was meant to be ", Name(short.closest), ", correct runs-on in the workflow.")
    if short.label:
        return ("Add the label ", Name(short.label), " to a runner, or change runs-on in the workflow.")
    return ("Register a runner with these labels, or change runs-on in the workflow.",)
