"""The steps of a job as parts of its log."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from console.fleet.log_lines import LogGroup, LogLine
from console.fleet.models import Step
from console.operations.interfaces import LogText

_LOOKED_AT = 200
"""Lines of the second in which a step began."""
_FIRST_WORDS = ("Post job cleanup.", "Cleaning up orphan processes")
"""With these, or with a title `Run …`, most steps begin: by that they are told from others of the same second."""


async def sections_of(text: LogText, steps: Sequence[Step]) -> tuple[tuple[Step, LogGroup], ...]:
    """The steps that have lines. GitHub says to the second when each began; its first words say where in it."""
    starts: list[tuple[Step, int]] = []
    for step in steps:
        line = await text.line_at(step.started_at) if step.started_at is not None else None
        if line is None or step.started_at is None:
            continue
        if starts:
            line = max(line, starts[-1][1])
            if step.conclusion != "skipped":
                lines = await asyncio.to_thread(text.lines, max(line, starts[-1][1] + 1), _LOOKED_AT)
                line = _first_words(lines, step.started_at, otherwise=line)
        starts.append((step, line))
    ends = [*(line for _, line in starts), text.extent().lines][1:] if starts else []
    return tuple((step, LogGroup(line, max(end, line))) for (step, line), end in zip(starts, ends, strict=True))


def _first_words(lines: Sequence[LogLine], began: datetime, *, otherwise: int) -> int:
    for line in lines:
        if line.at is not None and line.at >= began + timedelta(seconds=1):
            break
        if line.text.startswith(_FIRST_WORDS) or (line.kind == "group" and line.text.startswith("Run ")):
            return line.number
    return otherwise
