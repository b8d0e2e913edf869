"""The output of a pretend job on its host's disk: pages that the runner fills, uploads and deletes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from console.simulator.host_tree import inode, page_name
from console.simulator.inhabitants import Job, Runner, Step
from console.simulator.job_logs import BOM, lines_of, stamp, text_of

FLUSHED = 4096
"""What is not that much yet is still in the runner's memory."""
PAGE = 8 * 1024 * 1024
KEPT = timedelta(seconds=2)
"""How long a page is still there once it is full, or the job has ended."""
POURED_LINE = 100
AT_ONCE = 50
"""Poured lines that come in the same moment."""
_FILLER = b" residual 1.27e-07 energy -0.7311284 accepted".ljust(POURED_LINE - 49) + b"\n"


class Page(NamedTuple):
    """One file in `_diag/pages`, as far as it is on the disk."""

    name: str
    inode: int
    size: int
    written: datetime
    read: Callable[[int, int], bytes]
    """What stands from one offset to another."""


def pages_of(runner: Runner, job: Job, now: datetime) -> list[Page]:
    """Those that are there now, in the order in which they were filled."""
    if job.started_at is None:
        return []
    if job.completed_at is not None and not job.cut_short and now >= job.completed_at + KEPT:
        return []
    until = min(now, job.completed_at or now)
    pouring = next((step for step in job.steps if job.plan.pours and step.name == job.plan.steps[-1]), None)
    if pouring is not None and until > job.started_at + timedelta(seconds=pouring.begins):
        return _poured(runner, job, pouring, until)
    text = BOM + text_of(lines_of(job, until))
    if job.completed_at is None or job.lost:
        text = text[: len(text) - len(text) % FLUSHED]
    name = page_name(job)
    return [Page(name, inode(runner, name), len(text), until, lambda begin, end: text[begin:end])]


class _Poured(NamedTuple):
    """Lines far too many to be kept: each is made of its number when it is read."""

    begins: datetime
    a_second: int

    def by(self, at: datetime) -> int:
        """How many there are then."""
        return int((at - self.begins).total_seconds() * self.a_second) // AT_ONCE * AT_ONCE

    def written(self, line: int) -> datetime:
        """When."""
        return self.begins + timedelta(seconds=line / self.a_second)

    def read(self, before: bytes, first: int, begin: int, end: int) -> bytes:
        """Bytes of a page that begins with `before`, and goes on with the line of that number."""
        from_line = first + max(0, begin - len(before)) // POURED_LINE
        to_line = first - (-max(0, end - len(before)) // POURED_LINE)
        moments = range(from_line // AT_ONCE, -(-to_line // AT_ONCE))
        text = b"".join(self._moment(moment * AT_ONCE) for moment in moments)
        held = before[begin:end] if begin < len(before) else b""
        at = max(0, begin - len(before)) % POURED_LINE + from_line % AT_ONCE * POURED_LINE
        return held + text[at : at + end - begin - len(held)]

    def _moment(self, first: int) -> bytes:
        time = stamp(self.written(first)).encode()
        return b"".join(b"%b sample %012d%b" % (time, number, _FILLER) for number in range(first, first + AT_ONCE))


def _poured(runner: Runner, job: Job, step: Step, until: datetime) -> list[Page]:
    """The page that is being filled, and the one before for as long as it is there."""
    assert job.started_at is not None
    begins = job.started_at + timedelta(seconds=step.begins)
    poured = _Poured(begins, job.plan.pours // POURED_LINE)
    head = BOM + text_of(lines_of(job, begins + timedelta(seconds=0.1)))
    in_first, in_page = (-(-(PAGE - len(before)) // POURED_LINE) for before in (head, BOM))
    lines = poured.by(until)
    number = 1 + max(0, -(-(lines - in_first) // in_page))
    found = []
    for each in range(max(1, number - 1), number + 1):
        before, first, most = (head, 0, in_first) if each == 1 else (BOM, in_first + (each - 2) * in_page, in_page)
        last = min(lines, first + most)
        if until - poured.written(last) < KEPT:
            name, size = page_name(job, each), len(before) + (last - first) * POURED_LINE
            read = partial(poured.read, before, first)
            found.append(Page(name, inode(runner, name), size, poured.written(last), read))
    return found
