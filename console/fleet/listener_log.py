"""The known lines at the end of a listener's log, and what has become of each."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from console.fleet.frames import Frame
from console.fleet.host_evidence import ListenerLog, SeenLine
from console.fleet.scanner import Scanner
from console.fleet.signatures import Catalogue
from console.fleet.verdicts import Verdict

_ALIVE = re.compile(
    rb"^\[[^\]\n]{20,120}\] WRITE LINE: [^\n]{0,40}: (?:Listening for Jobs|Running job: )", re.MULTILINE
)
_STAMP = re.compile(rb"^\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)Z ", re.MULTILINE)
_LEAVES_FOR_UPDATE = re.compile(rb"WRITE LINE: Runner will exit shortly for update")
_PREFIX = re.compile(rb"^\[[^\]\n]{20,120}\] (?:WRITE (?:LINE|ERROR): )?(?:System\.Exception: )?")
_LONGEST = 200
_BEFORE = 64 * 1024


def listener_log(
    frames: Iterable[Frame], catalogue: Catalogue, clean: Callable[[str], str], now: datetime | None
) -> ListenerLog:
    """Out of what the script `listener-tail` says. `now` is by the host's clock: until then nothing more was written.

    Computes for as long as half a megabyte takes: use it in a thread.
    """
    text = b"".join(frame.data for frame in frames if frame.word == "listener")
    scanner = Scanner(catalogue, "runner-diag")
    scanner.feed(text)
    scanner.end()
    alive = max((found.start() for found in _ALIVE.finditer(text)), default=-1)
    standing: dict[str, list[Verdict]] = {}
    for verdict in scanner.verdicts(now):
        if not verdict.cleared and verdict.match.offset >= alive and verdict.followed is not True:
            standing.setdefault(verdict.match.signature.id, []).append(verdict)
    seen = [_seen(verdicts, text, clean) for verdicts in standing.values()]
    return ListenerLog(
        lines=tuple(line for _, line in sorted(seen, key=lambda each: each[0])),
        alive_at=_stamp(text, alive) if alive >= 0 else None,
        written_at=_stamp(text, len(text)),
        updates=len(_LEAVES_FOR_UPDATE.findall(text)),
    )


def service_lines(exit_line: str, catalogue: Catalogue) -> tuple[SeenLine, ...]:
    """The same of how the service says that its listener ended."""
    scanner = Scanner(catalogue, "service-log")
    scanner.feed(f"{exit_line}\n".encode())
    return tuple(
        SeenLine(verdict.match.signature.id, verdict.match.signature.title, verdict.remedy, exit_line)
        for verdict in scanner.verdicts()
    )


def _seen(verdicts: list[Verdict], text: bytes, clean: Callable[[str], str]) -> tuple[int, SeenLine]:
    last = verdicts[-1]
    known, offset = last.match.signature, last.match.offset
    words = clean(_PREFIX.sub(b"", last.match.text.strip()).decode("utf-8", "replace"))
    words = words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1]}…"
    at = _stamp(text, offset + 1)
    line = SeenLine(known.id, known.title, last.remedy, words, at, len(verdicts), last.followed)
    return offset, line


def _stamp(text: bytes, before: int) -> datetime | None:
    """Of the last line with a time that begins before that place: a stack trace has none of its own."""
    begin = text.rfind(b"\n", 0, max(0, before - _BEFORE)) + 1
    end = text.find(b"\n", before)
    part = text[begin : end if end >= 0 else len(text)]
    stamps = [found for found in _STAMP.finditer(part) if begin + found.start() <= max(before, 0)]
    if not stamps:
        return None
    try:
        return datetime.strptime(stamps[-1][1].decode(), "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
