"""`runbook`: for who has no screen, and for who writes their own."""

import json
import re
from pathlib import Path

import pytest

from console.assemble.running import drill_in
from console.errors import UsageError
from console.fleet.models import Name
from console.fleet.runbook_checks import RUNBOOK_CHECKS
from console.fleet.runbook_leads import Lead
from console.fleet.walks import begun, ticked
from console.operations.history import History
from console.operations.interfaces import SystemClock
from console.operations.runbooks import shipped, walks_beside
from console.settings.paths import paths
from tests.cli.commands import Terminal
from tests.cli.console import NOBODY, Console
from tests.cli.test_documented_json import DOCS, assert_shaped, documented
from tests.operations.test_runbooks import OWN
from tests.virtual_clock import VirtualClock


@pytest.fixture
def own(config: Path) -> Path:
    folder = config.parent / "runbooks"
    folder.mkdir()
    (folder / "bell.md").write_text(OWN)
    return folder


def test_every_runbook_is_listed_the_users_own_too(terminal: Terminal, own: Path) -> None:
    ended = terminal("runbook", "list")
    lines = ended.out.splitlines()
    assert (ended.code, len(lines)) == (0, 1 + len(shipped()) + 1)
    assert next(line for line in lines if line.startswith("bell ")).split()[1:] == [
        "Our",
        "own",
        "us",
        "1",
        "your",
        "own",
    ]
    told = json.loads(terminal("runbook", "list", "--json").out)
    assert_shaped(told, documented()["runbook list"], "runbook list")
    assert (len(told["runbooks"]), told["unfinished"]) == (len(shipped()) + 1, [])


def test_a_walk_that_was_left_without_an_end_is_listed_with_its_record(terminal: Terminal) -> None:
    kept = paths().state_dir
    history = History(kept / "history.jsonl", SystemClock(), clean=str, harmless=str)
    about = Lead("", "", (Name("prod-linux-03"),), (), None)
    walk = begun(shipped()["disk-full"], about, "acme-prod", SystemClock().wall())
    record = walks_beside(history, SystemClock()).keep(lambda: ticked(walk, 1, walk.began))
    for state in (kept / "walks" / "unfinished").iterdir():  # its console has ended
        state.write_text(re.sub(r'"started":"[^"]*"', '"started":"never"', state.read_text()))
    said = terminal("runbook", "list").out
    assert re.search(r"unfinished, \d+ s ago: disk-full in acme-prod, about prod-linux-03, 1 of 7 steps done", said)
    assert "  to go on: runner-console --context acme-prod, then 6\n" in said
    assert f"  its record: {record}\n" in said
    told = json.loads(terminal("runbook", "list", "--json").out)
    assert_shaped(told, documented()["runbook list"], "runbook list")
    (left,) = told["unfinished"]
    assert (left["runbook"], left["about"], left["done"], left["record"]) == (
        "disk-full",
        "prod-linux-03",
        1,
        str(record),
    )


def test_one_is_shown_whole_without_a_fleet(terminal: Terminal) -> None:
    ended = terminal("runbook", "show", "runner-offline")
    assert ended.code == 0
    assert "A runner is offline (for whoever is on call)" in ended.out
    assert (
        "3. Start its service\n   looks for: The runner's service is active on its host.\n   action: start-service\n"
        in ended.out
    )
    assert_shaped(
        json.loads(terminal("runbook", "show", "disk-full", "--json").out), documented()["runbook show"], "show"
    )
    assert "4. See it online\n   looks for: GitHub sees the runner online.\n" in ended.out


def test_a_misspelt_name_is_answered_with_the_nearest(terminal: Terminal) -> None:
    for arguments in (("show", "runner-oflin"), ("runner-oflin",)):
        ended = terminal("runbook", *arguments)
        assert ended.code == 2
        assert "Did you mean runner-offline?" in ended.err


