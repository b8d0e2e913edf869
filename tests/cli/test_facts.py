"""The facts without a screen: what is printed, and what the exit code says, against a pretend GitHub over HTTP."""

import json
import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from console.__main__ import Program
from console.cli.failing import run
from console.cli.root import root
from console.simulator.clock import WorldClock
from console.simulator.scenarios import Scenario, scenario_named
from console.simulator.server import SimulatedGitHub
from console.simulator.tokens import DEMO_TOKEN

NOBODY = "http://127.0.0.1:9"


class Console:
    """The command line with one context, and what it printed last."""

    def __init__(self, address: str, scenario: Scenario, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self.capsys = capsys
        self.environ = {"RUNNER_CONSOLE_TOKEN": DEMO_TOKEN}
        self.out = ""
        self.err = ""
        config = home / "config" / "runner-console" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(
            f'[contexts.pretend]\napi_url = "{address}"\ntoken = "env"\n'
            f"scopes = {json.dumps(scenario.context.scopes)}\n"
            f"repositories = {json.dumps(scenario.context.repositories)}\n"
        )

    def __call__(self, *arguments: str) -> int:
        code = run(root, arguments, Program(dict(self.environ)))
        self.out, self.err = self.capsys.readouterr()
        return code

    def json(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        code = self(*arguments, "--json")
        answer = json.loads(self.out)
        assert isinstance(answer, dict)
        return code, answer


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


@pytest.fixture
def console(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Console]:
    """On the scenario that the test names by a mark, or on the one in which a runner idles while its jobs wait."""
    mark = request.node.get_closest_marker("scenario")
    scenario = scenario_named(mark.args[0] if mark else "idle-while-queued")
    server = SimulatedGitHub(scenario.build(WorldClock(datetime.now(UTC))))
    try:
        yield Console(server.start(), scenario, tmp_path, capsys)
    finally:
        server.stop()


def test_now_names_the_idle_runner_the_jobs_that_wait_and_what_helps_and_exits_with_1(console: Console) -> None:
    assert console("now") == 1
    assert "prod-linux-03" in console.out
    assert "sign artifacts" in console.out
    assert "helps: Restart the runner's service" in console.out


@pytest.mark.scenario("healthy")
def test_a_healthy_fleet_exits_with_0_and_says_so_in_numbers(console: Console) -> None:
    assert console("now") == 0
    assert "No findings." in console.out
    assert " busy, " in console.out


def test_runners_marks_the_one_that_idles_while_jobs_wait(console: Console) -> None:
    assert console("runners") == 1
    [line] = [line for line in console.out.splitlines() if line.startswith("prod-linux-03")]
    assert "idle while jobs wait" in line


def test_jobs_says_why_each_queued_job_waits(console: Console) -> None:
    assert console("jobs") == 1
    waiting = [line for line in console.out.splitlines() if "sign artifacts" in line and "queued" in line]
    assert waiting
    assert all("idle runner could take it" in line for line in waiting)


def test_the_names_in_the_json_of_now_are_those_that_are_promised(console: Console) -> None:
    code, answer = console.json("now")
    assert code == answer["exit_code"] == 1
    assert set(answer) == {
        "context", "demo", "as_of", "token_source", "problems", "set_aside", "budget",
        "exit_code", "totals", "findings",
    }  # fmt: skip
    assert set(answer["totals"]) == {
        "runners", "online", "busy", "idle", "offline", "queued", "running", "waiting", "longest_wait_seconds",
    }  # fmt: skip
    assert set(answer["findings"][0]) == {
        "cause", "severity", "certainty", "subject", "summary", "since", "evidence", "helps", "runners", "jobs",
    }  # fmt: skip
    assert answer["findings"][0]["cause"] == "idle-while-queued"
    assert set(answer["findings"][0]["runners"][0]) == {"scope", "id", "name"}
    assert set(answer["findings"][0]["jobs"][0]) == {"repository", "id", "name", "url"}


def test_the_names_in_the_json_of_runners_and_jobs_are_those_that_are_promised(console: Console) -> None:
    _, answer = console.json("runners")
    assert set(answer["runners"][0]) == {
        "scope", "id", "name", "os", "status", "busy", "idle_while_queued", "missing", "idle_since", "labels", "group",
        "version", "ephemeral", "job",
    }  # fmt: skip
    assert [each["name"] for each in answer["runners"] if each["idle_while_queued"]] == ["prod-linux-03"]
    _, answer = console.json("jobs")
    assert set(answer["jobs"][0]) == {
        "repository", "id", "run_id", "attempt", "name", "workflow", "branch", "labels", "status", "conclusion",
        "created_at", "started_at", "completed_at", "runner", "cause", "reason", "runners_that_could_take_it", "url",
    }  # fmt: skip


def test_explain_shows_every_condition_of_a_job_and_the_runners_that_come_closest(console: Console) -> None:
    _, answer = console.json("now")
    job = answer["findings"][0]["jobs"][0]
    code, explained = console.json("explain", str(job["id"]))
    assert code == 1
    assert explained["cause"] == "idle-while-queued"
    assert all(condition["met"] for condition in explained["conditions"])
    assert explained["runners"][0]["name"] == "prod-linux-03"
    assert set(explained["runners"][0]) == {"scope", "id", "name", "checks", "note"}
    assert console("explain", job["url"]) == 1
    assert "prod-linux-03" in console.out


@pytest.mark.scenario("label-typo")
def test_explain_names_the_one_label_that_is_short(console: Console) -> None:
    _, answer = console.json("now")
    finding = next(each for each in answer["findings"] if each["cause"] == "no-runner-has-labels")
    assert console("explain", str(finding["jobs"][0]["id"])) == 1
    assert "gpu-a100" in console.out


@pytest.mark.scenario("group-excludes-repository")
def test_jobs_that_their_group_does_not_admit_are_not_blamed_on_the_runners(console: Console) -> None:
    _, answer = console.json("now")
    causes = {finding["cause"] for finding in answer["findings"]}
    assert {"group-excludes-repository", "group-excludes-public", "group-restricts-workflows"} <= causes
    assert "idle-while-queued" not in causes


@pytest.mark.scenario("approval-and-concurrency")
def test_jobs_that_wait_for_people_or_for_one_another_are_no_fault_of_the_fleet(console: Console) -> None:
    code, answer = console.json("now")
    causes = {finding["cause"] for finding in answer["findings"]}
    assert {"waiting-for-approval", "held-by-concurrency"} <= causes
    assert {finding["severity"] for finding in answer["findings"]} == {"info"}
    assert code == 0


def test_a_name_that_nothing_has_is_a_usage_error(console: Console) -> None:
    assert console("explain", "prod-linux-99") == 2
    assert "prod-linux-99" in console.err
    assert "hint:" in console.err


def test_a_name_that_several_jobs_have_is_answered_with_the_candidates(console: Console) -> None:
    assert console("explain", "sign artifacts") == 2
    assert "acme/web" in console.err
    assert "acme/api" in console.err


def test_without_a_token_nothing_is_called_healthy_and_each_scope_is_named(console: Console) -> None:
    console.environ = {}
    assert console("now") == 3
    assert "org:acme" in console.out
    assert "repo:acme-labs/gpu-tests" in console.out
    assert "RUNNER_CONSOLE_TOKEN" in console.out


def test_where_nobody_answers_the_exit_code_says_that_it_could_not_look(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    console = Console(NOBODY, scenario_named("healthy"), tmp_path, capsys)
    assert console("now") == 3
    assert "could not read runners of org:acme" in console.out


@pytest.mark.scenario("hostile-names")
@pytest.mark.parametrize("command", ["now", "runners", "jobs"])
def test_no_name_from_outside_can_steer_the_terminal(console: Console, command: str) -> None:
    console(command)
    shown = console.out.replace("\n", "")
    assert [each for each in shown if unicodedata.category(each) in {"Cc", "Cf", "Cs", "Zl", "Zp"}] == []
    console(command, "--json")
    assert console.out.isascii()


def test_the_own_log_is_written_where_info_says_and_holds_no_token(console: Console, tmp_path: Path) -> None:
    assert console("--debug", "now") == 1
    _, places = console.json("info")
    written = Path(places["log_file"]).read_text(encoding="utf-8")
    assert "GET /orgs/acme/actions/runners" in written
    assert DEMO_TOKEN not in written
    assert "Bearer" not in written
    assert Path(places["log_file"]).stat().st_mode & 0o077 == 0


def test_a_context_that_does_not_exist_is_answered_with_the_nearest(console: Console) -> None:
    assert console("--context", "pretent", "now") == 2
    assert "pretend" in console.err


def test_a_context_without_anything_to_look_at_says_so_at_once(console: Console) -> None:
    config = console.home / "config" / "runner-console" / "config.toml"
    config.write_text(f'[contexts.empty]\napi_url = "{NOBODY}"\ntoken = "env"\n')
    assert console("now") == 2
    assert "nothing to look at" in console.err


def test_with_standard_output_closed_the_exit_code_is_the_answer(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout", None)
    assert run(root, ("now",), Program(dict(console.environ))) == 1


def test_what_is_only_remembered_is_shown_with_its_age(console: Console) -> None:
    console("now")
    config = console.home / "config" / "runner-console" / "config.toml"
    written = config.read_text()
    config.write_text(re.sub(r'api_url = "[^"]*"', f'api_url = "{NOBODY}"', written))
    console("now")
    [line] = [line for line in console.out.splitlines() if line.startswith("could not read runners of org:acme")]
    assert re.search(r"what is shown of it is of 20\d\d-", line)
