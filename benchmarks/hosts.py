"""Logs on hosts over the real ssh: keys beside a loud one, the memory of a long one, how soon a journal shows."""

import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from benchmarks._loud_fleet import JOB, RATE
from benchmarks._real_host import HOST, SSHD, RealHost, configured, watched_host
from benchmarks._terminal import CONSOLE, Screen
from benchmarks.logs import CODES, LARGE, PATIENCE, SMALL, resident, until_at_rest

OPENED = 11
LINES = 500
WORDS = "as a journal says it"
"""Of a journal."""
SETTLING = 60.0
"""Seconds in which ten thousand runners are looked at for the first time, and what follows from that is done."""
ROUNDS = 25
LETTERS = "zqjxvk"
DIAG_LINE = b"[2026-11-20 10:00:00Z INFO JobDispatcher] Successfully renew job request %09d, job is valid till later.\n"
WRITTEN_AT_ONCE = 2_000

Measured = Iterator[tuple[str, float, float]]


def measure() -> Measured:
    if SSHD is None:
        print("left out: hosts over ssh (the program sshd is not installed)")
        return
    yield from keys_beside_a_loud_job()
    with tempfile.TemporaryDirectory(prefix="b-") as folder, watched_host(Path(folder)) as (host, env):
        yield from first_lines(host, env)
    with tempfile.TemporaryDirectory(prefix="b-") as folder, watched_host(Path(folder)) as (host, env):
        yield from following(host, env)


# A journal, from the key.


def first_lines(host: RealHost, env: Mapping[str, str]) -> Measured:
    """Of a runner whose place is known, over a connection that is open."""
    real = host.keep_journal(WORDS, LINES)
    with Screen([CONSOLE], env) as screen:
        go_to_runner(screen, host)
        pairs = []
        for _ in range(OPENED + 1):
            ours = seconds_to_draw(screen, b"L", WORDS.encode())
            screen.drain(1.0)
            pairs.append((ours, seconds_of_ssh(host, env)))
            os.write(screen.master, b"X")
            screen.drain(1.5)
            os.write(screen.master, b"\x1b")
            screen.drain(1.5)
    # The first one opened the connection and looked for the runner.
    mine, other = (median(times) for times in zip(*pairs[1:], strict=True))
    what = f"first line of a journal from the key ({mine * 1000:.0f} ms), against `ssh HOST journalctl`"
    journalctl = "" if real else "; a program that stands for journalctl, and takes no time"
    yield f"{what} over the same connection ({other * 1000:.0f} ms{journalctl})", mine / other, 3.0


def go_to_runner(screen: Screen, host: RealHost) -> None:
    screen.seconds_until(b"healthy")
    screen.drain(4.0)
    for keys in (b"2", b"/", host.runner.name.encode(), b"\r"):
        os.write(screen.master, keys)
        screen.drain(1.0)


def seconds_to_draw(screen: Screen, key: bytes, awaited: bytes, patience: float = 20.0) -> float:
    """From the key until that stands on the screen."""
    while screen.read(0.0):
        pass
    at, seen = time.perf_counter(), b""
    os.write(screen.master, key)
    while awaited not in CODES.sub(b"", seen):
        seen += screen.read(0.05)
        if time.perf_counter() - at > patience:
            raise TimeoutError(f"{awaited!r} was not drawn after {key!r}: {CODES.sub(b' ', seen)[-500:]!r}")
    return time.perf_counter() - at


