"""Pictures of each pane and each dialog alone, and of the whole screen. Time stands still in them."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

import console.ui
from console.fleet.history import Chronicle
from console.fleet.models import FleetSnapshot, Problem
from console.remote.log_text import Spool
from console.ui.app import ConsoleApp
from console.ui.dialogs.explain import ExplainDialog
from console.ui.dialogs.first_run import FirstRunDialog
from console.ui.dialogs.help import HelpDialog, KeyGroup
from console.ui.dialogs.sources import SourcesDialog
from console.ui.main_screen import MainScreen
from console.ui.panes.base import Pane, Place
from console.ui.panes.deed import DeedPane
from console.ui.panes.history import HistoryPane
from console.ui.panes.job import JobPane
from console.ui.panes.jobs import JobsPane
from console.ui.panes.now import NowPane
from console.ui.panes.runner import RunnerPane
from console.ui.panes.runners import RunnersPane
from console.ui.theme import VARIABLE_DEFAULTS, themes
from tests.ui import fleet_fixture as fleet
from tests.ui import test_logs as logs
from tests.ui.fleet_fixture import settled
from tests.ui.history_fixture import SOME

SIZES = [(80, 24), (160, 50)]
Compare = Callable[..., bool]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clock times are those of the operator's zone."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


class Host(App[None]):
    """The least that a pane or a dialog needs around it."""

    CSS_PATH = Path(console.ui.__file__).parent / "style.tcss"
    HORIZONTAL_BREAKPOINTS = MainScreen.HORIZONTAL_BREAKPOINTS or []

    def __init__(self, pane: Pane | None = None, dialog: Screen[Any] | None = None) -> None:
        super().__init__()
        self._pane = pane
        self._dialog = dialog
        for theme in themes():
            self.register_theme(theme)
        self.theme = "dark"
        self.animation_level = "none"

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return VARIABLE_DEFAULTS

    def compose(self) -> ComposeResult:
        if self._pane is not None:
            yield self._pane

    async def on_mount(self) -> None:
        if self._dialog is not None:
            await self.push_screen(self._dialog)


def shown(pane: Pane, place: Place, snapshot: FleetSnapshot = fleet.INCIDENT, **more: Any) -> Host:
    pane.look = fleet.look(snapshot, **more)
    pane.now = fleet.NOON
    pane.place = place
    pane.shown = True
    return Host(pane=pane)


def of_history(pane: HistoryPane | DeedPane, place: Place, known: Chronicle = SOME) -> Host:
    pane.known = known
    return shown(pane, place)


SSO = Problem("sso", "acme wants single sign-on.", "Authorise the token for acme.", fleet.NOON - timedelta(minutes=2))
TROUBLED = msgspec.structs.replace(
    fleet.INCIDENT,
    set_aside=2,
    freshness=fleet.sources(75, SSO),
)
KEYS = (
    KeyGroup("In the list", (("j ↓", "Go to the next row"), ("k ↑", "Go to the row before"))),
    KeyGroup("Here", (("?", "The keys and commands of this screen"),)),
)
PANES: dict[str, Callable[[], Host]] = {
    "now": lambda: shown(NowPane(), Place("now")),
    "now-healthy": lambda: shown(NowPane(), Place("now"), fleet.HEALTHY),
    "now-first-look": lambda: shown(NowPane(), Place("now"), msgspec.structs.replace(fleet.HEALTHY, whole=False)),
    "now-remembered": lambda: shown(NowPane(), Place("now"), fleet.HEALTHY, findings=(), remembered=True),
    "runners": lambda: shown(RunnersPane(), Place("runners")),
    "jobs": lambda: shown(JobsPane(), Place("jobs")),
    "runner": lambda: shown(RunnerPane(), Place("runner", fleet.STUCK.key)),
    "history": lambda: of_history(HistoryPane(), Place("history")),
    "history-empty": lambda: of_history(HistoryPane(), Place("history"), Chronicle()),
    "deed": lambda: of_history(DeedPane(), Place("deed", deed="1")),
    "job": lambda: shown(JobPane(), Place("job", next(key for key in fleet.INCIDENT.jobs if key.id == 14))),
}
DIALOGS: dict[str, Callable[[], Host]] = {
    "explain-job": lambda: Host(dialog=ExplainDialog(job_key(15), fleet.look(fleet.INCIDENT))),
    "explain-runner": lambda: Host(dialog=ExplainDialog(fleet.STUCK.key, fleet.look(fleet.INCIDENT))),
    "help": lambda: Host(dialog=HelpDialog(KEYS)),
    "sources": lambda: Host(dialog=SourcesDialog(fleet.look(TROUBLED), fleet.FACTS)),
    "first-run": lambda: Host(dialog=FirstRunDialog()),
}


def job_key(number: int) -> Any:
    return next(key for key in fleet.INCIDENT.jobs if key.id == number)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", [*PANES, *DIALOGS])
def test_each_pane_and_dialog_alone(snap_compare: Compare, name: str, size: tuple[int, int]) -> None:
    assert snap_compare((PANES | DIALOGS)[name](), terminal_size=size, run_before=settled)


def whole(snapshot: FleetSnapshot, theme: str) -> ConsoleApp:
    facts = msgspec.structs.replace(fleet.FACTS, theme=theme)
    first = msgspec.structs.replace(fleet.FIRST, theme=theme)
    return ConsoleApp(first, fleet.FakeConnector(fleet.look(snapshot), facts=facts), fleet.FrozenClock())


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_whole_screen(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(whole(fleet.INCIDENT, "production"), terminal_size=size, run_before=settled)


def test_the_whole_screen_in_trouble_and_in_the_light(snap_compare: Compare) -> None:
    app = whole(TROUBLED, "light")
    app._disable_notifications = True
    assert snap_compare(app, terminal_size=(120, 30), run_before=settled)


def log_alone(directory: Path) -> logs.Host:
    """A log that broke in its middle."""
    return logs.Host(logs.opened(Spool(directory)))


async def at_the_known_line(pilot: Pilot[None]) -> None:
    await logs.read(pilot)
    await pilot.press("e")
    await settled(pilot)


@pytest.mark.parametrize("explained", [True, False], ids=["explained", "lines-alone"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_log_alone(snap_compare: Compare, tmp_path: Path, size: tuple[int, int], explained: bool) -> None:
    async def arrange(pilot: Pilot[None]) -> None:
        await at_the_known_line(pilot)
        if not explained:
            await pilot.press("x")
            await settled(pilot)

    assert snap_compare(log_alone(tmp_path), terminal_size=size, run_before=arrange)
