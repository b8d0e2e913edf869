"""Where a runner lives is proved, and what its host says is understood."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from console.fleet.frames import Frame
from console.fleet.host_facts import facts_from
from console.fleet.hosts import DiskSpace, HostProcess, Located, Registered, host_for
from console.fleet.locating import NotLocated, locate, settings_from, web_address
from console.fleet.models import Runner, plain
from console.fleet.running_job import current_step, running_job

RUNNER = Runner("org:acme", 42, "linux-01", "Linux", "online", busy=False, labels=("self-hosted",))
WEB = "https://github.com"
UNIT = "actions.runner.acme.linux-01.service"
ROOT = "/opt/actions-runner"
SERVER = "https://pipelinesghubeus7.actions.githubusercontent.com/abc/"
GUID = "5b3c1d2e-0000-4000-8000-000000000001"
BOM = b"\xef\xbb\xbf"
ASKED = datetime(2026, 9, 2, 5, 14, 0, tzinfo=UTC)


def settings(**values: object) -> bytes:
    known = {"agentId": 42, "agentName": "linux-01", "gitHubUrl": "https://github.com/acme", "serverUrl": SERVER}
    return BOM + json.dumps({**known, **values}).encode()


def unit(raw: bytes | None, *, directory: str = ROOT, name: str = UNIT, state: str = "active") -> list[Frame]:
    files = [Frame("file", (".runner",), raw)] if raw is not None else []
    return [Frame("unit", (name, state, "running", "811")), Frame("directory", (directory,)), *files]


def found(*frames: Frame) -> Located:
    place = locate(RUNNER, WEB, "h1", frames)
    assert isinstance(place, Located)
    return place


def missed(*frames: Frame) -> str:
    place = locate(RUNNER, WEB, "h1", (Frame("looked", ("units",)), *frames, Frame("looked", ("processes",))))
    assert isinstance(place, NotLocated)
    return "\n".join(map(plain, place.looked))


@pytest.mark.parametrize(
    ("name", "host"),
    [("linux-01", "linux-01.ci.example.net"), ("LINUX-7", "LINUX-7.ci.example.net"), ("gpu", "box"), ("mac", None)],
)
def test_the_first_pattern_that_fits_names_the_host(name: str, host: str | None) -> None:
    assert host_for(name, {"linux-*": "{name}.ci.example.net", "g?u": "box", "linux-01": "never"}) == host


def test_a_runner_is_proved_by_agent_id_and_address_and_its_listener_is_known() -> None:
    process = [Frame("process", ("823",)), Frame("directory", (ROOT,)), Frame("file", (".runner",), settings())]
    place = found(*unit(settings()), *process)
    assert (place.unit, place.directory, place.pid, place.certainty) == (UNIT, ROOT, 823, "proved")


@pytest.mark.parametrize(
    "raw",
    [
        settings(agentId=43),
        settings(gitHubUrl="https://github.com/acme/web"),
        settings(gitHubUrl="https://github.example.com/acme"),
        settings(gitHubUrl="https://github.com.evil.example/acme"),
        settings(gitHubUrl="", serverUrl="https://evil.example/"),
        settings(gitHubUrl="", agentName="linux-02"),
        settings(agentId=None),
        b"",
        b"[]",
        b"not JSON",
        b"\xff\xfe",
        b'{"agentId": "42 "}',
    ],
)
def test_what_is_another_runners_is_never_taken_for_it_whatever_its_name(raw: bytes) -> None:
    assert "agent" in missed(*unit(raw)) or "cannot be understood" in missed(*unit(raw))


def test_settings_in_any_spelling_are_understood() -> None:
    raw = b'{"AgentId": "42", "AGENTNAME": "linux-01", "githuburl": "https://GitHub.com/Acme/", "UseV2Flow": "True"}'
    assert found(*unit(raw)).certainty == "proved"
    read = settings_from(raw)
    assert read is not None
    assert read.v2


def test_a_runner_that_was_set_up_just_in_time_is_likely_and_not_proved() -> None:
    assert found(*unit(settings(gitHubUrl=""))).certainty == "likely"


def test_what_the_server_pushed_goes_before_what_was_configured() -> None:
    migrated = Frame("file", (".runner_migrated",), settings(agentId=99))
    assert "agent id 99" in missed(*unit(settings()), migrated)
    broken = Frame("file", (".runner_migrated",), b"{")
    assert found(*unit(settings()), broken).certainty == "proved"


def test_a_unit_that_runs_goes_before_a_copy_of_its_directory() -> None:
    copy = unit(settings(), directory="/opt/copy", name="actions.runner.acme.copy.service", state="inactive")
    assert found(*copy, *unit(settings())).directory == ROOT


def test_of_two_copies_that_both_run_or_are_both_dead_neither_is_the_one() -> None:
    copy = {"directory": f"{ROOT}-copy", "name": "actions.runner.acme.copy.service"}
    for one, other, twins in (("active", "active", 1), ("inactive", "inactive", 1), ("active", "inactive", 0)):
        place = found(*unit(settings(), state=one), *unit(settings(), state=other, **copy))
        assert place.directory == ROOT
        assert len(place.twins) == twins, (one, other)


def test_a_runner_without_a_unit_is_found_by_its_process() -> None:
    place = found(Frame("process", ("5",)), Frame("directory", (ROOT,)), Frame("file", (".runner",), settings()))
    assert (place.unit, place.pid) == (None, 5)


def test_a_macos_agent_names_where_its_service_writes() -> None:
    output = "/Users/ci/Library/Logs/actions.runner.acme.linux-01/stdout.log"
    agent = [Frame("agent", ("actions.runner.acme.linux-01", output)), *unit(settings())[1:]]
    assert found(*agent).output == output
    evil = [Frame("agent", ("actions.runner.acme.linux-01", "/etc/shadow")), *unit(settings())[1:]]
    assert found(*evil).output == ""


def test_not_found_says_what_was_looked_at_and_why_it_was_not_it() -> None:
    told = missed(
        *unit(settings(agentId=43), name="actions.runner.acme.a.service"),
        *unit(None, name="actions.runner.acme.b.service"),
        Frame("unreadable", (".runner",)),
        *unit(None, name="actions.runner.acme.c.service"),
        Frame("refused", (".runner",)),
        *unit(None, name="actions.runner.acme.d.service"),
        Frame("unreadable", (".",)),
        Frame("process", ("9",)),
        Frame("odd-directory"),
    )
    assert told.splitlines() == [
        "4 units actions.runner.*.service",
        "1 process Runner.Listener",
        f"actions.runner.acme.a.service in {ROOT}: agent id 43 of https://github.com/acme",
        f"actions.runner.acme.b.service in {ROOT}, whose .runner this user may not read",
        f"actions.runner.acme.c.service in {ROOT}, whose .runner is a link, which is not followed",
        f"actions.runner.acme.d.service in {ROOT}, which is not there or may not be entered by this user",
        "process 9: the name of its directory is not one that is sent back to a host",
    ]


def test_a_runner_that_was_set_up_just_in_time_is_told_from_one_of_an_odd_address() -> None:
    assert "agent id 43, set up just in time: no address" in missed(*unit(settings(agentId=43, gitHubUrl="")))
    assert "of an address that cannot be shown" in missed(*unit(settings(agentId=43, gitHubUrl="https://x/ y")))


def test_nothing_that_a_host_says_reaches_a_sentence_unless_it_is_harmless() -> None:
    told = missed(*unit(settings(gitHubUrl="https://github.com/\x1b]0;x\x07[/x]", agentName="\x1b[2J")))
    assert "\x1b" not in told
    assert "[/x]" not in told


@pytest.mark.parametrize(
    ("api", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://github.example.com/api/v3", "https://github.example.com"),
        ("http://127.0.0.1:4011", "http://127.0.0.1:4011"),
    ],
)
def test_the_address_that_runners_know_follows_from_that_of_the_api(api: str, web: str) -> None:
    assert web_address(api) == web


LISTENER = (
    "[2026-09-02 05:10:00Z INFO JobDispatcher] Job request 7 for plan "
    f"{GUID[:-1]}9 job {GUID} received.\n"
    "[2026-09-02 05:10:01Z INFO Terminal] WRITE LINE: 2026-09-02 05:10:01Z: Running job: build (\x1b[31mx)\n"
)
ENDED = (
    "[2026-09-02 05:12:01Z INFO Terminal] WRITE LINE: "
    "2026-09-02 05:12:01Z: Job build (x) completed with result: Failed\n"
)


def listener(*texts: str) -> list[Frame]:
    return [Frame("listener", ("Runner_20260902-051000-utc.log", "1"), text.encode()) for text in texts]


def test_the_job_of_a_listener_is_the_last_one_it_was_given() -> None:
    job = running_job(listener("noise\n", LISTENER), lambda text: text.replace("\x1b", "?"))
    assert job is not None
    assert (job.guid, job.name, job.result) == (GUID, "build (?[31mx)", "")
    assert job.received_at == datetime(2026, 9, 2, 5, 10, tzinfo=UTC)
    ended = running_job(listener(LISTENER, ENDED), str)
    assert ended is not None
    assert ended.result == "Failed"
    assert running_job(listener(ENDED), str) is None


def test_the_current_step_is_the_last_one_that_began_and_has_not_ended() -> None:
    at = "[2026-09-02 05:10:05Z INFO "
    begun = f"{at}JobRunner] Job ID {GUID}\n{at}StepsRunner] Processing step: DisplayName='Run make'\n"
    after = f"{at}StepsRunner] Starting the step.\n"
    result = f"{at}StepsRunner] Step result: Succeeded\n"

    def step(text: str, job: str = GUID) -> str:
        return current_step([Frame("worker", ("Worker_20260902-051000-utc.log", "1"), text.encode())], job, str)

    assert step(begun + after) == "Run make"
    assert step(begun + after + result) == ""
    assert step(begun, GUID[:-1] + "8") == ""
    assert step("") == ""


PLACE = Located(RUNNER.key, "h1", ROOT, UNIT, 823, "proved", 42)


def facts(**said: str) -> list[Frame]:
    return [Frame("fact", (key.replace("_", "-"),), value.encode()) for key, value in said.items()]


def test_host_facts_are_read_from_what_programs_print() -> None:
    told = facts_from(
        [
            *facts(
                now=str(int(ASKED.timestamp()) + 60) + "\n",
                system="Linux 6.1.0 x86_64\n",
                uptime="93600.25 100.00\n",
                unit="ActiveState=inactive\nSubState=dead\nResult=exit-code\nExecMainStatus=5\n"
                "StateChangeTimestamp=Wed 2026-09-02 05:00:00 UTC\n",
                exit_line="Runner listener exited with error code 5\n",
                processes="listener 41 2-03:04:05\nworker 42 01:02\nworker x y\n",
                bin="bin.2.335.0\n",
                version_line="[2026-09-02 05:14:01Z INFO Listener] Version: 2.336.0\n",
                disk="Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda 1 1000 900 100 90% /\n",
                listener_log="Runner_20260902-051401-utc.log 77 1234 1788326040\n",
                listener_starts="Runner_20260902-040000-utc.log\nRunner_99999999-999999-utc.log\nRunner_[0-9]-utc.log\n"
                "Runner_20260902-051401-utc.log\n",
                worker_log="",
                renewed=f"{ROOT}/bin/Runner.Listener\n",
            ),
            Frame("fact", (".runner",), settings(useV2Flow=True, disableUpdate=True)),
        ],
        PLACE,
        ASKED,
        ASKED + timedelta(seconds=2),
        str,
    )
    assert (told.unit_state, told.unit_since) == ("inactive (dead)", datetime(2026, 9, 2, 5, 0, tzinfo=UTC))
    assert told.exit_line == "Runner listener exited with error code 5; systemd: exit-code, status 5"
    assert told.listeners == (HostProcess(41, timedelta(days=2, hours=3, minutes=4, seconds=5)),)
    assert told.workers == (HostProcess(42, timedelta(seconds=62)),)
    assert (told.version, told.flow, told.uptime) == ("2.336.0", "V2", timedelta(hours=26, seconds=0.25))
    assert told.disks == (DiskSpace(ROOT, 100 * 1024, 1000 * 1024),)
    assert told.clock_ahead is not None
    assert abs(told.clock_ahead - timedelta(seconds=59.5)) <= told.clock_unsure == timedelta(seconds=1.5)
    assert told.newest_listener_log is not None
    assert told.newest_listener_log.size == 1234
    assert told.starts == (datetime(2026, 9, 2, 4, tzinfo=UTC), datetime(2026, 9, 2, 5, 14, 1, tzinfo=UTC))
    assert told.newest_worker_log is None
    assert (told.renewed, told.updates_itself) == (True, False)


def test_what_a_host_does_not_say_is_unknown_and_never_guessed() -> None:
    told = facts_from([Frame("note", ("no-directory",))], PLACE, ASKED, ASKED, str)
    assert (told.unit_state, told.exit_line, told.version, told.flow) == ("", "", "", None)
    assert (told.clock_ahead, told.uptime, told.disks, told.listeners) == (None, None, (), ())
    assert told.unknown == ("Its directory is not there, or this user may not enter it.",)


@pytest.mark.parametrize(
    "junk", ["", "x", "-1", "99999999999999999999", "\x1b]0;x\x07", "1 2 3 4 5", "=", "٣", "[" * 5_000, "9" * 5_000]
)
def test_junk_from_a_host_breaks_nothing(junk: str) -> None:
    told_of = ("now", "uptime", "boot", "unit", "processes", "bin", "disk", "listener_log", "version_line", ".runner")
    keys = (*told_of, "load", "cores", "memory", "kernel")
    told = facts_from(facts(**dict.fromkeys(keys, junk)), PLACE, ASKED, ASKED, lambda text: text.replace("\x1b", "?"))
    assert "\x1b" not in repr(told)


def test_numbers_of_a_host_that_nobody_could_reckon_with_are_none() -> None:
    log = f"Runner_20260901-000000-utc.log 1 {'9' * 5_000} 1788326040"
    odd = facts(listener_log=log, processes=f"listener {'9' * 5_000} 1:00\nworker 7 999999-00:00:00")
    told = facts_from(odd, PLACE, ASKED, ASKED, str)
    assert (told.newest_listener_log, told.listeners, told.workers[0].age) == (None, (), None)
    for boot in ("{ sec = 999999999999, usec = 0 }", "{ sec = 99999999999, usec = 0 }"):
        assert facts_from(facts(boot=boot, now="99999999999"), PLACE, ASKED, ASKED, str).uptime in {None, timedelta()}


@pytest.mark.parametrize("load", ["61.50 33.25 9.00 71/812 90210\n", "{ 61.50 33.25 9.00 }\n"])
def test_how_strong_a_host_is_is_read_from_either_system(load: str) -> None:
    kills = "1788326040.5 build-07 kernel: Out of memory: Killed process 7 (java)\nno time kernel: killed\n"
    memory = "MemTotal:       16000000 kB\nMemAvailable:     100000 kB\n"
    told = facts_from(facts(load=load, cores="8\n", memory=memory, kernel=kills), PLACE, ASKED, ASKED, str)
    assert (told.load, told.cores) == (33.25, 8)
    assert (told.memory, told.memory_free) == (16_384_000_000, 102_400_000)
    (kill,) = told.kills
    assert kill.text == "kernel: Out of memory: Killed process 7 (java)"
    assert kill.at == datetime.fromtimestamp(1788326040, UTC)


def test_it_is_known_with_which_registrations_services_run_there_whoever_they_belong_to() -> None:
    other = unit(settings(agentId=7), directory="/opt/copy", name="actions.runner.acme.copy.service")
    dead = unit(settings(agentId=8), directory="/opt/dead", name="actions.runner.acme.dead.service", state="inactive")
    made_in_time = unit(settings(agentId=9, gitHubUrl=""), directory="/opt/jit", name="actions.runner.acme.jit.service")
    place = found(*unit(settings(gitHubUrl="https://GitHub.com/Acme/")), *other, *dead, *made_in_time)
    assert place.at_work == {Registered(42, "github.com/acme"), Registered(7, "github.com/acme")}
