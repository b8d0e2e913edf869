"""The lives of findings, kept together with all other processes that look at the same fleet."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cache

import msgspec
from msgspec.structs import replace

from console.errors import ConsoleError, MemoryUnusableError, UsageError, printable
from console.fleet.finding_end import how_it_ended
from console.fleet.finding_life import acknowledged, id_of, life_of, lived, muted, unmuted
from console.fleet.findings import Finding
from console.fleet.history import Entry
from console.fleet.lives import LONGEST_MUTE, Life, Lives, cleared_lately
from console.fleet.models import FleetSnapshot
from console.fleet.shapes import ready
from console.operations.kept_together import KeepsBytes, KeptTogether
from console.operations.look import Look

KIND = "lives"
AGAIN = timedelta(seconds=3)
"""What other processes have said is known that soon."""
_UNUSABLE = "Check the rights and the room there. A file that is damaged, or of another version, may be moved away."
NOT_KEPT = "What is acknowledged and muted cannot be kept"


class FindingLives:
    """Of one context. Without a memory they last as long as the process."""

    def __init__(
        self,
        name: str = "",
        memory: KeepsBytes | None = None,
        *,
        who: str = "",
        deeds: Callable[[], Iterable[Entry]] | None = None,
    ) -> None:
        """`name` tells this context of this server from others; `deeds` reads the history, newest first."""
        self.known: Lives = ()
        self.kept = True
        """What was said last is on the disk, or is to last as long as the process only."""
        self.arrived: Callable[[], None] = lambda: None
        self._memory = memory
        self._together: KeptTogether[Lives] | None = None
        if memory is not None:
            ready(Lives)
            self._together = KeptTogether(memory, KIND, name, msgspec.msgpack.Decoder(Lives).decode, ())
        self._changing = asyncio.Lock()
        self._who = who
        self._deeds = deeds
        self._followed: tuple[datetime, frozenset[tuple[object, ...]]] | None = None

    async def followed(self, look: Look) -> Look:
        """With what has become of its findings. One that is not whole says nothing of them."""
        if look.snapshot.whole:
            await self._follow(look.findings, look.snapshot)
        lives = {each.key: life for each in look.findings if (life := life_of(self.known, each)) is not None}
        return replace(
            look, lives=lives, cleared=cleared_lately(self.known, look.snapshot.taken_at), lives_kept=self.kept
        )

    async def _follow(self, findings: tuple[Finding, ...], snapshot: FleetSnapshot) -> None:
        """Where nothing is news the others are heard every few seconds only."""
        now = snapshot.taken_at
        found = frozenset((each.key, each.cause, each.severity, len(each.runners)) for each in findings)
        if self._followed is not None:
            at, before = self._followed
            waits = any(life.missed_since is not None for life in self.known)
            if found == before and not waits and abs(now - at) < AGAIN:
                return
        self._followed = (now, found)

        # The history is read once, however many are missed, and only where one is.
        deeds = cache(self._read_deeds)

        def ended(life: Life) -> str:
            return how_it_ended(life, snapshot, deeds())

        await self._change(lambda lives: lived(lives, findings, now, ended))

    def _read_deeds(self) -> tuple[Entry, ...]:
        """Empty where the history cannot be read: that is told where it is shown."""
        try:
            return tuple(self._deeds()) if self._deeds is not None else ()
        except ConsoleError:
            return ()

    # What the operator says. Each raises MemoryUnusableError where it could not be kept.

    async def acknowledge(self, ids: Iterable[str], now: datetime) -> None:
        """Somebody knows of these."""
        await self._say(ids, lambda life: acknowledged(life, self._who, now))

    async def mute(self, ids: Iterable[str], now: datetime, span: timedelta) -> None:
        """Not to be told of for so long. Raises UsageError for a time that cannot be meant."""
        if not timedelta() < span <= LONGEST_MUTE:
            days = LONGEST_MUTE // timedelta(days=1)
            raise UsageError(f"A finding is muted for up to {days} days.", "Write 30m, 2h or 24h.")
        await self._say(ids, lambda life: muted(life, self._who, now + span))

    async def unmute(self, ids: Iterable[str]) -> None:
        """As if nobody had said anything of these."""
        await self._say(ids, unmuted)

    async def load(self) -> None:
        """What is kept, as it is. Raises MemoryUnusableError."""
        await self._change(lambda lives: lives)
        self._insist("Nothing that is said of a finding would last.")

    async def _say(self, ids: Iterable[str], change: Callable[[Life], Life]) -> None:
        wanted = frozenset(ids)
        await self._change(lambda lives: tuple(change(life) if life.id in wanted else life for life in lives))
        self.arrived()
        self._insist("It holds until this program ends.")

    def _insist(self, otherwise: str) -> None:
        if not self.kept and self._memory is not None:
            helps = f"{otherwise} {_UNUSABLE}"
            raise MemoryUnusableError(f"{NOT_KEPT}: {self._memory.place} cannot be written", helps)

    async def _change(self, change: Callable[[Lives], Lives]) -> None:
        """One at a time: of two, what came first is not known last."""
        async with self._changing:
            if self._together is None:
                self.known = change(self.known)
                return
            kept = await self._together.change(change)
            self.kept = kept is not None
            self.known = kept if kept is not None else await asyncio.to_thread(change, self.known)


def called(lives: Lives, words: str) -> Life:
    """The one that is meant by its key or the beginning of its id. Raises UsageError."""
    open_ones = [life for life in lives if life.cleared_at is None]
    exact = [life for life in open_ones if words in {life.id, *life.keys, *map(id_of, life.keys)}]
    begun = exact or [life for life in open_ones if words and life.id.startswith(words.casefold())]
    if len(begun) == 1:
        return begun[0]
    shown = "`runner-console now` prints the id of each finding."
    words = printable(words, 80)
    if not begun:
        raise UsageError(f"No finding is called {words!r}", shown)
    names = ", ".join(f"{life.id} ({life.subject})" for life in begun[:3])
    raise UsageError(f"Several findings begin with {words!r}", f"{names}. Write more of the id.")
