"""A log of 1 GB on the screen against toolong and lnav, lines appended against Textual's `Log`, and keys meanwhile."""

import asyncio
import os
import re
import shutil
import subprocess
import tempfile
import threading
import time
import venv
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
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
UNUSED = "BHJKQVWXY"
"""Letters of no other line: whoever draws only what differs, or writes repeated letters short, draws them."""
ROUNDS, OPENED = 3, 7
PATIENCE = 120.0
LINES, BATCH = 1_000_000, 1_000
KEYS = 100
LINES_A_SECOND = 1_000_000
FIRST_LINE = b"the first line of all"
CODES = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\(.)")

Measured = Iterator[tuple[str, float, float]]


def measure() -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        large, small = home / "large.log", home / "small.log"
        make_log(large, LARGE)
        make_log(small, SMALL)
        yield from opening(home, small, large)
        yield from searching(home, large)
        large.unlink()
        yield from asyncio.run(appending(home))
        yield from keys_beside_a_flood(home)
    yield worst_line()


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


def worst_line() -> tuple[str, float, float]:
    """A screen full of such lines is drawn while a key waits: their cost must grow with their length alone."""
    worst = max(seconds_for(piece, LONGEST_LINE) / seconds_for(piece, LONGEST_LINE // 4) for piece in HOSTILE)
    return "the worst line of full length, against a quarter of it", worst, 8.0


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
    """Lines like a job's, in the order of their times; far into it those that are searched for."""
    words = b"Compiling src/acme/server/module.py with the flags of the release"
    hour = b"".join(b"%%s:%02d:%02d.0000000Z %s %06d\n" % (n // 60, n % 60, words, n) for n in range(3_600))
    wanted = [f"{needle(n)}{behind(n)}".encode() for n in range(ROUNDS)]
    at = datetime(2026, 1, 1, tzinfo=UTC)
    with path.open("wb") as file:
        file.write(b"2026-01-01T00:00:00.0000000Z " + FIRST_LINE + b"\n")
        while file.tell() < size:
            file.write(hour.replace(b"%s", f"{at:%Y-%m-%dT%H}".encode()))
            at += timedelta(hours=1)
            if wanted and file.tell() > size * FAR:
                file.write(f"{at:%Y-%m-%dT%H}:00:00.0000000Z ".encode() + wanted.pop(0) + b"\n")


def needle(number: int) -> str:
    return UNUSED[number:] + UNUSED[:number]


def behind(number: int) -> str:
    """What follows it in its line, and is seen only when that line is drawn."""
    return needle(number)[::-1]


def opening(home: Path, small: Path, large: Path) -> Measured:
    ours = [at_rest(home, [CONSOLE, "logs", str(path)], FIRST_LINE) for path in (small, large)]
    yield "memory that a log of 1 GB takes beyond one of 20 MB, in MB", (ours[1] - ours[0]) / 1e6, 10.0
    toolong = installed_toolong(home)
    if toolong is None:
        return
    # It begins at the end, so whatever stands there is its first screen.
    theirs = b"of the release"
    pairs = [
        (
            first_screen(home, [CONSOLE, "logs", str(large)], FIRST_LINE),
            first_screen(home, [toolong, str(large)], theirs),
        )
        for _ in range(OPENED)
    ]
    mine, other = (median(times) for times in zip(*pairs, strict=True))
    yield f"first screen of a log of 1 GB ({mine:.2f} s), against toolong ({other:.2f} s)", mine / other, 0.5
    used = at_rest(home, [toolong, str(large)], theirs)
    what = f"memory with a log of 1 GB ({ours[1] / 1e6:.0f} MB), against toolong ({used / 1e6:.0f} MB)"
    yield what, ours[1] / used, 0.2


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


def first_screen(home: Path, command: Sequence[str], awaited: bytes) -> float:
    with Screen(command, environment(home)) as screen:
        return screen.seconds_until(awaited)


def at_rest(home: Path, command: Sequence[str], awaited: bytes) -> float:
    """The bytes of memory in use once the whole file has been read."""
    with Screen(command, environment(home)) as screen:
        screen.seconds_until(awaited)
        until_at_rest(screen)
        return resident(screen.process.pid)


def until_at_rest(screen: Screen, patience: float = PATIENCE) -> None:
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


def searching(home: Path, large: Path) -> Measured:
    lnav = shutil.which("lnav")
    if lnav is None:
        print("left out: the search against lnav (the program lnav is not installed)")
        return
    with (
        Screen([CONSOLE, "logs", str(large)], environment(home)) as ours,
        Screen([lnav, "-q", str(large)], environment(home)) as theirs,
    ):
        ours.seconds_until(FIRST_LINE)
        theirs.seconds_until(b"of the release")
        until_at_rest(theirs)
        until_at_rest(ours)
        pairs = [(found(ours, number), found(theirs, number, go_on=b"n")) for number in range(ROUNDS)]
    mine, other = (median(times) for times in zip(*pairs, strict=True))
    what = f"words found 0.9 GB away ({mine:.2f} s from the key), against lnav ({other:.2f} s)"
    yield what, mine / other, 0.15


def found(screen: Screen, number: int, go_on: bytes = b"") -> float:
    """Seconds from the words, typed at the beginning of the log, until what follows them in their line is drawn.

    lnav may show the line beside its prompt first: that counts. To what it finds after some seconds it does not go
    by itself; it is sent there by a key as soon as it can.
    """
    os.write(screen.master, b"g")
    until_at_rest(screen)
    os.write(screen.master, b"/")
    screen.drain(0.5)
    at, seen, asked = time.perf_counter(), b"", 0.0
    os.write(screen.master, f"{needle(number)}\r".encode())
    while behind(number).encode() not in CODES.sub(b"", seen):
        seen = seen[-8192:] + screen.read(0.05)
        now = time.perf_counter() - at
        if now > PATIENCE:
            raise TimeoutError("the search found nothing")
        if now - asked > 0.25:
            os.write(screen.master, go_on)
            asked = now
    return time.perf_counter() - at


class Ours(TerminalApp):
    """Our log alone."""

    def __init__(self, spool: Spool) -> None:
        super().__init__()
        self.use_known_theme("dark")
        self.panel = LogPanel(
            OpenLog((Name("x"),), "job-log", spool, shipped_catalogue, SystemClock()), SystemClock().wall()
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


async def appending(home: Path) -> list[tuple[str, float, float]]:
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
    beside = f"beside a million lines a second ({path.stat().st_size / 1e6:,.0f} MB in all)"
    yield f"key to paint {beside}, median in ms", median(waits) * 1000, 50.0
    yield f"key to paint {beside}, 99th percentile in ms", quantiles(waits, n=100)[98] * 1000, 200.0
    yield "memory that the million lines a second took, in MB", grown / 1e6, 20.0
