"""The console as a whole: what it says while it opens a context, how it goes on when that fails, and how it ends."""

import asyncio
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest
from textual.pilot import Pilot

from console.errors import BadTokenError, ConsoleError, NoContextError, SettingsError
from console.fleet.models import Problem
from console.fleet.server import Budget
from console.operations.connection import FirstPaint
from console.ui.app import ConsoleApp
from console.ui.dialogs.first_run import FirstRunDialog
from console.ui.panes.jobs import JobsPane
from console.ui.terminal_app import Options
from console.ui.widgets.banner import BannerLine
from console.ui.widgets.header import HeaderLine
from console.ui.widgets.tabs import TabLine
from console.ui.widgets.too_small import TooSmall
from tests.ui import fleet_fixture as fleet
from tests.ui.fleet_fixture import settled


@asynccontextmanager
async def console(
    connector: fleet.FakeConnector,
    *,
    clock: fleet.FrozenClock | None = None,
    first: FirstPaint = fleet.FIRST,
    size: tuple[int, int] = (100, 30),
) -> AsyncIterator[tuple[ConsoleApp, Pilot[None]]]:
    app = ConsoleApp(first, connector, clock or fleet.FrozenClock(), options=Options())
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        yield app, pilot


async def ended_by(app: ConsoleApp, fault: Callable[..., None], *arguments: str) -> None:
    async with app.run_test() as pilot:
        app.call_later(fault, *arguments)
        await pilot.pause()


def header(app: ConsoleApp) -> str:
    return app.main.query_one(HeaderLine).render().plain


def banner(app: ConsoleApp) -> str:
    line = app.main.query_one(BannerLine)
    return line.render().plain if line.display else ""


def said(app: ConsoleApp) -> list[str]:
    return [each.message for each in app._notifications]


async def test_the_first_paint_shows_what_is_remembered_and_how_old_it_is() -> None:
    old = fleet.snapshot((fleet.BUSY,), (), taken_at=fleet.NOON - timedelta(hours=3), freshness=())
    first = FirstPaint("acme-prod", "production", read_only=False, recall=lambda: old)
    async with console(fleet.FakeConnector(hangs=True), first=first) as (app, pilot):
        assert "acme-prod" in header(app)
        assert "WRITE" in header(app)
        assert "as of 3 h 00 ago" in header(app)
        assert app.theme == "production"
        await pilot.press("2")
        assert list(app.main.pane.table.view) == [fleet.BUSY.key]  # type: ignore[attr-defined] # the Runners pane has one


async def test_a_look_replaces_what_is_remembered() -> None:
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT))) as (app, _):
        assert "as of 4 s ago" in header(app)
        assert "API 4 812/5 000" in header(app)
        assert "READ-ONLY" in header(app)


async def test_the_age_counts_on_between_looks_and_says_when_it_is_late() -> None:
    clock = fleet.FrozenClock()
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT, clock)), clock=clock) as (app, pilot):
        clock.seconds += 50
        app.main._tick()
        await pilot.pause()
        assert "as of 54 s ago" in header(app)
        parts = app.main.query_one(HeaderLine).render()
        assert any("warning" in str(span.style) for span in parts.spans)


async def test_requests_that_are_held_back_are_counted_down() -> None:
    held = Budget(5000, 0, None, fleet.NOON + timedelta(seconds=30), "secondary limit")
    snapshot = msgspec.structs.replace(fleet.INCIDENT, budget=held)
    async with console(fleet.FakeConnector(fleet.look(snapshot))) as (app, _):
        assert "API held 30 s" in header(app)


async def test_a_pause_is_shown_and_asked_of_the_watch() -> None:
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT))
    async with console(connector) as (app, pilot):
        await pilot.press("p")
        assert connector.watch.asked == ["pause True"]
        connector.watch.queue.put_nowait(fleet.look(fleet.INCIDENT, paused=True))
        await settled(pilot)
        assert "PAUSED" in header(app)
        await pilot.press("p", "r")
        assert connector.watch.asked == ["pause True", "pause False", "look again"]


async def test_a_demo_says_so() -> None:
    facts = msgspec.structs.replace(fleet.FACTS, name="demo", demo="idle-while-queued")
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT), facts=facts)) as (app, _):
        assert "DEMO" in header(app)
        assert app.main.query_one(HeaderLine).has_class("demo")


async def test_without_a_context_it_says_what_to_type_and_q_leaves() -> None:
    connector = fleet.FakeConnector(errors=(NoContextError("No context."),))
    async with console(connector, first=FirstPaint()) as (app, pilot):
        assert isinstance(app.screen, FirstRunDialog)
        await pilot.press("escape", "enter", "2", "question_mark")
        assert isinstance(app.screen, FirstRunDialog)
        assert header(app) == " no context"
        await pilot.press("q")
    assert app.return_code == 0


