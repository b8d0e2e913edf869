"""Asks the hosts of suspected runners what they say of them, a few at a time, without being asked. Changes nothing."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from console.errors import ConsoleError
from console.fleet.frames import Frame
from console.fleet.host_evidence import HostEvidence
from console.fleet.hosts import HostFacts
from console.fleet.listener_log import listener_log, service_lines
from console.fleet.models import RunnerKey
from console.fleet.signatures import Catalogue
from console.operations.facts import Facts
from console.operations.interfaces import Clock
from console.operations.reading_tasks import ReadingTasks

AT_ONCE = 3
IN_ALL = 10
"""Runners whose hosts are asked: more that idle at once are rather no fault of theirs."""
EVERY = 120.0
"""Seconds before the same runner is asked about again, where nothing has changed."""
SOONEST = 5.0
"""The same where GitHub says something else of it by now."""
LONGEST = 30.0
"""Seconds for one of them."""


class SaysOfHosts(Protocol):
    """What is needed of the hosts here."""

    def has_host(self, runner: RunnerKey) -> bool: ...

    async def facts(self, runner: RunnerKey, *, anew: bool = False) -> HostFacts: ...

    async def listener_tail(self, runner: RunnerKey) -> tuple[Frame, ...]: ...


class Asked(NamedTuple):
    """When a host was asked about a runner, and what GitHub said of that one then."""

    at: float
    said: str


class Suspects:
    """Of one context. `arrived` is told of every news."""

    def __init__(
        self, hosts: SaysOfHosts, catalogue: Callable[[], Catalogue], clean: Callable[[str], str], clock: Clock
    ) -> None:
        """`catalogue` reads files: it is called in a thread. `clean` makes a line harmless, and hides secrets in it."""
        self.arrived: Callable[[], None] = lambda: None
        self.github_says: Callable[[RunnerKey], str] = lambda _key: ""
        """The status of a runner: once it is another one, what its host said before is old."""
        self._hosts = hosts
        self._catalogue = catalogue
        self._clean = clean
        self._clock = clock
        self._known: Facts[RunnerKey, HostEvidence] = Facts()
        self._asked: dict[RunnerKey, Asked] = {}
        self._running: ReadingTasks[RunnerKey] = ReadingTasks()
        self._room = asyncio.Semaphore(AT_ONCE)

    def frozen(self) -> Mapping[RunnerKey, HostEvidence]:
        """What is known now; the same object for as long as nothing changes."""
        return self._known.frozen()

    def start_due(self, suspects: Iterable[RunnerKey], named: Iterable[RunnerKey] = ()) -> None:
        """Ask about those who have not been asked about lately; forget who is suspected no more. Cheap to call.

        Of those who are `named` it is told, too, that no host is configured.
        """
        self._running.collect()
        wanted = list(dict.fromkeys((*named, *(key for key in suspects if self._hosts.has_host(key)))))[:IN_ALL]
        for key in set(self._known) - set(wanted):
            self._known.drop(key)
        now, busy = self._clock.elapsed(), self._running.under_way
        self._asked = {key: each for key, each in self._asked.items() if key in wanted or now - each.at < EVERY}
        for key in wanted:
            if key not in busy and self._is_due(key, now):
                self._asked[key] = Asked(now, self.github_says(key))
                self._running.start(key, self._ask(key))

    def _is_due(self, key: RunnerKey, now: float) -> bool:
        before = self._asked.get(key)
        if before is None:
            return True
        same = key in self._known and before.said == self.github_says(key)
        return now - before.at >= (EVERY if same else SOONEST)

    def ask_again(self, runner: RunnerKey) -> None:
        """Something was done to it: what its host said before is old."""
        self._asked.pop(runner, None)

    async def read(self, suspects: Iterable[RunnerKey], within: float, named: Iterable[RunnerKey] = ()) -> None:
        """For a command: these are known afterwards, as far as their hosts have answered by then."""
        self.start_due(suspects, named)
        await self._running.wait(within)
        for key in self._running.under_way:
            if key not in self._known:
                self._known.put(key, HostEvidence(key, unknown=f"it did not answer within {within:.0f} s"))
        await self.stop()

    async def stop(self) -> None:
        """Give up what is being asked."""
        await self._running.stop()

    async def _ask(self, key: RunnerKey) -> None:
        async with self._room:
            try:
                async with asyncio.timeout(LONGEST):
                    evidence = await self._evidence(key)
            except TimeoutError:
                evidence = HostEvidence(key, unknown=f"it did not answer within {LONGEST:.0f} s")
            except ConsoleError as error:
                evidence = HostEvidence(key, unknown=error.message)
        self._known.put(key, evidence)
        self.arrived()

    async def _evidence(self, key: RunnerKey) -> HostEvidence:
        facts = await self._hosts.facts(key, anew=True)
        frames = await self._hosts.listener_tail(key)
        found = HostEvidence(key, facts.located.host, facts)
        return await asyncio.to_thread(self._with_log, found, facts, frames)

    def _with_log(self, found: HostEvidence, facts: HostFacts, frames: tuple[Frame, ...]) -> HostEvidence:
        catalogue = self._catalogue()
        log = listener_log(frames, catalogue, self._clean, found.now)
        down = service_lines(facts.exit_line, catalogue) if facts.exit_line and not facts.listeners else ()
        return replace(found, log=replace(log, lines=(*log.lines, *down)))
