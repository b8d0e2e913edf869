"""The line that says what is being carried out while nobody looks at it. Not there when nothing is."""

from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.ui import cells, signs
from console.ui.columns import Part, fit, phrase_parts

if TYPE_CHECKING:
    from console.ui.works import Work


class WorkLine(Widget):
    """The one that was begun last, and how many others there are."""

    works: reactive[tuple["Work", ...]] = reactive((), init=False)
    now: reactive[datetime | None] = reactive(None)

    def on_mount(self) -> None:
        """Nothing is being done yet."""
        self.display = bool(self.works)

    def watch_works(self) -> None:
        self.display = bool(self.works)

    def render(self) -> Content:
        """What, for how long, what was said of it last."""
        if not self.works:
            return Content()
        work = self.works[-1]
        more = f"  and {len(self.works) - 1} more" if len(self.works) > 1 else ""
        end = (Part(f"  {work.lasted()}", "muted"), Part(more))
        parts = [
            Part(f" {signs.sign('running')} ", "accent"),
            *phrase_parts(work.title, "strong"),
            *end,
            Part("  "),
            *phrase_parts(work.words(), "muted"),
        ]
        shown, _ = fit(parts, self.size.width, "end", signs.sign("cut"))
        return cells.content(shown)
