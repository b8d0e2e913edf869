"""`history`: what was done, for scripts and for people without a screen."""

import json
import os
from pathlib import Path

import msgspec
import pytest

from console.fleet.history import DeedPart, Operator, Process, Subject
from console.operations.history import History
from console.remote.sanitize import harmless, redact
from tests.cli.commands import Terminal
from tests.cli.test_documented_json import assert_shaped, documented
from tests.operations.test_history import a_deed
from tests.virtual_clock import VirtualClock


@pytest.fixture
def kept(tmp_path: Path) -> History:
    path = tmp_path / "state" / "runner-console" / "history.jsonl"
    return History(path, VirtualClock(), clean=redact, harmless=harmless)


@pytest.fixture
def some(kept: History) -> History:
    """One that is proved, one that was cut off in another context."""
    kept.begin(msgspec.structs.replace(a_deed("1"), operator=Operator("ops", "192.0.2.7", "octocat"), host="mac.local"))
    kept.part("1", 0, "done", "restarted")
    kept.end("1", "proved", "online", "idle")
    gone = Process(1, "never", "before", os.uname().nodename)
    kept.begin(
        msgspec.structs.replace(
            a_deed("2", gone), context="lab", action="rerun-job", target=Subject("job", "acme/web", 7, "build")
        )
    )
    return kept


def test_where_nothing_was_done_it_says_so_and_writes_nothing(terminal: Terminal, tmp_path: Path) -> None:
    ended = terminal("history")
    assert (ended.code, ended.out) == (0, "Nothing was done with this console on this machine yet.\n")
    assert json.loads(terminal("history", "--json").out)["deeds"] == []
    assert not (tmp_path / "state").exists()


def test_the_newest_is_printed_first_with_who_and_how_it_ended(terminal: Terminal, some: History) -> None:
    ended = terminal("history")
    assert ended.code == 0
    head, second, first = ended.out.splitlines()
    assert head.split() == ["WHEN", "OUTCOME", "ACTION", "TARGET", "WHO", "HOST", "FROM", "CONTEXT"]
    assert second.split()[2:] == ["unfinished", "rerun-job", "acme/web", "build", "ops", "-", "-", "lab"]
    assert first.split()[2:] == ["proved", "restart-service", "mac", "ops", "mac.local", "192.0.2.7", "acme"]


def test_one_context_can_be_asked_for_on_either_side_of_the_command(terminal: Terminal, some: History) -> None:
    for arguments in (("history", "--context", "lab"), ("--context", "lab", "history")):
        assert [deed["id"] for deed in json.loads(terminal(*arguments, "--json").out)["deeds"]] == ["2"]
    assert terminal("history", "--context", "x").out == "Nothing was done in the context “x” on this machine yet.\n"


def test_the_json_has_the_names_that_are_promised_and_the_exact_text(terminal: Terminal, some: History) -> None:
    some.begin(msgspec.structs.replace(a_deed("3"), parts=(DeedPart("script", "one\n  two"),)))
    ended = terminal("history", "--json")
    answer = json.loads(ended.out)
    assert (ended.code, answer["exit_code"], answer["error"], answer["unread_lines"]) == (0, 0, None, 0)
    assert_shaped(answer, documented()["history"], "history")
    newest, cut_off, proved = answer["deeds"]
    assert newest["parts"][0] == {
        "kind": "script", "text": "one\n  two", "outcome": None, "words": None, "ended_at": None,
    }  # fmt: skip
    assert (newest["outcome"], cut_off["outcome"], proved["outcome"]) == ("under-way", "unfinished", "proved")
    assert proved["began_at"] == proved["ended_at"] == "2026-11-21T02:55:00Z"
    assert (proved["after"], proved["operator"]["github"], cut_off["ended_at"]) == ("idle", "octocat", None)
    assert proved["parts"][0]["outcome"] == "done"


def test_lines_that_cannot_be_read_are_counted(terminal: Terminal, some: History) -> None:
    with some.path.open("a") as file:
        file.write("what is this\n")
    ended = terminal("history")
    assert ended.err == "1 line of the history could not be read\n"
    assert len(ended.out.splitlines()) == 3
    assert json.loads(terminal("history", "--json").out)["unread_lines"] == 1


def test_a_history_that_others_may_write_is_an_error_in_json_too(terminal: Terminal, some: History) -> None:
    some.path.chmod(0o666)
    ended = terminal("history", "--json")
    assert ended.code == 3
    answer = json.loads(ended.out)
    assert (answer["exit_code"], answer["error"]["kind"]) == (3, "history")
    assert "chmod 600" in ended.err
