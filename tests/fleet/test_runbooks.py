"""Runbooks as text: what is understood of one, and how what is wrong is told."""

import pytest

from console.fleet.runbooks import Fault, Known, read_runbook

KNOWN = Known({"runner-online"}, {"start-service"}, {"only-offline-runners"})
GOOD = """+++
title = "A runner is offline"
for = "on call"
findings = ["only-offline-runners"]
training = ["session-conflict"]
+++

What one **sees**.

## 1. See why it ended
action: start-service
check: runner-online

Read on.

```
## no step
```

## Start it

text: that names nothing
"""


def faults(text: str | bytes, name: str = "mine") -> list[tuple[int, str]]:
    raw = text if isinstance(text, bytes) else text.encode()
    read = read_runbook("mine.md", name, raw, KNOWN)
    assert (read.runbook is None) == bool(read.faults)
    return [(fault.line, fault.text) for fault in read.faults]


def test_a_runbook_has_a_header_an_introduction_and_steps_that_may_name_a_check_and_an_action() -> None:
    found, wrong = read_runbook("offline.md", "offline", GOOD.encode(), KNOWN)
    assert found is not None
    assert wrong == ()
    assert (found.name, found.title, found.audience) == ("offline", "A runner is offline", "on call")
    assert (found.findings, found.training) == (("only-offline-runners",), ("session-conflict",))
    assert found.intro == "What one **sees**."
    first, second = found.steps
    assert (first.title, first.check, first.action) == ("See why it ended", "runner-online", "start-service")
    assert first.text == "Read on.\n\n```\n## no step\n```"
    assert (second.title, second.check, second.action) == ("Start it", "", "")
    assert second.text == "text: that names nothing"


def test_line_ends_and_a_mark_of_windows_change_nothing() -> None:
    found = read_runbook("offline.md", "offline", b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode(), KNOWN)
    assert found == read_runbook("offline.md", "offline", GOOD.encode(), KNOWN)


@pytest.mark.parametrize(
    ("was", "is_now", "line", "said"),
    [
        ("for =", "four =", 3, "there is no key “four” in a header; did you mean “for”?"),
        ('"on call"', '""', 3, "for must be there, and be one line of text in quotes"),
        ('"on call"', "7", 3, "for must be there, and be one line of text in quotes"),
        ('"on call"', '"on \\u001b[2J call"', 3, "for must be there, and be one line of text in quotes"),
        ('["only-offline-runners"]', '"x"', 4, 'findings must be a list of ids, such as ["idle-while-queued"]'),
        (
            "only-offline",
            "only-ofline",
            4,
            "no finding has the cause “only-ofline-runners”; did you mean “only-offline",
        ),
        ('title = "A', 'title = A"', 2, "the header is no TOML: invalid value"),
        ("runner-online", "runner-onlin", 12, "there is no check “runner-onlin”; did you mean “runner-online”?"),
        ("start-service", "stop-it", 11, "there is no action “stop-it”"),
        ("action: start-service", "check: runner-online", 12, "a step has one check; this is the second"),
        ("## Start it", "## ", 20, "a step needs a title"),
        ("check: runner-online", "check:", 12, "after “check:” its id is missing"),
        ("Read on.", "check: runner-online", 14, "“check: runner-online” must stand directly below the heading"),
        ("Read on.", "- Action: Start service", 14, "“action: start-service” must stand directly below the heading"),
        ("check: runner-online", " check: `runner-online`", 12, "“check: runner-online” must stand directly below"),
        ("Read on.", "Read \x1b[2J on.", 14, "it holds a character that cannot be seen and may steer a terminal"),
        ("Read on.", "Read \u202e on.", 14, "it holds a character that cannot be seen and may steer a terminal"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(was: str, is_now: str, line: int, said: str) -> None:
    assert was in GOOD
    found = faults(GOOD.replace(was, is_now, 1))
    assert (line, True) in [(at, text.startswith(said)) for at, text in found], found


def test_words_that_only_begin_like_a_check_are_text_and_so_is_what_stands_in_code() -> None:
    for text in ("Check: the log for errors", "```\ncheck: runner-online\n```", "action: none"):
        assert faults(GOOD.replace("Read on.", text)) == []


def test_what_is_no_runbook_at_all_is_told_in_one_fault() -> None:
    header = [(1, "it must begin with a header between two lines of +++")]
    assert faults("") == header
    assert faults("# A title\n") == header
    assert faults('+++\ntitle = "a"\n') == header
    assert faults(b"+++\nok\n\xff\n") == [(3, "it is not UTF-8")]
    assert faults(GOOD.partition("## 1.")[0])[0][1].startswith("it has no step")


def test_a_name_that_the_command_line_has_for_itself_is_refused() -> None:
    for name in ("check", "list", "show", "Mine", "a b", "-x", "näh"):
        assert faults(GOOD, name)[0] == (
            0,
            "its name must be small letters, digits and hyphens, and none of list, check and show",
        )


def test_a_fault_names_its_file_and_its_line() -> None:
    assert str(Fault("a.md", 3, "it is wrong")) == "a.md, line 3: it is wrong"
    assert str(Fault("a.md", 0, "is no file")) == "a.md: is no file"
