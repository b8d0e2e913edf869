"""What is being done, into the history: before it begins, after each part, and at its end."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from importlib.metadata import version
from typing import Literal
from uuid import uuid4

from msgspec.structs import replace

from console.errors import ConsoleError
from console.fleet.acting import Acted
from console.fleet.history import Deed, DeedPart, Operator, subject_of
from console.fleet.models import FleetSnapshot, JobKey, Phrase, RunnerKey, plain
from console.fleet.plan_text import part_text
from console.fleet.plans import Call, OnHost, Part, Plan, Target, Until
from console.operations.at_work import this_process
from console.operations.history import History
from console.operations.undertaking import Ended


class Recorder:
    """Of one context."""

    def __init__(
        self,
        history: History,
        context: str,
        operator: Operator,
        *,
        login: Callable[[], Awaitable[str]],
        snapshot: Callable[[], FleetSnapshot],
        now: Callable[[], datetime],
    ) -> None:
        """`login` asks GitHub whose token it is, and may raise a ConsoleError."""
        self._login = login
        self._history = history
        self._context = context
        self._operator = operator
        self._snapshot = snapshot
        self._now = now

    async def begin(self, plan: Plan) -> str:
        """Durable when this returns; the deed's id. Raises HistoryError, and then nothing may be done."""
        if not self._operator.github:
            # Who it is at GitHub is good to know, and no reason to do nothing.
            with contextlib.suppress(ConsoleError):
                self._operator = replace(self._operator, github=await self._login())
        deed = self._deed(plan)
        await asyncio.to_thread(self._history.begin, deed)
        return deed.id

    async def part(self, record: str, index: int, acted: Acted) -> Phrase:
        """What there is to say where it could not be kept; empty: it was."""
        return await _kept(partial(self._history.part, record, index, acted.came, plain(acted.words)))

    async def end(self, record: str, ended: Ended) -> Phrase:
        """As `part`."""
        return await _kept(partial(self._history.end, record, ended.outcome, plain(ended.words), ended.after))

    def _deed(self, plan: Plan) -> Deed:
        about = {name: plain(value) for name, value in plan.about}
        return Deed(
            id=uuid4().hex,
            at=self._now(),
            operator=self._operator,
            context=self._context,
            action=plan.action,
            title=plain(plan.title),
            target=subject_of(plan.target, _name(self._snapshot(), plan.target)),
            parts=tuple(DeedPart(_kind(part), _sent(part)) for part in plan.parts),
            process=this_process(),
            host=about.get("host", ""),
            machine=about.get("machine", ""),
            unit=about.get("unit", ""),
            directory=about.get("directory", ""),
            agent_id=plan.target.id if isinstance(plan.target, RunnerKey) else None,
            before=plan.before,
            console=version("runner-console"),
        )


async def _kept(write: Callable[[], None]) -> Phrase:
    """Whoever is cancelled meanwhile ends once it is written: what is kept after it stands behind it."""
    writing = asyncio.ensure_future(asyncio.to_thread(write))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        with contextlib.suppress(ConsoleError):
            await writing
        raise
    except ConsoleError as error:
        return (f" This could not be kept in the history: {error.message}.",)
    return ()


def _kind(part: Part) -> Literal["script", "request", "wait"]:
    if isinstance(part, OnHost):
        return "script"
    return "request" if isinstance(part, Call) else "wait"


def _sent(part: Part) -> str:
    whole = part_text(part).whole
    return f"{whole}: {plain(part.why)}" if isinstance(part, Until) else whole


def _name(snapshot: FleetSnapshot, target: Target) -> str:
    if isinstance(target, RunnerKey):
        runner = snapshot.runners.get(target)
        return runner.name if runner is not None else str(target.id)
    if isinstance(target, JobKey):
        job = snapshot.jobs.get(target)
        return job.name if job is not None else str(target.id)
    run = snapshot.runs.get(target)
    return f"{run.workflow} #{run.number}" if run is not None else str(target.id)
