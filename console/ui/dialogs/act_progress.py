"""What becomes of a plan that was agreed to: each part with its sign, and how it ended."""

from collections.abc import Sequence

from textual.app import ComposeResult

from console.fleet.models import plain
from console.operations.undertaking import Undertaking
from console.ui import cells
from console.ui.columns import Part
from console.ui.dialogs.act_page import ActPage
from console.ui.plan_lines import end_lines, only_waits, progress_lines, waits_for_proof
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.scroll import Scroll
from console.ui.works import OneWork

_NOT_CUT_OFF = "Something is being changed, which is not cut off."


class ProgressPage(ActPage):
    """It goes on whether it is looked at or not."""

    def __init__(self, work: OneWork) -> None:
        super().__init__()
        self.work = work
        self._lines = FactLines()
        self._end = FactLines(classes="act-question")
        self._offered = False
        """It was asked whether to give up."""

    @property
    def _undertaking(self) -> Undertaking:
        return self.work.undertaking

    def compose(self) -> ComposeResult:
        """Parts; below them how it stands."""
        with Scroll():
            yield self._lines
        yield self._end

    def on_mount(self) -> None:
        """What has happened so far, and what comes."""
        self.work.looked_at = True
        self.tick()
        self.run_worker(self._follow(), group="progress", exit_on_error=False)

    def on_unmount(self) -> None:
        """From now on a notification says how it ends."""
        self.work.looked_at = False

    async def _follow(self) -> None:
        async for _ in self._undertaking.follow():
            self.tick()
        self.post_message(self.Over(self))

    def title_parts(self) -> Sequence[Part]:
        return cells.phrase_parts(self._undertaking.plan.title, "strong")

    def tick(self) -> None:
        self._lines.lines = tuple(progress_lines(self._undertaking))
        ended = self._undertaking.ended
        lasted = Part(f"{self.work.lasted()}  ", "muted")
        self._end.lines = tuple(end_lines(ended)) if ended is not None else (FactLine((), (lasted, *self._can())),)

    def _can(self) -> tuple[Part, ...]:
        if self._undertaking.stopping.is_set():
            return (Part("It is being given up."),)
        if not only_waits(self._undertaking):
            goes_on = " leaves it going on in the background."
            how = "It was done; its proof is waited for." if waits_for_proof(self._undertaking) else _NOT_CUT_OFF
            return (Part(f"{how}  "), Part("Escape", "key"), Part(goes_on))
        if not self._offered:
            return (Part("Nothing has been changed yet.  "), Part("Escape", "key"), Part(" to leave it."))
        give_up, leave = Part(" gives it up.  "), Part(" leaves it waiting in the background.")
        return (Part("Give it up?  "), Part("Enter", "key"), give_up, Part("Escape", "key"), leave)

    def enter(self) -> None:
        if self._offered and only_waits(self._undertaking):
            self._undertaking.stop()
            self.tick()

    def leave(self) -> bool:
        """While nothing has been changed it is asked first whether to give up."""
        if self._undertaking.ended is not None or self._offered or not only_waits(self._undertaking):
            return True
        self._offered = True
        self.tick()
        return False

    def copied(self) -> str:
        return plain(self._undertaking.ended.helps) if self._undertaking.ended is not None else ""
