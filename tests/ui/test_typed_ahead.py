"""Keys that come faster than the console draws: each reaches what the one before has led to."""

from pathlib import Path

import pytest
from textual.events import Focus, Key, Paste
from textual.keys import _character_to_key
from textual.message import Message
from textual.pilot import Pilot
from textual.widgets import Input

from console.remote.log_text import Spool
from console.ui.dialogs.explain import ExplainDialog
from console.ui.main_screen import MainScreen
from tests.ui.fleet_fixture import settled
from tests.ui.test_logs import Host, opened, read
from tests.ui.test_panes import operator


async def burst(pilot: Pilot[None], *typed: str | Message) -> None:
    """All of them at once; a word stands for its letters where it begins with : or /."""
    for each in typed:
        if isinstance(each, Message):
            pilot.app.post_message(each)
        elif len(each) == 1 or each[0] in ":/":
            for letter in each:
                pilot.app.post_message(Key(_character_to_key(letter), letter))
        else:
            pilot.app.post_message(Key(each, None))
    await settled(pilot)


async def test_a_filter_is_kept_and_the_next_key_is_for_the_list() -> None:
    async with operator() as hand:
        await burst(hand.pilot, "2", "/mac", "enter", "x")
        assert isinstance(hand.app.screen, ExplainDialog)
        assert hand.app.main.pane.filter_text == "mac"  # type: ignore[attr-defined]


async def test_a_dialog_closes_by_a_key_that_came_before_it_was_drawn() -> None:
    async with operator() as hand:
        for opening in (("2", "x"), (":sources", "enter"), ("?",)):
            await burst(hand.pilot, *opening, "q")
            assert hand.app.is_running
            assert isinstance(hand.app.screen, MainScreen)


async def test_after_a_command_the_keys_are_for_where_it_led() -> None:
    async with operator() as hand:
        await burst(hand.pilot, ":jobs", "enter", "/lint", "enter", "enter")
        assert "lint" in hand.text.splitlines()[1], "the job is drilled into"
        await burst(hand.pilot, ":runners", "enter", "3", "/build", "escape", "1")
        assert hand.app.main.pane is hand.app.main.panes["now"]
        assert hand.app.main.panes["jobs"].filter_text == ""  # type: ignore[attr-defined]


async def test_what_cannot_be_understood_stays_and_takes_the_next_key() -> None:
    async with operator() as hand:
        await burst(hand.pilot, ":bogus", "enter", "q")
        assert hand.app.screen.query_one(Input).value == "bogusq"
        assert 'There is no command "bogus".' in hand.text


async def test_tab_takes_what_is_suggested_for_all_that_was_typed() -> None:
    async with operator() as hand:
        await burst(hand.pilot, ":theme li", "tab", "enter")
        assert hand.app.theme == "light"


async def test_what_is_typed_before_the_line_hears_of_its_focus_stays() -> None:
    async with operator() as hand:
        for letter in ":jobs failed":
            await burst(hand.pilot, letter)
            if letter == "j":
                hand.app.screen.query_one(Input).post_message(Focus())
        assert hand.app.screen.query_one(Input).value == "jobs failed"
        await burst(hand.pilot, "escape", "2", "/mac", "enter", "/arm")
        assert hand.app.screen.query_one(Input).value == "arm", "the filter that was there is replaced"


async def test_every_character_is_typed_into_the_line() -> None:
    typed = "".join(map(chr, range(0x20, 0x7F))) + "ä界"
    async with operator() as hand:
        await burst(hand.pilot, ":", *typed)
        assert hand.app.screen.query_one(Input).value == typed


@pytest.mark.parametrize(
    "typed",
    [
        ("/mxc", "left", "backspace", "a", "end"),
        ("/", Paste("mac\n")),
        ("/linux", "ctrl+u", *"mac"),
        ("/x", "shift+home", *"mac"),
    ],
)
async def test_what_is_typed_and_mended_in_one_go_is_what_was_meant(typed: tuple[str | Message, ...]) -> None:
    async with operator() as hand:
        await burst(hand.pilot, "2", *typed, "enter", "j")
        assert "1 match mac" in hand.text


async def test_in_a_log_the_key_after_a_search_is_for_its_lines(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    async with Host(opened(spool)).run_test(size=(80, 24)) as pilot:
        app = await read(pilot)
        await burst(pilot, "/line 50", "enter", "m")
        assert app.view.search is not None
        assert app.view.search.wanted == "line 50"
        assert app.view._bookmarks
        await burst(pilot, *"@14:32", "escape", "x")
        assert not app.query_one(".log-explanation").display
    await spool.close()
