"""What may be removed of a runner's directory, what not, and what proves that there is room."""

from typing import Any

import pytest
from msgspec.structs import replace

from console.fleet.disk_conditions import RoomMade
from console.fleet.disk_reading import disk_use
from console.fleet.evidence import DirectoryOf, DirectorySizesOf, Evidence, Fact, RunnerNow
from console.fleet.frames import Frame
from console.fleet.guided_actions import GUIDED_ACTIONS, offer
from console.fleet.guided_actions.disk import free_disk
from console.fleet.hosts import DirectorySize, DiskSpace, DiskUse
from console.fleet.models import plain
from console.fleet.plans import OnHost, Plan, Refusal, Unanswered, Until
from console.fleet.service_state import DirectoryState
from tests.fleet.fleets import NOON, fleet, runner
from tests.fleet.planning import planned, refused
from tests.fleet.services import PLACE, WORKER, evidence, service

KEY = runner().key
ROOT, WORK = DiskSpace(PLACE.directory, 40_000, 90_000_000), DiskSpace(f"{PLACE.directory}/_work", 7_000, 500_000_000)
NAMES = ("_work/web", "_work/_tool", "_work/_actions", "_diag", "bin.2.335.0", "externals.2.335.0")
USE = DiskUse((ROOT, WORK), tuple(DirectorySize(name, 9_000_000) for name in NAMES))
HOME = DirectoryState("runner", "allowed")
_FACTS: dict[Fact[Any], object] = {DirectoryOf(PLACE.host, PLACE.directory): HOME, DirectorySizesOf(PLACE): USE}


def asked(given: str = "_work/web", more: dict[Fact[Any], object] | None = None, **changes: Any) -> Plan | Refusal:
    known = evidence(service(**changes), more={**_FACTS, **(more or {})})
    return free_disk(Evidence(known.snapshot, known._known, now=NOON, given=given, operator="alice"), KEY)


def test_the_script_gets_the_one_name_that_was_written_and_what_proves_whose_it_is() -> None:
    plan = planned(asked())
    script, proof = plan.parts
    assert isinstance(script, OnHost)
    where = ("/opt/actions-runner", "_work/web", "1", "https://github.com/acme", "alice")
    assert (script.script.id, script.values) == ("remove-directory", where)
    assert isinstance(proof, Until)
    assert proof.condition == RoomMade(PLACE, "_work/web", 7_000)
    assert plan.typed == "linux-1"


@pytest.mark.parametrize("name", NAMES)
def test_what_is_lost_with_it_is_said(name: str) -> None:
    assert plain(planned(asked(name)).hurts[0]).endswith(".")


def test_without_a_name_the_room_and_the_largest_are_told_and_the_menu_offers_it() -> None:
    found = asked("")
    assert isinstance(found, Unanswered)
    assert plain(found.helps).splitlines()[:3] == [
        "its directory: 40.0 KB free of 90.0 MB",
        "its _work: 7.0 KB free of 500 MB",
        "  9.0 MB  _work/web",
    ]
    known = evidence(more=_FACTS)
    assert offer(GUIDED_ACTIONS["free-disk"], known, KEY, frozenset()).refusal is None


@pytest.mark.parametrize("name", ["_work", "../x", "_work/web/", "/", "_work/web _diag", "bin"])
def test_what_is_not_listed_is_not_removed(name: str) -> None:
    assert "none of those that can be removed" in refused(asked(name))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"workers": (WORKER,)}, "works on a job"),
        ({"unreadable": 1}, "could not be looked at"),
        ({"updating": True}, "updating itself"),
        ({"agent_id": 2}, "Another runner lives in its directory"),
        ({"lock": "held"}, "Somebody else is at work"),
    ],
)
def test_its_host_is_looked_at_as_before_a_restart(changes: dict[str, Any], words: str) -> None:
    assert words in refused(asked(**changes))


def test_a_busy_runner_is_left_alone_and_its_host_is_not_even_asked() -> None:
    busy = runner(busy=True)
    known = Evidence(fleet(runners=(busy,)), {RunnerNow(KEY): busy}, now=NOON, given="_work/web")
    assert "It runs a job" in refused(free_disk(known, KEY))


def test_without_the_right_to_be_its_owner_nothing_is_removed() -> None:
    denied: dict[Fact[Any], object] = {
        DirectoryOf(PLACE.host, PLACE.directory): DirectoryState("runner", "not-allowed")
    }
    assert "%ops ALL=(runner) NOPASSWD: /bin/bash -s" in refused(asked(more=denied))


@pytest.mark.parametrize(
    ("owner", "free", "kept", "met", "words"),
    [
        ("runner", 99_000, False, False, "still something called _work/web"),
        ("", 7_000, False, False, "no more room than before"),
        ("", 99_000, False, True, "It is gone: 99.0 KB free, 7.0 KB before."),
        ("runner", 99_000, True, True, "Its old files are gone"),
    ],
)
def test_gone_and_more_room_are_the_proof(owner: str, free: int, kept: bool, met: bool, words: str) -> None:
    use = replace(USE, disks=(ROOT, replace(WORK, free=free)))
    known: dict[Fact[Any], object] = {
        DirectoryOf(PLACE.host, f"{PLACE.directory}/_work/web"): DirectoryState(owner),
        DirectorySizesOf(PLACE): use,
    }
    judged = RoomMade(PLACE, "_work/web", 7_000, kept).judge(Evidence(fleet(), known, now=NOON))
    assert judged.met is met
    assert words in plain(judged.missing)


def test_names_that_no_script_takes_are_not_read() -> None:
    told = b"9\t_work/web\n12\t_work/../x\n70\t_work/a b\nx\t_diag\n11\t_diag\n"
    found = disk_use([Frame("fact", ("sizes",), told)], PLACE)
    assert found == DiskUse((), (DirectorySize("_diag", 11 * 1024), DirectorySize("_work/web", 9 * 1024)))
