"""What all processes of one user keep together in the memory, each changing it at one go."""

import asyncio
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import msgspec

T = TypeVar("T")


class KeepsBytes(Protocol):
    """What is needed of the memory here."""

    @property
    def place(self) -> str:
        """Where it is, in words."""
        ...

    def exchange(self, name: str, change: Callable[[bytes | None], bytes], kind: str) -> bytes | None:
        """Change what is kept under this name; nobody else does meanwhile. None: there is no memory."""
        ...


class KeptTogether(Generic[T]):
    """One value of one context. `nothing` is what is known where nothing is kept."""

    def __init__(self, memory: KeepsBytes, kind: str, name: str, decode: Callable[[bytes], T], nothing: T) -> None:
        self._memory = memory
        self._kind = kind
        self._name = name
        self._decode = decode
        self._nothing = nothing

    async def change(self, change: Callable[[T], T]) -> T | None:
        """What is kept then; None: it cannot be kept. `change` is called in a thread."""
        return await asyncio.to_thread(self._changed, change)

    def _changed(self, change: Callable[[T], T]) -> T | None:
        value = self._nothing

        def rewritten(raw: bytes | None) -> bytes:
            nonlocal value
            value = change(self._decoded(raw))
            return msgspec.msgpack.encode(value)

        return value if self._memory.exchange(self._name, rewritten, self._kind) is not None else None

    def _decoded(self, raw: bytes | None) -> T:
        """What another version has kept, or a broken disk, is begun anew."""
        try:
            return self._nothing if raw is None else self._decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return self._nothing
