"""The table: what the operator does with it: keys, mouse, selection, order, filter."""

from typing import Any

from console.ui.widgets.fleet_table import FleetTable
from tests.ui.table_host import Host, row, rows


async def test_a_selected_row_keeps_its_sign_when_the_cursor_leaves() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.table.set_rows(rows(range(10)))
        await pilot.press("j", "space", "space", "G")
        assert host.selected() == [1, 2]
        assert [host.text(line)[0] for line in range(1, 6)] == [" ", "▸", "▸", " ", " "]
        host.table.set_order(0, reverse=True)
        assert host.selected() == [2, 1]
        host.table.clear_selection()
        await pilot.pause()
        told = [message.keys for message in host.told if isinstance(message, FleetTable.SelectionChanged)]
        assert told == [(1,), (1, 2), ()]


async def test_what_is_gone_or_hidden_is_not_among_the_selected() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.table.set_rows(rows(range(10)))
        for key in (1, 2, 3):
            host.table.toggle_select(key)
        host.table.set_rows(rows([0, 2, 3, 4]))
        assert host.selected() == [2, 3]
        host.table.set_filter(lambda fields: "0003" in fields["text"])
        assert host.selected() == [3]
        host.table.set_filter(None)
        assert host.selected() == [2, 3]
        await pilot.pause()
        told = [message.keys for message in host.told if isinstance(message, FleetTable.SelectionChanged)]
        assert told[-3:] == [(2, 3), (3,), (2, 3)]


async def test_sorting_is_stable_and_the_header_shows_it() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.table.set_rows({3: row(3), 1: row(1, "busy"), 2: row(2), 4: row(4, "busy")})
        assert list(host.table.view) == [3, 1, 2, 4]
        host.table.set_order(1)
        assert list(host.table.view) == [1, 4, 3, 2]
        assert "State▲" in host.text(0)
        host.table.set_order(1, reverse=True)
        assert list(host.table.view) == [3, 2, 1, 4]
        assert "State▼" in host.text(0)
        await pilot.press("less_than_sign")
        assert host.table.order == (0, False)
        await pilot.press("i")
        assert list(host.table.view) == [4, 3, 2, 1]
        await pilot.press("greater_than_sign")
        assert host.table.order == (1, False)
        host.table.set_order(None)
        assert list(host.table.view) == [3, 1, 2, 4]


async def test_keys_move_the_cursor_and_it_stays_in_view() -> None:
    host = Host()
    async with host.run_test(size=(80, 20)) as pilot:
        host.table.set_rows(rows(range(100)))
        height = host.table.size.height - 1
        steps = [("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0), ("pagedown", height), ("pageup", 0)]
        steps += [("ctrl+d", height // 2), ("ctrl+u", 0), ("G", 99), ("j", 99), ("g", 0), ("end", 99), ("home", 0)]
        for key, expected in steps:
            await pilot.press(key)
            assert host.cursor_key() == expected, key
            assert 0 <= host.cursor_line() < height, key


async def test_enter_chooses_the_row_under_the_cursor() -> None:
    host = Host()
    async with host.run_test() as pilot:
        await pilot.press("enter", "space", "j")
        host.table.set_rows(rows(range(5)))
        await pilot.press("j", "enter")
        chosen = [message.key for message in host.told if isinstance(message, FleetTable.RowChosen)]
        assert chosen == [1]


async def test_who_is_at_the_top_stays_there_when_the_order_changes_and_who_is_not_stays_on_the_row() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.table.set_rows(rows(range(100)))
        host.table.set_order(0)
        host.table.set_order(0, reverse=True)
        assert (host.table.cursor_key, host.table.scroll_offset.y) == (99, 0)
        await pilot.press("j", "i")
        assert host.table.cursor_key == 98
        await pilot.press("g", "greater_than_sign")
        assert (host.table.cursor_key, host.table.scroll_offset.y) == (host.table.view[0], 0)


async def test_columns_grow_to_what_comes_into_view_and_stay_so() -> None:
    host = Host()
    async with host.run_test() as pilot:
        host.table.set_rows({**rows(range(60)), 60: row(60, "a state that is much longer than any other")})
        await pilot.pause()
        assert "longer than any other" not in host.text(1)
        await pilot.press("G")
        assert "a state that is much longer than any other" in host.text(host.table.size.height - 1)


async def test_the_mouse_moves_chooses_sorts_and_scrolls() -> None:
    host = Host()
    async with host.run_test(size=(80, 20)) as pilot:
        host.table.set_rows(rows(range(100)))
        await pilot.pause()
        await pilot.click(host.table, offset=(5, 4))
        assert host.cursor_key() == 3
        assert not [message for message in host.told if isinstance(message, FleetTable.RowChosen)]
        await pilot.click(host.table, offset=(5, 4))
        assert [message.key for message in host.told if isinstance(message, FleetTable.RowChosen)] == [3]
        state = host.text(0).index("State")
        await pilot.click(host.table, offset=(state, 0))
        assert host.table.order == (1, False)
        await pilot.click(host.table, offset=(state, 0))
        assert host.table.order == (1, True)
        host.table.scroll_down(animate=False)
        await pilot.pause()
        assert host.cursor_key() == 3


async def test_a_click_below_the_last_row_does_nothing() -> None:
    host = Host()
    async with host.run_test(size=(80, 20)) as pilot:
        host.table.set_rows(rows(range(3)))
        await pilot.click(host.table, offset=(5, 12))
        assert host.cursor_key() == 0


async def test_the_cursor_stays_in_view_when_the_terminal_becomes_smaller() -> None:
    host = Host()
    async with host.run_test(size=(80, 40)) as pilot:
        host.table.set_rows(rows(range(100)))
        host.table.move_to(30)
        await pilot.resize_terminal(80, 15)
        await pilot.pause()
        assert 0 <= host.cursor_line() < host.table.size.height - 1


async def test_a_filter_that_hides_everything_says_so() -> None:
    host = Host()
    async with host.run_test():
        host.table.set_empty(("Nothing here.",))
        host.table.set_rows(rows(range(1200)))
        host.table.set_filter(lambda _: False)
        assert host.text(2) == "  The filter hides all 1 200 rows."
        assert len(host.table.rows) == 1200


async def test_a_row_is_asked_again_by_the_filter_only_when_it_has_changed() -> None:
    asked: list[str] = []

    def accepts(fields: Any) -> bool:
        asked.append(fields["text"])
        return "busy" in fields["text"]

    host = Host()
    async with host.run_test():
        host.table.set_filter(accepts)
        host.table.set_rows(rows(range(100)))
        assert len(asked) == 100
        host.table.set_rows(rows(range(100)) | {5: row(5, "busy")})
        assert len(asked) == 101
        assert list(host.table.view) == [5]


def test_every_key_says_what_it_does() -> None:
    for binding in FleetTable.BINDINGS:
        assert not isinstance(binding, tuple)
        assert binding.description
        assert binding.tooltip
