"""The panes of the console, in the order of their tabs; a pane without a key is where one drills in."""

from pkgutil import resolve_name
from typing import NamedTuple

from console.ui.panes.base import Pane


class Entry(NamedTuple):
    """One pane: the name it goes by, its title, the key of its tab, and where its class is."""

    name: str
    title: str
    key: str
    place: str
    """Loaded when it is made: the first paint needs one pane only."""

    def make(self) -> Pane:
        """A new one."""
        made: Pane = resolve_name(f"console.ui.panes.{self.place}")()
        return made


PANES: tuple[Entry, ...] = (
    Entry("now", "Now", "1", "now:NowPane"),
    Entry("runners", "Runners", "2", "runners:RunnersPane"),
    Entry("jobs", "Jobs", "3", "jobs:JobsPane"),
    Entry("logs", "Logs", "4", "logs:LogsPane"),
    Entry("history", "History", "5", "history:HistoryPane"),
    Entry("runbooks", "Runbooks", "6", "runbooks:RunbooksPane"),
    Entry("runner", "Runner", "", "runner:RunnerPane"),
    Entry("job", "Job", "", "job:JobPane"),
    Entry("deed", "Deed", "", "deed:DeedPane"),
    Entry("walk", "Walk", "", "walk:WalkPane"),
    Entry("waits", "Waits", "", "waits:WaitsPane"),
)
