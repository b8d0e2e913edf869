"""How long a person waits for the overview of the commands, and for the first paint with a large fleet remembered."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from benchmarks._terminal import CONSOLE, Screen, environment
from console.fleet.models import FleetSnapshot, Runner
from console.operations.remember import LastTime, Memory

ROUNDS = 9
BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("bench-context")
Bare().run()
"""


def measure() -> list[tuple[str, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        remember_a_large_fleet(home)
        overview = ratio(lambda: run([CONSOLE, "--help"], home), lambda: run([sys.executable, "-c", "pass"], home))
        paint = ratio(lambda: painted([CONSOLE], home), lambda: painted([sys.executable, "-c", BARE], home))
    return [
        ("--help, against `python -c pass`", overview, 5.0),
        ("first paint with 10,000 runners remembered, against a bare Textual app", paint, 1.5),
    ]


def ratio(ours: Callable[[], float], theirs: Callable[[], float]) -> float:
    """Of medians, measured in turn."""
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    return median(pair[0] for pair in pairs) / median(pair[1] for pair in pairs)


def run(command: list[str], home: Path) -> float:
    at = time.perf_counter()
    subprocess.run(command, env=environment(home), stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - at


def painted(command: list[str], home: Path) -> float:
    with Screen(command, environment(home)) as screen:
        return screen.seconds_until(b"bench-context")


def remember_a_large_fleet(home: Path) -> None:
    config = home / ".config" / "runner-console" / "config.toml"
    config.parent.mkdir(parents=True, mode=0o700)
    config.write_text(
        '[contexts.bench-context]\napi_url = "http://127.0.0.1:9"\nscopes = ["org:acme"]\ntoken = "env"\n'
    )
    runners = [
        Runner("org:acme", n, f"prod-linux-{n:05}", "linux", "online", n % 3 == 0, ("self-hosted", "linux", "x64"), 1)
        for n in range(10_000)
    ]
    memory = Memory(home / ".local" / "state" / "runner-console")
    memory.keep(FleetSnapshot(datetime.now(UTC), "bench-context", {each.key: each for each in runners}))
    memory.note(LastTime("bench-context"))
