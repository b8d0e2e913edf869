"""Hosts that are this machine: scripts run in a real shell here, on a tree that the test has made."""

import asyncio
import contextlib
import os
import re
import secrets
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from console.errors import HostError, HostUnreachableError, ScriptError
from console.fleet.frames import Answer, Frame, FrameReader
from console.fleet.scripts import HEARTBEAT, Script, sent

SHELLS = ("dash", "bash")
SILENT = b"(silent)"


class Follower:
    """A script that streams: its process, and the other end of its standard input."""

    def __init__(self, process: asyncio.subprocess.Process, stdin: int) -> None:
        self.pid = process.pid
        self.process = process
        self._stdin: int | None = stdin

    def beat(self) -> None:
        if self._stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                os.write(self._stdin, HEARTBEAT)

    def hand(self, line: bytes) -> None:
        assert self._stdin is not None
        os.write(self._stdin, line + b"\n")

    def go_away(self) -> None:
        """As sshd does when its connection is gone: nobody reads, and nothing will come."""
        transport = self.process._transport  # type: ignore[attr-defined]
        transport.get_pipe_transport(1).close()
        self.end_input()

    def end_input(self) -> None:
        if self._stdin is not None:
            os.close(self._stdin)
            self._stdin = None


class LocalHosts:
    """`cut` ends what runs as a lost host would, and while there is `down` nothing new begins."""

    def __init__(self, shell: str = "dash", programs: Path | None = None, home: Path | None = None) -> None:
        self.shell = shell
        self.asked: list[tuple[str, str, tuple[str, ...]]] = []
        self.running: list[Follower] = []
        self.down: HostError | None = None
        self.patience = 60
        self.silent = False
        """No heartbeat is sent."""
        self.leads = True
        """The script leads its process group, as it does under sshd."""
        self.places: Mapping[str, str] = {}
        """Where on this machine the host's places are: `systemctl`, `notes`, `groups`, `processes`."""
        self._programs = programs
        path = os.environ["PATH"]
        self._environment = {
            "PATH": f"{programs}:{path}" if programs else path,
            "HOME": str(home or programs or "/nonexistent"),
        }

    def hide(self, name: str) -> None:
        """This host has no such program."""
        assert self._programs is not None
        (self._programs / name).unlink(missing_ok=True)
        for each in Path("/usr/bin").iterdir():
            if each.name != name and not (self._programs / each.name).exists():
                (self._programs / each.name).symlink_to(each)
        self._environment["PATH"] = str(self._programs)

    async def _start(self, host: str, script: Script, values: tuple[str, ...]) -> tuple[Follower, str]:
        self.asked.append((host, script.id, values))
        if self.down is not None:
            raise self.down
        mark = secrets.token_hex(16)
        ours, theirs = os.pipe()[::-1]
        process = await asyncio.create_subprocess_exec(
            f"/bin/{self.shell}", "-s", "--", *script.words(*values),
            stdin=theirs, stdout=asyncio.subprocess.PIPE, start_new_session=self.leads, env=self._environment,
        )  # fmt: skip
        os.close(theirs)
        block = sent(script, mark).replace(b"patience=60", b"patience=%d" % self.patience)
        for name, path in self.places.items():
            block = re.sub(
                rb"(?m)(^|^systemctl=.* )%s=/\S+" % name.encode(), rb"\1%s=%s" % (name.encode(), path.encode()), block
            )
        os.write(ours, block)
        return Follower(process, ours), mark

    async def ask(self, host: str, script: Script, *values: str) -> Answer:
        follower, mark = await self._start(host, script, values)
        out, _ = await asyncio.wait_for(follower.process.communicate(), 60)
        follower.end_input()
        reader = FrameReader(mark)
        frames = reader.feed(out)
        if reader.status is None:
            raise ScriptError(f"The script {script.id} did not end as it should")
        return Answer(tuple(frames), reader.status)

    @contextlib.asynccontextmanager
    async def stream(self, host: str, script: Script, *values: str) -> AsyncIterator[AsyncIterator[Frame]]:
        async with self._running(host, script, values) as (follower, reader):
            beating = asyncio.create_task(self._beat(follower))
            try:
                yield self._frames(follower.process, reader)
            finally:
                beating.cancel()

    @contextlib.asynccontextmanager
    async def act(
        self, host: str, script: Script, *values: str, secrets: Sequence[bytes] = (), within: float
    ) -> AsyncIterator[AsyncIterator[Frame]]:
        async with self._running(host, script, values) as (follower, reader):
            assert follower.process.stdout is not None
            first = [Frame("sent")]
            while not reader.ready:
                said = await follower.process.stdout.read(65536)
                assert said, f"it ended with {await follower.process.wait()} before it was ready"
                first += reader.feed(said)
            for line in secrets or (b"",):
                follower.hand(line)
            beating = asyncio.create_task(self._beat(follower))
            try:
                yield self._frames(follower.process, reader, first)
            finally:
                beating.cancel()

    @contextlib.asynccontextmanager
    async def _running(
        self, host: str, script: Script, values: tuple[str, ...]
    ) -> AsyncIterator[tuple[Follower, FrameReader]]:
        follower, mark = await self._start(host, script, values)
        self.running.append(follower)
        try:
            yield follower, FrameReader(mark)
        finally:
            follower.end_input()
            self.running.remove(follower)
            stdout = follower.process.stdout
            assert stdout is not None
            while await asyncio.wait_for(stdout.read(65536), 60):
                pass
            await asyncio.wait_for(follower.process.wait(), 60)

    async def _beat(self, follower: Follower) -> None:
        while not self.silent:
            follower.beat()
            await asyncio.sleep(0.5)

    async def _frames(
        self, process: asyncio.subprocess.Process, reader: FrameReader, first: Sequence[Frame] = ()
    ) -> AsyncIterator[Frame]:
        assert process.stdout is not None
        for frame in first:
            yield frame
        while reader.status is None and (data := await self._some(process.stdout, reader)):
            for frame in reader.silent() if data is SILENT else reader.feed(data):
                yield frame
        if reader.status is not None:
            return
        raise HostUnreachableError("The connection is gone")

    async def _some(self, stdout: asyncio.StreamReader, reader: FrameReader) -> bytes:
        """`SILENT` after a tenth of a second in which the end of a line stays the last that came."""
        try:
            return await asyncio.wait_for(stdout.read(65536), 0.1 if reader.holds_line_end else None)
        except TimeoutError:
            return SILENT

    def cut(self) -> None:
        """What runs now is gone at once, as with the host."""
        for follower in self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(follower.pid, signal.SIGKILL)

    async def way(self, host: str) -> str:
        """Nowhere."""
        return f"this machine, as {host}"

    async def authenticate(self, host: str) -> None:
        """Nobody is kept out here."""

    async def close(self) -> None:
        self.cut()
