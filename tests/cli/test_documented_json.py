"""docs/json.md promises the names in each command's JSON: they are held against what the commands print."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.commands import Terminal
from tests.cli.console import NOBODY, Console

DOCS = Path(__file__).parent.parent.parent / "docs"
FACTS = ("now", "runners", "jobs", "explain", "waits")
Shape = dict[str, "Shape"] | None
"""Names, and the shape of what is below each: None for what has nothing below it that is promised."""


def shape_of(words: str) -> Shape:
    """`name` {`name` [{…}]} as it is written in docs/json.md."""
    tokens = re.findall(r"`(\w+)`|([{}])", words)
    at = 0

    def names() -> dict[str, Shape]:
        nonlocal at
        found: dict[str, Shape] = {}
        last = ""
        while at < len(tokens):
            name, sign = tokens[at]
            at += 1
            if sign == "}":
                break
            if sign == "{":
                below = names()
                if last:
                    found[last] = below or None
                else:
                    found = below
            else:
                last = name
                found[name] = None
        return found

    return names()


def documented() -> dict[str, dict[str, Shape]]:
    """Each command's names; those that several share are among each one's."""
    text = (DOCS / "json.md").read_text(encoding="utf-8").partition("\nWith `--json`")[2].partition("\n## ")[0]
    found: dict[str, dict[str, Shape]] = {}
    for commands, names in re.findall(r"^\| (`[a-z].*?) \| (.*) \|$", text, re.MULTILINE):
        for command in re.findall(r"`([a-z ]+)`", commands):
            found.setdefault(command, {}).update(shape_of(names) or {})
    return found


def assert_shaped(value: Any, shape: Shape, where: str) -> None:
    if isinstance(value, list):
        for each in value:
            assert_shaped(each, shape, where)
    elif isinstance(value, dict) and shape is not None:
        assert set(value) == set(shape), where
        for name, below in shape.items():
            assert_shaped(value[name], below, f"{where} {name}")
    elif isinstance(value, dict):
        assert where.endswith("checks"), f"{where} has names that are not documented"


@pytest.mark.parametrize("command", FACTS)
@pytest.mark.scenario("approval-and-concurrency")
def test_the_names_of_the_facts_are_those_that_are_promised(console: Console, command: str) -> None:
    _, answer = console.json(command, *(("gpu-01",) if command == "explain" else ()))
    assert_shaped(answer, documented()[command], command)


def test_the_names_are_the_same_where_a_runner_idles_and_a_job_is_explained(console: Console) -> None:
    _, answer = console.json("now")
    assert_shaped(answer, documented()["now"], "now")
    _, explained = console.json("explain", str(answer["findings"][0]["jobs"][0]["id"]))
    assert_shaped(explained, documented()["explain"], "explain")


def test_without_an_answer_the_names_of_the_first_line_are_left(console: Console) -> None:
    _, answer = console.json("explain", "nobody-has-this-name")
    promised = documented()
    common = {name: promised["now"][name] for name in promised["now"] if all(name in promised[each] for each in FACTS)}
    assert_shaped(answer, common, "explain")
    _, answer = console.json("--context", "nobody", "now")
    assert_shaped(answer, {name: common[name] for name in ("exit_code", "error")}, "now")


def test_every_time_is_iso_8601_in_utc(console: Console) -> None:
    console("jobs", "--json")
    times = re.findall(r'"\w+(?:_at|_of|since|_read)": "(.*)"', console.out)
    assert len(times) > 10
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time) for time in times)


@pytest.mark.parametrize("command", ["info", "context list", "config check", "auth status"])
def test_the_names_of_the_other_commands_are_those_that_are_promised(
    terminal: Terminal, config: Path, command: str
) -> None:
    config.write_text(f'[contexts.acme]\napi_url = "{NOBODY}"\nscopes = ["org:acme"]\ntoken = "keyring"\n')
    config.chmod(0o600)
    ended = terminal(*command.split(), "--json")
    assert_shaped(json.loads(ended.out), documented()[command], command)


def test_the_names_of_scan_and_signatures_are_those_that_are_promised(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.cli.scan.KEPT_FOR_PROGRAMS", 1_000)
    log, own = tmp_path / "job.log", tmp_path / "own.toml"
    log.write_text("No space left on device\n" * 1_001)
    own.write_text("[[signature]]\nid = 'a.b'\n")
    found = [json.loads(line) for line in terminal("scan", "--json", str(log)).out.splitlines()]
    assert set(documented()["scan"]) == {*found[0], "more"}
    assert set(found[-1]) == {"file", "signature", "more"}
    listed = json.loads(terminal("signatures", "list", "--json").out)
    assert set(listed) == set(documented()["signatures list"])
    for signature in listed["signatures"]:
        assert_shaped(signature, documented()["signatures show"], "show")
    checked = json.loads(terminal("signatures", "check", str(own), "--json").out)
    assert_shaped(checked, documented()["signatures check"], "check")


def test_every_command_that_prints_json_is_documented() -> None:
    logs = {"scan", "signatures list", "signatures show", "signatures check"}
    others = {"act", "history", "acknowledge", "mute", "unmute", "info", "context list", "config check", "auth status"}
    runbooks = {"runbook", "runbook list", "runbook show", "runbook check"}
    assert set(documented()) == {*FACTS, *logs, *runbooks, *others}
