"""What stands in the menu, and in which order: what helps now, what may, and what does not help, with the reason."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from console.fleet.cache_findings import cache_findings
from console.fleet.cache_trouble import failed_as
from console.fleet.evidence import Evidence, Fact, JobNow, RunnerNow, RunNow
from console.fleet.explain import explain_job, explain_runner
from console.fleet.failure import Cause, Failure
from console.fleet.github_incident import explained_beside, in_view_of_github
from console.fleet.guided_actions import GUIDED_ACTIONS, Offer, about, offer
from console.fleet.host_causes import causes_on_host
from console.fleet.host_evidence import HostEvidence
from console.fleet.hosts import Registered
from console.fleet.models import FleetSnapshot, plain
from console.fleet.plans import Target
from console.fleet.remedies import EVERY, REMEDIES, remedy_of
from console.operations.several import choices
from tests.fleet.fleets import fleet, job, run
from tests.judgement.reading import Case, Host, hosts_of, snapshot_of
from tests.judgement.test_cases import findings

STUCK = ["65 INFO Terminal WRITE LINE: 2026-03-01 10:55:00Z: Listening for Jobs"]
"""A V1 listener that is silent since then."""


class Gate:
    """Knows no more than the lists."""

    def __init__(self, snapshot: FleetSnapshot) -> None:
        known: dict[Fact[Any], object] = {RunnerNow(key): each for key, each in snapshot.runners.items()}
        known.update((JobNow(key), each) for key, each in snapshot.jobs.items())
        known.update((RunNow(key), each) for key, each in snapshot.runs.items())
        self._evidence = Evidence(snapshot, known, now=snapshot.taken_at)

    def menu(self, target: Target, causes: Iterable[str] = ()) -> tuple[Offer, ...]:
        wanted, listed = frozenset(causes), GUIDED_ACTIONS.values()
        return tuple(offer(each, self._evidence, target, wanted) for each in listed if each.about == about(target))


def menu(snapshot: FleetSnapshot, target: Target, *causes: str) -> dict[str, str]:
    """By action, in their order: what is said of it."""
    return {
        each.action.id: f"helps {each.later or 'here'}" if each.fits else f"vain: {each.vain}" if each.vain else ""
        for each in choices(Gate(snapshot), (target,), causes)  # type: ignore[arg-type] # as much of a gate as it takes
    }


def test_all_that_begins_anew_is_an_action() -> None:
    assert GUIDED_ACTIONS.keys() >= EVERY
    for cause, remedy in REMEDIES.items():
        assert remedy.action not in remedy.forbidden, cause
        assert not remedy.action or cause in GUIDED_ACTIONS[remedy.action].causes, cause


def test_while_github_is_in_trouble_nothing_is_said_to_help_and_why() -> None:
    snapshot = snapshot_of(Case("three", runners=[{}, {}, {"ephemeral": True}], page="major_outage"))
    for key in snapshot.runners:
        listed = menu(snapshot, key, "github-incident")
        assert not any(said.startswith("helps") for said in listed.values())
        vain = [name for name, said in listed.items() if said == "vain: GitHub is in trouble: only its end helps"]
        assert "restart-service" in vain
        assert {*vain} >= {"regenerate-jit"} if snapshot.runners[key].ephemeral else {"reregister"} <= {*vain}
        harmless = [name for name, said in listed.items() if not said]
        order = list(listed)
        assert order.index("drain") < min(order.index(name) for name in vain)
        assert "drain" in harmless


AT_WORK = job(7, status="in_progress", runner_id=1, runner_name="linux-1", started_at=None)
CACHE = run(101, status="completed", conclusion="failure", event="push")
FAILED = job(1, status="completed", conclusion="failure", started_at=None, run_id=101)


def failed_for(signature: str) -> dict[object, Failure]:
    said = Cause("cache", "likely", signature, "A line", "Look at GitHub's status; re-run later.", "a line", 4)
    return {FAILED.key: Failure(FAILED.attempt, (said,))}


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        ("cache.create-409", "helps here"),
        ("cache.create-404", "helps once GitHub's cache answers again"),
        ("cache.write-denied", "vain: it would fail again"),
        ("cache.too-large", "vain: it would fail again"),
    ],
)
def test_a_rerun_is_said_to_help_only_where_the_cache_lets_it(signature: str, said: str) -> None:
    snapshot = fleet(jobs=[FAILED], runs=[CACHE])
    causes = failed_as([FAILED.key], failed_for(signature), snapshot)  # type: ignore[arg-type] # by key
    listed = menu(snapshot, FAILED.key, *causes)
    assert listed["rerun-cache-failed"] == said
    assert (next(iter(listed)) == "rerun-cache-failed") is said.startswith("helps")


def test_a_job_is_explained_with_the_advice_of_the_finding_about_its_cache() -> None:
    case = Case("page", jobs=[], page="operational")
    asked = snapshot_of(case)
    snapshot = fleet(
        jobs=[FAILED], runs=[CACHE], github_status=asked.github_status, status_page=asked.status_page, whole=True
    )
    failures = failed_for("cache.write-denied")
    alone = explain_job(snapshot, FAILED.key, failures=failures)  # type: ignore[arg-type] # by key
    assert remedy_of(alone.remedied_as).action == ""
    beside = explained_beside(alone, FAILED.key, (), snapshot)
    assert plain(beside.helps).endswith(" At 11:59Z its page said of Actions: operational.")
    found = cache_findings(snapshot, failures)  # type: ignore[arg-type] # by key
    for finding in in_view_of_github(found, snapshot):
        assert explained_beside(alone, FAILED.key, (finding,), snapshot).helps == finding.helps


def test_of_several_that_idle_alike_no_single_one_is_said_to_be_helped_by_a_restart() -> None:
    snapshot = snapshot_of(Case("three", runners=[{}, {}, {}], page="operational"))
    (finding,) = findings(Case("three", runners=[{}, {}, {}], page="operational"))
    assert remedy_of(finding.remedied_as).action == ""
    assert "At 11:59Z its page said of Actions: operational." in plain(finding.helps)
    for key in snapshot.runners:
        alone = explained_beside(explain_runner(snapshot, key), key, (finding,), snapshot)
        assert (alone.suspicion, alone.remedied_as) == (finding.suspicion, finding.remedied_as)
        assert plain(alone.helps) == plain(finding.helps)
        listed = menu(snapshot, key, finding.remedied_as)
        assert listed["restart-service"] == ""


def test_what_is_only_possible_does_not_hide_what_is_likely() -> None:
    case = Case("both", hosts=[Host(1, flow="V1", load=80.0, log=STUCK)])
    (finding,) = findings(case)
    assert (finding.cause, finding.certainty) == ("session-stuck", "likely")
    assert "Also possible: its host is overloaded." in map(plain, finding.evidence)
    snapshot = snapshot_of(case)
    explained = explain_job(snapshot, finding.jobs[0], hosts=hosts_of(case, snapshot))
    assert explained.cause == "session-stuck"
    assert explained.first_unmet is not None
    assert explained.first_unmet.text == "its session brings it jobs"


def test_a_session_is_not_said_to_be_stuck_where_it_is_github_that_is_in_trouble() -> None:
    fails = ["9..1/1 ERR Terminal WRITE ERROR: Runner connect error: Failed to get job message. Request to "]
    line = f"{fails[0]}https://broker/message failed with status: ServiceUnavailable. Error message Error: x"
    labels = [{"labels": [name]} for name in "abc"]
    hosts = [Host(number, name=f"h{number}", log=[line]) for number in (1, 2, 3)]
    case = Case("three", runners=labels, jobs=labels, hosts=hosts)
    for finding in findings(case):
        assert finding.cause == "github-incident"
        assert not any("stuck" in plain(each) for each in finding.evidence)


def test_what_would_help_stands_first_though_something_is_in_its_way_now() -> None:
    snapshot = snapshot_of(Case("busy", runners=[{"busy": True}]))
    (key,) = snapshot.runners
    (first, *_) = choices(Gate(snapshot), (key,), ("disk-filling",))  # type: ignore[arg-type] # as much as it takes
    assert (first.action.id, first.fits) == ("free-disk", True)
    assert first.refusal is not None


def test_of_a_runner_of_which_nothing_is_wrong_its_host_is_not_said_to_hide_why() -> None:
    case = Case("at work", runners=[{"busy": True}], jobs=[], hosts=[Host(1)])
    snapshot = snapshot_of(case)
    (key,) = snapshot.runners
    working = explain_runner(replace(snapshot, jobs={AT_WORK.key: AT_WORK}), key, hosts=hosts_of(case, snapshot))
    assert (working.cause, working.notes) == ("", ())


@pytest.mark.parametrize(("runs_here", "hours"), [(True, 50), (False, 50), (True, 2), (True, None)])
def test_a_registration_that_services_of_two_machines_run_with_is_proved_to_be_in_use_twice(
    *, runs_here: bool, hours: int | None
) -> None:
    """One machine that goes by two names was started at one moment."""
    case = Case("cloned", runners=[{}, {"labels": ["other"]}], hosts=[Host(1), Host(2)])
    snapshot = snapshot_of(case)
    first, second = hosts_of(case, snapshot).values()
    one, two = Registered(1, "github.com/acme"), Registered(2, "github.com/acme")
    hosts = {
        first.runner: running_with(first, {one} if runs_here else set(), 2),
        second.runner: running_with(second, {one, two}, hours),
    }
    causes = causes_on_host(snapshot, first.runner, hosts, waiting=False)
    if not runs_here or hours != 50:
        assert causes == ()
        return
    assert (causes[0].cause, causes[0].certainty) == ("session-held", "proved")
    assert plain(causes[0].evidence[0]) == "Services run with its registration on other hosts, too: host-2."
    assert "sudo systemctl stop" in plain(causes[0].helps)
    assert causes_on_host(snapshot, second.runner, hosts, waiting=False) == ()


def running_with(evidence: HostEvidence, registered: set[Registered], hours: int | None) -> HostEvidence:
    assert evidence.facts is not None
    located = replace(evidence.facts.located, address="https://github.com/acme", at_work=frozenset(registered))
    uptime = None if hours is None else timedelta(hours=hours)
    return replace(evidence, facts=replace(evidence.facts, located=located, uptime=uptime))


def test_what_was_found_for_a_few_is_not_said_of_the_others() -> None:
    case = Case("four", runners=[{}, {}, {}, {}], hosts=[Host(1, flow="V1", log=STUCK), Host(2)])
    (finding,) = findings(case)
    told = " ".join(map(plain, finding.evidence))
    assert finding.cause == "session-stuck"
    assert "Of 2 others it is not known." in told
    assert "Nothing on the host of linux-2 tells why." in told
