"""On how many of how many runners something is, and what these have in common that the others lack."""

from collections.abc import Iterable
from typing import Any

import pytest

from console.fleet.models import Runner, RunnerKey, plain
from console.fleet.spread import Places, spread_of, spread_words
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
    return "" if spread is None else plain(spread_words(spread, NOON))


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
