"""What is warned of before it is wrong, and what is not: each warning, and what is like it and harmless."""

import tomllib
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from console.fleet.causes import known_causes
from console.fleet.diagnosis import judge, worst_first
from console.fleet.explain import explain_runner
from console.fleet.findings import Finding
from console.fleet.guided_actions import GUIDED_ACTIONS
from console.fleet.host_causes import told_by_hosts
from console.fleet.host_evidence import HostEvidence
from console.fleet.inquiry import drained
from console.fleet.models import FleetSnapshot, RunnerKey, plain
from console.fleet.past import Absence, Disk, Past, Room
from console.fleet.queue_waits import HOUR, SetWaits, Waits, class_of, quarter_of, with_looked
from console.fleet.remedies import REMEDIES, STARTS, remedy_of
from console.fleet.versions import RunnerRelease
from console.fleet.warnings import WARNINGS, Signs, warned_beside, warning_findings
from tests.fleet.fleets import NOON, ago, job
from tests.judgement.reading import FOLDER, GIGABYTE, Case, hosts_of, snapshot_of

LABELS = ("self-hosted", "linux")


class Begun(msgspec.Struct, forbid_unknown_fields=True):
    """Jobs that began in the last hour."""

    jobs: int
    seconds: float


class Before(msgspec.Struct, forbid_unknown_fields=True):
    """Jobs of each quarter of an hour before."""

    each: int
    seconds: float
    hours: float


class WarningCase(Case, forbid_unknown_fields=True):
    """With what was kept of the past."""

    jobs: list[dict[str, Any]] = msgspec.field(default_factory=list)
    latest: str = ""
    published_days: float = 0
    ends_days: dict[str, float] = msgspec.field(default_factory=dict)
    """From now on, as GitHub says of these versions."""
    offline_days: list[float] = msgspec.field(default_factory=list)
    """Of each runner, in their order."""
    seen_daily: bool = True
    begun: Begun | None = None
    before: Before | None = None
    twins: list[str] = msgspec.field(default_factory=list)
    """Other directories with the first runner's settings."""
    listener_starts: list[float] = msgspec.field(default_factory=list)
    """Of the first runner, minutes ago."""
    disk_gigabytes: list[float] = msgspec.field(default_factory=list)
    """Of the first runner, the oldest first."""
    disk_minutes: float = 5
    severity: str = ""


def read() -> list[WarningCase]:
    text = (FOLDER / "warnings.toml").read_text(encoding="utf-8")
    return [msgspec.convert(entry, WarningCase) for entry in tomllib.loads(text)["case"]]


CASES = [pytest.param(case, id=case.name) for case in read()]


def signs_of(case: WarningCase) -> Signs:
    snapshot = snapshot_of(case)
    if case.latest:
        ends = {version: NOON + timedelta(days=days) for version, days in case.ends_days.items()}
        release = RunnerRelease(case.latest, NOON, NOON - timedelta(days=case.published_days), ends)
        snapshot = replace(snapshot, latest_runner=release)
    if case.begun is not None:
        began = [_began(number, case.begun.seconds) for number in range(case.begun.jobs)]
        snapshot = replace(snapshot, jobs={**snapshot.jobs, **{each.key: each for each in began}})
    hosts = {key: _started(case, each) for key, each in hosts_of(case, snapshot).items()}
    past = Past(_absences(case, snapshot), _disks(case, snapshot), _waits(case, snapshot))
    return Signs(snapshot, past, hosts, told_by_hosts(judge(snapshot).findings, snapshot, hosts))


def _began(number: int, seconds: float) -> Any:
    started = ago(10 + number)
    created = started - timedelta(seconds=seconds)
    return job(500 + number, status="in_progress", runner_id=99, labels=LABELS, started_at=started, created_at=created)


def _started(case: WarningCase, evidence: HostEvidence) -> HostEvidence:
    if evidence.facts is None:
        return evidence
    starts = tuple(ago(minutes) for minutes in case.listener_starts)
    located = replace(evidence.facts.located, twins=tuple(case.twins))
    return replace(evidence, facts=replace(evidence.facts, starts=starts, located=located))


