"""SIGTERM and SIGHUP end a command as ctrl+c does, so that what it has started ends with it."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from functools import partial
from types import FrameType

_BACKSTOP_SECONDS = 1.8
"""After a signal it is over by then, whatever hangs."""


def end_on_signals(stop_all: Callable[[], None]) -> None:
    """From now on. A signal that is ignored, as after `nohup`, stays so. `stop_all` ends what was started."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, partial(_end, stop_all))


def _end(stop_all: Callable[[], None], number: int, _frame: FrameType | None) -> None:
    backstop = threading.Timer(_BACKSTOP_SECONDS, _leave, (stop_all, 128 + number))
    backstop.daemon = True
    backstop.start()
    sys.exit(128 + number)


def _leave(stop_all: Callable[[], None], exit_code: int) -> None:
    try:
        stop_all()
    finally:
        os._exit(exit_code)
