"""Carries out the parts of a plan, one after the other, each once."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, NamedTuple, Protocol, assert_never

from msgspec.structs import replace

from console.errors import (
    ConflictError,
    ConsoleError,
    HostError,
    NotFoundError,
    NotPossibleError,
    PermissionMissingError,
    UnknownOutcomeError,
)
from console.fleet.acting import Acted, ActReading
from console.fleet.evidence import Evidence, Fact, Ungathered
from console.fleet.frames import Frame
from console.fleet.history import PartOutcome
from console.fleet.models import FleetSnapshot, Phrase
from console.fleet.plans import Call, GivenOnce, Judgement, OnHost, Part, Plan, Reply, SecretKind, Until
from console.fleet.scripts import Script
from console.fleet.words import sentence
from console.operations.interfaces import Clock
from console.operations.plan_record import Recorder
from console.operations.undertaking import Ended, PartBegan, PartEnded, Said, Undertaking

LOOK_EVERY = 2.0
LOOK_SELDOM = 10.0
"""Seconds, while something is waited for that may take hours."""
LONG = 600.0
SLEPT = 60.0
"""Seconds that a look may be late: the machine slept, and nothing begins that was agreed to before."""
_TOO_LATE = Judgement(
    False, ("It was not looked at in time: the machine slept, or the console was stopped.",), hopeless=True
)
_REFUSED = (ConflictError, NotFoundError, NotPossibleError, PermissionMissingError)


class Sends(Protocol):
    """GitHub, as far as plans need it; see `interfaces.GitHub`."""

    async def send(self, call: Call) -> Reply: ...

    def now(self) -> datetime: ...


class Acts(Protocol):
    """Hosts, as far as plans need them; see `interfaces.Hosts`."""

    def act(
        self, host: str, script: Script, *values: str, secrets: Sequence[bytes] = (), within: float
    ) -> AbstractAsyncContextManager[AsyncIterator[Frame]]: ...


class Gathers(Protocol):
    """Reads a fact; the ConsoleError of what could not be read is an answer, too."""

    async def gather(self, fact: Fact[Any]) -> object: ...


class _Standing(NamedTuple):
    """How far a plan has come."""

    acted: bool = False
    """Something was changed."""
    doubt: Phrase = ()
    """Why it is not known whether the last part was done; empty: it is known."""
    last: Phrase = ()
    after: str = ""


class PartRunner:
    """Of one context."""

    def __init__(
        self,
        github: Sends,
        hosts: Acts,
        gatherer: Gathers,
        recorder: Recorder,
        *,
        snapshot: Callable[[], FleetSnapshot],
        clean: Callable[[str], str],
        clock: Clock,
    ) -> None:
        """`clean` makes foreign text harmless."""
        self._github = github
        self._hosts = hosts
        self._gatherer = gatherer
        self._recorder = recorder
        self._snapshot = snapshot
        self._clean = clean
        self._clock = clock

    async def run(self, undertaking: Undertaking, record: str) -> Ended:
        """Stops at the first part that does not come out as planned."""
        plan, standing, secrets = undertaking.plan, _Standing(), dict[SecretKind, GivenOnce]()
        for index, part in enumerate(plan.parts):
            if undertaking.stopping.is_set() and not standing.doubt:
                return _told(_given_up(standing), standing, plan)
            if standing.doubt and not isinstance(part, Until):
                words = sentence(standing.doubt, " What was to follow was not begun.")
                return _told(Ended("unknown", words), standing, plan)
            undertaking.tell(PartBegan(index))
            if isinstance(part, Until):
                judged = await self._until(undertaking, index, part)
                await self._note(undertaking, record, index, _seen(judged, standing))
                if not judged.met:
                    ended = _unmet(judged, standing, given_up=undertaking.stopping.is_set())
                    return _told(replace(ended, after=judged.after), standing, plan)
                standing = _Standing(standing.acted or bool(standing.doubt), (), judged.missing, judged.after)
            else:
                acted = await self._act(undertaking, index, part, secrets)
                await self._note(undertaking, record, index, acted)
                lasts = isinstance(part, OnHost) or part.lasts
                if acted.came not in {"done", "unknown"} or (acted.came == "unknown" and not lasts):
                    begun = isinstance(part, OnHost) and acted.came == "failed"
                    return _told(_not_done(acted, standing), standing._replace(acted=standing.acted or begun), plan)
                doubt = acted.words if acted.came == "unknown" else ()
                standing = _Standing(standing.acted or lasts, doubt, acted.words)
                if doubt and isinstance(part, Call) and part.gives is not None:
                    return _told(Ended("unknown", doubt, acted.helps), standing, plan)
        return _told(_all_done(standing, plan.parts), standing, plan)

    async def _note(self, undertaking: Undertaking, record: str, index: int, acted: Acted) -> None:
        trouble = await self._recorder.part(record, index, acted)
        undertaking.tell(PartEnded(index, acted.came, (*acted.words, *trouble)))

    async def _act(
        self, undertaking: Undertaking, index: int, part: OnHost | Call, secrets: dict[SecretKind, GivenOnce]
    ) -> Acted:
        match part:
            case OnHost():
                return await self._on_host(undertaking, index, part, [secrets[kind].reveal() for kind in part.takes])
            case Call():
                return await self._call(part, secrets)
        assert_never(part)

    async def _on_host(self, undertaking: Undertaking, index: int, part: OnHost, secrets: list[bytes]) -> Acted:
        reading = ActReading(self._clean)
        within = part.within.total_seconds()
        try:
            async with self._hosts.act(part.host, part.script, *part.values, secrets=secrets, within=within) as frames:
                async for frame in frames:
                    words = reading.take(frame)
                    if words:
                        undertaking.tell(Said(index, words))
        except HostError as error:
            return reading.end(Acted("not-sent", (f"{error.message}.",), (error.hint,) if error.hint else ()))
        return reading.end()

    async def _call(self, part: Call, secrets: dict[SecretKind, GivenOnce]) -> Acted:
        try:
            reply = await self._github.send(part)
        except UnknownOutcomeError as error:
            return Acted("unknown", (f"{error.message}.",), (error.hint,))
        except ConsoleError as error:
            came: PartOutcome = "refused" if isinstance(error, _REFUSED) else "not-sent"
            return Acted(came, (f"{error.message}.",), (error.hint,) if error.hint else ())
        if part.gives is not None:
            if reply.secret is None:
                return Acted("failed", ("GitHub's answer does not hold what it should.",))
            secrets[part.gives] = reply.secret
        return Acted("done", (f"GitHub answered {reply.status}. {reply.note}".strip(),))

    async def _until(self, undertaking: Undertaking, index: int, part: Until) -> Judgement:
        """Looks again and again, until it is so, cannot become so, is given up, or its time is over."""
        within = part.within.total_seconds()
        due, every = self._clock.elapsed(), LOOK_SELDOM if within > LONG else LOOK_EVERY
        ends = due + within
        told: Phrase = ()
        acts_follow = any(not isinstance(each, Until) for each in undertaking.plan.parts[index:])
        while True:
            judged = await self._judged(part)
            now = self._clock.elapsed()
            if acts_follow and now - due > SLEPT:
                return _TOO_LATE
            if judged.met or judged.hopeless or now >= ends or undertaking.stopping.is_set():
                return judged
            if judged.missing != told:
                told = judged.missing
                undertaking.tell(Said(index, told))
            due = min(now + every, ends)
            await self._pause(undertaking, due - now)

    async def _pause(self, undertaking: Undertaking, seconds: float) -> None:
        """Shorter where it is given up meanwhile."""
        stopped = asyncio.ensure_future(undertaking.stopping.wait())
        slept = asyncio.ensure_future(self._clock.sleep(seconds))
        await asyncio.wait([stopped, slept], return_when=asyncio.FIRST_COMPLETED)
        for each in (stopped, slept):
            each.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await each

    async def _judged(self, part: Until) -> Judgement:
        known: dict[Fact[Any], object] = {}
        while True:
            evidence = Evidence(self._snapshot(), known, now=self._github.now())
            try:
                return part.condition.judge(evidence)
            except Ungathered as wanted:
                known[wanted.fact] = await self._gatherer.gather(wanted.fact)
            except ConsoleError as error:
                return Judgement(False, (f"It could not be looked at: {error.message}.",))


def _seen(judged: Judgement, standing: _Standing) -> Acted:
    if judged.met:
        return Acted("done", judged.missing)
    return Acted("unknown" if standing.doubt else "failed", judged.missing)


def _given_up(standing: _Standing) -> Ended:
    if standing.acted:
        return Ended("stopped", ("Given up before the next part. What was done before stays done.",))
    return Ended("stopped", ("Given up. Nothing was changed.",))


def _unmet(judged: Judgement, standing: _Standing, *, given_up: bool) -> Ended:
    if standing.doubt and judged.undone:
        return Ended("failed", (*standing.doubt, " It was not done: ", *judged.missing))
    if standing.doubt:
        return Ended("unknown", (*standing.doubt, " Whether it was done could not be seen: ", *judged.missing))
    if not standing.acted:
        if given_up:
            return Ended("stopped", ("Given up. Nothing was changed.",))
        return Ended("refused", ("What had to come first did not come: ", *judged.missing, " Nothing was changed."))
    if judged.hopeless:
        return Ended("failed", judged.missing, judged.helps)
    return Ended("not-proved", ("It was done, but not proved: ", *judged.missing))


def _not_done(acted: Acted, standing: _Standing) -> Ended:
    if standing.acted:
        return Ended("failed", ("The parts before were done; this one was not: ", *acted.words), acted.helps)
    return Ended("refused" if acted.came == "refused" else "failed", acted.words, acted.helps)


def _all_done(standing: _Standing, parts: tuple[Part, ...]) -> Ended:
    if standing.doubt:
        return Ended("unknown", standing.doubt)
    if isinstance(parts[-1], Until):
        return Ended("proved", standing.last, after=standing.after)
    return Ended("not-proved", standing.last)


def _told(ended: Ended, standing: _Standing, plan: Plan) -> Ended:
    """With what there is to do where it is neither done nor undone."""
    if ended.outcome == "proved" or not plan.halfway or not (standing.acted or standing.doubt):
        return ended
    return replace(ended, helps=sentence(ended.helps, " " if ended.helps else "", plan.halfway))
