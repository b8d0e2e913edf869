"""On how many of how many runners something is, and what these have in common that the others lack."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

import pytest

from console.fleet.hosts import homes_of
from console.fleet.models import Runner, RunnerKey, plain
from console.fleet.spread import Places, Trait, spread_of
from console.fleet.spread_words import spread_words
from tests.fleet.fleets import LINUX, NOON, fleet, group, runner


def rack(number: int, **changes: object) -> Runner:
    """One of 27, nine in each of three racks."""
    letter = "abc"[number % 3]
    given = {"name": f"prod-{number:02}", "labels": (*LINUX, f"Rack-{letter}"), "version": "2.335.0"}
    return runner(number, **{**given, **changes})


RACKS = tuple(rack(number) for number in range(27))
RACK_B = tuple(each.key for each in RACKS if "Rack-b" in each.labels)


def told(affected: Iterable[RunnerKey], runners: Iterable[Runner] = RACKS, **changes: Any) -> str:
    places = Places(fleet(runners=runners, **changes))
    spread = spread_of(tuple(affected), places, places.online)
    return "" if spread is None else plain(spread_words(spread, NOON, NOON))


def told_of_hosts(
    affected: Iterable[Runner], patterns: Mapping[str, str], runners: Iterable[Runner] = RACKS, **changes: Any
) -> str:
    snapshot = fleet(runners=runners, **changes)
    places = Places(snapshot, homes_of(snapshot.runners, patterns, {}))
    spread = spread_of(tuple(each.key for each in affected), places, places.online)
    return "" if spread is None else plain(spread_words(spread, NOON, NOON))


def test_the_one_label_that_separates_is_named_with_how_many_have_it() -> None:
    assert told(RACK_B[:7]) == "on 7 of 9 runners with the label rack-b, on no other; since 12:00Z"
    assert told(RACK_B) == "on all 9 runners with the label rack-b, on no other; since 12:00Z"


def test_a_few_elsewhere_are_told_beside() -> None:
    assert told([*RACK_B[:7], RACKS[0].key]).startswith("on 7 of 9 runners with the label rack-b, and 1 of 18 others;")


def test_where_nothing_separates_that_is_said() -> None:
    some = [RACKS[number].key for number in range(6)]
    assert told(some) == "on 6 of 27 runners, nothing in common that the others lack; since 12:00Z"


def test_two_of_many_with_a_label_may_be_an_accident() -> None:
    assert "nothing in common" in told(RACK_B[:2])


def test_what_all_have_and_nobody_else_is_told_however_few_they_are() -> None:
    pair = [rack(30, labels=(*LINUX, "gpu")), rack(31, labels=(*LINUX, "gpu"))]
    words = told([each.key for each in pair], [*RACKS[:2], *pair])
    assert words.startswith("on all 2 runners with the label gpu, on no other")


def test_where_all_are_affected_it_is_told_what_they_share() -> None:
    told_of_all = "on all 27 runners, all in the group group-1, all of version 2.335.0; since 12:00Z"
    assert told([each.key for each in RACKS]) == told_of_all


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param({"version": "2.331.0"}, "of version 2.331.0", id="version"),
        pytest.param({"group_id": 2}, "in the group second", id="group"),
        pytest.param({"scope": "repo:acme/gpu"}, "of repo:acme/gpu", id="scope"),
        pytest.param({"os": "macos"}, "on macos", id="system"),
        pytest.param({"name": "mac-mini-1"}, "named mac-", id="name"),
    ],
)
def test_whatever_separates_is_told(changes: dict[str, object], words: str) -> None:
    odd = [runner(number, **{**changes, **_named(changes, number)}) for number in range(50, 56)]
    rest = [runner(number, version="2.335.0") for number in range(20)]
    groups = (group(), group(2, name="second"))
    assert words in told([each.key for each in odd], [*odd, *rest], groups=groups)


def _named(changes: dict[str, object], number: int) -> dict[str, object]:
    return {"name": f"mac-mini-{number}"} if "name" in changes else {}


def test_a_version_that_all_of_them_share_and_some_others_lack_is_told_besides() -> None:
    mixed = [rack(number, version="2.335.0" if number % 3 == 1 or number < 12 else "2.334.0") for number in range(27)]
    assert "with the label rack-b, on no other, all of version 2.335.0;" in told(RACK_B[:7], mixed)


def test_a_single_runner_has_no_spread_and_one_that_is_not_listed_neither() -> None:
    assert told(RACK_B[:1]) == ""
    assert told([RunnerKey("org:acme", 999), RunnerKey("org:acme", 998)]) == ""


def test_runners_that_are_offline_are_not_held_against_those_that_idle() -> None:
    half = [rack(number, status="offline" if number % 3 == 0 else "online") for number in range(27)]
    assert told([each.key for each in half if each.online and each.id % 2], half).startswith("on 9 of 18 runners")


def test_the_order_of_runners_changes_nothing() -> None:
    assert told(reversed(RACK_B[:7]), reversed(RACKS)) == told(RACK_B[:7])


def on_hosts(hosts: int, each: int) -> tuple[Runner, ...]:
    """Every third host is in rack b; of each host the runners are called `box-07-1`, `box-07-2`."""
    return tuple(
        rack(host, name=f"box-{host:02}-{number}", id=100 * number + host)
        for host in range(hosts)
        for number in range(1, each + 1)
    )


BOXES = on_hosts(27, 2)
EACH_ITS_OWN = {"*": "{name}.ci"}
TWO_EACH = {f"box-{host:02}-*": f"box-{host:02}" for host in range(27)}


def in_rack_b(runners: Iterable[Runner], hosts: int) -> list[Runner]:
    """All runners of its first few hosts."""
    found = [each for each in runners if "Rack-b" in each.labels]
    first = sorted({each.name[:6] for each in found})[:hosts]
    return [each for each in found if each.name[:6] in first]


def test_where_the_settings_name_the_hosts_of_all_hosts_are_counted() -> None:
    seven = [each for each in RACKS if each.key in RACK_B][:7]
    assert told_of_hosts(seven, EACH_ITS_OWN) == "on 7 of 9 hosts with the label rack-b, on no other; since 12:00Z"
    assert told_of_hosts([*seven, RACKS[0]], EACH_ITS_OWN).startswith(
        "on 7 of 9 hosts with the label rack-b, and 1 of 18 others;"
    )
    assert told_of_hosts(RACKS, EACH_ITS_OWN).startswith("on all 27 hosts, all in the group")
    assert told_of_hosts(RACKS[:6], EACH_ITS_OWN).startswith("on 6 of 27 hosts, nothing in common")


def test_several_runners_of_one_host_are_one_host() -> None:
    assert told_of_hosts(in_rack_b(BOXES, 7), TWO_EACH, BOXES) == (
        "on 7 of 9 hosts with the label rack-b, on no other; since 12:00Z"
    )


def test_where_only_some_of_a_host_are_affected_runners_are_counted_and_their_hosts_told() -> None:
    some = in_rack_b(BOXES, 7)[:-1]
    assert told_of_hosts(some, TWO_EACH, BOXES) == (
        "on 13 of 18 runners with the label rack-b, on no other, all on 7 hosts; since 12:00Z"
    )


def test_of_runners_that_fit_no_pattern_the_host_is_unknown_and_runners_are_counted() -> None:
    without_one = {glob: host for glob, host in TWO_EACH.items() if host != "box-25"}
    words = told_of_hosts(in_rack_b(BOXES, 7), without_one, BOXES)
    assert words == "on 14 of 18 runners with the label rack-b, on no other, all on 7 hosts; since 12:00Z"
    elsewhere = {glob: host for glob, host in TWO_EACH.items() if host != "box-24"}
    assert told_of_hosts(in_rack_b(BOXES, 7), elsewhere, BOXES).startswith("on 7 of 9 hosts")
    assert told_of_hosts(in_rack_b(BOXES, 7), {"box-01-*": "box-01"}, BOXES).startswith("on 14 of 18 runners")


def test_one_host_with_several_affected_runners_is_named() -> None:
    lab = [rack(number, name=f"gpu-lab-{number}", labels=LINUX) for number in range(40, 44)]
    fleet_of_31 = [*RACKS, *lab]
    patterns = {"gpu-lab-*": "gpu-lab", "*": "{name}"}
    assert told_of_hosts(lab, patterns, fleet_of_31) == (
        "on all 4 runners on one host, gpu-lab, on no other; since 12:00Z"
    )
    assert told_of_hosts(lab[:3], patterns, fleet_of_31).startswith("on 3 of 4 runners on one host, gpu-lab")
    assert told_of_hosts(lab, patterns, lab).startswith("on all 4 runners, all on one host, gpu-lab, all in")


def test_what_is_worked_out_of_hosts_is_not_worked_out_again() -> None:
    snapshot = fleet(runners=RACKS)
    homes = homes_of(snapshot.runners, EACH_ITS_OWN, {})
    assert homes_of(snapshot.runners, {}, homes) == homes
    assert set(homes_of(snapshot.runners, {"nothing": "x"}, {}).values()) == {""}


def test_a_large_fleet_is_gone_through_once_for_what_several_findings_have_in_common(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[Trait] = []
    through = Places._with

    def counted(places: Places, trait: Trait) -> int:
        looked.append(trait)
        return through(places, trait)

    monkeypatch.setattr(Places, "_with", counted)
    runners = [runner(number, labels=("self-hosted", f"only-{number}")) for number in range(1, 9)]
    places = Places(fleet(runners=runners))
    keys = [each.key for each in runners]
    for affected in (keys[:4], keys[2:6], keys[:4]):
        spread_of(affected, places, places.everyone)
    assert len(looked) == len(set(looked))


def test_since_when_is_told_by_the_day_where_that_was_not_today() -> None:
    places = Places(fleet(runners=RACKS))
    spread = spread_of(RACK_B, places, places.online)
    assert spread is not None
    assert plain(spread_words(spread, NOON, NOON + timedelta(hours=9))).endswith("; since 12:00Z")
    assert plain(spread_words(spread, NOON, NOON + timedelta(days=3))).endswith("; since 2026-03-01")
