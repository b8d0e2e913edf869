"""How what was done comes onto the screen: read when a context is open, and again and again while it is shown."""

import asyncio

from console.errors import ConsoleError
from console.fleet.history import Chronicle, worth_telling
from console.operations.connection import Connection
from console.ui.host_places import HostPlacesScreen

_AGAIN_SECONDS = 1.0
_NOTICE_SECONDS = 12.0
_PANES = ("history", "deed")


class HistoryPlacesScreen(HostPlacesScreen):
    """Shows the history, and tells once of what was cut off."""

    def __init__(self) -> None:
        super().__init__()
        self._told_of: set[str] = set()

    def on_mount(self) -> None:
        """Other consoles write to it too."""
        self.set_interval(_AGAIN_SECONDS, self._read_again)

    def connected(self, connection: Connection) -> None:
        """A context is open, and with it the history."""
        self.connection = connection
        self._read()

    def show_place(self) -> None:
        """What is shown is read at once."""
        super().show_place()
        self._read_again()

    def _read_again(self) -> None:
        if self.trail_here[-1].pane in _PANES:
            self._read()

    def _read(self) -> None:
        if self.connection is not None:
            reading = self._show_history(self.connection)
            self.run_worker(reading, name="history", group="history", exclusive=True, exit_on_error=False)

    async def _show_history(self, connection: Connection) -> None:
        from console.ui.panes.deed import DeedPane  # the first paint does not wait for them
        from console.ui.panes.history import HistoryPane

        known: Chronicle | ConsoleError
        try:
            known = await asyncio.to_thread(connection.history.read)
        except ConsoleError as error:
            known = error
        else:
            self._tell_what_was_cut_off(known)
        for pane in self.panes.values():
            if isinstance(pane, (HistoryPane, DeedPane)):
                pane.known = known

    def _tell_what_was_cut_off(self, known: Chronicle) -> None:
        news = [each for each in worth_telling(known.entries, self._now()) if each.deed.id not in self._told_of]
        if not news:
            return
        self._told_of |= {each.deed.id for each in news}
        titles = "; ".join(each.deed.title for each in news[:2]) + ("; …" if len(news) > 2 else "")
        count = "1 action was" if len(news) == 1 else f"{len(news)} actions were"
        words = f"{count} cut off: {titles}. What became of it is not known; 5 shows it."
        self.notify(words, severity="warning", timeout=_NOTICE_SECONDS, markup=False)
