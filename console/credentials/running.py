"""The token commands that run, so that none outlives the console however it ends."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from subprocess import Popen  # the command line's door does not wait for it

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_groups: set[int] = set()
"""The process groups of the commands that have not ended."""


def begin(start: Callable[[], "Popen[bytes]"]) -> "Popen[bytes]":
    """The command, started as the leader of a group. No signal comes between its start and its being known here."""
    with _signals_wait():
        process = start()
        _groups.add(process.pid)
    return process


def wait(process: "Popen[bytes]") -> int:
    """Its exit code; in a thread, for it takes as long as the command does."""
    code = process.wait()
    _groups.discard(process.pid)
    return code


def stop(process: "Popen[bytes]") -> None:
    """With its children."""
    _stop(process.pid)


def stop_all() -> None:
    """For who has to be gone at once, whatever hangs; from any thread."""
    for group in tuple(_groups):
        _stop(group)


def _stop(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


@contextmanager
def _signals_wait() -> Iterator[None]:
    """What a signal does is done at the end of this; a mask would let other threads take it, and go on to the child."""
    struck: list[int] = []

    def strike(number: int, _frame: FrameType | None) -> None:
        struck.append(number)

    handlers = {number: handler for number in _ENDING if callable(handler := signal.getsignal(number))}
    try:
        for number in handlers:
            signal.signal(number, strike)
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for each in struck:
            signal.raise_signal(each)
