"""Runbooks as they are in use, and walks through them, kept as Markdown at each change.

What waits for the disk is called in a thread.
"""

import contextlib
import os
import re
import secrets
import stat
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from console.errors import ConsoleError, LogError
from console.fleet.causes import known_causes
from console.fleet.guided_actions import GUIDED_ACTIONS
from console.fleet.history import Entry
from console.fleet.models import RunnerKey
from console.fleet.runbook_checks import RUNBOOK_CHECKS, Checked, Walked, made
from console.fleet.runbook_leads import Lead, Seen
from console.fleet.runbooks import Fault, Known, Runbook, read_runbook
from console.fleet.walk_record import record
from console.fleet.walk_state import Unfinished, cleaned, kept_walk, state_of, walk_of
from console.fleet.walks import Walk
from console.operations.at_work import operator_here, still_there, this_process
from console.operations.history import History
from console.operations.interfaces import Clock
from console.settings.own_runbooks import own_runbook_files
from console.settings.own_signatures import OwnFiles, read_files
from console.settings.paths import private_directory

LEFT_FOR = timedelta(days=7)
"""So long a walk that has no end is offered; its record stays."""
_MOST_LEFT = 100
_LEFT = "unfinished"
_LARGEST_STATE = 8 * 1024 * 1024
_SHIPPED = Path(__file__).parent.parent / "runbooks"


class Library(NamedTuple):
    """The runbooks that can be walked, by name, and what is wrong with the user's own."""

    runbooks: dict[str, Runbook]
    faults: tuple[Fault, ...] = ()


def known() -> Known:
    """What a runbook may name."""
    return Known(RUNBOOK_CHECKS, GUIDED_ACTIONS, known_causes())


@cache
def shipped() -> dict[str, Runbook]:
    """Those that come with the console; a test keeps them free of faults."""
    files = {str(file): file.read_bytes() for file in sorted(_SHIPPED.glob("*.md"))}
    return _read(OwnFiles(files, {}, tuple(files)), own=False).runbooks


def library() -> Library:
    """All of them, by title. One of the user's own goes before a shipped one of the same name; a broken one is told."""
    own = _read(own_runbook_files(), own=True)
    everyone = {**shipped(), **own.runbooks}
    return Library(dict(sorted(everyone.items(), key=lambda item: item[1].title.casefold())), own.faults)


def read_own(files: Sequence[Path]) -> Library:
    """These files, or the user's own where none is named, without the shipped ones."""
    return _read(read_files([*files]) if files else own_runbook_files(), own=True)


def _read(files: OwnFiles, *, own: bool) -> Library:
    found: dict[str, Runbook] = {}
    places: dict[str, str] = {}
    faults = [Fault(file, 0, why) for file, why in files.unreadable.items()]
    for file, raw in files.texts.items():
        read = read_runbook(file, Path(file).stem, raw, known(), own=own)
        faults += read.faults
        if read.runbook is None:
            continue
        first = places.setdefault(read.runbook.name, file)
        if first != file:
            faults.append(Fault(file, 0, f"{first} has the same name"))
        found.setdefault(read.runbook.name, read.runbook)
    return Library(found, tuple(faults))


def checks(runbook: Runbook, lead: Lead | None, seen: Seen, *, looked_into: bool = False) -> tuple[Checked | None, ...]:
    """What came of the check of each step; None where it has none."""
    walked = Walked(runbook, lead, looked_into)
    return tuple(made(step.check, seen, walked) if step.check else None for step in runbook.steps)


def asked_of_hosts(runbook: Runbook, lead: Lead | None) -> tuple[RunnerKey, ...]:
    """The runner whose host the checks of that runbook look at, if any does."""
    looks = any(RUNBOOK_CHECKS[step.check].of_host for step in runbook.steps if step.check)
    return (lead.runner,) if looks and lead is not None and lead.runner is not None else ()


