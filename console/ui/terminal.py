"""The terminal, as Textual drives it, where the console is stopped or the terminal goes away."""

import contextlib
import os
import sys
import termios
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

_AS_BEFORE = (
    b"\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?1004l"
)
"""What Textual sends when it is left: no pastes, sizes, mouse or keys of its own, the screen of before, the cursor."""


class ConsoleDriver(LinuxDriver):
    """After a stop that came without notice the terminal is taken up once, not twice."""

    _app: App[Any]

    def _sigcont_application(self, *_: object) -> None:
        """Ctrl+z put the terminal down before it stopped; SIGSTOP did not, and that is left to the loop."""
        if self._must_signal_resume:
            super()._sigcont_application()
        elif self._auto_restart and self._app._loop is not None:
            self._app._loop.call_soon_threadsafe(self._take_up_again)

    def put_down(self) -> None:
        """The terminal as it was before, as far as it takes that, where nobody is there to leave it in order."""
        with contextlib.suppress(OSError, termios.error):
            # One that takes nothing is not waited for, and one that another program has by now is not ours.
            terminal = os.open("/dev/tty", os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)
            if os.tcgetpgrp(terminal) == os.getpgrp():
                if self.attrs_before is not None:
                    termios.tcsetattr(terminal, termios.TCSANOW, self.attrs_before)
                os.write(terminal, _AS_BEFORE)

    def _take_up_again(self) -> None:
        if self._app._exit:  # a hang-up comes with a SIGCONT too
            return
        self.suspend_application_mode()
        self._must_signal_resume = True
        self.resume_application_mode()


def drop_unwritten() -> None:
    """What a terminal that is gone never took is thrown away; else Python would end with an exit code of its own."""
    for stream in (sys.__stdout__, sys.__stderr__):
        if stream is None:
            continue
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
            with contextlib.suppress(OSError):
                stream.flush()