def _absences(case: WarningCase, snapshot: FleetSnapshot) -> dict[RunnerKey, Absence]:
    found = {}
    for key, days in zip(snapshot.runners, case.offline_days, strict=False):
        since = NOON - timedelta(days=days)
        first, last = (int(at.timestamp() // 86_400) for at in (since, NOON))
        found[key] = Absence(since, tuple(range(first, last + 1)) if case.seen_daily else (first, last))
    return found


def _disks(case: WarningCase, snapshot: FleetSnapshot) -> dict[str, Disk]:
    if not case.disk_gigabytes:
        return {}
    key, last = next(iter(snapshot.runners)), len(case.disk_gigabytes) - 1
    rooms = tuple(
        Room(ago(case.disk_minutes * (last - number)), int(free * GIGABYTE))
        for number, free in enumerate(case.disk_gigabytes)
    )
    return {"host-1 /opt/runner": Disk(key, "host-1", "/opt/runner", 100 * GIGABYTE, rooms)}


def _waits(case: WarningCase, snapshot: FleetSnapshot) -> Waits:
    waits = Waits()
    if case.before is not None:
        last = quarter_of(NOON) - HOUR
        quarters = range(last - int(case.before.hours * HOUR) + 1, last + 1)
        counts = {each: {class_of(timedelta(seconds=case.before.seconds)): case.before.each} for each in quarters}
        waits = Waits({"acme:linux,self-hosted": SetWaits("acme", LABELS, counts)}, frozenset(quarters))
    return with_looked(waits, snapshot.jobs.values(), NOON)


def findings(case: WarningCase) -> tuple[Finding, ...]:
    signs = signs_of(case)
    return worst_first((*signs.told, *drained(warning_findings(signs))))


@pytest.mark.parametrize("case", CASES)
def test_what_comes_is_warned_of_and_nothing_else(case: WarningCase) -> None:
    found = findings(case)
    assert [finding.cause for finding in found] == case.causes
    if case.severity:
        assert found[0].severity == case.severity
    if case.certainty:
        assert found[0].certainty == case.certainty
    offers = {name for name, action in GUIDED_ACTIONS.items() if action.causes & {each.cause for each in found}}
    assert offers & STARTS == set(case.starts)
    told = " ".join(_words(each) for each in found)
    for words in case.says:
        assert words in told


def _words(finding: Finding) -> str:
    phrases = (finding.subject, finding.summary, *finding.evidence, finding.suspicion, finding.helps)
    return " ".join(map(plain, phrases))


@pytest.mark.parametrize("case", CASES)
def test_a_warning_is_no_alert_says_what_helps_and_keeps_its_name(case: WarningCase) -> None:
    signs = signs_of(case)
    later = signs._replace(snapshot=replace(signs.snapshot, taken_at=NOON + timedelta(seconds=40)))
    warned = drained(warning_findings(signs))
    assert all(finding.severity in {"watch", "info"} and finding.helps for finding in warned)
    assert all(finding.since <= NOON for finding in warned)
    assert [each.key for each in drained(warning_findings(later))] == [each.key for each in warned]


def test_every_warning_has_a_case_and_leads_to_a_runbook_and_to_what_helps() -> None:
    from console.operations.runbooks import library

    causes = {rule.cause for rule in WARNINGS}
    assert causes <= {cause for case in read() for cause in case.causes}
    assert causes <= known_causes()
    assert causes <= {cause for runbook in library().runbooks.values() for cause in runbook.findings}
    for cause in (cause for cause in causes & REMEDIES.keys() if remedy_of(cause).action):
        assert cause in GUIDED_ACTIONS[remedy_of(cause).action].causes


def test_other_runners_in_another_order_change_no_warning() -> None:
    for case in read():
        signs = signs_of(case)
        turned = replace(
            signs.snapshot,
            runners=dict(reversed(list(signs.snapshot.runners.items()))),
            jobs=dict(reversed(list(signs.snapshot.jobs.items()))),
        )
        other = drained(warning_findings(signs._replace(snapshot=turned)))
        told = {(each.cause, each.severity, each.certainty, frozenset(each.runners)) for each in other}
        assert told == {
            (each.cause, each.severity, each.certainty, frozenset(each.runners))
            for each in drained(warning_findings(signs))
        }, case.name


def test_what_is_warned_of_is_told_where_it_is_explained() -> None:
    near = next(case for case in read() if case.causes == ["near-removal"])
    signs = signs_of(near)
    (key,) = signs.snapshot.runners
    notes = warned_beside(explain_runner(signs.snapshot, key), key, findings(near)).notes
    said = "Early warning: offline for at least 12 d; GitHub removes it after 14 days. Start it, if it is still wanted:"
    assert plain(notes[-1]).startswith(said)
    held = next(case for case in read() if case.causes == ["session-held"])
    signs = signs_of(held)
    (key,) = signs.snapshot.runners
    explained = explain_runner(signs.snapshot, key, hosts=signs.hosts)
    assert explained.cause == "session-held"
    assert warned_beside(explained, key, findings(held)) is explained


def test_a_runner_is_lost_with_its_job_since_it_went_offline_and_not_since_the_job_began() -> None:
    (case,) = [case for case in read() if case.causes == ["lost-at-work"]][:1]
    signs = signs_of(case)
    (key,) = signs.snapshot.runners
    working = job(1, status="in_progress", runner_id=key.id, runner_name="linux-1", started_at=ago(90))
    snapshot = replace(signs.snapshot, jobs={working.key: working}, went_offline={key: ago(4)})
    (lost,) = drained(warning_findings(signs._replace(snapshot=snapshot)))
    assert lost.since == ago(4)
    assert "acme/web build (1)" in _words(lost)
