"""No program that was started for a host's sake outlives a console that has to be gone at once."""

import asyncio
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest

from console.remote import ssh_process
from console.remote.ssh_process import Started, kill_all, start

ASLEEP = ("sleep", "600")


@pytest.fixture(autouse=True)
def startable(monkeypatch: pytest.MonkeyPatch) -> None:
    """`kill_all` ends all starting, and other tests want to start something."""
    monkeypatch.setattr(ssh_process, "_starting", threading.Lock())


async def killed(started: Started) -> bool:
    return await started.wait(60) and started.code == -signal.SIGKILL


@pytest.mark.parametrize("on_terminal", [False, True])
async def test_one_that_has_just_been_started_is_killed_too(on_terminal: bool) -> None:
    starting = asyncio.create_task(start(ASLEEP, os.environ, on_terminal=on_terminal))
    await asyncio.sleep(0)
    kill_all()
    started = await starting
    try:
        assert await killed(started)
    finally:
        await started.stop()


def during_a_start(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> list["subprocess.Popen[bytes]"]:
    class Struck(subprocess.Popen[bytes]):
        def __init__(self, *command: Any, **how: Any) -> None:
            super().__init__(*command, **how)
            begun.append(self)
            happens()

    begun: list[subprocess.Popen[bytes]] = []
    monkeypatch.setattr(subprocess, "Popen", Struck)
    return begun


async def test_one_that_is_being_started_while_all_are_killed_is_killed_too(monkeypatch: pytest.MonkeyPatch) -> None:
    killing = threading.Thread(target=kill_all)
    monkeypatch.setattr(ssh_process, "_PATIENCE", 60.0)

    def kill() -> None:
        killing.start()
        killing.join(0.1)

    begun = during_a_start(monkeypatch, kill)
    started = await start(ASLEEP, os.environ)
    try:
        assert await killed(started)
    finally:
        begun[0].kill()
        await started.stop()
        killing.join()


class StruckError(Exception):
    """What the signal of the test below does."""


async def test_a_signal_that_strikes_while_one_is_started_leaves_none_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def strike(_number: int, _frame: object) -> None:
        raise StruckError

    begun = during_a_start(monkeypatch, lambda: signal.raise_signal(signal.SIGTERM))
    before = signal.signal(signal.SIGTERM, strike)
    try:
        with pytest.raises(StruckError):
            await start(ASLEEP, os.environ)
        assert signal.getsignal(signal.SIGTERM) is strike
    finally:
        signal.signal(signal.SIGTERM, before)
        kill_all()
        late = threading.Timer(60, begun[0].terminate)
        late.start()
        code = begun[0].wait()
        late.cancel()
        for pipe in filter(None, (begun[0].stdin, begun[0].stdout, begun[0].stderr)):
            pipe.close()
    assert code == -signal.SIGKILL


async def test_what_does_not_fit_into_the_pipe_at_once_is_told_all_the_same() -> None:
    words = b"a script that is very long\n" * 20_000
    started = await start(("cat",), os.environ, words)
    try:
        assert await started.stdout.readexactly(len(words)) == words
    finally:
        await started.stop()


async def test_who_has_ended_before_it_could_be_told_anything_has_ended_as_it_would() -> None:
    started = await start(("sh", "-c", "exec <&-; exit 3"), os.environ, b"a script that is very long\n" * 20_000)
    try:
        assert await started.wait(60)
        assert started.code == 3
    finally:
        await started.stop()