def seconds_of_ssh(host: RealHost, env: Mapping[str, str]) -> float:
    """From the start of ssh until it has said as much, over the connection that the console keeps."""
    socket = next(Path(env["XDG_RUNTIME_DIR"]).glob("rc-*/0"))
    asked = f"journalctl --no-pager -n 2000 -u {host.unit}"
    command = ["ssh", "-F", "none", "-T", "-o", "ControlMaster=no", "-o", f"ControlPath={socket}", "--", HOST, asked]
    at, seen = time.perf_counter(), b""
    with subprocess.Popen(command, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as ssh:
        assert ssh.stdout is not None
        while WORDS.encode() not in seen:
            more = os.read(ssh.stdout.fileno(), 65536)
            if not more:
                raise RuntimeError(f"ssh ended with {ssh.wait()}")
            seen += more
        taken = time.perf_counter() - at
        ssh.terminate()
    return taken


# A log without end.


def following(host: RealHost, env: Mapping[str, str]) -> Measured:
    """The listener's log, on the screen and at its end, from 20 MB to 1 GB."""
    log = host.root / "_diag" / "Runner_20261120-100000-utc.log"
    pour(log, SMALL)
    with Screen([CONSOLE], env) as screen:
        go_to_runner(screen, host)
        seconds_to_draw(screen, b"D", b"FOLLOW")
        until_received(screen, log.stat().st_size)
        before = resident(screen.process.pid)
        begun = time.perf_counter()
        writing = threading.Thread(target=pour, args=(log, LARGE))
        writing.start()
        until_received(screen, LARGE)
        writing.join()
        rate = (LARGE - SMALL) / (time.perf_counter() - begun)
        grown = resident(screen.process.pid) - before
    what = f"memory that a followed log takes between 20 MB and 1 GB received over ssh ({rate / 1e6:.0f} MB/s), in MB"
    yield what, grown / 1e6, 10.0


def pour(log: Path, upto: int) -> None:
    """Numbered lines, until it is so large."""
    with log.open("ab", buffering=0) as file:
        number = file.tell() // len(DIAG_LINE % 0)
        while file.tell() < upto:
            file.write(b"".join(DIAG_LINE % each for each in range(number, number + WRITTEN_AT_ONCE)))
            number += WRITTEN_AT_ONCE


def until_received(screen: Screen, size: int) -> None:
    """Until the console has kept so much, all of it, and is at rest."""
    end = time.perf_counter() + 3 * PATIENCE
    while received(screen.process.pid) < size:
        screen.drain(0.5)
        if time.perf_counter() > end:
            raise TimeoutError(f"{received(screen.process.pid):,} of {size:,} bytes were received")
    until_at_rest(screen)


def received(pid: int) -> int:
    """The size of the largest file without a name that it has open."""
    sizes = [0]
    for each in Path(f"/proc/{pid}/fd").iterdir():
        try:
            if "(deleted)" in str(each.readlink()):
                sizes.append(each.stat().st_size)
        except OSError:
            continue
    return max(sizes)


# Keys beside a job that prints five megabytes a second.


@contextmanager
def loud_fleet(home: Path) -> Iterator[dict[str, str]]:
    """The environment of a console that watches it. It is served by a process of its own."""
    command = [sys.executable, "-m", "benchmarks._loud_fleet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdout is not None
        introduction = [""]
        while not introduction[-1].startswith("hosts ="):
            line = served.stdout.readline()
            if not line:
                raise RuntimeError(f"the pretend fleet ended with {served.wait()}")
            introduction.append(line.rstrip("\n"))
        try:
            yield configured(home, tuple(introduction))
        finally:
            served.terminate()


def keys_beside_a_loud_job() -> Measured:
    """In the log of the job, which is on the screen and followed."""
    random.seed(1)
    with (
        tempfile.TemporaryDirectory(prefix="b-") as folder,
        loud_fleet(Path(folder) / "home") as env,
        Screen([CONSOLE], env) as screen,
    ):
        screen.seconds_until(b"big-fleet")
        screen.drain(SETTLING)
        alone = [wait for _ in range(ROUNDS) for wait in waits_of_letters(screen, b":")]
        seconds_to_draw(screen, f":output {JOB}\r".encode(), b"FOLLOW", patience=60.0)
        screen.drain(5.0)
        begun, before = time.perf_counter(), received(screen.process.pid)
        beside = [wait for _ in range(ROUNDS) for wait in waits_in_log(screen)]
        rate = (received(screen.process.pid) - before) / (time.perf_counter() - begun)
    if rate < RATE * 0.9:
        raise RuntimeError(f"only {rate:,.0f} bytes a second were received")
    what = f"key to paint beside {rate / 1e6:.1f} MB/s followed over ssh and 10,000 runners changing"
    yield f"{what}, median in ms (without the log {median(alone) * 1000:.0f})", median(beside) * 1000, 20.0
    worst, worst_alone = (quantiles(waits, n=100)[98] * 1000 for waits in (beside, alone))
    yield f"{what}, 99th percentile in ms (without the log {worst_alone:.0f})", worst, 60.0


def waits_in_log(screen: Screen) -> Iterator[float]:
    """Letters typed below a log that runs on; then it stands still, and runs on again."""
    yield from waits_of_letters(screen, b"/")
    os.write(screen.master, b"s")
    screen.drain(0.3)
    yield seconds_to_draw(screen, b"s", b"FOLLOW")
    screen.drain(random.uniform(0.3, 0.5))


def waits_of_letters(screen: Screen, prompt: bytes) -> Iterator[float]:
    """In a line that is typed into: what is drawn for each is drawn for nothing else."""
    os.write(screen.master, prompt)
    screen.drain(0.3)
    for end in range(1, len(LETTERS) + 1):
        yield seconds_to_draw(screen, LETTERS[end - 1].encode(), LETTERS[:end].encode())
        screen.drain(random.uniform(0.06, 0.12))
    os.write(screen.master, b"\x1b")
    screen.drain(0.3)
