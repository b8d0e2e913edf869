"""Tables and lines: as wide as the terminal, and whole into a pipe."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from console.cli.output import wrapped
from console.cli.table import Column, table

COLUMNS = (Column("ID"), Column("NAME", 8), Column("WHY", 10, 1), Column("LABELS", 10, 2))
ROWS = [
    ("1", "a name that is long", "its group does not admit the repository", "self-hosted,linux,x64"),
    ("22", "漢字漢字漢字漢字", "-", "-"),
]


def test_a_table_without_a_terminal_is_whole_and_aligned() -> None:
    head, first, second = table(COLUMNS, ROWS, None)
    assert head.index("WHY") == first.index("its group")
    assert all(text in first for text in ROWS[0])
    assert cell_len(second.partition("-")[0]) == first.index("its group")


def test_one_long_name_does_not_push_the_other_rows_apart() -> None:
    long, short = ("1", "n" * 500, "why", ""), ("2", "short", "because", "")
    lines = list(table(COLUMNS, [long, short], None))
    assert "n" * 500 in lines[1]
    assert len(lines[2]) < 100


def test_on_a_terminal_the_widest_are_cut_with_a_mark_and_the_id_stays() -> None:
    lines = list(table(COLUMNS, ROWS, 50))
    assert all(cell_len(line) <= 50 for line in lines)
    assert "…" in lines[1]
    assert lines[2].startswith("22  ")


def test_where_there_is_no_room_the_least_important_column_goes_first() -> None:
    head, *_ = table(COLUMNS, ROWS, 30)
    assert "WHY" in head
    assert "LABELS" not in head


def test_a_name_that_is_cut_keeps_both_its_ends() -> None:
    _, line = table((Column("JOB", 10, middle=True),), [("acme/design-system storybook",)], 16)
    assert line == "acme/des…orybook"


@given(st.lists(st.tuples(*[st.text(st.characters(categories=["L", "N"]), max_size=30)] * 4)), st.integers(40, 200))
def test_no_row_is_wider_than_the_terminal(rows: list[tuple[str, ...]], width: int) -> None:
    columns = (Column("A", 5, middle=True), Column("B", 5, 1), Column("C", 5, 2), Column("D", 5, 3))
    assert all(cell_len(line) <= width for line in table(columns, rows, width))


def test_a_line_is_wrapped_between_words_and_what_follows_is_indented() -> None:
    line = "  hint: put the token into the keyring, or take it from a command"
    assert list(wrapped("  the oldest of these jobs has waited for 2 d", 42))[-1].strip() == "2 d"
    assert list(wrapped(line, 40)) == ["  hint: put the token into the keyring,", "    or take it from a command"]


def test_an_address_is_never_broken_and_a_pipe_gets_whole_lines() -> None:
    address = "https://github.com/" + "x" * 60
    assert address in list(wrapped(f"see {address} for more words than fit into it", 40))[1]
    assert list(wrapped(f"see {address}", None)) == [f"see {address}"]
