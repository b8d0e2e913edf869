"""Decode and diff of 10,000 runners, against msgspec decoding the same JSON into plain structs and nothing else."""

import gc
import json
import random
import statistics
import time
from collections.abc import Callable

import msgspec

from console.fleet.models import Runner, RunnerKey
from console.remote.github_json import RUNNERS

PAGES = 100
PER_PAGE = 100
ROUNDS = 15
SCOPE = "org:acme"


class _Label(msgspec.Struct, gc=False):
    id: int
    name: str
    type: str


class _Runner(msgspec.Struct, gc=False):
    id: int
    name: str
    os: str
    status: str
    busy: bool
    labels: list[_Label]
    runner_group_id: int | None = None
    version: str | None = None
    ephemeral: bool | None = None


class _Page(msgspec.Struct):
    total_count: int
    runners: list[_Runner]


def _runner_json(number: int, chance: random.Random, *, changed: bool) -> dict[str, object]:
    system = ("Linux", "macOS", "Windows")[number % 3]
    names = ["self-hosted", system, "X64", f"pool-{number % 12}", "gpu" if number % 7 == 0 else "cpu"]
    return {
        "id": number + 1_000,
        "name": f"build-{system.lower()}-{number:05d}",
        "os": system.lower(),
        "status": "offline" if chance.random() < 0.05 else "online",
        "busy": (chance.random() < 0.6) != changed,
        "ephemeral": False,
        "version": "2.330.0",
        "runner_group_id": number % 12 + 1,
        "labels": [
            {"id": abs(hash(name)) % 10_000, "name": name, "type": "read-only" if place < 3 else "custom"}
            for place, name in enumerate(names)
        ],
    }


def _pages(changed_share: float) -> list[bytes]:
    chance = random.Random(7)
    changes = random.Random(8)
    total = PAGES * PER_PAGE
    runners = [_runner_json(n, chance, changed=changes.random() < changed_share) for n in range(total)]
    return [
        json.dumps({"total_count": total, "runners": runners[at : at + PER_PAGE]}, separators=(",", ":")).encode()
        for at in range(0, total, PER_PAGE)
    ]


def _bare(pages: list[bytes]) -> None:
    decoder = msgspec.json.Decoder(_Page)
    kept = [decoder.decode(page) for page in pages]
    assert len(kept) == PAGES


def _decode_and_diff(pages: list[bytes], before: dict[RunnerKey, Runner]) -> None:
    known = dict(before)
    changed = 0
    for page in pages:
        for runner in RUNNERS.page(page, SCOPE).items:
            key = RunnerKey(SCOPE, runner.id)
            if known.get(key) != runner:
                known[key] = runner
                changed += 1
    assert 0 < changed < len(before)


def _seconds(work: Callable[[], None]) -> float:
    gc.collect()
    start = time.process_time()
    work()
    return time.process_time() - start


def measure() -> list[tuple[str, float, float]]:
    """What was measured, the ratio found, and the ratio allowed."""
    pages = _pages(0.04)
    before = {runner.key: runner for page in _pages(0.0) for runner in RUNNERS.page(page, SCOPE).items}
    bare: list[float] = []
    ours: list[float] = []
    for _ in range(ROUNDS):
        bare.append(_seconds(lambda: _bare(pages)))
        ours.append(_seconds(lambda: _decode_and_diff(pages, before)))
    ratio = statistics.median(ours) / statistics.median(bare)
    return [("decode and diff of 10,000 runners, against a bare msgspec decode", ratio, 2.0)]


if __name__ == "__main__":
    for what, ratio, allowed in measure():
        print(f"{what}: {ratio:.2f} (at most {allowed:.2f})")
