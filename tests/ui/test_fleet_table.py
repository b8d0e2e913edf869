"""The table: what stays where it is, what is drawn again, and how it looks."""

from datetime import timedelta

import pytest
from textual.widgets import Input

from console.fleet.models import Name
from console.ui.columns import Cell, FixedRow, Part
from console.ui.widgets.fleet_table import FleetTable
from tests.ui.table_host import COLUMNS, NOON, Host, Table, row, rows, style_of


async def test_only_the_rows_in_view_are_built() -> None:
    host = Host()
    async with host.run_test(size=(80, 20)) as pilot:
        host.table.set_rows(rows(range(50_000)))
        await pilot.pause()
        assert host.table.lines_built <= 20
        await pilot.press("G")
        assert host.cursor_key() == 49_999
        assert host.table.lines_built <= 40


async def test_a_look_with_nothing_changed_draws_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host()
    async with host.run_test() as pilot:
        same = rows(range(100))
        host.table.set_rows(same)
        await pilot.pause()
        built, redrawn = host.table.lines_built, host.watch_redraws(monkeypatch)
        for again in (same, dict(same), rows(range(100))):
            host.table.set_rows(again)
            await pilot.pause()
        assert (redrawn, host.table.lines_built) == ([], built)
        host.table.refresh()
        await pilot.pause()
        assert host.table.lines_built == built


async def test_only_changed_rows_in_view_are_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host()
    async with host.run_test(size=(80, 20)) as pilot:
        host.table.set_rows(rows(range(100)))
        await pilot.pause()
        built, redrawn = host.table.lines_built, host.watch_redraws(monkeypatch)
        host.table.set_rows(rows(range(100)) | {4: row(4, "busy"), 90: row(90, "busy")})
        await pilot.pause()
        assert [region.y for region in redrawn if region] == [5]
        assert host.table.lines_built == built + 1
        assert "busy" in host.text(5)


async def test_a_move_of_the_cursor_draws_two_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.table.set_rows(rows(range(100)))
        await pilot.pause()
        redrawn = host.watch_redraws(monkeypatch)
        await pilot.press("j")
        assert sorted(region.y for region in redrawn if region) == [1, 2]
        assert None not in redrawn


@pytest.mark.parametrize(
    "after",
    [
        rows(range(-7, 100)),
        rows(range(30, 100)),
        rows(range(1000), "busy"),
        dict(reversed(rows(range(200)).items())),
    ],
    ids=["rows before", "rows gone", "rows behind", "another order"],
)
async def test_the_cursor_stays_on_its_row_and_on_its_line(after: dict[int, FixedRow]) -> None:
    host = Host()
    async with host.run_test(size=(80, 20)) as pilot:
        host.table.set_rows(rows(range(100)))
        host.table.move_to(60)
        await pilot.press("k", "k", "k")
        await pilot.pause()
        line = host.cursor_line()
        assert line > 3
        host.table.set_rows(after)
        await pilot.pause()
        assert host.cursor_key() == 57
        assert host.cursor_line() == line
        assert "linux-0057" in host.text(line + 1)


async def test_where_the_operator_has_scrolled_to_stays_in_view_although_the_cursor_is_elsewhere() -> None:
    host = Host()
    async with host.run_test(size=(80, 20)) as pilot:
        host.table.set_rows(rows(range(200)))
        await pilot.press("j")
        host.table.scroll_to(y=100, animate=False)
        await pilot.pause()
        assert "linux-0100" in host.text(1)
        host.table.set_rows(rows(range(-5, 200)))
        await pilot.pause()
        assert "linux-0100" in host.text(1)
        assert host.cursor_key() == 1


async def test_a_row_put_before_the_first_is_seen_when_nobody_has_moved_the_cursor() -> None:
    host = Host()
    async with host.run_test(size=(80, 20)) as pilot:
        host.table.set_rows(rows(range(10, 100)))
        await pilot.pause()
        host.table.set_rows(rows(range(9, 100)))
        await pilot.pause()
        assert "linux-0009" in host.text(1)
        assert host.cursor_key() == 10


async def test_when_the_row_under_the_cursor_goes_the_next_one_takes_its_place_and_this_is_told() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.table.set_rows(rows(range(10)))
        host.table.move_to(5)
        host.table.set_rows(rows([1, 2, 3, 8, 9]))
        assert host.cursor_key() == 8
        host.table.set_rows(rows([1, 2, 3]))
        assert host.cursor_key() == 3
        host.table.set_rows({})
        assert host.cursor_key() is None
        await pilot.pause()
        keys = [message.key for message in host.told if isinstance(message, FleetTable.RowHighlighted)]
        assert keys == [0, 5, 8, 3, None]


