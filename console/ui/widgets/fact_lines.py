"""Lines of a word and what it says; what it says is wrapped under itself, never under the word."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import NamedTuple

from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget

from console.ui import cells
from console.ui.columns import Part, width_of

GAP = 2
_LEAST_SAID = 16
_HANGING = 2


class FactLine(NamedTuple):
    """Without a word it takes the whole width."""

    word: tuple[Part, ...]
    said: tuple[Part, ...]


class FactLines(Widget):
    """As high as its lines need."""

    DEFAULT_CSS = """
    FactLines { height: auto; }
    """

    lines: reactive[tuple[FactLine, ...]] = reactive((), layout=True)

    def __init__(self, lines: Sequence[FactLine] = (), *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name for it
        super().__init__(id=id, classes=classes)
        self.set_reactive(FactLines.lines, tuple(lines))

    def render(self) -> Content:
        """All lines, wrapped to the width."""
        return Content("\n").join(wrapped(self.lines, self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """For Textual's layout."""
        return len(wrapped(self.lines, width))


def wrapped(lines: Sequence[FactLine], width: int) -> list[Content]:
    """The words in a column as wide as the longest needs, but no wider than half; what it says beside each."""
    indent = min(max((width_of(line.word) + GAP for line in lines if line.word), default=0), width // 2)
    if width - indent < _LEAST_SAID:
        indent = 0
    found: list[Content] = []
    for line in lines:
        word, said = cells.content(line.word), cells.content(line.said)
        if not line.word:
            found += cells.lines_of(said, max(width, 1))
        elif not indent:
            found += [
                *cells.lines_of(word, max(width, 1)),
                *(Content("  ") + each for each in cells.lines_of(said, max(width - 2, 1))),
            ]
        else:
            found += _beside(word, said, indent, width)
    return found


def _beside(word: Content, said: Content, indent: int, width: int) -> list[Content]:
    """Line by line. A word that is too long for its column goes on under itself, behind its sign."""
    room = indent - GAP
    head, *more = [word] if word.cell_length <= room else cells.lines_of(word, max(room - _HANGING, 1))
    words = [head, *(Content(" " * _HANGING) + each for each in more)]
    rows = zip_longest(words, cells.lines_of(said, max(width - indent, 1)), fillvalue=Content())
    return [left + Content(" " * (indent - left.cell_length)) + right if right.plain else left for left, right in rows]
