"""SIGTERM and SIGHUP end a command as ctrl+c does, so that what it has started ends with it."""

import os
import signal
import sys
import threading
from types import FrameType

from console.credentials.running import stop_all

_BACKSTOP_SECONDS = 1.8
"""After a signal it is over by then, whatever hangs."""


def end_on_signals() -> None:
    """From now on. A signal that is ignored, as after `nohup`, stays so."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    backstop = threading.Timer(_BACKSTOP_SECONDS, _leave, (128 + number,))
    backstop.daemon = True
    backstop.start()
    sys.exit(128 + number)


def _leave(exit_code: int) -> None:
    try:
        stop_all()
    finally:
        os._exit(exit_code)
