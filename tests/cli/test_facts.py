"""The facts without a screen: what is printed, and what the exit code says, against a pretend GitHub over HTTP."""

import re
import unicodedata
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from console.__main__ import Program
from console.cli.failing import run
from console.cli.root import root
from console.operations.remember import Memory
from console.simulator.scenarios import scenario_named
from console.simulator.tokens import DEMO_TOKEN, Token
from tests.cli.console import NOBODY, Console

LATER = timedelta(minutes=5)


def test_now_names_the_idle_runner_the_jobs_that_wait_and_what_helps_and_exits_with_1(console: Console) -> None:
    assert console("now") == 1
    assert "prod-linux-03" in console.out
    assert "sign artifacts" in console.out
    assert "helps: Restart the runner's service" in console.out


def test_what_is_probably_behind_a_finding_is_told_with_how_sure_that_is(console: Console) -> None:
    behind = "its session with GitHub may be stuck"
    console("now")
    assert f"cause: {behind} (likely, not proved)" in console.out
    _, answer = console.json("now")
    finding = answer["findings"][0]
    assert (finding["suspicion"], finding["certainty"]) == (behind, "likely")
    console("explain", "prod-linux-03")
    assert f"cause: {behind} (likely, not proved)" in console.out


@pytest.mark.scenario("healthy")
def test_a_healthy_fleet_exits_with_0_and_says_so_in_numbers(console: Console) -> None:
    assert console("now") == 0
    assert "No findings." in console.out
    assert " busy" in console.out


def test_runners_marks_the_one_that_idles_while_jobs_wait(console: Console) -> None:
    assert console("runners") == 1
    [line] = [line for line in console.out.splitlines() if line.startswith("prod-linux-03")]
    assert "idle while queued" in line


def test_jobs_says_why_each_queued_job_waits(console: Console) -> None:
    assert console("jobs") == 1
    waiting = [line for line in console.out.splitlines() if "sign artifacts" in line and "queued" in line]
    assert waiting
    assert all("idle runner matches" in line for line in waiting)


def test_the_json_of_now_says_which_runner_idles_and_has_the_exit_code(console: Console) -> None:
    code, answer = console.json("now")
    assert code == answer["exit_code"] == 1
    assert answer["findings"][0]["cause"] == "idle-while-queued"
    _, answer = console.json("runners")
    assert [each["name"] for each in answer["runners"] if each["idle_while_queued"]] == ["prod-linux-03"]


def test_a_single_look_does_not_claim_to_have_seen_a_runner_become_idle(console: Console) -> None:
    _, answer = console.json("runners")
    [stuck] = [each for each in answer["runners"] if each["name"] == "prod-linux-03"]
    assert stuck["idle_since"] is None
    assert stuck["idle_at_least_since"] < answer["looked_at"]


def test_jobs_come_in_the_order_of_the_screen(console: Console) -> None:
    _, answer = console.json("jobs")
    states = [job["conclusion"] or job["status"] for job in answer["jobs"]]
    assert list(dict.fromkeys(states))[:3] == ["queued", "in_progress", "failure"]
    console("jobs")
    assert [line.split()[0] for line in console.out.splitlines()[2:]] == [str(job["id"]) for job in answer["jobs"]]


def test_a_busy_runner_is_shown_with_its_job(console: Console) -> None:
    _, answer = console.json("runners")
    busy = next(each for each in answer["runners"] if each["job"])
    console("runners")
    [line] = [line for line in console.out.splitlines() if line.startswith(f"{busy['name']} ")]
    assert f"{busy['job']['repository']} {busy['job']['name']}" in line


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


@pytest.mark.scenario("approval-and-concurrency")
def test_a_run_that_waits_for_an_approval_is_listed_and_explained_though_it_has_no_jobs(console: Console) -> None:
    _, answer = console.json("jobs")
    [run] = answer["runs_waiting_for_approval"]
    console("jobs")
    assert f"{run['repository']} #{run['number']} {run['title']}" in console.out
    code, explained = console.json("explain", run["url"])
    assert code == 0
    assert explained["cause"] == "waiting-for-approval"


def test_a_name_that_nothing_has_is_a_usage_error(console: Console) -> None:
    assert console("explain", "prod-windows-99x") == 2
    assert "prod-windows-99x" in console.err
    assert "hint:" in console.err


def test_a_part_of_a_name_and_a_slip_are_answered_with_what_is_near(console: Console) -> None:
    assert console("explain", "prod-linux") == 2
    assert "prod-linux-01\n" in console.err
    assert console("explain", "pord-linux-03") == 2
    assert "prod-linux-03\n" in console.err
    code, answer = console.json("explain", "pord-linux-03")
    assert code == answer["exit_code"] == 2
    assert "prod-linux-03" in answer["error"]["hint"]


