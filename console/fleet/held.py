"""Why a deployment is held back: the environments whose rules its run waits for."""

from datetime import timedelta
from typing import NamedTuple

from console.fleet.models import Age, FleetSnapshot, Name, Phrase, RunKey
from console.fleet.particulars import Environment, Unread
from console.fleet.words import named, sentence

_APPROVE = "Approve or reject the run on GitHub. No runner is at fault."
_MOST = 3


class Held(NamedTuple):
    """What is to be said of it."""

    text: Phrase = ("needs an approval",)
    evidence: tuple[Phrase, ...] = ()
    helps: Phrase = (_APPROVE,)


def held_by(snapshot: FleetSnapshot, run: RunKey) -> Held:
    """As far as it was asked."""
    found = snapshot.particulars.environments.get(run)
    if isinstance(found, Unread):
        return Held(evidence=((f"Which environment it waits for is not known{found.words}.",),))
    if not found:
        return Held()
    evidence = tuple(_sentence(each, snapshot) for each in found[:_MOST])
    if any(each.reviewers for each in found):
        return Held(("needs an approval for ", Name(found[0].name)), evidence)
    if any(each.wait_timer for each in found):
        helps: Phrase = ("Wait for the timer of the environment. No runner is at fault.",)
        return Held(("waits for the timer of ", Name(found[0].name)), evidence, helps)
    rule: Phrase = ("Look at the environment's rules: an app of yours must let it go. No runner is at fault.",)
    return Held(("held by a rule of ", Name(found[0].name)), evidence, rule)


def _sentence(environment: Environment, snapshot: FleetSnapshot) -> Phrase:
    waits = sentence("It waits for environment ", Name(environment.name))
    if environment.reviewers:
        waits = sentence(waits, "; one of these may approve: ", named(environment.reviewers))
    if environment.wait_timer:
        waits = sentence(waits, "; its timer is ", *_timer(environment, snapshot))
    return sentence(waits, ".")


def _timer(environment: Environment, snapshot: FleetSnapshot) -> Phrase:
    whole: Phrase = (Age(environment.wait_timer),)
    if environment.wait_began is None:
        return whole
    left = environment.wait_began + environment.wait_timer - snapshot.taken_at
    return sentence(whole, " and ends in ", Age(left)) if left > timedelta() else sentence(whole, " and has ended")
