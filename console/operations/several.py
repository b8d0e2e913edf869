"""One action on several targets: agreed to once, one at a time, no further than the first that is not proved.

What wants its name typed is passed over: nothing is done to it.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from console.fleet.guided_actions import GuidedAction, Offer
from console.fleet.plans import Refusal, Target
from console.operations.interfaces import Clock
from console.operations.run_plan import READ_ONLY, SLEPT, Proposal
from console.operations.undertaking import Ended, Undertaking

MOST = 50
"""Targets of one go: more were hardly meant."""
WANTS_ITS_NAME = Refusal(
    ("It wants its name typed, as work could be lost or something is deleted.",),
    ("Do this one by itself: press a on it.",),
)


class Choice(NamedTuple):
    """An action, and with which of the targets it can be done as far as is known without asking anybody."""

    action: GuidedAction
    can: tuple[Target, ...]
    cannot: Mapping[Target, Refusal]
    fits: bool
    vain: str = ""
    later: str = ""

    @property
    def refusal(self) -> Refusal | None:
        """Why it can be done with none of them."""
        return None if self.can else next(iter(self.cannot.values()), None)

    @property
    def only_read(self) -> bool:
        """Nothing but that the console is read-only is known to stand in its way."""
        return self.refusal == READ_ONLY

    @property
    def rank(self) -> tuple[bool, ...]:
        """Its place in the menu, the lowest first."""
        open_to_it = bool(self.can) or self.only_read
        return (
            not self.fits,
            not open_to_it,
            bool(self.later),
            bool(self.vain),
            self.action.seldom,
            not (open_to_it and self.action.one_job),
        )


class Gate(Protocol):
    """What it needs of the one gate."""

    def menu(self, target: Target, causes: Iterable[str] = ()) -> tuple[Offer, ...]: ...

    async def propose(self, action: GuidedAction, target: Target, given: str = "") -> Proposal | Refusal: ...

    async def carry_out(self, proposal: Proposal, typed: str = "") -> Undertaking | Refusal: ...


def choices(gate: Gate, targets: Sequence[Target], causes: Iterable[str] = ()) -> tuple[Choice, ...]:
    """The menu of all of them together, what helps first; what is seldom wanted below; what none allows last."""
    causes = tuple(causes)
    offers = [each for target in targets for each in gate.menu(target, causes)]
    found = [_choice(action, offers) for action in dict.fromkeys(each.action for each in offers)]
    return tuple(sorted(found, key=lambda each: each.rank))


def _choice(action: GuidedAction, offers: Iterable[Offer]) -> Choice:
    own = [each for each in offers if each.action == action]
    can = tuple(dict.fromkeys(each.target for each in own if each.refusal is None))
    cannot = {each.target: each.refusal for each in own if each.refusal is not None}
    fits = [each for each in own if each.fits]
    vain = next((each.vain for each in own if each.vain), "")
    later = min((each.later for each in fits), default="")
    return Choice(action, can, cannot, bool(fits), "" if fits else vain, later)


class Several:
    """It is stopped before the next one, never in the middle of one."""

    def __init__(self, gate: Gate, action: GuidedAction, targets: Sequence[Target], given: str = "") -> None:
        self.action = action
        self.targets = tuple(targets)
        self.came: dict[Target, Ended] = {}
        """How each has ended so far."""
        self.passed_over: tuple[Target, ...] = ()
        """Those that want their names typed."""
        self.at: Target | None = None
        """The one that it is the turn of."""
        self.undertaking: Undertaking | None = None
        """Of that one, once it was looked at."""
        self.stopping = False
        self.over = False
        self.slept = False
        """It was stopped as the machine slept, or the console was stopped: what it was agreed to on is long ago."""
        self._seen = 0.0
        self._gate = gate
        self._given = given

    @property
    def proved(self) -> int:
        """How many were, so far."""
        return sum(each.outcome == "proved" for each in self.came.values())

    def stop(self) -> None:
        """Before the next one."""
        self.stopping = True

    async def carry_out(self, clock: Clock) -> None:
        """One after the other, each once."""
        self._seen = clock.elapsed()
        awake = asyncio.create_task(self._stay_awake(clock))
        try:
            for target in self.targets:
                self._notice_sleep(clock)
                if self.stopping:
                    return
                self.at, self.undertaking = target, None
                ended = self.came[target] = await self._one(target)
                if ended.outcome != "proved" and target not in self.passed_over:
                    return
        finally:
            awake.cancel()
            self.at, self.over = None, True

    async def _stay_awake(self, clock: Clock) -> None:
        """Looks at the clock each second."""
        while True:
            await clock.sleep(1.0)
            self._notice_sleep(clock)

    def _notice_sleep(self, clock: Clock) -> None:
        before, self._seen = self._seen, clock.elapsed()
        if self._seen - before > SLEPT:
            self.slept = self.stopping = True

    async def _one(self, target: Target) -> Ended:
        begun = await self._begun(target)
        if isinstance(begun, Refusal):
            return Ended("refused", begun.reason, begun.helps)
        self.undertaking = begun
        return await begun.end()

    async def _begun(self, target: Target) -> Undertaking | Refusal:
        proposal = await self._gate.propose(self.action, target, self._given)
        if isinstance(proposal, Refusal):
            return proposal
        if proposal.plan.typed:
            self.passed_over = (*self.passed_over, target)
            return WANTS_ITS_NAME
        if self.stopping:
            return Refusal(("Given up before it was begun.",))
        return await self._gate.carry_out(proposal)
