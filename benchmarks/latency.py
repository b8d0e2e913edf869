"""From a key press to its paint while ten thousand runners change: the console as it is, against a pretend GitHub."""

import os
import random
import re
import subprocess
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles

from benchmarks._terminal import CONSOLE, Screen, environment

KEYS = 200


def measure() -> list[tuple[str, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        command = [CONSOLE, "simulate", "big-fleet"]
        with subprocess.Popen(command, env=environment(home), stdout=subprocess.PIPE, text=True) as served:
            try:
                token = configure(home, served)
                waits = press_keys(home, token)
            finally:
                served.terminate()
    return [
        ("key to paint with big-fleet changing, median in ms", median(waits) * 1000, 20.0),
        ("key to paint with big-fleet changing, 99th percentile in ms", quantiles(waits, n=100)[98] * 1000, 60.0),
    ]


def configure(home: Path, served: "subprocess.Popen[str]") -> str:
    """Writes the context that `simulate` prints; its token."""
    assert served.stdout is not None
    introduction = ""
    while "token =" not in introduction:
        introduction += served.stdout.readline()
    config = home / ".config" / "runner-console" / "config.toml"
    config.parent.mkdir(parents=True, mode=0o700)
    config.write_text(introduction[introduction.index("[contexts") :])
    found = re.search(r"ghp_\w+", introduction)
    assert found is not None
    return found[0]


def press_keys(home: Path, token: str) -> list[float]:
    random.seed(1)
    with Screen([CONSOLE], environment(home) | {"RUNNER_CONSOLE_TOKEN": token}) as screen:
        screen.seconds_until(b"big-fleet")
        os.write(screen.master, b"2")
        screen.drain(100.0)
        waits = []
        for _ in range(KEYS):
            waits.append(screen.seconds_from_key(random.choice([b"j", b"j", b"j", b"k", b"\x04"])))
            screen.drain(random.uniform(0.06, 0.12))
        os.write(screen.master, b"q")
        time.sleep(0.5)
    return waits
