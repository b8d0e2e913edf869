"""Why a job is not handed out for its run: the environments whose rules that waits for, or that it has ended."""

from datetime import timedelta
from typing import NamedTuple

from console.fleet.models import Age, FleetSnapshot, Job, Name, Phrase, Run, RunKey
from console.fleet.particulars import Environment, Unread
from console.fleet.words import named, sentence

APPROVE_RUN: Phrase = ("Approve the run on GitHub, after reading what it would run. No runner is at fault.",)
"""Of one that GitHub holds back as a whole."""
_APPROVE: Phrase = ("Approve or reject the run on GitHub. No runner is at fault.",)
_LOOK: Phrase = ("Look at the run on GitHub, which shows what it waits for. No runner is at fault.",)
_MOST = 3


class Held(NamedTuple):
    """What is to be said of it."""

    text: Phrase = ("held by a deployment rule",)
    evidence: tuple[Phrase, ...] = ()
    helps: Phrase = _LOOK


def has_ended(run: Run, job: Job) -> bool:
    """The run of a job that has not, in the same attempt: lists are read at different times."""
    return run.status == "completed" and run.conclusion != "action_required" and run.attempt >= job.attempt


def held_by(snapshot: FleetSnapshot, run: RunKey) -> Held:
    """As far as it was asked. Where somebody must approve, that is told before timers, which end by themselves."""
    found = snapshot.particulars.environments.get(run)
    if isinstance(found, Unread):
        return Held(evidence=((f"Which environment it waits for is not known{found.words}.",),))
    if not found:
        return Held()
    evidence = tuple(_sentence(each, snapshot) for each in found[:_MOST])
    if people := [each.name for each in found if each.reviewers]:
        return Held(sentence("needs an approval for ", named(people, most=2)), evidence, _APPROVE)
    if timers := [each.name for each in found if each.wait_timer and _left(each, snapshot) != timedelta()]:
        helps: Phrase = ("Wait for the timer of the environment. No runner is at fault.",)
        return Held(sentence("waits for the timer of ", named(timers, most=2)), evidence, helps)
    rule: Phrase = ("Look at the environment's rules: an app of yours must let it go. No runner is at fault.",)
    return Held(("held by a rule of ", Name(found[0].name)), evidence, rule)


def _left(environment: Environment, snapshot: FleetSnapshot) -> timedelta | None:
    """Of its timer; None: it is not known when that began."""
    if environment.wait_began is None:
        return None
    return max(environment.wait_began + environment.wait_timer - snapshot.taken_at, timedelta())


def _sentence(environment: Environment, snapshot: FleetSnapshot) -> Phrase:
    waits = sentence("It waits for environment ", Name(environment.name))
    if environment.reviewers:
        waits = sentence(waits, "; one of these may approve: ", named(environment.reviewers))
    if environment.wait_timer:
        waits = sentence(waits, "; its timer is ", *_timer(environment, snapshot))
    return sentence(waits, ".")


def _timer(environment: Environment, snapshot: FleetSnapshot) -> Phrase:
    whole: Phrase = (Age(environment.wait_timer),)
    left = _left(environment, snapshot)
    if left is None:
        return whole
    return sentence(whole, " and ends in ", Age(left)) if left else sentence(whole, " and has ended")
