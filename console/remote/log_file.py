"""A file on this machine as a log: it may grow, be emptied, or be replaced under our eyes."""

import asyncio
import contextlib
import os
import shlex
import stat
import time
from pathlib import Path
from typing import Literal

from console.errors import LogError
from console.fleet.log_kind import packed
from console.remote.line_index import LineIndex
from console.remote.log_text import CHUNK, LogBytes, reason
from console.remote.sanitize import text

LOOK_EVERY = 0.1
"""Seconds between two looks whether it has grown."""
LOOK_AGAIN = 5.0
"""Seconds until what could not be read is tried again: a disk that fails may need long to say so."""
NEWS_FOR = 60.0
"""Seconds for which it is told that it was emptied or replaced: it goes on well since."""
KNOWN_BY = 512
"""Bytes at the beginning and at the end of what was read by which it is known again."""

DISK = "Its disk or its network share may fail: the system's log (dmesg) says more."
LONGEST_SIGN = 8
"""Bytes by which it is seen that a file is no text."""


class LogFile(LogBytes):
    """Lines are counted in a thread; it is looked at again until it is closed."""

    def __init__(self, path: Path) -> None:
        """Raises LogError for what cannot be read, and for what is no text file."""
        super().__init__(opened(path))
        self._path = path
        self._itself = os.fstat(self._descriptor)
        self._first = self._latest = b""
        self._told_of_its_name = ""
        self._news, self._news_at = "", 0.0
        self._counted = False
        # Its first lines are there for the first paint.
        self._look()
        self._counting = asyncio.create_task(self._count())

    async def _count(self) -> None:
        while True:
            try:
                self._look_for_its_name()
                self._drop_old_news()
                while (found := await asyncio.to_thread(self._look)) != "nothing":
                    if found == "another":
                        self._begin_anew("Emptied; read anew.")
                    self._more.set()
            except OSError as error:
                self._trouble = f"It can no longer be read: {reason(error)}."
                self._ended = True
            if not self._counted or self._ended or self._unread:
                self._counted = True
                self._more.set()
            if self._ended:
                return
            await asyncio.sleep(LOOK_AGAIN if self._unread else LOOK_EVERY)

    def _look(self) -> Literal["more", "another", "nothing"]:
        """Count what has come. It only counts while what was read before still stands in front of it."""
        data = self._read(self._index.size, CHUNK)
        if os.fstat(self._descriptor).st_size < self._index.size or self._differs():
            return "another"
        if not data:
            return "nothing"
        self._index.count(data)
        self._first += data[: KNOWN_BY - len(self._first)]
        self._latest = (self._latest + data[-KNOWN_BY:])[-KNOWN_BY:]
        return "more"

    def _differs(self) -> bool:
        """Somebody emptied it and wrote at least as much again since the last look."""
        for offset, known in ((0, self._first), (self._index.size - len(self._latest), self._latest)):
            now = self._read(offset, len(known))
            # Of what cannot be read, or was cut off a moment ago, nothing can be said.
            if len(now) == len(known) and now != known:
                return True
        return False

    def _look_for_its_name(self) -> None:
        """What is written under its name from now on goes into the file that has it now."""
        try:
            found = self._path.stat()
        except OSError:
            self._tell_of_its_name("Deleted or renamed.")
            return
        if os.path.samestat(found, self._itself):
            self._tell_of_its_name("")
            return
        try:
            self._go_on_with(opened(self._path))
        except LogError:
            self._tell_of_its_name("Replaced; the new one cannot be read.")

    def _tell_of_its_name(self, words: str) -> None:
        """Once for each change: what happened to the file later is newer."""
        if words == self._told_of_its_name:
            return
        if words or self._trouble == self._told_of_its_name:
            self._trouble = words
        self._told_of_its_name = words
        self._more.set()

    def _go_on_with(self, descriptor: int) -> None:
        with self._reading:
            os.close(self._descriptor)
            self._descriptor = descriptor
        self._itself = os.fstat(descriptor)
        self._told_of_its_name = ""
        self._begin_anew("Replaced; the new file.")

    def _begin_anew(self, why: str) -> None:
        """What was counted is no longer there."""
        self._index = LineIndex(self._read)
        self._first = self._latest = b""
        self._unread = None
        self._line.cache_clear()
        self._anew += 1
        self._trouble = self._news = why
        self._news_at = time.monotonic()
        self._more.set()

    def _drop_old_news(self) -> None:
        """Trouble that came since stays."""
        if self._news and time.monotonic() - self._news_at > NEWS_FOR:
            if self._trouble == self._news:
                self._trouble = ""
                self._more.set()
            self._news = ""

    async def close(self) -> None:
        """Ends the counting first."""
        self._counting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._counting
        await super().close()


def readable(path: Path) -> None:
    """Raises LogError for what cannot be read, and for what is no text file."""
    os.close(opened(path))


def opened(path: Path) -> int:
    """To be read. Raises LogError for what cannot be, and for what is no text file."""
    named = text(str(path))
    try:
        # Opening a pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise LogError(f"{named} cannot be read: {reason(error)}", "Check the name and the rights.") from None
    try:
        _check(descriptor, named)
    except LogError:
        os.close(descriptor)
        raise
    return descriptor


def _check(descriptor: int, named: str) -> None:
    """Raises LogError for what has no lines of text."""
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISDIR(mode):
        raise LogError(f"{named} is a directory", "Name a file in it.")
    if not stat.S_ISREG(mode):
        raise LogError(f"{named} is not a file", "Pipe it in: runner-console scan - < …")
    try:
        beginning = os.pread(descriptor, LONGEST_SIGN, 0)
    except OSError as error:
        raise LogError(f"{named} cannot be read: {reason(error)}", DISK) from None
    if known := packed(beginning):
        hint = f"Make a text of it first, or scan it: {known.command} {shlex.quote(named)} | runner-console scan -"
        raise LogError(f"{named} is {known.what}", hint)
