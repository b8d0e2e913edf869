"""Runners that went offline within minutes of one another are one finding."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from console.fleet.host_causes import suspects_of, told_by_hosts
from console.fleet.host_evidence import HostEvidence
from console.fleet.hosts import HostFacts, Located
from console.fleet.models import FleetSnapshot, Runner, RunnerKey, plain
from console.fleet.offline import offline_together
from console.fleet.spread import Places
from console.fleet.together import told_together
from tests.fleet.fleets import LINUX, NOON, ago, fleet, runner


def rack(number: int, **changes: object) -> Runner:
    labels = (*LINUX, "rack-b" if number <= 9 else "rack-a")
    return runner(number, **{"labels": labels, "version": "2.335.0", **changes})


def after_the_cut(gone: Iterable[int], minutes: float = 5, fleet_of: int = 27, **changes: object) -> FleetSnapshot:
    gone = set(gone)
    runners = [
        rack(number, **({"status": "offline", **changes} if number in gone else {}))
        for number in range(1, fleet_of + 1)
    ]
    went = {each.key: ago(minutes - 0.1 * each.id) for each in runners if each.id in gone}
    return replace(fleet(runners=runners), went_offline=went)


def test_a_rack_that_goes_is_one_finding_with_its_spread() -> None:
    snapshot = after_the_cut(range(1, 8))
    (finding,) = told_together(offline_together(snapshot), snapshot)
    assert plain(finding.subject) == "7 runners"
    assert plain(finding.summary) == "went offline within 1 min"
    assert plain(finding.spread) == "on 7 of 9 runners with the label rack-b, on no other; since 11:55Z"
    assert finding.severity == "alert"
    assert finding.whose is not None
    assert (finding.whose.side, finding.whose.certainty) == ("here", "possible")
    assert len(finding.runners) == 7


def test_after_a_time_in_which_nobody_looked_no_closer_times_are_told_than_were_seen() -> None:
    asleep = after_the_cut(range(1, 8), minutes=2)
    snapshot = replace(asleep, last_online=dict.fromkeys(asleep.went_offline, ago(15)))
    (finding,) = offline_together(snapshot)
    assert plain(finding.summary) == "went offline within 14 min"
    assert "Nobody looked between 11:45Z and 11:58Z" in plain(finding.evidence[-1])
    awake = replace(asleep, last_online={key: at - timedelta(seconds=15) for key, at in asleep.went_offline.items()})
    (finding,) = offline_together(awake)
    assert plain(finding.summary) == "went offline within 1 min"
    assert len(finding.evidence) == 1


@pytest.mark.parametrize(
    "snapshot",
    [
        pytest.param(after_the_cut([1, 2]), id="two"),
        pytest.param(after_the_cut(range(1, 8), minutes=0.8), id="a moment ago: they may be back at once"),
        pytest.param(after_the_cut([1, 12, 20], fleet_of=200), id="here and there in a large fleet"),
        pytest.param(after_the_cut(range(1, 8), ephemeral=True), id="made for one job"),
        pytest.param(
            fleet(runners=[rack(number, status="offline") for number in range(9)]), id="for who knows how long"
        ),
    ],
)
def test_what_is_no_sudden_loss_is_no_finding(snapshot: FleetSnapshot) -> None:
    assert offline_together(snapshot) == ()


def test_runners_that_were_stopped_on_purpose_are_not_lost() -> None:
    snapshot = after_the_cut(range(1, 8))
    assert offline_together(snapshot, frozenset(snapshot.went_offline)) == ()


def test_what_went_long_before_the_last_one_is_not_told_with_it() -> None:
    snapshot = after_the_cut(range(1, 8))
    earlier = {key: ago(90) if key.id == 1 else at for key, at in snapshot.went_offline.items()}
    (finding,) = offline_together(replace(snapshot, went_offline=earlier))
    assert {key.id for key in finding.runners} == set(range(2, 8))


def test_runners_of_one_host_are_told_by_it_though_the_fleet_is_large() -> None:
    snapshot = after_the_cut([11, 12, 13], fleet_of=200)
    assert offline_together(snapshot) == ()
    homes = {key: "box" if key.id in {11, 12, 13} else f"other-{key.id}" for key in snapshot.runners}
    places = Places(snapshot, homes)
    (finding,) = told_together(offline_together(snapshot, places=places), snapshot, places=places)
    assert plain(finding.spread) == "on all 3 runners on one host, box, on no other; since 11:56Z"


def test_their_hosts_are_asked_and_the_spread_is_told_whatever_they_say() -> None:
    snapshot = after_the_cut(range(1, 8))
    gone = offline_together(snapshot)
    asked = suspects_of(gone)
    assert len(asked) == 3
    stopped = {key: HostEvidence(key, f"box-{key.id}", facts_of(key)) for key in asked}
    homes = {key: f"box-{key.id}" for key in snapshot.runners}
    (finding,) = told_together(told_by_hosts(gone, snapshot, stopped), snapshot, places=Places(snapshot, homes))
    assert (finding.cause, finding.found_as, finding.certainty) == ("service-stopped", "runners-offline", "likely")
    assert plain(finding.spread) == "on 7 of 9 hosts with the label rack-b, on no other; since 11:55Z"
    assert finding.whose is not None
    assert finding.whose.side == "here"
    all_of_them = {key: HostEvidence(key, f"box-{key.id}", facts_of(key)) for key in gone[0].runners[:3]}
    three = replace(gone[0], runners=gone[0].runners[:3])
    (sure,) = told_by_hosts([three], snapshot, all_of_them)
    assert sure.certainty == "proved"


def facts_of(key: RunnerKey) -> HostFacts:
    at = Located(key, f"box-{key.id}", "/opt/runner", "actions.runner.acme.service", None, "proved", key.id)
    return HostFacts(at, NOON, unit_state="inactive (dead)")
