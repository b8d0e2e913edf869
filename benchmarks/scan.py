"""How fast a log is scanned with the whole catalogue, against ripgrep; and how long others wait meanwhile."""

import asyncio
import random
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

from console.fleet.scanner import BLOCK, Scanner
from console.fleet.signatures import shipped_catalogue

BYTES = 200_000_000
ROUNDS = 5
HITS = 0.001
COLOURED = 0.02
TROUBLED_WORDS = 0.01
TICK = 0.001
WORDS = (
    "Compiling", "Downloading", "remote:", "Receiving", "objects:", "test", "passed", "in", "seconds", "warning-free",
    "build/lib/acme/server.py", "node_modules/@acme/web/dist/index.js", "3.12.4", "sha256:9f86d081884c7d65", "ok", "->",
    "Collecting", "requirement", "already", "satisfied:", "cache", "restored", "from", "key", "INFO", "layer", "of",
    "a1b2c3d4", "12 warnings", "http://proxy.internal:3128/simple", "copying", "created", "100%", "step", "Extracting",
)  # fmt: skip
SOUNDS_LIKE_TROUBLE = ("0 errors", "tests/test_error.py::test_failed_login passed", "no error: exit code 0")


def measure() -> list[tuple[str, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        log, patterns = Path(folder, "job.log"), Path(folder, "patterns")
        make_log(log)
        scan(log)  # now the file is in memory, and the patterns are compiled
        wait = median(asyncio.run(longest_waits(log)) for _ in range(ROUNDS))
        measured = [("wait of a 1 ms ticker beside a scan of 200 MB in a thread, p99 in ms", wait, 6.0)]
        rg = shutil.which("rg")
        if rg is None:
            print("left out: the scan against ripgrep (the program rg is not installed)")
            return measured
        patterns.write_text("".join(f"{in_rust(each.pattern)}\n" for each in shipped_catalogue().signatures))
        command = [rg, "-j1", "-a", "-N", "--no-filename", "-f", str(patterns), str(log)]
        pairs = [(cpu(lambda: scan(log)), cpu(lambda: ripgrep(command))) for _ in range(ROUNDS)]
    ours, theirs = (median(times) for times in zip(*pairs, strict=True))
    what = f"scan of 200 MB with the whole catalogue ({BYTES / ours / 1e6:.0f} MB/s), against `rg -j1 -f`"
    return [*measured, (what, ours / theirs, 1 / 0.7)]


def make_log(path: Path) -> None:
    """Like a job's, with one known line in a thousand."""
    chance = random.Random(7)
    known = [example for each in shipped_catalogue().signatures for example in each.examples]
    size = 0
    with path.open("wb") as file:
        while size < BYTES:
            lines = b"".join(line(chance, known) for _ in range(10_000))
            size += file.write(lines)


def line(chance: random.Random, known: list[str]) -> bytes:
    at = f"2026-11-20T10:{chance.randrange(60):02}:{chance.randrange(60):02}.{chance.randrange(10**7):07}Z"
    drawn = chance.random()
    if drawn < HITS:
        return f"{at} {chance.choice(known)}\n".encode()
    words = " ".join(chance.choices(WORDS, k=chance.randrange(3, 11)))
    if drawn < HITS + TROUBLED_WORDS:
        words += f" {chance.choice(SOUNDS_LIKE_TROUBLE)}"
    elif drawn < HITS + TROUBLED_WORDS + COLOURED:
        words = f"\x1b[32m{words}\x1b[0m"
    return f"{at} {words}\n".encode()


def in_rust(pattern: str) -> str:
    """As ripgrep reads it: it joins all patterns, so that a name may stand only once; bytes and ASCII classes, as ours
    are: a single pattern of Unicode would make all of its search slow."""
    unnamed = re.sub(r"\(\?P<\w+>", "(?:", pattern).replace(r"\'", "'")
    in_bytes = "".join(c if c.isascii() else "".join(f"\\x{byte:02X}" for byte in c.encode()) for c in unnamed)
    return f"(?-u:{in_bytes})"


def scan(log: Path) -> None:
    scanner = Scanner(shipped_catalogue())
    with log.open("rb", buffering=0) as file:
        while chunk := file.read(BLOCK):
            scanner.feed(chunk)
    scanner.end()


def ripgrep(command: list[str]) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)


def cpu(run: Callable[[], None]) -> float:
    """Seconds, of this process and of those that it starts."""

    def spent() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(each.ru_utime + each.ru_stime for each in used)

    before = spent()
    run()
    return spent() - before


async def longest_waits(log: Path) -> float:
    """p99, in milliseconds."""
    waits: list[float] = []
    task = asyncio.create_task(asyncio.to_thread(scan, log))
    while not task.done():
        at = time.perf_counter()
        await asyncio.sleep(TICK)
        waits.append(time.perf_counter() - at - TICK)
    await task
    return quantiles(waits, n=100)[98] * 1000
