"""The panes of the console, in the order of their tabs; a pane without a key is where one drills in."""

from collections.abc import Callable
from typing import NamedTuple

from console.ui.panes.base import Pane
from console.ui.panes.job import JobPane
from console.ui.panes.jobs import JobsPane
from console.ui.panes.logs import LogsPane
from console.ui.panes.now import NowPane
from console.ui.panes.runner import RunnerPane
from console.ui.panes.runners import RunnersPane


class Entry(NamedTuple):
    """One pane: the name it goes by, its title, the key of its tab, and how it is made."""

    name: str
    title: str
    key: str
    make: Callable[[], Pane]


PANES: tuple[Entry, ...] = (
    Entry("now", "Now", "1", NowPane),
    Entry("runners", "Runners", "2", RunnersPane),
    Entry("jobs", "Jobs", "3", JobsPane),
    Entry("logs", "Logs", "4", LogsPane),
    Entry("runner", "Runner", "", RunnerPane),
    Entry("job", "Job", "", JobPane),
)
