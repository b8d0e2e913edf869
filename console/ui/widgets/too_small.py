"""What stands there instead of the console when the window has no room for it."""

from typing import ClassVar

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget


class TooSmall(Widget):
    """Laid over a screen by the stylesheet, below the least size."""

    LEAST: ClassVar[Size] = Size(40, 10)

    def render(self) -> Content:
        """In as few words as possible."""
        return Content("terminal too small:\n40x10 at least\nq quits")


def too_small(size: Size) -> bool:
    """Whether a window has no room for the console."""
    return size.width < TooSmall.LEAST.width or size.height < TooSmall.LEAST.height