async def test_a_context_that_cannot_be_opened_is_tried_again_until_it_can() -> None:
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT), errors=(fleet.NO_TOKEN, fleet.NO_TOKEN))
    async with console(connector) as (app, _):
        assert len(connector.opened) == 3
        assert "as of 4 s ago" in header(app)
        assert banner(app) == ""
    assert connector.connections[0].closed


async def test_a_failure_to_open_is_shown_with_its_hint() -> None:
    connector = fleet.FakeConnector(errors=(SettingsError("config.toml, line 3: no such key.", "Nearest: scopes"),))
    async with console(connector) as (app, pilot):
        assert "line 3: no such key. Nearest: scopes" in banner(app)
        calm = str(app.screen.query_one("#calm").render())
        assert "line 3: no such key." in calm
        assert "under way" not in calm
        assert len(connector.opened) == 1
        await pilot.press("r")
        await settled(pilot)
        assert len(connector.opened) == 2


async def test_a_watch_that_breaks_is_shown_and_started_again() -> None:
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT))
    async with console(connector) as (app, pilot):
        connector.watch.queue.put_nowait(ValueError("a fault"))
        await settled(pilot)
        assert len(connector.opened) == 2
        assert connector.connections[0].closed
        assert said(app) == ["A fault of the console's own: ValueError."]
        assert "as of 4 s ago" in header(app)


async def test_a_problem_is_told_once_and_stands_in_the_banner_while_it_lasts() -> None:
    problem = Problem("bad-token", "GitHub does not accept the token.", "Log in again.", fleet.NOON)
    broken = fleet.look(msgspec.structs.replace(fleet.INCIDENT, freshness=fleet.sources(60, problem)))
    connector = fleet.FakeConnector(broken)
    async with console(connector, size=(120, 30)) as (app, pilot):
        assert "GitHub does not accept the token. (acme/web and 1 more) Log in again." in banner(app)
        connector.watch.queue.put_nowait(broken)
        await settled(pilot)
        assert said(app) == ["GitHub does not accept the token."]
        connector.watch.queue.put_nowait(fleet.look(fleet.INCIDENT))
        await settled(pilot)
        assert banner(app) == ""


async def test_the_bell_rings_for_a_new_alert_only(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[int] = []
    monkeypatch.setattr(ConsoleApp, "bell", lambda self: rung.append(1))
    facts = msgspec.structs.replace(fleet.FACTS, bell=True)
    connector = fleet.FakeConnector(fleet.look(fleet.HEALTHY), facts=facts)
    async with console(connector) as (_, pilot):
        for _ in range(2):
            connector.watch.queue.put_nowait(fleet.look(fleet.INCIDENT))
            await settled(pilot)
        assert rung == [1]


async def test_another_context_is_opened_by_name() -> None:
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT))
    async with console(connector) as (app, pilot):
        await pilot.press("colon", *"context acme-lab", "enter")
        await settled(pilot)
        assert connector.opened == [None, "acme-lab"]
        assert connector.connections[0].closed
        assert "acme-lab" in header(app)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
async def test_a_signal_ends_it_with_its_own_exit_code(number: signal.Signals, code: int) -> None:
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT))
    async with console(connector) as (app, _):
        os.kill(os.getpid(), number)
        assert app.backstop is not None
        app.backstop.cancel()
        async with asyncio.timeout(60):
            while app.is_running:
                await asyncio.sleep(0)
    assert app.return_code == code
    assert connector.connections[0].closed


async def test_what_is_left_of_a_closed_console_does_not_catch_signals() -> None:
    async with console(fleet.FakeConnector()):
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


async def test_a_fault_prints_no_local_variables_and_exits_70(capsys: pytest.CaptureFixture[str]) -> None:
    app = ConsoleApp(fleet.FIRST, fleet.FakeConnector(fleet.look(fleet.INCIDENT)), fleet.FrozenClock())

    def fail(token: str) -> None:
        raise RuntimeError("broken on purpose")

    with pytest.raises(RuntimeError, match="broken on purpose"):
        await ended_by(app, fail, "canary-" + "token")
    printed = capsys.readouterr().err
    assert "broken on purpose" in printed
    assert "in fail" in printed
    assert "canary-token" not in printed
    assert app.return_code == 70


async def test_a_traceback_passes_the_redaction_that_was_handed_in(capsys: pytest.CaptureFixture[str]) -> None:
    options = Options(redact=lambda text: text.replace("canary", "***"))
    app = ConsoleApp(fleet.FIRST, fleet.FakeConnector(), fleet.FrozenClock(), options=options)

    def fail() -> None:
        raise ConsoleError("canary")

    with pytest.raises(ConsoleError):
        await ended_by(app, fail)
    printed = capsys.readouterr().err
    assert "canary" not in printed
    assert "***" in printed


async def test_any_size_of_window_is_survived() -> None:
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT))) as (app, pilot):
        for key in ("1", "2", "3", "enter"):
            await pilot.press(key)
            for size in ((1, 1), (20, 5), (500, 200), (39, 10), (40, 9), (41, 11), (80, 24)):
                await pilot.resize_terminal(*size)
        assert app.main.pane.display


