"""Opens logs: of a job from GitHub, of a file on this machine."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, aclosing
from datetime import datetime
from typing import Protocol

from console.errors import ConsoleError, LogError, NotFoundError
from console.fleet.log_lines import LogMark
from console.fleet.models import Annotation, Job, JobKey, Name
from console.fleet.scanner import Scanner
from console.fleet.signatures import Catalogue
from console.operations.interfaces import Clock, LogText
from console.operations.logs import OWN, MergedSource, Note, OpenLog
from console.operations.merged_log import MergedLog


class LogsOfGitHub(Protocol):
    """What is needed of GitHub here."""

    async def job(self, key: JobKey) -> Job | None: ...

    async def job_log(self, key: JobKey) -> AsyncGenerator[bytes]: ...

    async def annotations(self, key: JobKey) -> tuple[Annotation, ...]: ...


class Spooled(LogText, Protocol):
    """A log that is filled as it arrives."""

    def append(self, data: bytes) -> None: ...

    def end(self, trouble: str = "") -> None: ...


class JobLogs:
    """The logs of one context."""

    def __init__(
        self,
        github: LogsOfGitHub,
        spool: Callable[[], Spooled],
        catalogue: Callable[[], Catalogue],
        clock: Clock,
        *,
        merged: Callable[[], Spooled],
    ) -> None:
        """`merged` makes a spool whose lines say which log they are from."""
        self._github = github
        self._spool = spool
        self._merged = merged
        self._catalogue = catalogue
        self._clock = clock

    async def job(self, key: JobKey) -> OpenLog | None:
        """None: the job has not ended, and until then GitHub has no log of it. Raises `ConsoleError` kinds.

        It is open as soon as the first bytes come. The job's status decides, for GitHub answers for an unfinished log
        as if it were lost. Of a job whose runner was lost there are only notes: then the log is empty, and says why.
        """
        job = await self._github.job(key)
        if job is None:
            raise LogError(f"GitHub does not find job {key.id} of {key.repository}", "It may have been deleted.")
        if job.status != "completed":
            return None
        missing: ConsoleError | None = None
        try:
            chunks = await self._github.job_log(key)
        except (LogError, NotFoundError) as error:
            chunks, missing = _broken_off(error), error
        async with AsyncExitStack() as in_vain:
            in_vain.push_async_callback(chunks.aclose)
            catalogue = await asyncio.to_thread(self._catalogue)
            text = self._spool()
            in_vain.push_async_callback(text.close)
            notes = await self._notes(key, catalogue, text)
            if missing is not None and all(note.level == OWN for note in notes):
                raise missing
            in_vain.pop_all()
        opened = FetchedLog(
            (Name(job.repository), " ", Name(job.name), f" {job.id}"),
            "job-log",
            text,
            lambda: catalogue,
            self._clock,
            steps=job.steps,
            notes=notes,
            url=job.url,
        )
        opened.fetch(text, chunks)
        return opened

    def merged(self, sources: Sequence[MergedSource], at: datetime | None) -> OpenLog:
        """Their lines in the order of their times. Raises LogError where there is no room for it."""
        return MergedLog(sources, self._merged(), self._catalogue, self._clock, at=at)

    async def _notes(self, key: JobKey, catalogue: Catalogue, text: LogText) -> tuple[Note, ...]:
        """What GitHub says beside the log; that it could not be read is said too."""
        try:
            annotations = await self._github.annotations(key)
        except ConsoleError as error:
            return (Note(OWN, f"GitHub's notes on this job could not be read: {error.message}."),)
        return tuple(_note(each, catalogue, text) for each in annotations if each.message.strip())


class FetchedLog(OpenLog):
    """A log that is being fetched; closing it ends that."""

    fetched = True

    def fetch(self, text: Spooled, chunks: AsyncGenerator[bytes]) -> None:
        """From now on, until it has ended or is closed."""
        self._chunks = chunks
        self._fetching = asyncio.create_task(self._fill(text, chunks))

    async def _fill(self, text: Spooled, chunks: AsyncGenerator[bytes]) -> None:
        trouble = "It was not fetched to its end."
        try:
            async with aclosing(chunks):
                async for chunk in chunks:
                    text.append(chunk)
            trouble = ""
        except ConsoleError as error:
            trouble = f"{error.message.rstrip('.')}."
            self.notes = (*self.notes, Note(OWN, f"{trouble} {error.hint}".rstrip()))
        finally:
            text.end(trouble)

    async def close(self) -> None:
        """Ends the fetching first."""
        self._fetching.cancel()
        await asyncio.wait([self._fetching])
        await self._chunks.aclose()
        await super().close()


async def _broken_off(error: ConsoleError, came: Iterable[bytes] = ()) -> AsyncGenerator[bytes]:
    """A log of which only that came."""
    for chunk in came:
        yield chunk
    raise error


def _note(annotation: Annotation, catalogue: Catalogue, text: LogText) -> Note:
    scanner = Scanner(catalogue, "annotation")
    scanner.feed(annotation.message.encode())
    scanner.end()
    for verdict in scanner.verdicts():
        words = text.words(verdict.match.words)
        mark = LogMark(0, verdict.severity, verdict.match.signature.id, words)
        return Note(annotation.level, annotation.message, mark)
    return Note(annotation.level, annotation.message)
