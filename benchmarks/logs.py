"""A log of 1 GB on the screen against toolong and lnav, lines appended against Textual's `Log`, and keys meanwhile."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from statistics import median, quantiles

from textual.app import App, ComposeResult
from textual.widgets import Log

from benchmarks._terminal import CONSOLE, Screen, environment
from console.fleet.models import Name
from console.fleet.signatures import shipped_catalogue
from console.operations.interfaces import SystemClock
from console.operations.logs import OpenLog
from console.remote.log_lines import LONGEST_LINE, log_line
from console.remote.log_text import Spool
from console.ui.terminal_app import TerminalApp
from console.ui.widgets.log_panel import LogPanel

LARGE, SMALL = 1_000_000_000, 20_000_000
FAR = 0.9
NEEDLE = "QQQQQQZZZZZZ"
AROUND = "%%%%%%"
"""Nothing of that line stands in others, so whoever draws only what differs draws all of it."""
ROUNDS = 3
LINES, BATCH = 1_000_000, 1_000
KEYS = 100
LINES_A_SECOND = 1_000_000
FIRST_LINE = b"the first line of all"
CLEAR = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]")

Measured = list[tuple[str, float, float]]


def measure() -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        large, small = home / "large.log", home / "small.log"
        make_log(large, LARGE)
        make_log(small, SMALL)
        measured = against_toolong(home, large) + against_lnav(home, large)
        measured += memory(home, small, large)
        large.unlink()
        return measured + worst_line() + asyncio.run(appending(home)) + keys_beside_a_flood(home)


HOSTILE = (
    b"\x1b[38;2;1;2;3mx",
    b"\x1b[" + b"1;" * 2000 + b"m",
    b"\x1b",
    b"\0",
    b"\xff",
    b"\t\x1b[1m",
    b"eyJ",
    "e\u0301".encode(),
)


def worst_line() -> Measured:
    """A screen full of such lines is drawn while a key waits: their cost must grow with their length alone."""
    worst = max(seconds_for(piece, LONGEST_LINE) / seconds_for(piece, LONGEST_LINE // 4) for piece in HOSTILE)
    return [("the worst line of full length, against a quarter of it", worst, 8.0)]


def seconds_for(piece: bytes, size: int) -> float:
    raw = piece * (size // len(piece) + 1)
    log_line(0, raw)
    taken = []
    for _ in range(5):
        begun = time.process_time()
        for number in range(20):
            log_line(number, raw)
        taken.append(time.process_time() - begun)
    return min(taken)


def make_log(path: Path, size: int) -> None:
    """Lines like a job's, all others than the needle."""
    words = b"Compiling src/acme/server/module.py with the flags of the release"
    piece = b"".join(b"2026-11-20T10:%02d:%02d.0000000Z %s %06d\n" % (n // 60, n % 60, words, n) for n in range(3_600))
    with path.open("wb") as file:
        file.write(b"2026-11-20T09:59:59.0000000Z " + FIRST_LINE + b"\n")
        while file.tell() < size * FAR:
            file.write(piece)
        file.write(f"2026-11-20T11:00:00.0000000Z {AROUND}{NEEDLE}{AROUND}\n".encode())
        while file.tell() < size:
            file.write(piece)


def against_toolong(home: Path, large: Path) -> Measured:
    toolong = installed_toolong(home)
    if toolong is None:
        return []
    # It begins at the end, so whatever stands there is its first screen.
    pairs = [
        (
            opened(home, [CONSOLE, "logs", str(large)], FIRST_LINE),
            opened(home, [toolong, str(large)], b"of the release"),
        )
        for _ in range(ROUNDS)
    ]
    screen, bytes_used = (
        median(pair[0][at] for pair in pairs) / median(pair[1][at] for pair in pairs) for at in (0, 1)
    )
    return [
        ("first screen of a log of 1 GB, against toolong", screen, 0.5),
        ("memory with a log of 1 GB, against toolong", bytes_used, 0.2),
    ]


def installed_toolong(home: Path) -> str | None:
    """In an environment of its own, which goes with the folder."""
    place = home / "toolong"
    venv.create(place, with_pip=True)
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "toolong"]
    done = subprocess.run(pip, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or ["pip failed"]
        print(f"left out: the screen and the memory against toolong (it could not be installed: {reason[0]})")
        return None
    return str(place / "bin" / "tl")


def opened(home: Path, command: Sequence[str], awaited: bytes) -> tuple[float, float]:
    """Seconds until that is drawn, and the bytes of memory in use once the whole file has been read."""
    with Screen(command, environment(home)) as screen:
        seconds = screen.seconds_until(awaited)
        until_at_rest(screen)
        return seconds, resident(screen.process.pid)


def until_at_rest(screen: Screen, patience: float = 120.0) -> None:
    """Until it has computed next to nothing for two seconds."""
    end = time.perf_counter() + patience
    before = -1.0
    while time.perf_counter() < end:
        now = cpu_seconds(screen.process.pid)
        if now - before < 0.15:
            return
        before = now
        screen.drain(2.0)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> float:
    """Of its own: pages of a file that it only looks at are not counted."""
    found = re.search(r"RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) * 1024.0


def against_lnav(home: Path, large: Path) -> Measured:
    lnav = shutil.which("lnav")
    if lnav is None:
        print("left out: the search against lnav (the program lnav is not installed)")
        return []
    try:
        pairs = [(found_by_us(home, large), found_by_lnav(home, lnav, large)) for _ in range(ROUNDS)]
    except TimeoutError as error:
        print(f"left out: the search against lnav ({error})")
        return []
    ours, theirs = (median(times) for times in zip(*pairs, strict=True))
    what = f"words found 0.9 GB away ({ours:.2f} s from the key), against lnav ({theirs:.2f} s)"
    return [(what, ours / theirs, 0.15)]


def found_by_us(home: Path, large: Path) -> float:
    with Screen([CONSOLE, "logs", str(large)], environment(home)) as screen:
        screen.seconds_until(FIRST_LINE)
        until_at_rest(screen)
        return searched(screen)


def found_by_lnav(home: Path, lnav: str, large: Path) -> float:
    """It begins at the end, and is sent to the beginning first."""
    with Screen([lnav, "-q", str(large)], environment(home)) as screen:
        screen.seconds_until(b"of the release")
        until_at_rest(screen)
        os.write(screen.master, b"g")
        until_at_rest(screen)
        return searched(screen)


def searched(screen: Screen) -> float:
    """From the Enter key until the line stands on the screen."""
    os.write(screen.master, f"/{NEEDLE}".encode())
    screen.drain(0.5)
    at, seen = time.perf_counter(), b""
    os.write(screen.master, b"\r")
    while f"{NEEDLE}{AROUND}".encode() not in CLEAR.sub(b"", seen):
        seen += screen.read(0.05)
        if time.perf_counter() - at > 120:
            raise TimeoutError("the search found nothing")
    return time.perf_counter() - at


def memory(home: Path, small: Path, large: Path) -> Measured:
    used = [opened(home, [CONSOLE, "logs", str(path)], FIRST_LINE)[1] for path in (small, large)]
    return [("memory that a log of 1 GB takes beyond one of 20 MB, in MB", (used[1] - used[0]) / 1e6, 10.0)]


class Ours(TerminalApp):
    """Our log alone."""

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self.use_known_theme("dark")
        self.panel = LogPanel(
            OpenLog((Name("x"),), "job-log", spool, shipped_catalogue(), SystemClock()), SystemClock().wall()
        )

    def compose(self) -> ComposeResult:
        yield self.panel


class Theirs(App[None]):
    """Textual's log alone."""

    def __init__(self) -> None:
        super().__init__()
        self.log_widget = Log()

    def compose(self) -> ComposeResult:
        yield self.log_widget


async def appending(home: Path) -> Measured:
    """Ours has also counted, marked and drawn them."""
    lines = [f"2026-11-20T10:00:00.0000000Z a line of a log, like many others, number {n:06}" for n in range(BATCH)]
    raw = "".join(f"{line}\n" for line in lines).encode()
    pairs = [(await append_ours(home, raw), await append_theirs(lines)) for _ in range(ROUNDS)]
    ours, theirs = (median(times) for times in zip(*pairs, strict=True))
    what = f"lines appended ({LINES / ours:,.0f} a second), against Textual's Log ({LINES / theirs:,.0f}), time"
    return [(what, ours / theirs, 0.2)]


async def append_ours(home: Path, raw: bytes) -> float:
    spool = Spool(home)
    app = Ours(spool)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        app.panel.view.action_last()
        at = time.process_time()
        for _ in range(LINES // BATCH):
            spool.append(raw)
            await asyncio.sleep(0)
        spool.end()
        await app.workers.wait_for_complete()
        await pilot.pause()
        return time.process_time() - at


async def append_theirs(lines: list[str]) -> float:
    app = Theirs()
    async with app.run_test(size=(120, 40)) as pilot:
        at = time.process_time()
        for _ in range(LINES // BATCH):
            app.log_widget.write_lines(lines)
            await asyncio.sleep(0)
        await pilot.pause()
        return time.process_time() - at


class Flood(threading.Thread):
    """Writes a million lines a second into a file until it is told to stop."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.stop = threading.Event()
        self._path = path

    def run(self) -> None:
        piece = b"a line of sixteen\n" * (LINES_A_SECOND // 100)
        with self._path.open("ab", buffering=0) as file:
            begun, written = time.perf_counter(), 0
            while not self.stop.is_set():
                file.write(piece)
                written += 1
                self.stop.wait(max(begun + written / 100 - time.perf_counter(), 0))


def keys_beside_a_flood(home: Path) -> Measured:
    """From a key press to its paint, in a log that is followed while very much arrives."""
    path = home / "flood.log"
    path.write_bytes(b"".join(b"%s %d\n" % (FIRST_LINE, n) for n in range(1_000)))
    with Screen([CONSOLE, "logs", str(path)], environment(home)) as screen:
        screen.seconds_until(FIRST_LINE)
        until_at_rest(screen)
        before = resident(screen.process.pid)
        flood = Flood(path)
        flood.start()
        screen.drain(1.0)
        waits = []
        for n in range(KEYS):
            waits.append(screen.seconds_from_key(b"jk"[n % 2 :][:1]))
            screen.drain(0.08)
        flood.stop.set()
        flood.join()
        grown = resident(screen.process.pid) - before
    print(f"beside the flood: {path.stat().st_size / 1e6:,.0f} MB were written", file=sys.stderr)
    return [
        ("key to paint beside a million lines a second, median in ms", median(waits) * 1000, 50.0),
        (
            "key to paint beside a million lines a second, 99th percentile in ms",
            quantiles(waits, n=100)[98] * 1000,
            200.0,
        ),
        ("memory that the million lines a second took, in MB", grown / 1e6, 20.0),
    ]