async def test_a_window_without_room_says_so_and_keeps_its_place() -> None:
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT))) as (app, pilot):
        await pilot.press("2", "j")
        cursor = app.main.pane.target()
        await pilot.resize_terminal(30, 8)
        await pilot.pause()
        assert app.main.query_one("TooSmall").display
        await pilot.press("j", "question_mark", "3", "colon")
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert app.screen is app.main
        assert app.main.pane.target() == cursor
        await pilot.press("j")
        assert app.main.pane.target() != cursor
        await pilot.resize_terminal(30, 8)
        await pilot.press("q")
    assert app.return_code == 0


async def test_a_dialog_in_a_window_without_room_says_so_too() -> None:
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT))) as (app, pilot):
        await pilot.press("question_mark")
        await pilot.resize_terminal(20, 5)
        await pilot.pause()
        assert app.screen.query_one(TooSmall).display
        assert app.screen.query_one(TooSmall).region.size == (20, 5)


async def test_a_bad_token_found_while_opening_names_what_to_do() -> None:
    connector = fleet.FakeConnector(errors=(BadTokenError("GitHub does not accept the token.", "Log in again."),) * 99)
    async with console(connector) as (app, _):
        assert "GitHub does not accept the token. Next try in 10 s. Log in again." in banner(app)


async def test_the_same_context_is_tried_again_after_another_could_not_be_opened() -> None:
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT))
    async with console(connector) as (_, pilot):
        connector.errors = [SettingsError("acme-lab has no scopes.")]
        await pilot.press("colon", *"context acme-lab", "enter")
        await settled(pilot)
        await pilot.press("r")
        await settled(pilot)
        assert connector.opened == [None, "acme-lab", "acme-lab"]


async def test_ctrl_c_says_how_to_leave_instead_of_leaving() -> None:
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT))) as (app, pilot):
        await pilot.press("ctrl+c")
        await settled(pilot)
        assert said(app) == ["q or ctrl+q quits, y copies the line."]
        assert app.is_running


async def test_a_click_on_a_tab_goes_there() -> None:
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT))) as (app, pilot):
        await pilot.click(TabLine, offset=(20, 0))
        await settled(pilot)
        assert isinstance(app.main.pane, JobsPane)


async def test_the_header_says_what_matters_where_it_is_narrow() -> None:
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT, paused=True)), size=(40, 12)) as (app, _):
        assert header(app).split() == ["acme-prod", "▌RO▐", "PAUSED", "4", "s", "ago"]


@pytest.mark.parametrize(("width", "words"), [(120, "partly 4 s ago"), (80, "partly 4 s ago"), (50, " 4 s ago")])
async def test_where_one_source_was_never_read_the_age_of_the_others_stays(width: int, words: str) -> None:
    sources = fleet.sources(4)
    never = msgspec.structs.replace(sources[0], looked_at=None)
    snapshot = msgspec.structs.replace(fleet.INCIDENT, freshness=(*sources, never))
    async with console(fleet.FakeConnector(fleet.look(snapshot)), size=(width, 24)) as (app, _):
        assert words in header(app)
        assert "warning" in str(app.main.query_one(HeaderLine).render().spans)


async def test_where_nothing_was_ever_read_no_age_is_made_up() -> None:
    sources = tuple(msgspec.structs.replace(each, looked_at=None) for each in fleet.sources(4))
    snapshot = msgspec.structs.replace(fleet.INCIDENT, freshness=sources)
    async with console(fleet.FakeConnector(fleet.look(snapshot)), size=(80, 24)) as (app, _):
        assert "nothing read" in header(app)


async def test_the_ages_of_lists_cannot_be_taken_for_those_of_jobs() -> None:
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT)), size=(200, 50)) as (app, _):
        assert re.search(r"read: +runners 4 s +jobs 3 s", header(app))


async def test_the_next_try_of_what_failed_is_counted_down() -> None:
    clock = fleet.FrozenClock()
    problem = Problem("server", "GitHub answered 502 Bad Gateway.", "", fleet.NOON)
    sources = [
        msgspec.structs.replace(each, next_try=fleet.NOON + timedelta(seconds=12))
        for each in fleet.sources(60, problem)
    ]
    broken = fleet.look(msgspec.structs.replace(fleet.INCIDENT, freshness=tuple(sources)), clock)
    async with console(fleet.FakeConnector(broken), clock=clock) as (app, pilot):
        assert "Next try in 12 s." in banner(app)
        clock.seconds += 5
        app.main._tick()
        await pilot.pause()
        assert "Next try in 7 s." in banner(app)
        clock.seconds += 10
        app.main._tick()
        await pilot.pause()
        assert "It is tried now." in banner(app)


async def test_where_only_a_few_lines_have_room_findings_are_seen() -> None:
    async with console(fleet.FakeConnector(fleet.look(fleet.INCIDENT)), size=(40, 10)) as (app, _):
        lines = app.screen._compositor.render_strips(app.screen.size)
        assert any("‼ prod-linux-03" in line.text for line in lines)
