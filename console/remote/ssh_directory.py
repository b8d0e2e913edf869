"""Where the sockets of kept connections lie: a directory of this process alone, and nothing left of those that died."""

import contextlib
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from console.remote.ssh_arguments import usable_socket

_LOCK = "lock"
_PREFIX = "rc-"
_ANYWHERE = Path("/tmp")  # noqa: S108 - mkdtemp makes a directory of its own there, for this user alone


class SocketDirectory:
    """Made when it is first asked for; locked as long as this process lives."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        runtime = Path(environ.get("XDG_RUNTIME_DIR") or _ANYWHERE)
        fits = usable_socket(runtime / f"{_PREFIX}12345678" / "1234") and runtime.is_dir()
        self._where = runtime if fits else _ANYWHERE
        self._made: Path | None = None
        self._lock: IO[bytes] | None = None

    def path(self) -> Path:
        """Mode 0700, and short enough for a socket in it."""
        if self._made is None:
            self._made = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=self._where))
            locked = self._made / f"{_LOCK}.new"
            self._lock = locked.open("wb")
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            locked.rename(self._made / _LOCK)
        return self._made

    def left_behind(self) -> Sequence[Path]:
        """Directories of this user whose process was killed."""
        return [each for each in self._where.glob(f"{_PREFIX}*") if each != self._made and _is_left_behind(each)]

    def remove(self) -> None:
        """With all that is in it."""
        if self._made is not None:
            shutil.rmtree(self._made, ignore_errors=True)
            self._made = None
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _is_left_behind(directory: Path) -> bool:
    # One that is being made has no lock yet.
    with contextlib.suppress(OSError):
        found = directory.lstat()
        if stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid():
            with (directory / _LOCK).open("r+b") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
    return False
