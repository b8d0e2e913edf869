"""What is kept of a context's past, together with all other processes that look at it."""

from collections.abc import Callable, Iterable

import msgspec

from console.fleet.host_evidence import HostEvidence
from console.fleet.models import FleetSnapshot
from console.fleet.past import Past, noted
from console.fleet.shapes import ready
from console.operations.kept_together import KeepsBytes, KeptTogether

KIND = "past"


class Annals:
    """Of one context. Without a memory they last as long as the process."""

    def __init__(self, name: str = "", memory: KeepsBytes | None = None, past: Past | None = None) -> None:
        """`name` tells this context of this server from others."""
        self.past = past or Past()
        ready(Past)
        decode = msgspec.msgpack.Decoder(Past).decode
        self._kept = KeptTogether(memory, KIND, name, decode, Past()) if memory is not None else None
        self._last: tuple[FleetSnapshot, tuple[HostEvidence, ...]] | None = None

    def note(self, snapshot: FleetSnapshot, hosts: Iterable[HostEvidence]) -> None:
        """What is known now belongs to it from now on."""
        self._last = (snapshot, tuple(hosts))
        self.past = noted(self.past, *self._last)

    async def load(self) -> None:
        """Start from what was kept."""
        await self._change(lambda kept: kept)

    async def save(self) -> None:
        """Keep what was noted last, beside what others have kept meanwhile, and go on from both."""
        last = self._last
        if last is not None:
            await self._change(lambda kept: noted(kept, *last))

    async def _change(self, change: Callable[[Past], Past]) -> None:
        kept = await self._kept.change(change) if self._kept is not None else None
        if kept is not None:
            self.past = noted(kept, *self._last) if self._last is not None else kept