async def test_ages_count_on_and_only_lines_whose_age_reads_otherwise_are_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    host = Host()

    def ages() -> list[str]:
        return [" ".join(host.text(line).split()[-2:]) for line in (1, 2, 3)]

    async with host.run_test() as pilot:
        host.table.set_rows({1: row(1, age=5), 2: row(2, age=125), 3: row(3, age=119)})
        await pilot.pause()
        assert ages() == ["5 s", "2 min", "1 min"]
        redrawn = host.watch_redraws(monkeypatch)
        host.table.now = NOON + timedelta(seconds=1)
        assert [region.y for region in redrawn if region] == [1, 3]
        assert ages() == ["6 s", "2 min", "2 min"]


async def test_columns_come_by_priority_as_there_is_room() -> None:
    for width, titles in (
        (30, ["Runner", "State"]),
        (80, ["Runner", "State", "Jobs", "Age"]),
        (120, ["Runner", "State", "Jobs", "Age", "Labels"]),
    ):
        host = Host()
        async with host.run_test(size=(width, 24)):
            host.table.set_rows(rows(range(3)))
            assert host.text(0).split() == titles


async def test_names_are_cut_in_the_middle_and_numbers_and_ages_stand_right() -> None:
    host = Host()
    async with host.run_test(size=(45, 24)):
        host.table.set_rows({7: row(7, name="prod-linux-of-the-second-floor-0193"), 12: row(12)})
        assert host.text(1) == "  prod-linux…loor-0193 idle         7     7 s"
        assert host.text(2) == "  prod-linux-0012      idle        12    12 s"


async def test_without_rows_the_pane_s_words_stand_there_and_foreign_ones_apart() -> None:
    host = Host()
    async with host.run_test(size=(40, 20)):
        host.table.set_empty(("No job waits for ", Name("[bold]gpu[/x]"), ". Nothing waits longer than 38 s."))
        assert host.text(2) == "  No job waits for [bold]gpu[/x]."
        assert host.text(3) == "  Nothing waits longer than 38 s."
        assert style_of(host.line(2), "gpu").color != style_of(host.line(2), "No job").color


async def test_names_that_look_like_markup_are_text() -> None:
    host = Host()
    names = ["[/x]", "[@click=app.quit]go[/]", "[link=http://x]y[/link]", "[red]z", "\\[b]"]
    async with host.run_test(size=(120, 20)) as pilot:
        host.table.set_rows({number: row(number, name=name) for number, name in enumerate(names)})
        await pilot.pause()
        for number, name in enumerate(names):
            assert name in host.text(number + 1)
            for segment in host.line(number + 1):
                assert segment.style is not None
                assert not segment.style.meta
                assert segment.style.link is None


async def test_the_cursor_is_a_background_and_fainter_without_the_focus() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.table.set_rows(rows(range(5)))
        await pilot.pause()
        focused, other = style_of(host.line(1), "linux-0000"), style_of(host.line(2), "linux-0001")
        assert focused.color == other.color
        assert focused.bgcolor != other.bgcolor
        assert not focused.reverse
        host.query_one(Input).focus()
        await pilot.pause()
        blurred = style_of(host.line(1), "linux-0000")
        assert blurred.bgcolor not in {focused.bgcolor, other.bgcolor}


async def test_another_theme_is_seen_at_once() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.table.set_rows(rows(range(5)))
        await pilot.pause()
        dark = style_of(host.line(2), "linux-0001")
        host.theme = "light"
        await pilot.pause()
        light = style_of(host.line(2), "linux-0001")
        assert (dark.color, dark.bgcolor) != (light.color, light.bgcolor)


async def test_without_colour_the_cursor_is_still_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    host = Host()
    async with host.run_test() as pilot:
        host.table.set_rows({0: row(0), 1: FixedRow((Cell((Part("◆", "error"), Part(" a"))), *row(1).values[1:]))})
        await pilot.pause()
        assert style_of(host.line(1), "linux-0000").reverse
        assert not style_of(host.line(2), " a").reverse
        assert style_of(host.line(2), "◆").bold


def test_rows_can_be_set_before_the_table_is_on_the_screen() -> None:
    table: Table = FleetTable(COLUMNS)
    table.set_order(2, reverse=True)
    table.set_rows(rows(range(10)))
    assert table.cursor_key == 9
