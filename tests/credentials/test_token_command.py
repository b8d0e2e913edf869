import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from console.credentials.running import stop_all
from console.credentials.token_command import run_token_command
from console.errors import NoTokenError

CANARY = "ghp_" + "c4nary" * 6


async def run(*command: str, deadline: float = 60.0, **environ: str) -> str:
    secret = await run_token_command(
        command,
        environ={"PATH": os.environ["PATH"], **environ},
        clean=lambda text: text.replace(CANARY, "***"),
        deadline=deadline,
    )
    return secret.reveal()


async def refused(*command: str, deadline: float = 60.0) -> str:
    with pytest.raises(NoTokenError) as caught:
        await run(*command, deadline=deadline)
    assert CANARY not in caught.value.message
    assert caught.value.message.isprintable()
    return caught.value.message


async def test_the_first_line_is_the_token() -> None:
    assert await run("printf", "tok\\nmore") == "tok"


async def test_no_shell_looks_at_the_command(tmp_path: Path) -> None:
    target = tmp_path / "x"
    assert await run("printf", "%s", f"$(touch${{IFS}}{target});`id`") == f"$(touch${{IFS}}{target});`id`"
    assert not target.exists()


async def test_a_command_that_does_not_exist_is_named() -> None:
    assert "`no-such-program-here` was not found" in await refused("no-such-program-here")


async def test_a_file_that_is_no_program_is_named(tmp_path: Path) -> None:
    assert "could not be started" in await refused(str(tmp_path))


async def test_its_complaint_is_repeated_without_secrets_and_harmless() -> None:
    message = await refused("sh", "-c", f"printf 'no \\033[2J {CANARY}\\nlogin' >&2; exit 4")
    assert "code 4, saying: no <001B>[2J *** login" in message


async def test_garbage_is_no_token_and_is_not_repeated() -> None:
    message = await refused("printf", f"{CANARY} \\377\\033[2J")
    assert "printed no token" in message


async def test_nothing_is_no_token() -> None:
    assert "it is empty" in await refused("true")


async def test_a_command_that_prints_without_end_is_stopped() -> None:
    assert "without end" in await refused("yes", deadline=60)


async def test_a_command_may_complain_without_end_and_still_give_a_token() -> None:
    assert await run("sh", "-c", "head -c 3000000 /dev/zero >&2; echo tok") == "tok"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        state = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return not Path("/proc/self/stat").exists()
    return state.rpartition(")")[2].split()[0] != "Z"


def gone(*pids: int) -> bool:
    """Soon: a signal takes its time where the machine is busy."""
    end = time.monotonic() + 60
    while any(map(alive, pids)):
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


async def test_a_command_that_hangs_is_stopped_with_its_children(tmp_path: Path) -> None:
    script = f"sleep 600 & echo $! > {tmp_path}/child; echo $$ > {tmp_path}/parent; wait"
    assert "did not end within 3 s" in await refused("sh", "-c", script, deadline=3.0)
    assert gone(*[int((tmp_path / name).read_text()) for name in ("child", "parent")])


async def test_a_cancelled_wait_stops_the_command(tmp_path: Path) -> None:
    task = asyncio.create_task(
        run("sh", "-c", f"echo $$ > {tmp_path}/pid.part; mv {tmp_path}/pid.part {tmp_path}/pid; sleep 600")
    )
    while not (tmp_path / "pid").exists():
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gone(int((tmp_path / "pid").read_text()))


async def test_who_has_to_be_gone_at_once_leaves_no_command_behind(tmp_path: Path) -> None:
    task = asyncio.create_task(
        refused("sh", "-c", f"sleep 600 & echo $! > {tmp_path}/p; mv {tmp_path}/p {tmp_path}/pid; wait")
    )
    while not (tmp_path / "pid").exists():
        await asyncio.sleep(0.01)
    stop_all()
    assert "ended with code -9" in await task
    assert gone(int((tmp_path / "pid").read_text()))


class StruckError(Exception):
    """What the signal of the test below does."""


async def test_a_signal_that_strikes_while_it_is_started_leaves_no_command_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strike(_number: int, _frame: object) -> None:
        raise StruckError

    class Struck(subprocess.Popen[bytes]):
        def __init__(self, *command: Any, **how: Any) -> None:
            super().__init__(*command, **how)
            started.append(self)
            signal.raise_signal(signal.SIGTERM)

    started: list[Struck] = []
    monkeypatch.setattr(subprocess, "Popen", Struck)
    before = signal.signal(signal.SIGTERM, strike)
    try:
        with pytest.raises(StruckError):
            await run("sleep", "600")
        assert signal.getsignal(signal.SIGTERM) is strike
    finally:
        signal.signal(signal.SIGTERM, before)
        stop_all()
        left = not gone(started[0].pid)
        started[0].kill()
        started[0].wait()
    assert not left


async def test_a_command_that_goes_on_after_its_token_is_stopped_too() -> None:
    assert "did not end" in await refused("sh", "-c", "echo tok; exec sleep 600", deadline=0.3)


async def test_it_sees_no_token_no_terminal_and_no_input() -> None:
    tokens = {"GH_TOKEN": CANARY, "GITHUB_TOKEN": CANARY, "RUNNER_CONSOLE_TOKEN": CANARY}
    program = (
        "import os, sys; os.getsid(0) == os.getpid() or sys.exit('no session of its own');"
        "sys.stdin.read() and sys.exit('input'); print(sum('TOKEN' in name for name in os.environ), end='')"
    )
    assert await run(sys.executable, "-c", program, deadline=60, **tokens) == "0"
