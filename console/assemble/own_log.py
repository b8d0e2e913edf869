"""The console's own log."""

import logging
import logging.handlers
import os
import time
from collections.abc import Callable

from console.errors import SettingsError

LOG_BYTES = 5_000_000


def start_log(clean: Callable[[str], str]) -> None:
    """The console's own log, in the file that `info` names. Nothing reaches it before `clean` has been over it."""
    from console.settings.paths import paths, private_directory

    root = logging.getLogger("console")
    if root.level == logging.DEBUG:
        return
    path = paths().log_file
    private_directory(path.parent)
    try:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW, 0o600))
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"The log {path} cannot be written: {error.strerror}", "Move it away.") from None
    handler.setFormatter(CleanFormatter(clean))
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    root.propagate = False


class CleanFormatter(logging.Formatter):
    """One line for each record, tracebacks included, without secrets and without control characters."""

    converter = staticmethod(time.gmtime)

    def __init__(self, clean: Callable[[str], str]) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(name)s %(message)s")
        self._clean = clean

    def format(self, record: logging.LogRecord) -> str:
        from console.remote.sanitize import text

        return " | ".join(text(line) for line in self._clean(super().format(record)).splitlines())
