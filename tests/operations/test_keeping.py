"""What an open context keeps while it is at work, and at its end."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from console.fleet.models import FleetSnapshot, JobKey
from console.operations import keeping
from console.operations.annals import Annals
from console.operations.keeping import Keeping
from console.operations.remember import Memory
from tests.fleet.fleets import fleet, runner

URL = "https://api.github.com"


class Watching:
    """A watch that knows one fleet; its first answers may be faults."""

    def __init__(self, faults: int = 0) -> None:
        self.annals = Annals()
        self.faults = faults
        self.asked = 0

    def facts(self) -> FleetSnapshot:
        self.asked += 1
        if self.asked <= self.faults:
            raise ValueError("a fault of the console")
        return fleet(runners=(runner(1),), context="acme")

    def settled_failures(self) -> dict[JobKey, Any]:
        return {}


class Spending:
    """Uses one of the limit each time; what all have used is told back."""

    def __init__(self) -> None:
        self.known: list[bytes] = []

    def spent(self) -> Callable[[bytes | None], bytes]:
        return lambda kept: (kept or b"") + b"1"

    def adopt(self, kept: bytes) -> None:
        self.known.append(kept)


async def test_at_its_end_a_context_keeps_its_fleet_and_tells_the_others_what_it_has_used(tmp_path: Path) -> None:
    memory, github = Memory(tmp_path), Spending()
    memory.exchange(URL, lambda _none: b"5", keeping.KIND)
    watch: Any = Watching()
    await Keeping(watch, github, memory, URL).stop()
    kept = memory.snapshot("acme", URL)
    assert kept is not None
    assert [each.name for each in kept.runners.values()] == [runner(1).name]
    assert github.known == [b"51"]


async def test_a_fault_while_keeping_is_seen_and_the_end_is_kept_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SAVE_EVERY", 0.001)
    memory = Memory(tmp_path)
    watch: Any = Watching(faults=1)
    kept = Keeping(watch, Spending(), memory, URL)
    async with asyncio.timeout(30):
        while not watch.asked:
            await asyncio.sleep(0.001)
    with pytest.raises(ValueError, match="a fault of the console"):
        await kept.stop()
    assert memory.snapshot("acme", URL) is not None
