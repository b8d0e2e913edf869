"""What is kept of a context's past, together with all other processes that look at it."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

import msgspec

from console.fleet.host_evidence import HostEvidence
from console.fleet.models import FleetSnapshot
from console.fleet.past import Past, noted

KIND = "past"


class KeepsBytes(Protocol):
    """What is needed of the memory here."""

    def exchange(self, name: str, change: Callable[[bytes | None], bytes], kind: str) -> bytes | None:
        """Change what is kept under this name; nobody else does meanwhile. None: there is no memory."""
        ...


class Annals:
    """Of one context. Without a memory they last as long as the process."""

    def __init__(self, name: str = "", memory: KeepsBytes | None = None, past: Past | None = None) -> None:
        """`name` tells this context of this server from others."""
        self.past = past or Past()
        self._name = name
        self._memory = memory
        self._last: tuple[FleetSnapshot, tuple[HostEvidence, ...]] | None = None

    def note(self, snapshot: FleetSnapshot, hosts: Iterable[HostEvidence]) -> None:
        """What is known now belongs to it from now on."""
        self._last = (snapshot, tuple(hosts))
        self.past = noted(self.past, *self._last)

    async def load(self) -> None:
        """Start from what was kept."""
        await self._exchange(None)

    async def save(self) -> None:
        """Keep what was noted last, beside what others have kept meanwhile, and go on from both."""
        if self._last is not None:
            await self._exchange(self._last)

    async def _exchange(self, last: tuple[FleetSnapshot, tuple[HostEvidence, ...]] | None) -> None:
        if self._memory is None:
            return
        kept = await asyncio.to_thread(_kept, self._memory, self._name, last)
        if kept is not None:
            self.past = noted(kept, *self._last) if self._last is not None else kept


def _kept(memory: KeepsBytes, name: str, last: tuple[FleetSnapshot, tuple[HostEvidence, ...]] | None) -> Past | None:
    past: Past | None = None

    def change(raw: bytes | None) -> bytes:
        nonlocal past
        past = decoded(raw) if last is None else noted(decoded(raw), *last)
        return msgspec.msgpack.encode(past)

    return past if memory.exchange(name, change, KIND) is not None else None


def decoded(raw: bytes | None) -> Past:
    """What another version has kept, or a broken disk, is no past."""
    try:
        return Past() if raw is None else msgspec.msgpack.decode(raw, type=Past)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Past()
