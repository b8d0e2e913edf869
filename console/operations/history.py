"""The history: what was done with the console, kept before and after each part. One line for each of these, in a file.

Nothing in it is ever changed or removed. Every method waits for the disk: from a loop they are called in a thread.
"""

import errno
import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from console.errors import ConsoleError, HistoryError
from console.fleet.history import (
    Chronicle,
    Deed,
    End,
    Entry,
    Line,
    Outcome,
    PartOutcome,
    Process,
    Result,
    line_of,
    recorded,
    standing,
)
from console.operations.at_work import still_there
from console.operations.interfaces import Clock
from console.settings.paths import private_directory

FILE_NAME = "history.jsonl"
_FLAGS = os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
_LOCKED_SECONDS = 5.0
_NAP_SECONDS = 0.02
_REFUSED = "Actions are refused while nothing can be kept of them."
_HELPS = {
    errno.ENOSPC: "Make room there.",
    errno.EDQUOT: "Make room there: the user's quota is used up.",
    errno.EROFS: "Its file system is read-only; remount it, or set XDG_STATE_HOME to another directory.",
    errno.ELOOP: "It is a link, which is not followed; move it away.",
}


class History:
    """One file, which every console of this user writes to."""

    def __init__(
        self,
        path: Path,
        clock: Clock,
        *,
        clean: Callable[[str], str],
        harmless: Callable[[str], str],
        there: Callable[[Process], bool | None] = still_there,
    ) -> None:
        """`clean` takes secrets out of what is written, `harmless` makes a line of what is read fit to be drawn."""
        self.path = path
        self._clock = clock
        self.clean = clean
        self.harmless = harmless
        self._there = there
        self._kept: tuple[tuple[int, int, int], Chronicle] | None = None

    def begin(self, deed: Deed) -> None:
        """Keep the intent. It is on the disk when this returns; raises HistoryError, and then nothing may be done."""
        self._append(deed)

    def part(self, deed_id: str, index: int, outcome: PartOutcome, words: str = "") -> None:
        """Keep how one part ended. Raises HistoryError."""
        self._append(Result(id=deed_id, at=self._clock.wall(), index=index, outcome=outcome, words=words))

    def end(self, deed_id: str, outcome: Outcome, words: str = "", after: str = "") -> None:
        """Keep how all of it ended. Raises HistoryError."""
        self._append(End(id=deed_id, at=self._clock.wall(), outcome=outcome, words=words, after=after))

    def read(self) -> Chronicle:
        """All of it. Raises HistoryError where it cannot be read, or where others could have written it."""
        try:
            with self._checked(os.open(self.path, os.O_RDONLY | _FLAGS)) as file:
                kept = self._recorded(file)
        except FileNotFoundError:
            return Chronicle()
        except OSError as error:
            raise _unusable("read", self.path, error, "") from None
        return standing(kept, self._there)

    def _recorded(self, file: int) -> Chronicle:
        """What has not changed since is not read again."""
        found = os.fstat(file)
        stamp = (found.st_ino, found.st_size, found.st_mtime_ns)
        if self._kept is None or self._kept[0] != stamp:
            self._kept = stamp, recorded(_all_of(file), self.harmless)
        return self._kept[1]

    def entries(self) -> tuple[Entry, ...]:
        """Newest first. Raises HistoryError."""
        return self.read().entries

    def unfinished(self) -> tuple[Entry, ...]:
        """What was cut off: it has no end, and its console is no longer there. Raises HistoryError."""
        return tuple(entry for entry in self.entries() if entry.state == "unfinished")

    def _append(self, line: Line) -> None:
        raw = line_of(line, self.clean)
        try:
            private_directory(self.path.parent)
            with self._checked(self._open()) as file:
                _lock(file)
                _write(file, raw if _ends_a_line(file) else b"\n" + raw)
                os.fsync(file)
        except HistoryError:
            raise
        except ConsoleError as error:
            raise HistoryError(error.message, f"{error.hint} {_REFUSED}") from None
        except OSError as error:
            raise _unusable("written", self.path, error, _REFUSED) from None

    def _open(self) -> int:
        """The file, made where it is missing, so that nobody else's is taken for it."""
        try:
            made = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o600)
        except FileExistsError:
            return os.open(self.path, os.O_RDWR | _FLAGS)
        above = os.open(self.path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(above)
        finally:
            os.close(above)
        return made

    @contextmanager
    def _checked(self, file: int) -> Iterator[int]:
        """An open file of the operator's own, closed in the end. Raises HistoryError for any other."""
        try:
            found = os.fstat(file)
            if not stat.S_ISREG(found.st_mode):
                raise HistoryError(f"{self.path} is no file", f"Move it away. {_REFUSED}")
            if found.st_uid != os.geteuid():
                raise HistoryError(f"{self.path} belongs to another user", f"Move it away. {_REFUSED}")
            if found.st_mode & 0o077:
                raise HistoryError(
                    f"Others may read or write {self.path}, so that it proves nothing",
                    f"{_REFUSED} Look through it, then run: chmod 600 {self.path}",
                )
            yield file
        finally:
            os.close(file)


def _lock(file: int) -> None:
    """Until it is closed. Another console writes a line in no time, unless it was stopped while it did."""
    end = time.monotonic() + _LOCKED_SECONDS
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise HistoryError(
                    "Another console keeps the history to itself",
                    f"It may have been stopped with ctrl+z, or hang. {_REFUSED}",
                ) from None
            time.sleep(_NAP_SECONDS)
        else:
            return


def _ends_a_line(file: int) -> bool:
    """False behind a line that was cut off: it stays as it is, and the next one begins anew."""
    size = os.fstat(file).st_size
    return not size or os.pread(file, 1, size - 1) == b"\n"


def _all_of(file: int) -> bytes:
    with os.fdopen(file, "rb", closefd=False) as lines:
        return lines.read()


def _write(file: int, raw: bytes) -> None:
    """All of it, at once where the disk has room."""
    left = memoryview(raw)
    while left:
        left = left[os.write(file, left) :]


def _unusable(what: str, path: Path, error: OSError, then: str) -> HistoryError:
    helps = _HELPS.get(error.errno or 0, "Check the rights of the file and of the directory above it.")
    return HistoryError(f"The history cannot be {what}: {error.strerror} ({path})", f"{helps} {then}".strip())
