"""What a guided action is: one pure function from evidence and target to a plan or a refusal, and how it is listed."""

import inspect
from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec

from console.errors import ConsoleError
from console.fleet.evidence import Evidence, Ungathered
from console.fleet.models import JobKey, RunKey, RunnerKey
from console.fleet.plans import Plan, Refusal, Target, Unanswered
from console.fleet.remedies import remedy_of, why_vain

About = Literal["runner", "job", "run"]
K = TypeVar("K", RunnerKey, JobKey, RunKey)
Planner = Callable[[Evidence, K], Plan | Refusal]


class GuidedAction(msgspec.Struct, frozen=True):
    """One entry of the menu, of the palette and of `act`."""

    id: str
    title: str
    about: About
    says: str
    """What it does, in a sentence: the first of its function's docstring."""
    plan: Callable[[Evidence, Any], Plan | Refusal]
    """Raises `Ungathered` for what it wants to know next."""
    causes: frozenset[str] = frozenset()
    """Of findings that it helps against."""
    asks: str = ""
    """What has to be written for it, in words; empty: nothing."""
    seldom: bool = False
    """Hardly ever what one looks for: it stands below the others, unless it is what helps."""
    one_job: bool = False
    """Made for runners for one job, which seldom have a service: on those it stands above what is alike."""


class Offer(msgspec.Struct, frozen=True):
    """A line of the menu."""

    action: GuidedAction
    target: Target
    refusal: Refusal | None = None
    """Why it cannot be done, as far as that is known without asking anybody."""
    fits: bool = False
    """It is what helps against what was found; where it is refused, what would."""
    vain: str = ""
    """Why it does not help against that; empty: that is not known."""
    later: str = ""
    """It helps, but only after that."""


UNANSWERED = Unanswered(("What it asks for has not been written.",))
"""Of an action that asks for something; the menu offers it all the same."""
GUIDED_ACTIONS: dict[str, GuidedAction] = {}
"""By id, in the order of the menu."""


def on_runner(
    action_id: str,
    title: str,
    *,
    causes: tuple[str, ...] = (),
    asks: str = "",
    seldom: bool = False,
    one_job: bool = False,
) -> Callable[[Planner[RunnerKey]], Planner[RunnerKey]]:
    """An action on a runner."""
    return _registering("runner", action_id, title, causes=causes, asks=asks, seldom=seldom, one_job=one_job)


def on_job(
    action_id: str, title: str, *, causes: tuple[str, ...] = (), asks: str = "", seldom: bool = False
) -> Callable[[Planner[JobKey]], Planner[JobKey]]:
    """An action on a job."""
    return _registering("job", action_id, title, causes=causes, asks=asks, seldom=seldom)


def on_run(
    action_id: str, title: str, *, causes: tuple[str, ...] = (), asks: str = "", seldom: bool = False
) -> Callable[[Planner[RunKey]], Planner[RunKey]]:
    """An action on a run; it is offered for the run's jobs too."""
    return _registering("run", action_id, title, causes=causes, asks=asks, seldom=seldom)


def about(target: Target) -> About:
    """What kind of target it is."""
    if isinstance(target, RunnerKey):
        return "runner"
    return "job" if isinstance(target, JobKey) else "run"


def offer(action: GuidedAction, evidence: Evidence, target: Target, causes: frozenset[str]) -> Offer:
    """What the menu says of it, out of what is known already."""
    try:
        planned = action.plan(evidence, target)
    except Ungathered:
        refusal = None
    except ConsoleError as error:
        refusal = refused_by(error)
    else:
        refusal = planned if isinstance(planned, Refusal) and not isinstance(planned, Unanswered) else None
    helping = action.causes & causes
    fits = bool(helping) and (refusal is None or _is_meant(action, helping))
    vain = why_vain(action.id, causes) if refusal is None and not fits else ""
    waits = {remedy_of(cause).later for cause in helping}
    return Offer(action, target, refusal, fits, vain, min(waits, default=""))


def _is_meant(action: GuidedAction, causes: frozenset[str]) -> bool:
    """What would help if nothing stood in its way now; of others that are refused it is not known."""
    return action.about == "runner" and any(remedy_of(cause).action == action.id for cause in causes)


def refused_by(error: ConsoleError) -> Refusal:
    """An error, as the reason for not doing something."""
    return Refusal((error.message,), (error.hint,) if error.hint else ())


def _registering(
    kind: About, action_id: str, title: str, *, causes: tuple[str, ...], asks: str, seldom: bool, one_job: bool = False
) -> Callable[[Planner[K]], Planner[K]]:
    def register(plan: Planner[K]) -> Planner[K]:
        says = (inspect.getdoc(plan) or "").partition("\n\n")[0].replace("\n", " ")
        GUIDED_ACTIONS[action_id] = GuidedAction(
            action_id, title, kind, says, plan, frozenset(causes), asks, seldom, one_job
        )
        return plan

    return register
