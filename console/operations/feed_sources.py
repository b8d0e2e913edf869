"""What can be followed on a host: how it is asked for again after an interruption, and what of it goes into the log."""

from typing import Literal, Protocol

from console.fleet.frames import Frame
from console.fleet.hosts import Located
from console.fleet.scripts import SCRIPTS, Script, fits
from console.operations.journal_lines import JournalLines
from console.operations.printed_trace import PrintedLines
from console.operations.worker_lines import WorkerLines

_BOM = b"\xef\xbb\xbf"
LINES_OF_THE_PAST = 2000


class FeedSource(Protocol):
    """One thing that a script follows. It survives the connections over which it is followed."""

    @property
    def script(self) -> Script: ...

    def values(self) -> tuple[str, ...]:
        """What the script is given, to go on where the last connection ended."""
        ...

    def take(self, frame: Frame) -> bytes:
        """What of it goes into the log."""
        ...

    def cut(self) -> None:
        """The connection is gone; what has not come whole comes again."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of the log, in our words, as of now."""
        ...

    @property
    def over(self) -> str:
        """Why nothing more will ever come; empty: more may."""
        ...


class Journal:
    """The journal of a unit."""

    script = SCRIPTS["journal"]

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._lines = JournalLines()
        self._no_rights = False
        self.over = ""

    def values(self) -> tuple[str, ...]:
        """By cursor, once there is one."""
        cursor = self._lines.cursor if fits("cursor", self._lines.cursor) else "-"
        return self._unit, cursor, str(LINES_OF_THE_PAST)

    def take(self, frame: Frame) -> bytes:
        """Entries as lines with their times."""
        if frame.word == "note":
            self._no_rights |= frame.fields == ("no-rights",)
            if frame.fields == ("no-journal",):
                self.over = "This host keeps no journal that journalctl could read"
        return self._lines.feed(frame.data) if frame.word == "part" else b""

    def cut(self) -> None:
        """Half an entry comes again, by its cursor."""
        self._lines.cut()

    @property
    def notes(self) -> tuple[str, ...]:
        """An empty journal and one that may not be read look alike; they are not."""
        if not self._no_rights:
            return ()
        if not self._lines.entries:
            return ("no entries that this user may read: it is in none of the groups systemd-journal and adm",)
        return ("this user may not read all of the system's journal: there may be more than is shown",)


class Files:
    """Files that follow one another: their bytes, each once."""

    over = ""

    def __init__(self, *, joined: bool = False, kept: WorkerLines | PrintedLines | None = None) -> None:
        """`joined`: a line may go on in the next file. `kept` leaves out what does not go into the log."""
        self._joined = joined
        self._kept = kept
        self._file, self._inode, self._offset = "-", "0", 0
        self._unreadable = ""
        self._waiting = ""
        self._line_open = False
        self._begun: bytes | None = None
        """The first bytes of a file, until they are known to be a byte-order mark or none."""
        self._lost = False
        self.gone = False
        """The file has no name any more, and none has taken its place."""

    def place(self) -> tuple[str, str, str]:
        """File, inode and offset, to go on there."""
        return self._file, self._inode, str(self._offset)

    def take(self, frame: Frame) -> bytes:
        """Bytes that were not there yet."""
        match frame.word, frame.fields:
            case "part", (name, inode, offset) if fits("number", offset):
                return self._part(name, inode, int(offset), frame.data)
            case "gone", _:
                self.gone = True
                return (
                    self._mark("its file is gone; what it said since the connection was lost is gone too")
                    if self._lost
                    else b""
                )
            case "note", ("truncated", *_):
                self._offset, self._begun = 0, b""
                return self._mark("here the file was emptied, and begins anew")
            case "note", ("unreadable", name, *_):
                self._unreadable = name
            case "note", ("no-directory" | "no-file" as word,):
                self._waiting = word
        return b""

    def _part(self, name: str, inode: str, offset: int, data: bytes) -> bytes:
        self._unreadable = self._waiting = ""
        self.gone = self._lost = False
        before = b""
        if (name, inode) != (self._file, self._inode):
            begins = self._file == "-"
            before = b"" if begins or self._joined else self._mark(f"here begins {name}")
            if begins and offset:
                before = self._mark("what is older is left out")
            self._file, self._inode, self._offset = name, inode, offset
            self._begun = b"" if offset == 0 else None
        known = self._offset - offset
        self._offset = max(self._offset, offset + len(data))
        if known < 0:
            before += self._mark(f"{-known} bytes are missing here")
        fresh = data[max(known, 0) :]
        return before + self._said(self._unmarked(fresh))

    def _unmarked(self, data: bytes) -> bytes:
        """Without the byte-order mark that a file begins with."""
        if self._begun is None:
            return data
        begun = self._begun + data
        if len(begun) < len(_BOM) and _BOM.startswith(begun):
            self._begun = begun
            return b""
        self._begun = None
        return begun.removeprefix(_BOM)

    def _said(self, data: bytes) -> bytes:
        kept = self._kept.feed(data) if self._kept is not None else data
        self._line_open = not kept.endswith(b"\n") if kept else self._line_open
        return kept

    def _mark(self, words: str) -> bytes:
        """A line of ours between two of the file's."""
        rest = self._kept.rest() if self._kept is not None else b""
        line_open = not rest.endswith(b"\n") if rest else self._line_open
        self._line_open = False
        return rest + (b"\n" if line_open else b"") + f"----- {words} -----\n".encode()

    def cut(self) -> None:
        """Every byte that has come counts; if the file is gone meanwhile, that is said."""
        self._lost = self._file != "-" and not self.gone

    @property
    def notes(self) -> tuple[str, ...]:
        """Why there is nothing, where there is nothing."""
        if self._unreadable:
            return (f"{self._unreadable} may not be read by this user",)
        if self._waiting == "no-directory":
            return ("its directory is not there, or may not be entered by this user",)
        return ("there is none yet: it is waited for",) if self._waiting else ()


class DiagLog(Files):
    """The listener's or the worker's log, and those that follow it."""

    script = SCRIPTS["diag-log"]

    def __init__(self, located: Located, which: Literal["listener", "worker"]) -> None:
        super().__init__(kept=WorkerLines() if which == "worker" else None)
        self._begin = located.directory, "Worker" if which == "worker" else "Runner"

    def values(self) -> tuple[str, ...]:
        """By file, inode and offset."""
        return (*self._begin, *self.place())


class JobOutput(Files):
    """The output of a job that is running."""

    script = SCRIPTS["job-output"]

    def __init__(self, located: Located, guid: str) -> None:
        super().__init__(joined=True)
        self._begin = located.directory, guid

    def values(self) -> tuple[str, ...]:
        """By page, inode and offset."""
        return (*self._begin, *self.place())

    @property
    def notes(self) -> tuple[str, ...]:
        """The runner does not write each line at once."""
        return (*super().notes, "buffered by the runner, may lag by 5 KB")


class ServiceOutput(Files):
    """macOS: what the service writes to a file."""

    script = SCRIPTS["service-output"]

    def __init__(self, path: str) -> None:
        super().__init__(kept=PrintedLines())
        self._path = path

    def values(self) -> tuple[str, ...]:
        """By inode and offset."""
        _, inode, offset = self.place()
        return self._path, inode, offset
