"""Where the operator is: the pane that is shown, the way there, and the way back."""

from textual import on
from textual.reactive import var
from textual.screen import Screen
from textual.widget import Widget

from console.ui.panes.base import Pane, Place
from console.ui.panes.table_pane import TablePane
from console.ui.widgets.bottom import BottomLine
from console.ui.widgets.tabs import TabLine


class PlacesScreen(Screen[None], inherit_bindings=False):
    """Shows one pane at a time. The first place of the way is a tab, each further one was drilled into."""

    focused: var[Widget | None] = var(None, init=False)
    """What had it and what gets it draw that themselves: Textual would paint all of the screen anew besides."""

    def __init__(self) -> None:
        super().__init__()
        self._trail = [Place("now")]
        self._before = self._trail
        self.panes: dict[str, Pane] = {}
        """Those that there are so far, by name."""

    @property
    def pane(self) -> Pane:
        """The pane that is shown."""
        return self.panes.get(self._trail[-1].pane) or self.panes["now"]

    @property
    def trail_here(self) -> list[Place]:
        """The way to what is shown."""
        return list(self._trail)

    def start_anew(self) -> None:
        """To the first screen, with no way back."""
        self._trail = self._before = [Place("now")]
        self.show_place()

    def leave_for(self, trail: list[Place]) -> None:
        """Go somewhere else; `-` comes back here."""
        self.query_one(BottomLine).close()
        self._trail, self._before = trail, self._trail
        self.show_place()

    def show_place(self) -> None:
        """Show the pane of the last place of the way, once it is there."""
        place = self._trail[-1]
        if place.pane not in self.panes:
            return
        for name, pane in self.panes.items():
            if name != place.pane:
                pane.shown = False
        pane = self.pane
        pane.place = place
        pane.shown = True
        tabs = self.query_one(TabLine)
        tabs.current = self._trail[0].pane
        tabs.trail = tuple(pane.trail())
        self.focus_pane()
        self.refresh_bindings()

    def focus_pane(self) -> None:
        """Give the keys to what takes them in the pane that is shown, at once: some may be typed ahead."""
        self.set_focus(self.pane.main_widget())

    @on(Pane.Asked)
    def _drill_in(self, event: Pane.Asked) -> None:
        if event.place != self._trail[-1]:
            self.leave_for([*self._trail, event.place])

    def go_back(self) -> bool:
        """To where one drilled in from; False at the top."""
        if len(self._trail) == 1:
            return False
        self.leave_for(self._trail[:-1])
        return True

    def action_back(self) -> None:
        """Escape: first the filter goes, then the place."""
        pane = self.pane
        if not (isinstance(pane, TablePane) and pane.clear()):
            self.go_back()

    def action_waits(self) -> None:
        """`W`: one goes there from wherever one is, and back."""
        if self._trail[-1].pane != "waits":
            self.leave_for([*self._trail, Place("waits")])

    def action_previous(self) -> None:
        """`-`: to and fro between two places."""
        self.leave_for(self._before)
