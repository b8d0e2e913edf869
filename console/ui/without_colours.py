"""What NO_COLOR asks for: no colour at all, neither in front nor behind. Bold, underline and reverse stay."""

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter


class WithoutColours(LineFilter):
    """Textual's own sends greys."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same text and attributes."""
        return [Segment(text, style and _plain(style), control) for text, style, control in segments]


@lru_cache(1024)
def _plain(style: Style) -> Style:
    """What a click means there is part of a style too."""
    return style.without_color + Style(meta=style.meta) if style.meta else style.without_color
