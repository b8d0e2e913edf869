"""A log that is fed from a host, and goes on by itself after a lost connection."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from msgspec.structs import replace

from console.errors import (
    ChangedHostKeyError,
    ConsoleError,
    HostAuthenticationError,
    HostError,
    NoSshError,
    SshConfigError,
    UnknownHostKeyError,
)
from console.fleet.log_lines import Where
from console.fleet.models import Phrase
from console.fleet.signatures import Catalogue
from console.operations.feed_sources import FeedSource
from console.operations.feed_state import FeedState
from console.operations.interfaces import Clock, Hosts
from console.operations.job_log import Spooled
from console.operations.logs import OpenLog

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
STEADY = 30.0
"""Seconds after which a connection counts as one that holds: the next wait is short again."""
SILENT = 10.0
"""Seconds without a byte, over a connection that stands, after which nothing is on its way any more."""
NEED_A_PERSON = (ChangedHostKeyError, HostAuthenticationError, NoSshError, SshConfigError, UnknownHostKeyError)
"""Trying again by itself would mend none of these."""


class HostLog(OpenLog):
    """One source on one host."""

    def __init__(
        self,
        name: Phrase,
        where: Where,
        text: Spooled,
        catalogue: Callable[[], Catalogue],
        clock: Clock,
        *,
        source: FeedSource,
    ) -> None:
        super().__init__(name, where, text, catalogue, clock)
        self._source = source
        self._spool = text
        self._feeding: asyncio.Task[None] | None = None
        self._finished = False
        self._heard = clock.elapsed()
        """When something came last, or the connection did."""
        self._silent: datetime | None = None
        self._stands = FeedState("connecting", clock.wall())
        self._tell(self._stands)

    def feed(self, hosts: Hosts, host: str) -> None:
        """From now on, until it is closed, or over."""
        self.host = host
        self._feeding = asyncio.create_task(self._feed(hosts, host))

    async def close(self) -> None:
        """What ran on the host has ended with it."""
        await self._stop()
        await super().close()

    def silent_until(self) -> datetime | None:
        """By this machine's clock: that of a host is mostly near."""
        if self._stands.word == "connected" and self._clock.elapsed() - self._heard >= SILENT:
            self._silent = self._clock.wall()
        return self._silent

    async def finish(self) -> None:
        """Nothing more will come: what was followed has come to its own end."""
        self._finished = True
        await self._stop()
        self._tell(FeedState("ended", self._clock.wall(), notes=self._source.notes))

    async def _stop(self) -> None:
        if self._feeding is not None:
            self._feeding.cancel()
            await asyncio.wait([self._feeding])

    def _tell(self, state: FeedState) -> None:
        self.state = self._stands = state

    async def _feed(self, hosts: Hosts, host: str) -> None:
        wait, why = FIRST_WAIT, "It was not followed to its end."
        try:
            while True:
                began = self._clock.elapsed()
                trouble = await self._follow(hosts, host)
                self._source.cut()
                if self._source.over or isinstance(trouble, NEED_A_PERSON):
                    why = f"{(self._source.over or trouble.message).rstrip('.')}."
                    self._disconnected(trouble)
                    return
                wait = FIRST_WAIT if self._clock.elapsed() - began > STEADY else wait
                self._disconnected(trouble, wait)
                await self._clock.sleep(wait)
                wait = min(wait * 2, LONGEST_WAIT)
        finally:
            self._spool.end("" if self._finished else why)

    async def _follow(self, hosts: Hosts, host: str) -> ConsoleError:
        """Until the connection is gone; why it is."""
        try:
            async with hosts.stream(host, self._source.script, *self._source.values()) as frames:
                self._heard = self._clock.elapsed()
                self._tell(FeedState("connected", self._clock.wall(), notes=self._source.notes, step=self._stands.step))
                async for frame in frames:
                    if fresh := self._source.take(frame):
                        self._heard, self._silent = self._clock.elapsed(), None
                        self._spool.append(fresh)
                    if self._stands.notes != self._source.notes:
                        self._tell(replace(self._stands, notes=self._source.notes))
        except ConsoleError as error:
            return error
        return HostError("What was followed there has ended")

    def _disconnected(self, trouble: ConsoleError, wait: float | None = None) -> None:
        now, source = self._clock.wall(), self._source
        if source.over:
            self._tell(FeedState("ended", now, reason=f"{source.over}.", notes=source.notes))
            return
        since = self._stands.since if self._stands.word == "disconnected" else now
        next_try = None if wait is None else now + timedelta(seconds=wait)
        reason = f"{trouble.message.rstrip('.')}."
        self._tell(FeedState("disconnected", since, next_try, reason, trouble.hint, source.notes))
