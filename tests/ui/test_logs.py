"""A log on the screen: what its keys do, what is marked, and that a log of any kind does no harm."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from textual.pilot import Pilot

from console.fleet.log_lines import LogLine, LogMark
from console.fleet.models import Name, Step
from console.fleet.signatures import Catalogue, Signature
from console.operations.feed_state import FeedState
from console.operations.interfaces import SystemClock
from console.operations.logs import Note, OpenLog
from console.remote.log_file import LogFile
from console.remote.log_text import Spool
from console.ui.terminal_app import TerminalApp
from console.ui.widgets import log_panel
from console.ui.widgets.fact_lines import FactLines
from console.ui.widgets.log_panel import LogPanel
from console.ui.widgets.log_view import LogView
from console.ui.widgets.prompt import PromptLine

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BROKEN = Signature(
    id="cache.broken",
    title="The cache is broken",
    pattern="cache is broken",
    where=("job-log",),
    severity="error",
    harmless="sometimes",
    harmless_when="when another job saves the key",
    meaning="What was saved cannot be read.",
    remedy="Delete the entry.",
    source="made for the tests",
    examples=("the cache is broken",),
    near_misses=(),
)
ODD = Signature(
    id="cache.odd",
    title="An odd cache",
    pattern="cache is odd",
    where=("job-log",),
    severity="warning",
    harmless="never",
    meaning="It may be slow.",
    remedy="Nothing.",
    source="made for the tests",
    examples=("the cache is odd",),
    near_misses=(),
)
CATALOGUE = Catalogue((BROKEN, ODD))


def log_of(*lines: str) -> bytes:
    """One line a second."""
    return b"".join(
        f"{START + timedelta(seconds=at):%Y-%m-%dT%H:%M:%S}.0000000Z {line}\n".encode() for at, line in enumerate(lines)
    )


LONG = log_of(
    *["##[group]Set up", "inside one", "inside two", "##[endgroup]"],
    *(f"line {number}" for number in range(4, 100)),
    "the cache is odd",
    *(f"line {number}" for number in range(101, 150)),
    "oh, the cache is broken again",
    *(f"line {number}" for number in range(151, 200)),
)


class Host(TerminalApp):
    """A log alone."""

    def __init__(self, opened: OpenLog) -> None:
        super().__init__()
        self.use_known_theme("dark")
        self.opened = opened
        self.copied: list[str] = []

    async def on_mount(self) -> None:
        panel = LogPanel(self.opened, START + timedelta(hours=1))
        await self.mount(panel)
        panel.view.focus()

    def copy_to_clipboard(self, text: str) -> None:
        self.copied.append(text)

    @property
    def panel(self) -> LogPanel:
        return self.query_one(LogPanel)

    @property
    def view(self) -> LogView:
        return self.query_one(LogView)

    def complete(self) -> bool:
        """All of the log has been read."""
        return self.panel.reading is not None and self.panel.reading.complete

    def following(self) -> bool:
        return self.view.following

    def lines(self) -> list[str]:
        """What stands on the screen of the log."""
        return [self.view.render_line(y).text.rstrip() for y in range(self.view.size.height)]

    def said(self) -> str:
        """What is known of the line under the cursor."""
        return str(self.query_one(FactLines).render())


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    kept = Spool(tmp_path)
    yield kept
    await kept.close()


def opened(spool: Spool, data: bytes = LONG, *, steps: tuple[Step, ...] = (), notes: tuple[Note, ...] = ()) -> OpenLog:
    """A whole log, unless it is left open."""
    spool.append(data)
    spool.end()
    return OpenLog((Name("acme/web"),), "job-log", spool, lambda: CATALOGUE, SystemClock(), steps=steps, notes=notes)


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    for _ in range(6000):
        await pilot.pause()
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("It did not come about.")


async def read(pilot: Pilot[None]) -> Host:
    """The host, once the log has been read."""
    app = pilot.app
    assert isinstance(app, Host)
    await until(
        pilot, lambda: bool(app.query(LogPanel)) and app.panel.reading is not None and app.panel.reading.complete
    )
    await pilot.pause()
    return app


async def test_e_and_w_go_to_what_is_marked_and_say_what_it_is(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        assert "The cache is broken" in app.said()
        await pilot.press("e")
        assert app.view.cursor_line == 150
        assert "What was saved cannot be read." in app.said()
        assert "sometimes: when another job saves the key" in app.said()
        assert "Delete the entry." in app.said()
        await pilot.press("w")
        assert app.view.cursor_line == 100
        assert "An odd cache" in app.said()
        await pilot.press("W", "E")
        assert app.view.cursor_line == 150


async def test_lines_stay_where_they_are_when_more_or_less_is_known_of_the_line_under_the_cursor(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        before = app.view.size.height
        await pilot.press("e")
        await pilot.pause()
        assert app.view.size.height == before


async def test_what_is_longer_than_its_room_can_be_read_on_and_begins_anew_at_the_next_line(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(LONG)
    spool.end()
    wordy = msgspec.structs.replace(BROKEN, meaning="It is not easy to say in a few words what this means. " * 12)
    log = OpenLog((Name("x"),), "job-log", spool, lambda: Catalogue((wordy, ODD)), SystemClock())
    async with Host(log).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        box = app.query_one(".log-explanation")
        await pilot.press("e")
        await pilot.pause()
        await pilot.press("J", "J", "K")
        await pilot.pause()
        assert box.scroll_y == 1
        assert app.view.cursor_line == 150
        await pilot.press("w")
        await pilot.pause()
        assert box.scroll_y == 0


@pytest.mark.parametrize("state", [None, FeedState("connected", START)])
async def test_a_clock_may_tick_and_a_key_be_pressed_before_a_log_is_on_the_screen(
    spool: Spool, state: FeedState | None
) -> None:
    """A log of a host has a state from the first."""

    class Impatient(Host):
        async def on_mount(self) -> None:
            panel = LogPanel(self.opened, START)
            mounting = self.mount(panel)
            panel.set_now(START + timedelta(seconds=1))
            panel.view.focus()
            await mounting

    log = opened(spool)
    log.state = state
    async with Impatient(log).run_test(size=(80, 24)) as pilot:
        assert (await read(pilot)).complete()


async def test_the_words_that_are_known_are_underlined(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("e")
        await pilot.pause()
        row = app.view._rows.row(150) - app.view.scroll_offset.y
        underlined = "".join(part.text for part in app.view.render_line(row) if part.style and part.style.underline)
        assert underlined == "cache is broken"


async def test_a_failed_step_opens_at_its_first_error(spool: Spool) -> None:
    def step(number: int, begun: int, conclusion: str) -> Step:
        return Step(number, f"step {number}", "completed", conclusion, START + timedelta(seconds=begun))

    steps = (step(1, 0, "success"), step(2, 120, "failure"), step(3, 190, "skipped"))
    async with Host(opened(spool, steps=steps)).run_test(size=(100, 24)) as pilot:
        app = await read(pilot)
        await until(pilot, lambda: app.view.cursor_line == 150)
        assert "step 2" in str(app.query_one(".pane-title").render())


async def test_the_counts_of_a_title_stand_before_its_step_and_the_log_with_the_keys_is_seen(spool: Spool) -> None:
    steps = (Step(1, "A step of a long name", "completed", "failure", START, START + timedelta(seconds=199)),)
    async with Host(opened(spool, steps=steps)).run_test(size=(100, 30)) as pilot:
        app = await read(pilot)
        title = app.query_one(".pane-title")
        said = str(title.render())
        assert said.index("‼ 1") < said.index("A step of")
        assert said.startswith("▸ "), "without colours too"
        app.set_focus(None)
        await until(pilot, lambda: not str(title.render()).startswith("▸"))


async def test_what_is_wrong_with_a_log_is_read_in_its_title_however_long_its_name_is(spool: Spool) -> None:
    spool.append(LONG)
    spool.end("GitHub sent no more than 120 000 bytes of it.")
    name = (Name("acme-corporation/payments-service-backend"), " ", Name("integration (ubuntu, 3.12, slow)"), " 90017")
    log = OpenLog(name, "job-log", spool, lambda: CATALOGUE, SystemClock())
    async with Host(log).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        said = str(app.query_one(".pane-title").render())[:78]
        assert "GitHub sent no more than 120 000 bytes of it." in said
        assert "90017" in said
        await pilot.resize_terminal(160, 24)
        await pilot.pause()
        assert "integration (ubuntu, 3.12, slow)" in str(app.query_one(".pane-title").render())


async def test_search_goes_on_from_line_to_line_and_round(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("slash", *"line 10", "enter")
        assert app.query_one(PromptLine).display is False
        await until(pilot, lambda: app.view.cursor_line == 10)
        await pilot.press("n")
        await until(pilot, lambda: app.view.cursor_line == 101)
        await pilot.press("N")
        await until(pilot, lambda: app.view.cursor_line == 10)
        await pilot.press("N")
        await until(pilot, lambda: app.view.cursor_line == 109)
        await pilot.press("slash", *"/inside (two|three)/", "enter")
        await until(pilot, lambda: app.view.cursor_line == 2)


async def test_a_pattern_that_is_none_changes_nothing(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("slash", *"/(/", "enter")
        await until(pilot, lambda: len(app._notifications) == 1)
        assert app.view.cursor_line == 0
        assert app.view.search is None


async def test_a_time_leads_to_its_line(spool: Spool) -> None:
    local = (START + timedelta(seconds=130)).astimezone()
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("@", *f"{local:%H:%M:%S}", "enter")
        await until(pilot, lambda: app.view.cursor_line == 130)
        await pilot.press("@", *"noon", "enter")
        await until(pilot, lambda: len(app._notifications) == 1)


async def test_times_are_shown_as_wished(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        assert app.lines()[1].split() == [f"{(START + timedelta(seconds=1)).astimezone():%H:%M:%S}", "inside", "one"]
        await pilot.press("t")
        assert app.lines()[1].split()[0] == "2026-03-02T12:00:01.0000000Z"
        await pilot.press("t")
        assert app.lines()[1].strip() == "59 min inside one"
        await pilot.press("t")
        assert app.lines()[1].strip() == "inside one"


async def test_when_another_day_begins_the_lines_say_of_which_they_are(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        local = (START + timedelta(seconds=1)).astimezone()
        app.view.set_now(START + timedelta(days=2))
        await pilot.pause()
        assert app.lines()[1] == f"    {local.day} Mar {local:%H:%M:%S} inside one"


async def test_lines_that_say_no_time_have_no_column_for_it(spool: Spool) -> None:
    spool.append(b"##[group]plain\nno time here\n")
    growing = OpenLog((Name("x"),), "job-log", spool, lambda: CATALOGUE, SystemClock())
    async with Host(growing).run_test(size=(80, 24)) as pilot:
        app = pilot.app
        assert isinstance(app, Host)
        await until(pilot, lambda: bool(app.query(LogPanel)) and app.lines()[1] == "   no time here")
        await until(pilot, lambda: app.said() == "No line so far is known to mean trouble.")
        await pilot.press("t")
        assert app.view.times == "clock"
        spool.append(log_of("timed"))
        await until(pilot, lambda: app.lines()[2].endswith(":00 timed"))
        assert app.lines()[1] == "            no time here"
        spool.end()


async def test_only_matches_leaves_them_with_what_is_around(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(80, 40)) as pilot:
        app = await read(pilot)
        await pilot.press("e", "o")
        shown = [line.split(" ", 3)[-1].strip() for line in app.lines() if line.strip()]
        assert [line for line in shown if "cache" in line] == ["the cache is odd", "oh, the cache is broken again"]
        assert [line.strip("─⋯ ") for line in shown if "⋯" in line] == ["97 lines", "43 lines", "46 lines"]
        assert len(shown) == 14 + 3
        await pilot.press("o")
        assert app.view.cursor_line == 150
        assert not any("⋯" in line for line in app.lines())


async def test_where_only_matches_are_shown_what_is_folded_counts_at_its_title_alone(spool: Spool) -> None:
    log = log_of("##[group]the cache is odd", *["inside"] * 5, "##[endgroup]", *["far"] * 20, "the cache is broken")
    async with Host(opened(spool, log)).run_test(size=(80, 40)) as pilot:
        app = await read(pilot)
        await pilot.press("g", "enter", "o")
        shown = [line for line in app.lines() if line.strip()]
        assert "6 lines" in shown[0]
        assert shown[1].strip("─⋯ ") == "17 lines"
        assert len(shown) == 6


async def test_where_nothing_matches_it_is_said_how_much_is_not_shown(spool: Spool) -> None:
    async with Host(opened(spool, log_of(*["fine"] * 1204))).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("o")
        assert [line.strip("─⋯ ") for line in app.lines() if line.strip()] == ["1 204 lines"]


async def test_where_nothing_of_a_severity_is_marked_it_is_said_how_to_see_what_is(spool: Spool) -> None:
    async with Host(opened(spool, log_of("fine", "the cache is odd"))).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("e")
        await pilot.pause()
        (notice,) = app._notifications
        assert notice.message == "No error is marked in this log; o shows what else is."


@pytest.mark.parametrize("key", ["z", "o"])
async def test_page_after_page_every_line_is_seen(spool: Spool, key: str) -> None:
    """Also where lines take several rows of the screen: wrapped, or with what is left out between them."""
    lines = [f"{number:03} {'the cache is odd' if number % 9 == 0 else 'x' * (number % 90)}" for number in range(300)]
    async with Host(opened(spool, log_of(*lines))).run_test(size=(50, 20)) as pilot:
        app = await read(pilot)
        await pilot.press("x", key, "g")
        for turn in ("pagedown", "pageup"):
            seen: set[int] = set()
            for _ in range(80):
                seen |= {int(found) for line in app.lines() for found in re.findall(r":\d\d:\d\d (\d{3}) ", line)}
                await pilot.press(turn)
                await pilot.pause()
            assert len(seen) == (300 if key == "z" else sum(b - a for a, b in app.view.shown_runs()))


async def test_only_matches_shows_what_was_searched_for_with_what_is_around(spool: Spool) -> None:
    spool.append(LONG)
    growing = OpenLog((Name("x"),), "job-log", spool, lambda: CATALOGUE, SystemClock())
    async with Host(growing).run_test(size=(80, 40)) as pilot:
        app = pilot.app
        assert isinstance(app, Host)
        await until(pilot, lambda: bool(app.query(LogPanel)) and app.view.extent.lines == 200)
        await pilot.press("slash", *"line 50", "enter")
        await until(pilot, lambda: app.view.cursor_line == 50)
        await pilot.press("o")

        def shown() -> list[str]:
            return [line[12:] for line in app.lines() if line.strip() and "⋯" not in line]

        await until(pilot, lambda: shown() == [f"line {number}" for number in range(47, 54)])
        assert app.view.cursor_line == 50
        await pilot.press("slash", *"/line (60|70)$/", "enter")
        await until(pilot, lambda: len(shown()) == 14)
        await until(pilot, lambda: app.view.cursor_line == 60)
        spool.append(log_of("nothing", "line 70"))
        await until(pilot, lambda: shown()[-2:] == ["nothing", "line 70"])
        await pilot.press("slash", "escape")
        await until(pilot, lambda: "the cache is odd" in shown())
        spool.end()


async def test_of_a_file_that_is_emptied_or_replaced_nothing_stays_that_was_found_in_it(tmp_path: Path) -> None:
    path = tmp_path / "log.txt"
    path.write_bytes(LONG)
    log = OpenLog((Name("log.txt"),), "job-log", LogFile(path), lambda: CATALOGUE, SystemClock())
    async with Host(log).run_test(size=(80, 30)) as pilot:
        app = pilot.app
        assert isinstance(app, Host)
        await until(pilot, lambda: bool(app.query(LogPanel)) and app.view.extent.lines == 200)
        await pilot.press("slash", *"line 5", "enter")
        await until(pilot, lambda: app.view.cursor_line == 5)
        await pilot.press("m")
        path.write_bytes(b"")
        await until(pilot, lambda: app.view.extent.lines == 0)
        assert app.view.hits == ()
        assert not any(app.lines())
        assert not app.view._bookmarks
        path.write_bytes(LONG)
        await until(pilot, lambda: app.view.extent.lines == 200)
        await pilot.press("o")
        await until(pilot, lambda: len(app.view.hits) == 11)
        new = tmp_path / "new.txt"
        new.write_bytes(log_of("fine", "line 5", "the cache is odd"))
        new.replace(path)
        await until(pilot, lambda: app.view.extent.lines == 3)
        await until(pilot, lambda: app.view.hits == (1,))
        await until(pilot, lambda: "! 1" in str(app.query_one(".pane-title").render()))
        assert "Replaced" in str(app.query_one(".pane-title").render())


@pytest.mark.parametrize("search", ["line 50", "/LINE 5.$/", "/line [5]0/"])
async def test_what_was_searched_for_is_shown_in_the_line(spool: Spool, search: str) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("slash", *search.lower(), "enter")
        await until(pilot, lambda: app.view.cursor_line == 50)
        await pilot.pause()
        row = app.view._rows.row(50) - app.view.scroll_offset.y
        drawn = app.view.render_line(row)
        assert "".join(part.text for part in drawn if part.style and part.style.reverse) == "line 50"


async def test_a_pattern_that_may_take_long_is_refused(spool: Spool) -> None:
    async with Host(opened(spool, log_of("a" * 5000))).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("slash", *"/(a+)+$/", "enter")
        await until(pilot, lambda: any("The pattern repeats" in each.message for each in app._notifications))
        assert app.view.search is None


async def test_going_to_the_end_of_wrapped_lines_draws_few_of_them(spool: Spool) -> None:
    log = log_of(*("x" * 300 for _ in range(500)))
    async with Host(opened(spool, log)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("z")
        made = 0
        lines = app.opened.text.lines

        def counted(first: int, count: int) -> list[LogLine]:
            nonlocal made
            made += count
            return lines(first, count)

        app.opened.text.lines = counted  # type: ignore[method-assign]
        await pilot.press("G")
        await pilot.pause()
        assert made < 100
        assert "x" in app.lines()[10]


async def test_groups_fold_and_open_when_something_within_is_gone_to(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("g", "enter")
        assert "Set up" in app.lines()[0]
        assert "3 lines" in app.lines()[0]
        assert "line 4" in app.lines()[1]
        app.view.go_to(2)
        await pilot.pause()
        assert "inside two" in app.lines()[2]


async def test_bookmarks_are_found_again(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("e", "m", "g", "m", "apostrophe")
        assert app.view.cursor_line == 150
        await pilot.press("apostrophe")
        assert app.view.cursor_line == 0


async def test_selected_lines_are_copied_and_saved(spool: Spool, tmp_path: Path) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("j", "space", "j", "y")
        await until(pilot, lambda: app.copied == ["inside one\ninside two"])
        await until(pilot, lambda: not app.view.has_selection)
        assert "selected" not in str(app.query_one(".pane-title").render())
        await pilot.press("k", "space", "j")
        place = tmp_path / "saved.txt"
        await pilot.press("ctrl+s")
        app.query_one("Input").value = str(place)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, place.exists)
        await until(pilot, lambda: place.read_text().endswith("inside two\n"))
        assert place.read_text().count("\n") == 2
        await pilot.press("ctrl+s")
        app.query_one("Input").value = str(place)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: any("cannot be saved" in each.message for each in app._notifications))
        assert place.read_text().count("\n") == 2, "nothing that exists is overwritten"
        await pilot.press("ctrl+s")
        app.query_one("Input").value = "~nobody-of-that-name/x"  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: any("Nobody's home" in each.message for each in app._notifications))


async def test_of_a_line_too_long_to_be_copied_or_saved_whole_it_is_said(spool: Spool, tmp_path: Path) -> None:
    async with Host(opened(spool, b"x" * 20_000)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("y")
        await until(pilot, lambda: "Copied 1 line. Of longer lines it is the first 8 KB." in said(app))
        await pilot.press("ctrl+s")
        app.query_one("Input").value = str(tmp_path / "saved.txt")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(
            pilot, lambda: any(each.endswith("saved.txt. Of longer lines it is the first 8 KB.") for each in said(app))
        )


def said(app: Host) -> list[str]:
    return [each.message for each in app._notifications]


async def test_keys_that_find_nothing_say_so(spool: Spool) -> None:
    async with Host(opened(spool, b"fine\n")).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("apostrophe", "e", "w", "t", "slash", *"zz", "enter")
        await until(pilot, lambda: 'No line has "zz".' in said(app))
        assert said(app)[:4] == [
            "No line has a bookmark; m sets one.",
            "No error is marked in this log.",
            "No warning is marked in this log.",
            "No line here says when it was written.",
        ]


async def test_what_is_shown_is_what_is_saved(spool: Spool, tmp_path: Path) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        place = tmp_path / "saved.txt"
        await pilot.press("o", "ctrl+s")
        app.query_one("Input").value = str(place)  # type: ignore[attr-defined]
        await pilot.press("enter")
        await until(pilot, lambda: place.exists() and place.read_text().count("\n") == 14)
        assert "12:01:40.0000000Z the cache is odd\n" in place.read_text()


async def test_a_log_that_is_still_arriving_is_opened_where_it_broke_once_it_is_there(spool: Spool) -> None:
    def step(number: int, begun: int, conclusion: str) -> Step:
        return Step(number, f"step {number}", "completed", conclusion, START + timedelta(seconds=begun))

    half = LONG.index(b"line 60\n")
    spool.append(LONG[:half])
    steps = (step(1, 0, "success"), step(2, 120, "failure"))
    arriving = OpenLog((Name("x"),), "job-log", spool, lambda: CATALOGUE, SystemClock(), steps=steps)
    async with Host(arriving).run_test(size=(80, 24)) as pilot:
        app = pilot.app
        assert isinstance(app, Host)
        await until(pilot, lambda: bool(app.query(LogPanel)) and app.panel.reading is not None)
        await pilot.pause()
        assert app.view.cursor_line == 0
        spool.append(LONG[half:])
        spool.end()
        await until(pilot, lambda: app.view.cursor_line == 150)


@pytest.mark.parametrize(("keys", "line"), [((), 150), (("g", "j"), 1)])
async def test_a_log_from_a_host_opens_at_its_last_error_though_its_past_comes_in_parts(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...], line: int
) -> None:
    monkeypatch.setattr(log_panel, "PAST_COMES_WITHIN", 600.0)
    half = LONG.index(b"line 60\n")
    spool.append(LONG[:half])
    arriving = OpenLog((Name("x"),), "job-log", spool, lambda: CATALOGUE, SystemClock())
    arriving.state = FeedState("connected", START)
    async with Host(arriving).run_test(size=(80, 24)) as pilot:
        app = pilot.app
        assert isinstance(app, Host)
        await until(pilot, lambda: bool(app.query(LogPanel)) and app.following())
        assert app.view.cursor_line == app.view.extent.lines - 1
        await pilot.press(*keys)
        spool.append(LONG[half:])
        await until(pilot, lambda: app.panel.reading is not None and 150 in app.panel.reading.marks)
        await until(pilot, lambda: app.view.cursor_line == line)
        assert not app.following()


async def test_going_to_an_error_that_is_in_view_ends_following(spool: Spool) -> None:
    spool.append(log_of("fine", "the cache is broken", "the newest"))
    growing = OpenLog((Name("x"),), "job-log", spool, lambda: CATALOGUE, SystemClock())
    async with Host(growing).run_test(size=(80, 24)) as pilot:
        app = pilot.app
        assert isinstance(app, Host)
        await until(pilot, lambda: bool(app.query(LogPanel)) and bool(app.panel.reading and app.panel.reading.marks))
        await pilot.press("G", "E")
        error = app.view.cursor_line
        spool.append(log_of("one more"))
        await until(pilot, lambda: app.view.new_lines == 1)
        assert error < app.view.extent.lines - 2
        assert (app.view.cursor_line, app.following()) == (error, False)


async def test_follow_stays_at_the_end_and_a_wish_to_read_pauses_it(spool: Spool) -> None:
    spool.append(LONG)
    growing = OpenLog((Name("x"),), "job-log", spool, lambda: CATALOGUE, SystemClock())
    async with Host(growing).run_test(size=(80, 24)) as pilot:
        app = pilot.app
        assert isinstance(app, Host)
        await until(pilot, lambda: bool(app.query(LogPanel)) and app.view.extent.lines == 200)
        await pilot.press("G")
        assert app.following()
        spool.append(log_of("the newest"))
        await until(pilot, lambda: "the newest" in "".join(app.lines()))
        await pilot.press("k")
        assert not app.following()
        spool.append(log_of("one more", "and another"))
        await until(pilot, lambda: app.view.new_lines == 2)
        assert "one more" not in "".join(app.lines())
        assert "2 new lines" in str(app.query_one(".pane-title").render())
        await pilot.press("s")
        await until(pilot, lambda: "and another" in "".join(app.lines()))
        spool.end()


async def test_wrapped_lines_show_their_end(spool: Spool) -> None:
    log = log_of(*("short" for _ in range(50)), "begin " + "x" * 100 + " end")
    async with Host(opened(spool, log)).run_test(size=(60, 20)) as pilot:
        app = await read(pilot)
        await pilot.press("G")
        assert not any("end" in line for line in app.lines())
        await pilot.press("z")
        await pilot.pause()
        assert any(line.endswith("end") for line in app.lines())
        await pilot.press("z", "right", "right", "right", "right", "right")
        await pilot.pause()
        assert any(line.endswith("end") for line in app.lines())


async def test_what_github_says_beside_the_log_is_shown(spool: Spool) -> None:
    note = Note("failure", "The self-hosted runner lost communication with the server.")
    async with Host(opened(spool, log_of("fine"), notes=(note,))).run_test(size=(100, 20)) as pilot:
        app = await read(pilot)
        assert "lost communication" in app.said()
        assert "No line of it is known to mean trouble." in app.said()


async def test_of_a_long_note_so_much_is_shown_that_the_rest_keeps_its_place_and_what_is_left_out_is_counted(
    spool: Spool,
) -> None:
    note = Note("failure", "ab" * 5_000)
    async with Host(opened(spool, log_of("fine"), notes=(note,))).run_test(size=(100, 30)) as pilot:
        app = await read(pilot)
        said = "".join(app.said().split())
        assert said.count("ab") <= 150
        assert "…+9700" in said
        assert "No line of it is known to mean trouble." in " ".join(app.said().split())


async def test_what_is_known_of_a_note_is_explained_beside_it_where_there_is_no_log(spool: Spool) -> None:
    signature = next(iter(CATALOGUE.by_id.values()))
    note = Note("failure", "It lost communication with the server.", LogMark(0, "error", signature.id, "lost"))
    async with Host(opened(spool, b"", notes=(note,))).run_test(size=(100, 30)) as pilot:
        app = await read(pilot)
        said = " ".join(app.said().split())
        assert signature.title in said
        assert " ".join(signature.meaning.split())[:60] in said
        assert " ".join(signature.remedy.split())[:60] in said
        assert "No line of it is known to mean trouble" not in said
        title = str(app.query_one(".pane-title").render())
        assert "harmless sometimes: when another job saves the key" in said
        assert "1/0" not in title
        assert "no lines" in title


@pytest.mark.parametrize("size", [(80, 24), (200, 50)])
async def test_what_github_says_has_all_the_room_where_there_is_no_line(spool: Spool, size: tuple[int, int]) -> None:
    note = Note("failure", "It lost communication with the server.")
    async with Host(opened(spool, b"", notes=(note,))).run_test(size=size) as pilot:
        app = await read(pilot)
        await until(pilot, lambda: app.query_one(".log-explanation").size.height == size[1] - 2)
        assert app.query_one(FactLines).size.width > size[0] - 5
        await pilot.press("x", "j", "e", "G")


async def test_a_note_that_only_repeats_a_line_of_the_log_comes_after_what_is_known_of_the_log(spool: Spool) -> None:
    lost = Note("failure", "It lost communication.", LogMark(0, "error", "not.in-the-log", "lost"))
    again = Note("failure", "oh, the cache is broken again", LogMark(0, "error", BROKEN.id, "cache is broken"))
    async with Host(opened(spool, notes=(again, lost))).run_test(size=(100, 30)) as pilot:
        said = (await read(pilot)).said()
        assert said.index("It lost communication") < said.index(BROKEN.title) < said.index("oh, the cache is broken")
        assert BROKEN.meaning not in said


async def test_the_list_of_what_is_known_says_what_is_harmless(spool: Spool) -> None:
    async with Host(opened(spool)).run_test(size=(100, 30)) as pilot:
        app = await read(pilot)
        said = " ".join(app.said().split())
        assert f"{BROKEN.title} harmless sometimes: when another job saves the key" in said
        assert "harmless" not in said.split(ODD.title)[1]


async def test_a_log_that_broke_off_says_so(spool: Spool) -> None:
    spool.append(log_of("one"))
    spool.end("The log ended early, at byte 33: the connection broke.")
    broken = OpenLog((Name("x"),), "job-log", spool, lambda: CATALOGUE, SystemClock())
    async with Host(broken).run_test(size=(100, 20)) as pilot:
        app = await read(pilot)
        assert "ended early" in str(app.query_one(".pane-title").render())


@pytest.mark.parametrize("size", [(40, 10), (20, 5), (200, 50), (1, 1)])
async def test_a_log_fits_every_screen(spool: Spool, size: tuple[int, int]) -> None:
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await pilot.press("z", "t", "G")
        await pilot.resize_terminal(*size)
        await pilot.pause()
        assert all(app.view.render_line(y).cell_length <= max(size[0], 1) for y in range(app.view.size.height))


@settings(
    deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(
    st.lists(st.binary(max_size=60), max_size=30),
    st.lists(st.sampled_from("jkgGzotecwE") | st.sampled_from(["pagedown", "pageup", "right", "enter", "m", "space"])),
)
async def test_no_bytes_and_no_keys_bring_a_log_down(tmp_path: Path, pieces: list[bytes], keys: list[str]) -> None:
    spool = Spool(tmp_path)
    log = opened(spool, b"\n".join([b"##[group]a", *pieces, b"the cache is broken", b"\x1b]0;t\x07\x1b[31m["]))
    async with Host(log).run_test(size=(60, 12)) as pilot:
        app = await read(pilot)
        await pilot.press(*keys)
        await pilot.pause()
        drawn = [app.view.render_line(y) for y in range(app.view.size.height)]
        assert not [char for strip in drawn for char in strip.text if ord(char) < 32 or 0x7F <= ord(char) < 0xA0]
        assert not [part for strip in drawn for part in strip if part.style and (part.style.link or part.style.meta)]
