"""What is said of findings from the command line, and how `now` tells what has become of each."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from console.fleet.findings import Finding
from console.fleet.models import RunnerKey
from console.operations.finding_lives import FindingLives
from console.operations.interfaces import SystemClock
from console.operations.look import Look
from console.operations.remember import Memory
from tests.cli.console import Console
from tests.cli.test_documented_json import assert_shaped, documented
from tests.fleet.fleets import fleet


def stuck(console: Console) -> dict[str, object]:
    """The finding that the scenario is about, as JSON."""
    _, answer = console.json("now")
    found = [each for each in answer["findings"] if each["subject"] == "prod-linux-03"]
    assert len(found) == 1
    assert isinstance(found[0], dict)
    return found[0]


def id_of(console: Console) -> str:
    return str(stuck(console)["id"])


def memory(console: Console) -> Memory:
    return Memory(console.home / "state" / "runner-console")


def other_console(console: Console) -> FindingLives:
    """Another process that looks at the same fleet."""
    return FindingLives(f"pretend {console.address}", memory(console), who="night-shift")


def hush(console: Console) -> None:
    """Whatever else the scenario has found."""
    _, answer = console.json("now")
    for finding in answer["findings"]:
        assert console("mute", finding["id"]) == 0


def test_a_finding_is_new_and_now_prints_what_to_call_it_by(console: Console) -> None:
    finding = stuck(console)
    assert (finding["state"], finding["acknowledged_by"], finding["muted_until"]) == ("new", None, None)
    console("now")
    [line] = [line for line in console.out.splitlines() if line.startswith("!! prod-linux-03")]
    assert line.endswith(f"[{finding['id']}]")


def test_what_is_acknowledged_is_told_with_by_whom_and_counts_all_the_same(console: Console) -> None:
    assert console("acknowledge", id_of(console)) == 0
    assert "acknowledged by" in console.out
    finding = stuck(console)
    assert finding["state"] == "acknowledged"
    assert finding["acknowledged_by"]
    assert console("now") == 1
    assert f"acknowledged by {finding['acknowledged_by']} " in console.out


def test_what_is_muted_is_told_at_the_end_and_does_not_count(console: Console) -> None:
    hush(console)
    code, answer = console.json("now")
    assert code == answer["exit_code"] == 0
    assert answer["muted"] == len(answer["findings"]) > 0
    assert {each["state"] for each in answer["findings"]} == {"muted"}
    assert console("now") == 0
    assert re.search(r"\d+ findings? (is|are) muted:", console.out)
    assert "   until " in console.out
    assert console("explain", "prod-linux-03") == 1, "whoever asks is told"


def test_what_is_said_is_taken_back(console: Console) -> None:
    hush(console)
    assert console("unmute", id_of(console)) == 0
    assert stuck(console)["state"] == "new"
    assert console("now") == 1


def test_a_finding_is_called_by_its_key_or_by_the_beginning_of_its_id(console: Console) -> None:
    finding = stuck(console)
    for words in (str(finding["key"]), str(finding["id"])[:3], str(finding["id"]).upper()):
        assert console("mute", words, "--for", "2h") == 0
    until = datetime.fromisoformat(str(stuck(console)["muted_until"]))
    assert timedelta(minutes=118) < until - datetime.now(UTC) < timedelta(minutes=121)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("acknowledge", "zzz"), "No finding is called 'zzz'"),
        (("acknowledge", "\x1b[2J" + "z" * 5_000), "No finding is called '<001B>[2Jzz"),
        (("acknowledge", ""), "No finding is called ''"),
        (("mute", "{id}", "--for", "soon"), "no span of time"),
        (("mute", "{id}", "--for", "\x1b[2J" + "1h" * 5_000), "'<001B>[2J1h"),
        (("mute", "{id}", "--for", "999999h" * 30_000), "no span of time"),
        (("mute", "{id}", "--for", "0s"), "muted for up to 7 days"),
        (("mute", "{id}", "--for", "999999h"), "muted for up to 7 days"),
        (("mute", "{id}", "--for", "200h"), "muted for up to 7 days"),
        (("mute", ""), "No finding is called"),
    ],
)
def test_what_cannot_be_meant_is_refused(console: Console, arguments: tuple[str, ...], words: str) -> None:
    name = id_of(console)
    assert console(*(each.format(id=name) for each in arguments)) == 2
    assert words in console.err
    assert stuck(console)["state"] == "new"


def test_the_json_of_what_is_said_has_the_names_that_are_promised(console: Console) -> None:
    name = id_of(console)
    for command in ("acknowledge", "mute", "unmute"):
        code, answer = console.json(command, name)
        assert code == 0
        assert_shaped(answer, documented()[command], command)
    code, answer = console.json("mute", "zzz")
    assert (code, answer["error"]["kind"]) == (2, "usage")


def test_another_process_hears_what_was_said_and_is_heard(console: Console) -> None:
    finding = stuck(console)
    lives = other_console(console)
    asyncio.run(lives.load())
    (life,) = [each for each in lives.known if each.subject == "prod-linux-03"]
    asyncio.run(lives.acknowledge([life.id], SystemClock().wall()))
    assert stuck(console)["acknowledged_by"] == "night-shift"
    assert console("unmute", str(finding["id"])) == 0
    asyncio.run(lives.load())
    assert all(not each.acknowledged_by for each in lives.known)


def test_what_has_cleared_is_told_for_a_while_with_by_what(console: Console) -> None:
    gone = Finding(
        "idle-while-queued", "alert", "likely", ("prod-linux-99",), ("idle",), SystemClock().wall(),
        runners=(RunnerKey("org:acme", 99_999),), about="org:acme/99999",
    )  # fmt: skip
    look = Look(replace(fleet(), taken_at=SystemClock().wall()), findings=(gone,))
    asyncio.run(other_console(console).followed(look))
    _, answer = console.json("now")
    (cleared,) = answer["cleared"]
    assert cleared["subject"] == "prod-linux-99"
    assert cleared["cleared_by"] == "the runner is gone from GitHub's list"
    assert_shaped(answer, documented()["now"], "now")
    console("now")
    assert "ago: prod-linux-99 (idle-while-queued): the runner is gone from GitHub's list" in console.out


def test_where_nothing_can_be_kept_that_is_said_and_all_else_works(console: Console) -> None:
    name = id_of(console)
    path = memory(console).path
    for each in path.parent.glob("memory.sqlite3*"):
        each.unlink()
    path.mkdir()  # whoever runs this, root too, can write no file there
    code, answer = console.json("now")
    assert (code, answer["lives_kept"]) == (1, False)
    assert {each["state"] for each in answer["findings"]} == {"new"}
    console("now")
    assert "cannot be kept: the state directory cannot be used. Every finding is shown as new." in console.out
    assert console("mute", name) == 3
    assert "What is acknowledged and muted cannot be kept" in console.err
    assert str(path) in console.err
    console("mute", name, "--json")
    assert json.loads(console.out)["error"]["kind"] == "memory"


def test_another_context_has_lives_of_its_own(console: Console) -> None:
    hush(console)
    config = console.home / "config" / "runner-console" / "config.toml"
    config.write_text(config.read_text().replace("[contexts.pretend]", "[contexts.twin]"))
    _, answer = console.json("now")
    assert {each["state"] for each in answer["findings"]} == {"new"}
