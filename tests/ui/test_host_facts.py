"""What a host says of one runner, in words."""

from datetime import timedelta

from msgspec.structs import replace

from console.errors import HostUnreachableError
from console.fleet.hosts import DiskSpace, HostFacts, HostProcess, Located, LogFileFact
from console.fleet.models import RunnerKey
from console.fleet.words import size_in_words
from console.ui.host_facts import HostAnswer, host_lines
from console.ui.widgets.fact_lines import FactLine
from tests.ui.fleet_fixture import NOON

KEY = RunnerKey("org:acme", 3)
MINUTE = timedelta(minutes=1)
FACTS = HostFacts(
    Located(KEY, "build-host", "/opt/runner", "actions.runner.acme.x.service", 41, "proved", 3),
    NOON,
    system="Linux 6.1",
    unit_state="active (running)",
    unit_since=NOON - 90 * MINUTE,
    listeners=(HostProcess(41, 90 * MINUTE),),
    version="2.336.0",
    flow="V2",
    disks=(DiskSpace("/opt/runner", 62_000_000_000, 105_000_000_000),),
    clock_ahead=timedelta(),
    uptime=timedelta(days=4),
    newest_listener_log=LogFileFact("Runner_20260302-103000-utc.log", NOON - 14 * MINUTE, 900),
)


def said(facts: HostFacts, later: timedelta = timedelta()) -> str:
    lines = host_lines(HostAnswer(KEY, facts=facts), NOON + later)
    return "\n".join(words_of(line) for line in lines)


def words_of(line: FactLine) -> str:
    word, said = ("".join(part.text for part in parts) for parts in (line.word, line.said))
    return f"{word}: {said}"


def styles(facts: HostFacts) -> set[str]:
    return {part.style for line in host_lines(HostAnswer(KEY, facts=facts), NOON) for part in line.said}


def test_a_host_in_order_is_said_in_a_few_lines() -> None:
    assert said(FACTS).splitlines() == [
        "host: build-host  Linux 6.1  up 4 d",
        "directory: /opt/runner",
        "service: actions.runner.acme.x.service  active (running) for 1 h 30",
        "processes: 1 listener (41 for 1 h 30), no worker",
        "runs: 2.336.0  V2",
        "disk: 62.0 GB free of 105 GB  /opt/runner",
        "clock: agrees with GitHub's",
        "logs: listener wrote 14 min ago, no log of a worker",
    ]
    assert styles(FACTS) <= {"", "muted", "foreign", "accent"}


def test_software_that_was_replaced_or_does_not_update_itself_is_told() -> None:
    known = replace(FACTS, renewed=True, updates_itself=False)
    line = "runs: 2.336.0  V2  does not update itself (disableUpdate)  replaced since its listener last wrote"
    assert line in said(known).splitlines()


def test_what_is_old_says_how_old_it_is() -> None:
    assert "up 4 d  asked 2 min ago" in said(FACTS, 2 * MINUTE)


def test_what_is_not_proved_is_not_told_as_if_it_were() -> None:
    likely = replace(FACTS, located=replace(FACTS.located, certainty="likely"))
    assert "build-host  likely, not proved" in said(likely)


def test_a_unit_that_a_runner_is_merely_in_is_not_called_its_own() -> None:
    located = replace(FACTS.located, unit=None)
    assert "service: no unit was found for it" in said(replace(FACTS, located=located))
    inside = replace(FACTS, located=replace(located, service="gha@1.service"), unit_state="active (running)")
    assert "service: none of its own; its listener is in gha@1.service  active (running) for" in said(inside)


def test_a_disk_that_is_nearly_full_a_dead_unit_and_a_wrong_clock_stand_out() -> None:
    trouble = replace(
        FACTS,
        unit_state="inactive (dead)",
        exit_line="code=exited, status=0/SUCCESS",
        disks=(DiskSpace("/", 3_000_000_000, 105_000_000_000),),
        clock_ahead=-7 * MINUTE,
        listeners=(),
    )
    words = said(trouble)
    assert "inactive (dead)" in words
    assert "status=0/SUCCESS" in words
    assert "no listener" in words
    assert "clock: 7 min behind" in words
    assert {"error", "warning"} <= styles(trouble)


def test_a_job_that_runs_there_is_said() -> None:
    assert "1 worker (77)  a job is running" in said(replace(FACTS, workers=(HostProcess(77),)))


def test_why_a_host_says_nothing_stands_with_what_helps_line_by_line() -> None:
    answer = HostAnswer(KEY, trouble=HostUnreachableError("build-host cannot be reached", "First.\nSecond."))
    lines = [
        ("".join(p.text for p in each.word), "".join(p.text for p in each.said)) for each in host_lines(answer, NOON)
    ]
    assert lines == [("host", "build-host cannot be reached"), ("", "First."), ("", "Second.")]


def test_sizes_are_told_as_df_tells_them() -> None:
    sizes = (0, 999, 1_000, 62_400_000_000, 999_000_000_000_000)
    assert [size_in_words(size) for size in sizes] == ["0 B", "999 B", "1.0 KB", "62.4 GB", "999 TB"]


def test_load_and_memory_are_told_and_stand_out_where_they_are_short() -> None:
    calm = replace(FACTS, load=0.6, cores=8, memory=16_000_000_000, memory_free=12_000_000_000)
    assert {"load: 0.6 on 8 cores", "memory: 12.0 GB free"} <= {*said(calm).splitlines()}
    assert "warning" not in styles(calm)
    assert "warning" in styles(replace(calm, load=40.0))
    assert "warning" in styles(replace(calm, memory_free=100_000_000))
