"""A server on loopback that answers as scripted, byte for byte: what real ones do only on bad days."""

import asyncio
import gzip
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from console.remote.github import GitHubApi

CANARY = "ghp_CANARYcanaryCANARYcanaryCANARYcanary12"
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Request:
    """One request as it arrived."""

    def __init__(self, method: str, target: str, headers: dict[str, str], raw: bytes, body: bytes) -> None:
        self.method = method
        self.target = target
        self.headers = headers
        self.raw = raw
        self.body = body


Step = bytes | float
"""Bytes to send, or seconds to wait."""
Script = list[Step] | Callable[[Request], list[Step]]


def reply(
    body: object = None, status: int = 200, headers: Mapping[str, str] | None = None, *, date: datetime = NOON
) -> list[Step]:
    """A well-formed answer; a body that is not bytes becomes JSON."""
    content = body if isinstance(body, bytes) else b"" if status == 304 else json.dumps(body).encode()
    lines = {
        "Date": format_datetime(date, usegmt=True),
        "Content-Type": "application/json; charset=utf-8",
        **({} if status == 304 else {"Content-Length": str(len(content))}),
        **(headers or {}),
    }
    head = f"HTTP/1.1 {status} Whatever\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return [head.encode() + b"\r\n" + content]


def gzipped(body: bytes, *, cut: int | None = None) -> list[Step]:
    return reply(gzip.compress(body)[:cut], headers={"Content-Encoding": "gzip"})


class FaultServer:
    """Each path has a line of answers; the last one stays. What was asked is kept."""

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.at_once = 0
        self.most_at_once = 0
        self._scripts: dict[str, deque[Script]] = {}
        self._tasks: set[asyncio.Task[Any] | None] = set()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def script(self, path: str, *scripts: Script) -> None:
        self._scripts[path] = deque(scripts)

    @property
    def paths(self) -> list[str]:
        return [request.target.partition("?")[0] for request in self.asked]

    def heard(self) -> bytes:
        """Every byte that arrived."""
        return b"".join(request.raw for request in self.asked)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._tasks.add(asyncio.current_task())
        try:
            while await self._answer(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        raw = await reader.readuntil(b"\r\n\r\n")
        first, *lines = raw.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(first.split(" ")[0], first.split(" ")[1], headers, raw + body, body)
        self.asked.append(request)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            script = self._steps(request)
            for step in script:
                if isinstance(step, float):
                    await asyncio.sleep(step)
                else:
                    writer.write(step)
                    await writer.drain()
        finally:
            self.at_once -= 1
        return not any(b"Connection: close" in step for step in script if isinstance(step, bytes))

    async def stop(self) -> None:
        tasks = [task for task in self._tasks if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)

    def _steps(self, request: Request) -> list[Step]:
        line = self._scripts.get(request.target) or self._scripts.get(request.target.partition("?")[0])
        script: Script = reply({"message": "Not Found"}, 404)
        if line is not None:
            script = line.popleft() if len(line) > 1 else line[0]
        return script(request) if callable(script) else script


@asynccontextmanager
async def running(ssl_context: Any = None) -> AsyncIterator[FaultServer]:
    faults = FaultServer()
    server = await asyncio.start_server(faults.serve, "127.0.0.1", 0, ssl=ssl_context)
    faults.port = server.sockets[0].getsockname()[1]
    try:
        yield faults
    finally:
        server.close()
        await faults.stop()


class FakeClock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.seconds = 1_000.0
        self.slept: list[float] = []

    def wall(self) -> datetime:
        return NOON - timedelta(days=1) + timedelta(seconds=self.seconds)

    def elapsed(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await asyncio.sleep(0)


class Token:
    def __init__(self, secret: str) -> None:
        self._secret = secret

    def reveal(self) -> str:
        return self._secret

    @property
    def fingerprint(self) -> str:
        return f"fp-{abs(hash(self._secret))}"

    def __repr__(self) -> str:
        return "***"


class FixedTokens:
    """One token for every owner; `after` is what the source gives when it is asked again."""

    def __init__(self, secret: str | None = CANARY, after: str | None = None) -> None:
        self.secret = secret
        self._after = after
        self.renewed = 0
        self.owners: list[str] = []

    async def token(self, owner: str) -> Token | None:
        self.owners.append(owner)
        return None if self.secret is None else Token(self.secret)

    def gives(self, after: str) -> None:
        """Somebody has mended the source: it is noticed when it is asked again."""
        self._after = after

    async def renew(self, owner: str) -> bool:
        self.renewed += 1
        await asyncio.sleep(0.01)
        if self._after is None:
            return False
        self.secret = self._after
        return True


class using:  # noqa: N801 - it reads as a word
    """A client that is closed in the end."""

    def __init__(self, server: FaultServer, tokens: FixedTokens | None = None, base: str = "", **more: Any) -> None:
        url = server.url + base
        self._api = GitHubApi(url, tokens or FixedTokens(), FakeClock(), user_agent="runner-console/0", **more)

    async def __aenter__(self) -> GitHubApi:
        return self._api

    async def __aexit__(self, *_: object) -> None:
        await self._api.close()