class WalkKeeper:
    """Writes walks into one directory, each to a file of its own, whole or not at all."""

    def __init__(self, directory: Path, clock: Clock, history: History) -> None:
        self._directory = directory
        self._clock = clock
        self._history = history
        self._lock = threading.Lock()
        self._goes_on = True

    def leave_in(self, directory: Path) -> None:
        """Records of a drill outlive its pretend fleet; no other console goes on with its walks."""
        self._directory, self._goes_on = directory, False

    def clean(self, text: str) -> str:
        """Without secrets: what was typed into a note may be one, and is not shown either."""
        return self._history.clean(text)

    def place(self, walk: Walk) -> Path:
        """Where it is kept."""
        context = re.sub(r"[^A-Za-z0-9_-]+", "-", walk.context)[:60]
        return (
            self._directory
            / f"{walk.began:%Y%m%d-%H%M%S}-{walk.began.microsecond // 1000:03}-{walk.runbook.name}-{context}.md"
        )

    def keep(self, walk: Callable[[], Walk]) -> Path:
        """It is on the disk when this returns. Raises LogError.

        `walk` is asked when it is written: of two changes that wait for the disk, neither is overwritten by an older.
        """
        with self._lock:
            newest = self._cleaned(walk())
            path = self.place(newest)
            try:
                _write_whole(private_directory(path.parent), path, self.text(newest))
                self._keep_state(newest, path)
            except ConsoleError as error:
                raise LogError(f"The walk cannot be kept: {error.message}.", error.hint) from None
            except OSError as error:
                raise _unkept(path, error) from None
            return path

    def _keep_state(self, walk: Walk, path: Path) -> None:
        """What goes on from it, for as long as it has no end."""
        if not self._goes_on:
            return
        state = _state_file(path)
        if walk.ended is None:
            raw = state_of(walk, this_process())
            _write_whole(private_directory(state.parent), state, raw.decode())
        else:
            state.unlink(missing_ok=True)

    def unfinished(self, runbooks: Mapping[str, Runbook], context: str | None = None) -> tuple[Unfinished, ...]:
        """What was left without an end and can go on, the newest first; None: of every context.

        Not what another console walks at this moment.
        """
        if not self._goes_on:
            return ()
        found, ours = [], this_process()
        for file in sorted(self._directory.glob(f"{_LEFT}/*.json"), reverse=True)[:_MOST_LEFT]:
            with contextlib.suppress(OSError, ValueError, OverflowError):
                changed = datetime.fromtimestamp(file.lstat().st_mtime, UTC)
                kept = kept_walk(_state_in(file)) if self._clock.wall() - changed < LEFT_FOR else None
                if kept is None or context not in {None, kept.context}:
                    continue
                if kept.process != ours and still_there(kept.process):
                    continue
                walk = walk_of(kept, runbooks)
                found += [Unfinished(cleaned(walk, self._history.harmless), changed)] if walk is not None else []
        return tuple(sorted(found, key=lambda each: each.changed_at, reverse=True))

    def copy(self, walk: Walk, to: Path) -> None:
        """A file that was not there before. Raises LogError."""
        try:
            descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(self.text(walk))
        except OSError as error:
            raise _unkept(to, error) from None

    def text(self, walk: Walk) -> str:
        """With what was done meanwhile, and without secrets."""
        who = operator_here(os.environ, "").login
        return record(self._cleaned(walk), self._clock.wall(), self._deeds(walk), who)

    def _cleaned(self, walk: Walk) -> Walk:
        """Before it becomes Markdown, in which a secret may look otherwise."""
        return cleaned(walk, self._history.clean)

    def _deeds(self, walk: Walk) -> tuple[Entry, ...]:
        """A history that cannot be read is told of elsewhere."""
        with contextlib.suppress(ConsoleError):
            end = walk.ended or self._clock.wall()
            return tuple(
                entry
                for entry in self._history.entries()
                if entry.deed.context == walk.context and walk.began <= entry.deed.at <= end
            )
        return ()


def walks_beside(history: History, clock: Clock) -> WalkKeeper:
    """Those of the same user."""
    return WalkKeeper(history.path.parent / "walks", clock, history)


def _state_file(record: Path) -> Path:
    return record.parent / _LEFT / f"{record.stem}.json"


def _state_in(file: Path) -> bytes:
    """Empty where it is no file of the operator's own, or larger than any. Raises OSError."""
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
        found = os.fstat(opened.fileno())
        ours = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and found.st_size <= _LARGEST_STATE
        return opened.read() if ours else b""


def _write_whole(directory: Path, path: Path, text: str) -> None:
    """What was there before stays until all of the new is on the disk."""
    unfinished = directory / f".{path.name}.{secrets.token_hex(4)}"
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    finally:
        unfinished.unlink(missing_ok=True)
    above = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(above)
    finally:
        os.close(above)


def _unkept(path: Path, error: OSError) -> LogError:
    return LogError(f"The walk cannot be kept: {error.strerror} ({path})", "The walk goes on without a record.")
