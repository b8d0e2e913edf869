"""One script on one host: sent, its frames read as they come, and its end on the host seen to."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Sequence

from console.errors import HostError, HostTimeoutError, ScriptError
from console.fleet.frames import MOST_HELD, Answer, Frame, FrameReader
from console.fleet.scripts import HEARTBEAT, Script
from console.remote.ssh_failures import harmless_lines, last_words
from console.remote.ssh_master import Master
from console.remote.ssh_process import Started

_CHUNK = 64 * 1024
_FRAME = 100
"""Bytes that one costs in any case, about."""
_MOST_ERRORS = 16 * 1024
_SECRET = re.compile(rb"[!-~]{1,65536}")
_SSH_FAILED = 255
"""A script may end with it too."""
_WINDOWS = b"is not recognized as an internal or external command"
"""cmd.exe, of what it is told to run."""


def check_secrets(secrets: Sequence[bytes]) -> None:
    """Raises HostError for one that is no single line of plain characters; it is not told what it is."""
    if not all(map(_SECRET.fullmatch, secrets)):
        raise HostError("What should be handed to a host is no single line of plain characters", "Nothing was sent.")


class Session:
    """A script that runs."""

    def __init__(self, master: Master, started: Started, script: Script, mark: str) -> None:
        self._host = master.host
        self._timings = master.client.timings
        self._master = master
        self._started = started
        self._script = script
        self._reader = FrameReader(mark)
        self._errors = bytearray()
        self._tasks = [asyncio.create_task(self._keep_errors())]

    @property
    def errors(self) -> str:
        """What came on its standard error, harmless."""
        return harmless_lines(bytes(self._errors))

    async def begin(self) -> list[Frame]:
        """Waits for the ready mark of the script, which was sent; what was read beyond it. Raises HostError kinds."""
        if not self._script.stream:
            self._started.stdin.close()
        found: list[Frame] = []
        try:
            async with asyncio.timeout(self._timings.answer):
                while not self._reader.ready:
                    found += await self.more()
        except TimeoutError:
            raise self._too_slow("begin") from None
        if self._script.stream:
            # Not before: until then a shell may be reading there.
            self._tasks.append(asyncio.create_task(self._beat()))
        return found

    async def more(self) -> list[Frame]:
        """What comes next. Raises HostError kinds where nothing can come any more though the script did not end."""
        stdout = self._started.stdout
        try:
            async with asyncio.timeout(self._timings.silence if self._reader.holds_line_end else None):
                chunk = await stdout.read(_CHUNK)
        except TimeoutError:
            return self._reader.silent()
        if not chunk:
            raise await self._failure()
        return self._reader.feed(chunk)

    async def answer(self, first: list[Frame]) -> Answer:
        """Everything up to its end. Raises HostError kinds."""
        found, size = list(first), 0
        try:
            async with asyncio.timeout(self._timings.answer):
                while self._reader.status is None:
                    more = await self.more()
                    found += more
                    size += sum(_FRAME + len(frame.data) for frame in more)
                    if size > MOST_HELD:
                        raise ScriptError(f"{self._host} says more than was asked for", "Does another program answer?")
        except TimeoutError:
            raise self._too_slow("end") from None
        await self.end()
        return Answer(tuple(found), self._reader.status, self.errors)

    def hand(self, secrets: Sequence[bytes]) -> None:
        """To its standard input, now that it is ready and before any heartbeat; without any, the word to begin."""
        for line in secrets or (b"",):
            self._started.stdin.write(line + b"\n")

    async def said(self, first: list[Frame], within: float | None = None) -> AsyncGenerator[Frame, None]:
        """Each frame as it comes, until its end, whatever its status. Raises HostError kinds."""
        until = None if within is None else asyncio.get_running_loop().time() + within
        found = first
        while self._reader.status is None:
            for frame in found:
                yield frame
            try:
                async with asyncio.timeout_at(until):
                    found = await self.more()
            except TimeoutError:
                raise HostTimeoutError(
                    f"{self._script.id} did not end on {self._host} within {within:g} s",
                    "What it has begun goes on there.",
                ) from None
        for frame in found:
            yield frame

    async def frames(self, first: list[Frame]) -> AsyncGenerator[Frame, None]:
        """Each as it comes, until its end. Raises HostError kinds."""
        async for frame in self.said(first):
            yield frame
        if self._reader.status != 0:
            raise ScriptError(f"{self._script.id} ended on {self._host} with status {self._reader.status}", self.errors)

    async def end(self) -> None:
        """Tells it to end, and sees to it that it has."""
        stdin, stdout = self._started.stdin, self._started.stdout
        for beat in self._tasks[1:]:
            beat.cancel()
        stdin.close()
        try:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._timings.ending):
                    # One that waits for its words to be read could not end.
                    while await stdout.read(_CHUNK):
                        pass
                    await self._tasks[0]
                    await self._started.wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await self._started.stop()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _failure(self) -> HostError:
        """Why nothing comes any more."""
        await self._started.wait(self._timings.ending)
        await asyncio.wait(self._tasks[:1], timeout=self._timings.ending)
        code = self._started.code
        if self._started.given_up is not None:
            return self._started.given_up
        if code == _SSH_FAILED:
            # What a script wrote is no word of ssh's.
            said = "" if self._reader.ready else self._errors.decode("utf-8", "replace")
            if (why := await self._master.why_ended(said)) is not None:
                return why
        said = last_words(self._errors.decode("utf-8", "replace")) or last_words(
            self._reader.noise.decode("utf-8", "replace")
        )
        told = f": {said.rstrip('.')}" if said else ""
        if self._reader.ready:
            return ScriptError(f"{self._script.id} ended early on {self._host}, with status {code}{told}")
        if _WINDOWS in self._errors:
            return ScriptError(
                f"{self._host} runs Windows", "Only hosts with a POSIX shell can be asked: Linux, macOS."
            )
        return ScriptError(
            f"No shell answered on {self._host}, which ended with status {code}{told}",
            "The user needs a login shell there that runs `sh`; a ForceCommand for its key must not replace it.",
        )

    def _too_slow(self, what: str) -> HostTimeoutError:
        return HostTimeoutError(
            f"{self._script.id} did not {what} on {self._host} within {self._timings.answer:g} s",
            "The host may be overloaded, or a disk there hangs.",
        )

    async def _beat(self) -> None:
        """The script ends by itself when this is not heard for a minute."""
        while True:
            await asyncio.sleep(self._timings.heartbeat)
            self._started.stdin.write(HEARTBEAT)

    async def _keep_errors(self) -> None:
        """The beginning; the rest is read and dropped, so that nobody waits for a full pipe."""
        while chunk := await self._started.stderr.read(_CHUNK):
            self._errors += chunk[: _MOST_ERRORS - len(self._errors)]
