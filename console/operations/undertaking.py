"""A plan that is being carried out: what has happened so far, for whoever looks on."""

import asyncio
from collections.abc import AsyncIterator

import msgspec

from console.fleet.history import Outcome, PartOutcome
from console.fleet.models import Phrase
from console.fleet.plans import Plan


class PartBegan(msgspec.Struct, frozen=True):
    """A part is under way."""

    index: int


class Said(msgspec.Struct, frozen=True):
    """What there is to say of a part while it is under way."""

    index: int
    words: Phrase


class PartEnded(msgspec.Struct, frozen=True):
    """A part is over."""

    index: int
    outcome: PartOutcome
    words: Phrase


class Ended(msgspec.Struct, frozen=True):
    """All of it is over."""

    outcome: Outcome
    words: Phrase
    helps: Phrase = ()
    after: str = ""
    """The state of the target then, as far as it was looked at."""


Event = PartBegan | Said | PartEnded | Ended


class Undertaking:
    """It goes on whether or not anybody looks. `stop` gives it up where nothing is being changed."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.events: list[Event] = []
        self.ended: Ended | None = None
        self.stopping = asyncio.Event()
        self._news = asyncio.Event()

    def stop(self) -> None:
        """Before the next part, and out of waiting for one to begin: what is being changed is never cut off."""
        self.stopping.set()

    def tell(self, event: Event) -> None:
        """For whoever carries it out."""
        self.events.append(event)
        if isinstance(event, Ended):
            self.ended = event
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def follow(self) -> AsyncIterator[Event]:
        """Everything from the beginning on, until it has ended."""
        told = 0
        while True:
            news = self._news
            while told < len(self.events):
                event = self.events[told]
                told += 1
                yield event
                if isinstance(event, Ended):
                    return
            await news.wait()

    async def end(self) -> Ended:
        """How it ends, once it has."""
        async for event in self.follow():
            if isinstance(event, Ended):
                return event
        raise AssertionError("an undertaking ends with its end")
