"""How columns share a line, and how text is cut so that a line is exactly as wide as the table."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.style import Style

from console.ui.columns import Cell, Column, Cut, FixedRow, Part, cell, fit, lay_out, width_of, with_age
from console.ui.widgets.table_lines import empty_lines, header_line, row_line

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
COLUMNS = (
    Column("Name", 20, 10, 0, cut="middle", grow=2),
    Column("State", 8, 6, 0),
    Column("Why", 20, 12, 1, grow=1),
    Column("Age", 7, 7, 1, align="right", cut="never"),
    Column("Host", 16, 10, 2),
)
ANY_TEXT = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc", "Cf")) | st.sampled_from("日本🏃🏿👩🇩🇪é́"), max_size=60
)
STYLE = Style(color="red")


def text_of(parts: Sequence[Part]) -> str:
    return "".join(part.text for part in parts)


def cut(text: str, width: int, how: Cut = "middle") -> str:
    parts, _ = fit((Part(text),), width, how, "…")
    return text_of(parts)


def test_a_name_is_cut_in_the_middle_and_anything_else_at_its_end() -> None:
    assert cut("prod-linux-eu-west-0193", 16) == "prod-lin…st-0193"
    assert cut("prod-linux-eu-west-0193", 16, "end") == "prod-linux-eu-w…"
    assert cut("prod-linux-eu-west-0193", 23) == "prod-linux-eu-west-0193"
    assert cut("4812", 2, "never") == "4812"
    assert cut("abc", 1) == "a"
    assert cut("abc", 0) == ""


def test_parts_keep_their_style_when_they_are_cut() -> None:
    parts, used = fit((Part("● ", "error"), Part("prod-linux-0193", "foreign")), 10, "middle", "…")
    assert list(parts) == [Part("● ", "error"), Part("prod", "foreign"), Part("…", "foreign"), Part("193", "foreign")]
    assert used == 10


def test_wide_characters_are_measured_in_cells() -> None:
    assert width_of((Part("日本"), Part("ab"))) == 6
    assert cut("日本語日本語", 7) == "日…語"
    assert cut("日本語日本語", 9) == "日本…本語"


def test_an_age_is_never_cut() -> None:
    parts, used = with_age(cell("acme/web build", since=NOON), 16, "middle", "…", "14 min")
    assert text_of(parts) == "acme…uild 14 min"
    assert used == 16
    parts, _ = with_age(cell("acme/web build", since=NOON), 3, "middle", "…", "14 min")
    assert text_of(parts) == "14 min"


def test_columns_fill_the_line_and_go_by_priority() -> None:
    def shown(width: int) -> list[tuple[str, int]]:
        return [(shown.column.title, shown.width) for shown in lay_out(COLUMNS, width)]

    assert shown(15) == [("Name", 10), ("State", 6)]
    assert shown(40) == [("Name", 31), ("State", 8)]
    assert shown(45) == [("Name", 20), ("State", 8), ("Why", 15)]
    assert [title for title, _ in shown(60)] == ["Name", "State", "Why", "Age"]
    assert [title for title, _ in shown(120)] == ["Name", "State", "Why", "Age", "Host"]


def test_columns_have_the_room_that_their_content_needs() -> None:
    def shown(width: int, *needs: int) -> list[tuple[str, int]]:
        return [(shown.column.title, shown.width) for shown in lay_out(COLUMNS, width, needs)]

    assert dict(shown(120, 30, 6, 40, 0, 5)) == {"Name": 30, "State": 8, "Why": 40, "Age": 7, "Host": 16}
    assert dict(shown(45, 12, 5, 24, 0, 5)) == {"Name": 13, "State": 6, "Why": 24}
    assert [title for title, _ in shown(45, 0, 0, 0, 0, 0)] == [title for title, _ in shown(45, 90, 90, 90, 9, 90)]


def test_a_long_name_gives_way_before_a_text_that_loses_its_end() -> None:
    columns = (Column("Finding", 24, 16, 0, cut="middle"), Column("What", 36, 16, 0))
    assert [shown.width for shown in lay_out(columns, 101, (52, 48))] == [52, 48]
    assert [shown.width for shown in lay_out(columns, 81, (52, 48))] == [32, 48]
    assert [shown.width for shown in lay_out(columns, 65, (52, 48))] == [24, 40]


def test_a_cut_text_keeps_the_beginning_and_the_end_of_each_name_in_it() -> None:
    job = (Part("… "), Part("acme/payments-service", "foreign"), Part(" "), Part("deploy to production", "foreign"))
    assert text_of(fit(job, 30, "middle", "…")[0]) == "… paymen…ervice deploy…uction"
    short = (Part("… "), Part("acme/web", "foreign"), Part(" "), Part("deploy to production", "foreign"))
    assert text_of(fit(short, 24, "middle", "…")[0]) == "… …/web deploy t…duction"


def test_what_tells_names_apart_is_kept_longer_than_whose_they_are() -> None:
    def shown(repository: str, name: str, width: int) -> str:
        return text_of(fit((Part(repository, "foreign"), Part(" "), Part(name, "foreign")), width, "middle", "…")[0])

    assert shown("acme/search-service", "build", 30) == "acme/search-service build"
    assert shown("acme/search-service", "build and test", 31) == "…/search-service build and test"
    assert shown("acme/data-pipeline", "load", 20) == "…/data-pipeline load"
    assert shown("acme/data-pipeline", "backfill", 19) == "data-…line backfill"
    assert cut("/opt/runner-a1b2c3d4", 12) == "/opt/r…2c3d4"


def test_of_many_names_the_last_ones_go_first_and_our_words_are_not_cut() -> None:
    labels = [part for label in ("gpu-a10", "self-hosted", "Linux") for part in (Part(label, "foreign"), Part(" "))]
    subject = (Part("3 jobs of "), Part("acme/data-pipeline", "foreign"), Part(" that want "), *labels)
    assert text_of(fit(subject, 55, "middle", "…")[0]) == "3 jobs of acme/data-pipeline that want gpu-a10…"
    assert text_of(fit(subject, 32, "middle", "…")[0]) == "3 jobs of acme/data-pipeline…"


@given(st.integers(0, 300), st.lists(st.integers(0, 90), min_size=5, max_size=5))
def test_a_layout_for_known_content_never_exceeds_the_line_either(width: int, needs: list[int]) -> None:
    shown = lay_out(COLUMNS, width, needs)
    used = sum(each.width + 1 for each in shown) - 1
    assert used <= max(width, 10 + 1 + 6)
    assert all(each.width >= each.column.min_width for each in shown)


@given(st.integers(0, 300))
def test_a_layout_never_exceeds_the_line_unless_its_first_columns_do(width: int) -> None:
    shown = lay_out(COLUMNS, width)
    used = sum(each.width + 1 for each in shown) - 1
    assert used == width or used == 10 + 1 + 6 > width
    assert all(each.width >= each.column.min_width for each in shown)


@given(ANY_TEXT, st.integers(0, 40), st.sampled_from(["middle", "end"]))
def test_cut_text_never_needs_more_cells_than_there_are(text: str, width: int, how: Cut) -> None:
    assert cell_len(cut(text, width, how)) <= width


@given(st.lists(ANY_TEXT, min_size=4, max_size=4), st.integers(5, 150), st.booleans())
def test_a_line_is_as_wide_as_the_table_whatever_stands_in_it(texts: list[str], width: int, selected: bool) -> None:
    row = FixedRow((*map(cell, texts[:3]), Cell((), NOON - timedelta(hours=3)), cell(texts[3])))
    shown = lay_out(COLUMNS, width - 2)
    line = row_line(row, shown, width, NOON, selected=selected, style_of=lambda _: STYLE)
    assert sum(segment.cell_length for segment in line.strip) == width
    assert sum(segment.cell_length for segment in header_line(shown, (1, True), width, STYLE)) == width


def test_a_row_of_fixed_cells_sorts_and_filters_by_its_text() -> None:
    row = FixedRow((cell("Build"), Cell((Part("✓ "), Part("Done")))))
    assert row.sort_key(1) == "✓ done"
    assert row.fields() == {"text": "Build ✓ Done"}


def test_the_words_for_an_empty_table_are_wrapped() -> None:
    lines = empty_lines((Part("All is well and nothing waits."),), 20, Console(), lambda _: STYLE)
    assert [line.text.rstrip() for line in lines] == ["", "  All is well and", "  nothing waits."]
    assert {line.cell_length for line in lines} == {20}
