"""The conditions that must hold for a job to run, one after the other, and what was found of each."""

from console.fleet.ages import in_seconds
from console.fleet.findings import Condition
from console.fleet.inquiry import Case
from console.fleet.models import Name, Phrase
from console.fleet.near_miss import shortfall
from console.fleet.words import count, named, sentence, several


def chain_of(case: Case) -> tuple[Condition, ...]:
    """The conditions in order. It ends where no runner is left to be asked about."""
    job, inquiry = case.job, case.inquiry
    chain = [Condition("it waits for a runner", ("status ", Name(job.status)), job.queued)]
    if not job.queued:
        return tuple(chain)
    grace, waited = inquiry.thresholds.queued_watch, inquiry.wait_of(job, exact=True)
    chain.append(Condition(f"it has waited longer than {in_seconds(grace)}", (waited,), waited.span >= grace))
    for condition in (_covered, _labelled, _online, _admitted, _idle):
        link = condition(case)
        chain.append(link)
        if not link.met:
            break
    return tuple(chain)


def _none_is(case: Case) -> bool | None:
    """None found means there is none, if all was seen; otherwise it could not be told."""
    whole = case.inquiry.snapshot.whole and case.own_watched and not case.inquiry.sources.unread(case.scopes)
    return False if whole else None


def _covered(case: Case) -> Condition:
    text, number = "a runner's scope serves the repository", case.match.covered.bit_count()
    if not case.scopes:
        return Condition(text, ("no scope that serves it is watched",), None)
    found = sentence(several(number, "runner"), " of ", named(case.scopes))
    return Condition(text, found, True if number else _none_is(case))


def _labelled(case: Case) -> Condition:
    match = case.match
    text = "a runner has all labels"
    if match.labelled:
        return Condition(text, (f"{count(match.labelled.bit_count())} of {count(match.covered.bit_count())}",), True)
    short = shortfall(case)
    found: Phrase = ("none of ", count(match.covered.bit_count()))
    if short.label:
        found = sentence(found, f"; {count(len(short.runners))} lack only ", Name(short.label))
    elif short.absent:
        found = sentence(found, "; none has ", named(short.absent))
    return Condition(text, found, _none_is(case))


def _online(case: Case) -> Condition:
    up, all_of_them = case.match.online.bit_count(), case.match.labelled.bit_count()
    return Condition("one of them is online", (f"{count(up)} of {count(all_of_them)}",), True if up else _none_is(case))


def _admitted(case: Case) -> Condition:
    match = case.match
    yes, unclear = match.admitted.bit_count(), match.uncertain.bit_count()
    found = f"{count(yes)} of {count(match.online.bit_count())}"
    if unclear:
        found += f", {count(unclear)} could not be told"
    elif not yes and match.would_take:
        found += f"; {several(match.would_take.bit_count(), 'offline runner')} would be"
    if not case.request.labels:
        return Condition("its group admits the job", ("the job names a group, which GitHub does not tell",), None)
    return Condition("its group admits the job", (found,), True if yes else None if unclear else False)


def _idle(case: Case) -> Condition:
    match, inquiry = case.match, case.inquiry
    free, settled = match.idle.bit_count(), (match.idle & inquiry.settled).bit_count()
    found = f"{count(free)} of {count(match.admitted.bit_count())}"
    if free and not settled:
        found += ", since a moment ago"
    return Condition("and is idle", (found,), bool(free))
