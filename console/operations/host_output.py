"""The output of a job that is still running, from its runner's disk, until the runner says that the job has ended."""

import asyncio
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from console.errors import HostError
from console.fleet.frames import Frame
from console.fleet.hosts import Located
from console.fleet.log_lines import Where
from console.fleet.models import Phrase
from console.fleet.running_job import current_step, running_job
from console.fleet.scripts import SCRIPTS
from console.fleet.signatures import Catalogue
from console.operations.feed_sources import JobOutput
from console.operations.host_feed import HostLog
from console.operations.interfaces import Clock, Hosts
from console.operations.job_log import Spooled

ASK_EVERY = 10.0
"""Seconds between two looks at what listener and worker say of the job."""
LAST_WORDS = 20.0
"""Seconds for which the last of its output is waited for, once the job has ended."""


class OutputLog(HostLog):
    """Its state says in which step the job is."""

    def __init__(
        self,
        name: Phrase,
        where: Where,
        text: Spooled,
        catalogue: Callable[[], Catalogue],
        clock: Clock,
        *,
        source: JobOutput,
    ) -> None:
        super().__init__(name, where, text, catalogue, clock, source=source)
        self._output = source
        self._watching: asyncio.Task[None] | None = None

    def watch(self, hosts: Hosts, located: Located, guid: str, clean: Callable[[str], str]) -> None:
        """From now on, until the job has ended."""
        self._watching = asyncio.create_task(self._watch(hosts, located, guid, clean))

    async def close(self) -> None:
        """Both tasks end."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.wait([self._watching])
        await super().close()

    async def _watch(self, hosts: Hosts, located: Located, guid: str, clean: Callable[[str], str]) -> None:
        while True:
            frames = await _tail(hosts, located)
            self._tell(replace(self._stands, step=current_step(frames, guid, clean)))
            job = running_job(frames, clean)
            if job is not None and (job.guid != guid or job.result):
                break
            await self._clock.sleep(ASK_EVERY)
        until = self._clock.elapsed() + LAST_WORDS
        while not self._output.gone and self._clock.elapsed() < until:
            await self._clock.sleep(0.5)
        await self.finish()


async def _tail(hosts: Hosts, located: Located) -> Sequence[Frame]:
    """Nothing, where it cannot be asked just now: the log's own connection says why."""
    try:
        return (await hosts.ask(located.host, SCRIPTS["listener-tail"], located.directory)).frames
    except HostError:
        return ()
