"""The one gate through which everything goes that changes a host or GitHub: proposed, agreed to, carried out once."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace

from console.errors import ConsoleError
from console.fleet.evidence import Evidence, Fact, JobNow, RunnerNow, RunNow, Ungathered
from console.fleet.guided_actions import GUIDED_ACTIONS, GuidedAction, Offer, about, offer, refused_by
from console.fleet.models import FleetSnapshot, JobKey, Phrase, Run, RunnerKey
from console.fleet.plans import Call, OnHost, Plan, Refusal, Target, Until
from console.operations.interfaces import Clock
from console.operations.plan_parts import Gathers, PartRunner
from console.operations.plan_record import Recorder
from console.operations.undertaking import Ended, Undertaking

FRESH = 5.0
"""Seconds for which facts are good enough to act on."""
OPEN = 600.0
"""Seconds after which an open question is withdrawn by itself."""
SLEPT = 10.0
"""Two looks at an open question so far apart: the machine slept, or the program was stopped."""
_MOST_FACTS = 30

READ_ONLY = Refusal(
    ("This console is read-only.",),
    ("Start it with --write, or set read_only = false for this context in the configuration file.",),
)

_CLOSED = Refusal(("This context was closed before it was begun: nothing was changed.",), ("Ask once more.",))
_OLD: Phrase = ("It was asked ten minutes ago: what it rests on is old.",)


class Proposal(msgspec.Struct, frozen=True):
    """A plan to agree to, and what it rests on."""

    action: GuidedAction
    plan: Plan
    given: str
    known: Mapping[Fact[Any], object]
    at: float
    """`Clock.elapsed()` when the first of its facts was gathered."""


class Look(Protocol):
    """What the gate has to know of the fleet at any moment."""

    def facts(self) -> FleetSnapshot:
        """Everything that is known now."""
        ...

    def changed(self, target: Target) -> None:
        """Something was done to it: what is known of it is read anew."""
        ...


class Gate:
    """Of one context. Read-only mode refuses here, whoever asks."""

    def __init__(
        self,
        gatherer: Gathers,
        runner: PartRunner,
        recorder: Recorder,
        *,
        watch: Look,
        clock: Clock,
        read_only: bool,
        now: Callable[[], datetime],
        operator: str,
    ) -> None:
        """`now` is the server's time; `operator` who is at work, in plain characters, for notes on hosts."""
        self._gatherer = gatherer
        self._runner = runner
        self._recorder = recorder
        self._watch = watch
        self._clock = clock
        self._read_only = read_only
        self._now = now
        self._operator = operator
        self._at_work: dict[Target, str] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._looked: tuple[Proposal, float] | None = None
        """At which open question, and when."""
        self._closed = False

    def menu(self, target: Target, causes: Iterable[str] = ()) -> tuple[Offer, ...]:
        """Every action on this target, and why it cannot be done where that is known; nobody is asked anything."""
        snapshot, wanted = self._watch.facts(), frozenset(causes)
        targets = (target, *self._run_of(snapshot, target))
        offers = (
            offer(action, self._evidence(snapshot, _listed(snapshot, each)), each, wanted)
            for each in targets
            for action in GUIDED_ACTIONS.values()
            if action.about == about(each)
        )
        always = READ_ONLY if self._read_only else None
        return tuple(replace(each, refusal=each.refusal or always) for each in offers)

    async def propose(self, action: GuidedAction, target: Target, given: str = "") -> Proposal | Refusal:
        """Reads everything it rests on, now. It changes nothing, and so is allowed to who may only read."""
        busy = self._under_way(target)
        if busy is not None:
            return busy
        known: dict[Fact[Any], object] = {}
        at = self._clock.elapsed()
        plan = await self._planned(action, target, given, known)
        if isinstance(plan, Refusal):
            return plan
        return Proposal(action, plan, given, known, at)

    def withdrawn(self, proposal: Proposal) -> Phrase:
        """Why this question is no longer open; empty: it is. To be asked every second while it is."""
        now, plan = self._clock.elapsed(), proposal.plan
        before = self._looked[1] if self._looked is not None and self._looked[0] is proposal else now
        self._looked = proposal, now
        if now - before > SLEPT:
            return ("The machine slept, or the console was stopped, while this was asked.",)
        if now - proposal.at > OPEN:
            return _OLD
        snapshot = self._watch.facts()
        known = {**proposal.known, **_changed(snapshot, plan.target, proposal.known)}
        try:
            again = proposal.action.plan(self._evidence(snapshot, known, proposal.given), plan.target)
        except Ungathered:
            return ("The fleet has changed since this was asked.",)
        except ConsoleError as error:
            return (error.message,)
        return _difference(plan, again)

    async def carry_out(self, proposal: Proposal, typed: str = "") -> Undertaking | Refusal:
        """Once it is agreed to. What is older than five seconds is read again; where it differs, nothing is done."""
        target = proposal.plan.target
        refusal = READ_ONLY if self._read_only else self._under_way(target)
        if refusal is not None:
            return refusal
        if typed != proposal.plan.typed:
            return Refusal(("What was typed is not the name that was asked for.",))
        self._at_work[target] = proposal.action.id
        begun: Undertaking | Refusal = Refusal(("It was not begun.",))
        try:
            begun = await self._begun(proposal)
        except ConsoleError as error:
            begun = refused_by(error)
        finally:
            if isinstance(begun, Refusal):
                self._at_work.pop(target, None)
        return begun

    async def close(self) -> None:
        """What is under way is let go of; the history says that its end is not known. Nothing is begun any more."""
        self._closed = True
        for task in tuple(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _begun(self, proposal: Proposal) -> Undertaking | Refusal:
        plan = await self._still(proposal)
        if isinstance(plan, Refusal):
            return plan
        record = await self._recorder.begin(plan)
        if self._closed:
            await self._recorder.end(record, Ended("stopped", _CLOSED.reason))
            return _CLOSED
        undertaking = Undertaking(plan)
        task = asyncio.create_task(self._carry_out(undertaking, record))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return undertaking

    async def _carry_out(self, undertaking: Undertaking, record: str) -> None:
        ended = Ended("unknown", ("It was broken off in the middle by a fault of the console.",))
        try:
            ended = await self._runner.run(undertaking, record)
        except asyncio.CancelledError:
            ended = Ended("unknown", ("The console was left before it had ended.",))
            raise
        finally:
            self._watch.changed(undertaking.plan.target)
            try:
                trouble = await self._recorder.end(record, ended)
                ended = replace(ended, words=(*ended.words, *trouble))
            finally:
                self._at_work.pop(undertaking.plan.target, None)
                undertaking.tell(ended)

    async def _still(self, proposal: Proposal) -> Plan | Refusal:
        age = self._clock.elapsed() - proposal.at
        if age <= FRESH:
            return proposal.plan
        if age > OPEN:
            return Refusal(_OLD, ("Look at it once more.",))
        plan = await self._planned(proposal.action, proposal.plan.target, proposal.given, {})
        if isinstance(plan, Refusal):
            return plan
        different = _difference(proposal.plan, plan)
        return Refusal(different, ("Look at it once more.",)) if different else plan

    async def _planned(
        self, action: GuidedAction, target: Target, given: str, known: dict[Fact[Any], object]
    ) -> Plan | Refusal:
        for _ in range(_MOST_FACTS):
            try:
                return action.plan(self._evidence(self._watch.facts(), known, given), target)
            except Ungathered as wanted:
                known[wanted.fact] = await self._gatherer.gather(wanted.fact)
            except ConsoleError as error:
                return refused_by(error)
        return Refusal(("It wants to know more than can be asked.",))

    def _under_way(self, target: Target) -> Refusal | None:
        busy = self._at_work.get(target)
        if busy is not None:
            return Refusal((f"{GUIDED_ACTIONS[busy].title} is under way on it.",), ("Wait for its end.",))
        return None

    def _evidence(self, snapshot: FleetSnapshot, known: Mapping[Fact[Any], object], given: str = "") -> Evidence:
        return Evidence(snapshot, known, now=self._now(), given=given, operator=self._operator)

    @staticmethod
    def _run_of(snapshot: FleetSnapshot, target: Target) -> tuple[Target, ...]:
        job = snapshot.jobs.get(target) if isinstance(target, JobKey) else None
        return () if job is None else (job.run_key,)


def _listed(snapshot: FleetSnapshot, target: Target) -> Mapping[Fact[Any], object]:
    """What the snapshot already says of the target."""
    if isinstance(target, RunnerKey):
        return {RunnerNow(target): snapshot.runners[target]} if target in snapshot.runners else {}
    if isinstance(target, JobKey):
        job = snapshot.jobs.get(target)
        return {} if job is None else {JobNow(target): job, **_listed(snapshot, job.run_key)}
    return {RunNow(target): snapshot.runs[target]} if target in snapshot.runs else {}


def _changed(snapshot: FleetSnapshot, target: Target, known: Mapping[Fact[Any], object]) -> Mapping[Fact[Any], object]:
    """What the fleet shows by now of the target, where the question rests on it."""
    listed = _listed(snapshot, target)
    return {fact: value for fact, value in listed.items() if fact in known and not _older(value, known[fact])}


def _older(listed: object, known: object) -> bool:
    """A run that was read for the question may be newer than the last look."""
    return isinstance(listed, Run) and isinstance(known, Run) and listed.updated_at < known.updated_at


def _difference(plan: Plan, again: Plan | Refusal) -> Phrase:
    """Why what was agreed to is not what would be done now; empty: it is the same. Only proofs may differ."""
    if isinstance(again, Refusal):
        return again.reason
    one, other = ((each.target, each.typed, each.rests_on, _acts(each)) for each in (plan, again))
    return () if one == other else ("What it rests on has changed since it was asked.",)


def _acts(plan: Plan) -> tuple[OnHost | Call | None, ...]:
    return tuple(None if isinstance(part, Until) else part for part in plan.parts)