def test_ones_own_are_checked_by_file_and_line(terminal: Terminal, own: Path) -> None:
    ended = terminal("runbook", "check")
    assert (ended.code, ended.out) == (0, f"ok: 1 runbook of your own in {own}\n")
    (own / "second.md").write_text(OWN.replace("bell\n", "bell\ncheck: bel\n"))
    ended = terminal("runbook", "check")
    assert ended.code == 1
    assert f"wrong: {own / 'second.md'}, line 7: there is no check “bel”" in ended.out
    assert ended.out.endswith(f"usable: 1 runbook of your own in {own}\n")
    told = json.loads(terminal("runbook", "check", "--json").out)
    assert (told["ok"], told["runbooks"], told["complaints"][0]["line"]) == (False, ["bell"], 7)
    assert_shaped(told, documented()["runbook check"], "runbook check")
    ended = terminal("runbook", "list")
    assert (ended.code, "line 7: there is no check “bel”" in ended.err) == (0, True)


def test_the_runbook_and_the_checks_in_the_documentation_are_true(terminal: Terminal, tmp_path: Path) -> None:
    text = (DOCS / "runbooks.md").read_text(encoding="utf-8")
    file = tmp_path / "proxy.md"
    file.write_text(text.partition("```markdown\n")[2].partition("```\n")[0])
    ended = terminal("runbook", "check", str(file))
    assert (ended.code, ended.out) == (0, "ok: 1 runbook of your own in the files named\n")
    listed = re.findall(
        r"^\| `([a-z-]+)` \|", text.partition("| check | holds while |")[2].partition("\n\n")[0], re.MULTILINE
    )
    assert listed == list(RUNBOOK_CHECKS)


def test_named_files_are_checked_instead_and_a_scenario_that_is_not_there_is_remarked_on(
    terminal: Terminal, own: Path, tmp_path: Path
) -> None:
    file = tmp_path / "mine.md"
    file.write_text(OWN.replace('for = "us"', 'for = "us"\ntraining = ["nowhere"]'))
    ended = terminal("runbook", "check", str(file))
    assert ended.code == 0
    assert "ok: 1 runbook of your own in the files named" in ended.out
    assert "note: mine: there is no scenario “nowhere” to practise it in" in ended.out


def test_the_steps_of_a_runbook_are_told_as_they_stand(console: Console) -> None:
    code, told = console.json("runbook", "runner-idle-while-queued")
    assert code == 1
    assert told["about"]["cause"] == "idle-while-queued"
    assert "prod-linux-03" in told["about"]["subject"]
    steps = {each["check"]: each for each in told["runbook"]["steps"]}
    assert steps["runner-idle"]["met"] is True
    assert steps["runner-takes-jobs"]["met"] is False
    assert steps[None]["action"] == "restart-service"
    assert_shaped(told, documented()["runbook"], "runbook")
    assert console("runbook", "runner-idle-while-queued") == 1
    assert "[x] 3. Make sure that no job would be lost" in console.out
    assert "[ ] 5. See it take a job" in console.out


def test_a_runbook_can_be_held_against_what_is_named(console: Console) -> None:
    code, told = console.json("runbook", "runner-offline", "prod-linux-03")
    assert (code, told["about"]["subject"]) == (1, "prod-linux-03")
    assert [each["met"] for each in told["runbook"]["steps"] if each["check"] == "runner-online"] == [True]
    assert console("runbook", "runner-offline", "prod-linux-0333") == 2


def test_a_drill_opens_the_runbook_that_is_for_its_scenario(tmp_path: Path) -> None:
    assert drill_in("session-conflict", lambda: False, VirtualClock()).runbook == "runner-offline"
    assert drill_in("healthy", lambda: True, VirtualClock()).runbook == "planned-maintenance"
    with pytest.raises(UsageError, match="No runbook is for practising in “hostile-names”"):
        drill_in("hostile-names", lambda: False, VirtualClock())


def test_a_fleet_that_cannot_be_read_is_no_answer(console: Console) -> None:
    console.environ["RUNNER_CONSOLE_API_URL"] = NOBODY
    code, told = console.json("runbook", "runner-offline")
    assert code == 3
    assert {each["met"] for each in told.get("runbook", {"steps": []})["steps"]} <= {None}