def test_a_name_that_several_jobs_have_is_answered_with_the_candidates(console: Console) -> None:
    assert console("explain", "sign artifacts") == 2
    assert "acme/web" in console.err
    assert "acme/api" in console.err
    first = next(line for line in console.err.splitlines() if "acme/web" in line)
    assert console("explain", first.split()[0]) == 1


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
    assert "could not read anything: No connection" in console.out
    assert "Runners: unknown. Jobs: unknown." in console.out
    assert "0 " not in console.out.splitlines()[-2]
    assert "keeps trying" not in console.out
    code, answer = console.json("now")
    assert code == answer["exit_code"] == 3
    assert (answer["as_of"], answer["complete"], answer["findings"]) == (None, False, None)
    assert set(answer["totals"].values()) == {None}
    assert console.json("runners")[1]["runners"] is None
    assert console.json("jobs")[1]["jobs"] is None
    code, answer = console.json("explain", "prod-linux-03")
    assert code == answer["exit_code"] == 3
    assert answer["problems"][0]["kind"] == "unreachable"


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


def lose_the_server(console: Console) -> None:
    """Five minutes later nobody answers."""
    config = console.home / "config" / "runner-console" / "config.toml"
    config.write_text(re.sub(r'api_url = "[^"]*"', f'api_url = "{NOBODY}"', config.read_text()))
    memory = Memory(console.home / "state" / "runner-console")
    kept = memory.snapshot("pretend")
    assert kept is not None
    then = [replace(each, looked_at=each.looked_at - LATER if each.looked_at else None) for each in kept.freshness]
    since = {key: at - LATER for key, at in kept.idle_since.items()}
    memory.keep(replace(kept, freshness=tuple(then), idle_since=since), NOBODY)


def test_what_is_only_remembered_is_shown_as_old_with_its_age_and_nothing_of_it_is_lost(console: Console) -> None:
    _, before = console.json("now")
    _, jobs = console.json("jobs")
    lose_the_server(console)
    code, after = console.json("now")
    assert code == 3
    assert after["totals"]["queued"] == before["totals"]["queued"] > 0
    assert after["as_of"] < before["as_of"]
    assert len(console.json("jobs")[1]["jobs"]) == len(jobs["jobs"])
    assert console("now") == 3
    assert re.search(r"COULD NOT LOOK. What follows is old: as of 20\d\d-.* ago", console.out)
    assert "!! prod-linux-03: idle at least" in console.out
    assert "this is judged as of then" in console.out


def test_explain_does_not_answer_out_of_the_memory_as_if_it_had_looked(console: Console) -> None:
    assert console("explain", "prod-linux-03") == 1
    lose_the_server(console)
    assert console("explain", "prod-linux-03") == 3
    assert "at least 0 s" not in console.out
    assert "helps: Wait" not in console.out
    assert console("explain", "prod-linux-01") == 3
    assert "COULD NOT LOOK" in console.out


def watch_one_that_is_gone(console: Console) -> None:
    config = console.home / "config" / "runner-console" / "config.toml"
    config.write_text(config.read_text().replace("repositories = [", 'repositories = ["acme/gone", '))


def test_findings_count_where_one_repository_could_not_be_read(console: Console) -> None:
    watch_one_that_is_gone(console)
    assert console("now") == 1
    assert "READ IN PART" in console.out
    unread = [line for line in console.out.splitlines() if line.startswith("could not read")]
    assert unread
    assert all("acme/gone" in line for line in unread)


@pytest.mark.scenario("healthy")
def test_healthy_is_not_said_where_one_repository_could_not_be_read(console: Console) -> None:
    watch_one_that_is_gone(console)
    code, answer = console.json("now")
    assert code == 3
    assert answer["complete"] is False
    assert answer["totals"]["runners"] > 0
    idle = next(
        each for each in console.json("runners")[1]["runners"] if each["status"] == "online" and not each["busy"]
    )
    code, explained = console.json("explain", idle["name"])
    assert code == 3
    assert "acme/gone" in explained["conclusion"]


def test_where_not_even_the_configuration_can_be_used_the_json_says_why(console: Console) -> None:
    code, answer = console.json("--context", "pretent", "now")
    assert code == answer["exit_code"] == 2
    assert "pretend" in answer["error"]["hint"] + answer["error"]["message"]


@pytest.mark.scenario("healthy")
def test_a_permission_that_many_repositories_lack_is_told_once_with_all_of_them(console: Console) -> None:
    permissions = ("organization_self_hosted_runners", "administration", "metadata", "checks", "contents")
    allowed = dict.fromkeys(permissions, "read")
    console.world.tokens["github_pat_x"] = Token(console.world.actors[0], "fine-grained", (), allowed)
    console.environ["RUNNER_CONSOLE_TOKEN"] = "github_pat_x"
    assert console("now") == 3
    (told,) = [line for line in console.out.splitlines() if "This token may not read" in line]
    assert re.match(r"could not read jobs of acme.* and \d+ more; held jobs of .*; ended jobs of ", told)
    assert "hint: The token needs: repository permission Actions: read" in console.out
