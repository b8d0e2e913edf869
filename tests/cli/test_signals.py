import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from console.cli import signals
from tests.credentials.test_token_command import gone


def until(seen: Path) -> int:
    """The number that is written there some day."""
    for _ in range(6000):
        if seen.exists():
            return int(seen.read_text())
        time.sleep(0.01)
    raise AssertionError("it was not started")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("command", [("auth", "status"), ("now",)])
def test_a_signal_ends_a_command_and_the_token_command_it_waits_for(
    tmp_path: Path, number: signal.Signals, command: tuple[str, ...]
) -> None:
    pid = tmp_path / "pid"
    script = f"echo $$ > {pid}.part; mv {pid}.part {pid}; sleep 600"
    (tmp_path / "runner-console").mkdir(mode=0o700)
    (tmp_path / "runner-console" / "config.toml").write_text(
        f'[contexts.a]\nscopes = ["org:acme"]\ntoken = {{ command = ["sh", "-c", "{script}"] }}\n'
    )
    hung_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # `nohup` has it ignored
    process = subprocess.Popen(
        [sys.executable, "-m", "console", *command],
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    signal.signal(signal.SIGHUP, hung_up)
    try:
        child = until(pid)
        process.send_signal(number)
        _, complaints = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 128 + number
    assert complaints == ""
    assert gone(child)
    assert signals._BACKSTOP_SECONDS < 2
