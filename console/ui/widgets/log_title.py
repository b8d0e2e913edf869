"""The title of a log: whose it is, where in it the cursor is, and how the log is; pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from console.fleet.log_lines import LogExtent, LogMark, Search
from console.fleet.models import Phrase, Step
from console.operations.feed_state import FeedState
from console.ui import signs
from console.ui.columns import Part, fit, phrase_parts, width_of

LEAST_OF_A_NAME = 24
"""Cells that the name keeps, whatever else there is to say."""
LEAST_ON_A_HOST = 36
"""With less it is not seen which of a runner's logs it is."""


class Titled(NamedTuple):
    """What a title is made of."""

    name: Phrase
    extent: LogExtent
    cursor_line: int
    marks: Iterable[LogMark] = ()
    has_keys: bool = False
    """Of several logs, the one that the keys are for."""
    step: Step | None = None
    following: bool = False
    new_lines: int = 0
    selected: int = 0
    only: str = ""
    """What is left of the log, when not all of it is shown."""
    state: Sequence[Part] = ()
    """How it stands with the host that it comes from."""
    searched_at: int | None = None
    """The byte that a search looks at now."""
    search: Search | None = None


def title(log: Titled, width: int) -> list[Part]:
    """In so many cells: a long name is cut in its middle; what does not fit even so goes from the end."""
    here = Part(f"{signs.sign('selected') if log.has_keys else ' '} ", "accent")
    rest = [part for words in _said(log) for part in (Part(f" {signs.sign('info')} ", "muted"), *words)]
    room = max(width - width_of((here, *rest)), LEAST_ON_A_HOST if log.state else LEAST_OF_A_NAME)
    name, _ = fit(phrase_parts(log.name, "strong"), room, "middle", signs.sign("cut"))
    return [here, *name, *rest]


def state_part(state: FeedState | None, now: datetime) -> Sequence[Part]:
    """Connected and nothing more to know: then nothing is said."""
    if state is None:
        return ()
    words = [*([] if state.word == "connected" else [state.words(now)]), *state.notes]
    if state.word == "disconnected" and state.reason:
        words.append(state.reason)
    stands = [Part(", ".join(words), "warning" if state.word == "disconnected" else "muted")] if words else []
    step = [Part("in step ", "muted"), Part(state.step, "foreign")] if state.step else []
    return [*step, *([Part(", ", "muted")] if step and stands else []), *stands]


def _said(log: Titled) -> Iterator[Sequence[Part]]:
    """What matters most comes first."""
    extent = log.extent
    # Of a host that is not tried again the state gives the reason, after since when.
    if extent.trouble and extent.trouble not in "".join(part.text for part in log.state):
        yield (Part(extent.trouble, "warning"),)
    if log.state:
        yield log.state
    at = f"{signs.count(log.cursor_line + 1)}/{signs.count(extent.lines)}" if extent.lines else "no lines"
    yield (Part(at, "muted"), Part("" if extent.counted else " so far", "muted"))
    found = Counter(mark.severity for mark in log.marks)
    if found["error"]:
        yield (Part(f"{signs.sign('alert')} {signs.count(found['error'])}", "error"),)
    if found["warning"]:
        yield (Part(f"{signs.sign('watch')} {signs.count(found['warning'])}", "warning"),)
    if log.following:
        yield (Part("FOLLOW", "accent"),)
    elif log.new_lines and not extent.ended:
        yield (Part(f"{signs.count(log.new_lines)} new lines", "warning"),)
    if extent.dropped:
        yield (Part(f"{signs.count(extent.dropped)} bytes not kept", "warning"),)
    if log.selected:
        yield (Part(f"{signs.count(log.selected)} selected", "accent"),)
    if log.only:
        yield (Part(log.only, "accent"),)
    if log.searched_at is not None:
        share = min(100 * log.searched_at // max(extent.size, 1), 100)
        yield (Part(f"searching at {share} % (esc stops)", "muted"),)
    elif log.search is not None:
        yield (Part(f"/{log.search.wanted}", "accent"),)
    if log.step is not None:
        yield (Part(log.step.name, "foreign"),)
