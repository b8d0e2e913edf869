"""The banner: one line that says what is in the way of looking, and what to do about it. Not there when nothing is."""

from datetime import datetime, timedelta

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from console.fleet.words import named
from console.ui import cells, signs
from console.ui.columns import Part, fit
from console.ui.trouble import Trouble


class BannerLine(Widget):
    """The first trouble in words; of the others how many there are."""

    troubles: reactive[tuple[Trouble, ...]] = reactive((), init=False)
    now: reactive[datetime | None] = reactive(None)

    def on_mount(self) -> None:
        """Nothing to say yet."""
        self.display = bool(self.troubles)

    def watch_troubles(self) -> None:
        self.display = bool(self.troubles)

    def render(self) -> Content:
        """Sign, message, countdown, places, hint: the most urgent first, as the line may be short."""
        if not self.troubles:
            return Content()
        parts, _ = fit(self._parts(self.troubles[0]), self.size.width, "end", signs.sign("cut"))
        return cells.content(parts)

    def _parts(self, trouble: Trouble) -> list[Part]:
        parts = [Part(f" {signs.sign('watch')} ", "strong"), Part(f"{trouble.message.rstrip('.')}.", "strong")]
        if trouble.again_at is not None and self.now is not None:
            left = trouble.again_at - self.now
            parts.append(
                Part(f" Next try in {signs.age(left)}." if left >= timedelta(seconds=1) else " It is tried now.")
            )
        if trouble.places:
            parts += [Part(" ("), *cells.phrase_parts(named(trouble.places, most=1)), Part(")")]
        if trouble.hint:
            parts += [Part(" "), Part(trouble.hint)]
        if len(self.troubles) > 1:
            parts.append(Part(f" And {len(self.troubles) - 1} more: :sources"))
        return parts
