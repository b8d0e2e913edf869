"""No command that is shown is overlooked, and what is said to be printed is compared as it should be."""

import pytest

from tests.docs.markdown import anchors, as_shown, commands, inline, links
from tests.docs.session import filled_in

TEXT = """# A title, with `code`

Type `runner-console info`, or `ls`; not `pipx install runner-console`.

    pipx install runner-console   # not this
    runner-console now            # but this
    X="a b" runner-console jobs

| a | b |
| --- | --- |
| `dmesg \\| runner-console scan -` | [there](other.md#place) |

```console
$ runner-console runners
RUNNER …
$ echo $?
1
```

```sh
if true; then
  runner-console history
fi
```
"""


def test_commands_are_found_wherever_they_stand() -> None:
    assert [(each.line, each.command) for each in commands(TEXT)] == [
        (3, "runner-console info"),
        (6, "runner-console now"),
        (7, 'X="a b" runner-console jobs'),
        (11, "dmesg | runner-console scan -"),
        (14, "runner-console runners"),
        (16, "echo $?"),
        (20, "if true; then\n  runner-console history\nfi"),
    ]
    assert [each.prints for each in commands(TEXT) if each.prints is not None] == [("RUNNER …",), ("1",)]


def test_a_command_where_nobody_would_run_it_is_no_silent_pass() -> None:
    with pytest.raises(AssertionError, match="line 2"):
        commands("\n```text\nrunner-console now\n```")
    with pytest.raises(AssertionError, match="no value is known for WHATEVER"):
        filled_in("runner-console explain WHATEVER", {})
    with pytest.raises(AssertionError, match="nobody can type"):
        filled_in("runner-console act …", {})


def test_code_is_no_prose_and_links_and_titles_are_found() -> None:
    assert (3, "ls") in list(inline(TEXT))
    assert links(TEXT) == [(11, "other.md#place")]
    assert anchors(TEXT) == {"a-title-with-code"}


@pytest.mark.parametrize(
    ("printed", "shown", "same"),
    [
        ("a 12 min\nb\n", ("a 3 min", "b"), True),
        ("a\nb\n", ("a",), False),
        ("a\nb\nc\n", ("a", "…"), True),
        ("a\nb\nc\n", ("a", "…", "c"), True),
        ("a\nb\nc\n", ("…", "d"), False),
        ("NAME   AGE\n", ("NAME AGE",), True),
        ("linux-03 is idle\n", ("linux-04 is idle",), False),
        ("at 2026-11-21 13:47:05Z\n", ("at 2026-01-02 03:04:59Z",), True),
        ("config /home/x/c.toml\n", ("config …/c.toml",), True),
    ],
)
def test_what_is_printed_is_held_against_what_is_shown(printed: str, shown: tuple[str, ...], same: bool) -> None:
    assert as_shown(printed, shown) is same
