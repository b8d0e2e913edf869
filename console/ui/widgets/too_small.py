"""What stands there instead of the console when the window has no room for it."""

from textual.content import Content
from textual.widget import Widget


class TooSmall(Widget):
    """Shown by the stylesheet, below the least size."""

    def render(self) -> Content:
        """In as few words as possible."""
        return Content(f"too small: {self.size.width}x{self.size.height}, needs 40x10")
