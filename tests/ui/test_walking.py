"""What a walk is about, as one look follows another."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from console.fleet.findings import Finding
from console.fleet.models import Name, Runner
from console.fleet.walks import ticked
from console.operations.look import Look
from console.operations.runbooks import library
from console.ui.panes.base import Place
from console.ui.walking import LASTS, Walking
from tests.ui import fleet_fixture as fleet

BEFORE, AFTER, OTHER = (fleet.runner(900 + number, f"jit-{number}") for number in (1, 2, 3))
JIT, OLD = "jit-bad-request", "outdated-runners"


def found(cause: str, *runners: Runner, later: timedelta = timedelta()) -> Finding:
    keys, since = tuple(each.key for each in runners), fleet.NOON + later
    return Finding(cause, "watch", "likely", (Name(runners[0].name),), ("it is",), since, runners=keys)


def seen(runners: tuple[Runner, ...], *findings: Finding, later: timedelta = timedelta()) -> Look:
    snapshot = fleet.snapshot(runners, ())
    return fleet.look(replace(snapshot, taken_at=snapshot.taken_at + later), findings=findings)


def begun(name: str, look: Look) -> Walking:
    """A walk whose second step a person has ticked."""
    walking = Walking()
    walking.library = library()
    walking.begin(Place("walk", runbook=name), look, fleet.FACTS, fleet.NOON)
    walking.follow(look, fleet.NOON)
    walking.change(name, lambda walk: ticked(walk, 1, fleet.NOON))
    return walking


def about(walking: Walking, name: str, look: Look) -> str:
    """The runner that it is about after that look; with a star where its second step is ticked."""
    walking.follow(look, fleet.NOON)
    lead = walking.leads[name]
    assert lead is not None
    return f"{lead.runner_name}{'*' if walking.walks[name].standings[1].done else ''}"


def test_a_walk_does_not_go_over_to_what_passes_by_itself() -> None:
    refused, idles = found("jit-refused", BEFORE), found("idle-while-queued", AFTER)
    walking = begun(JIT, seen((BEFORE,), refused))
    assert about(walking, JIT, seen((AFTER,), idles)) == "jit-1*"
    assert about(walking, JIT, seen((AFTER,), idles, later=LASTS / 2)) == "jit-1*"
    assert about(walking, JIT, seen((AFTER,), later=LASTS)) == "jit-1*"
    anew = found("idle-while-queued", AFTER, later=LASTS * 2)
    assert about(walking, JIT, seen((AFTER,), anew, later=LASTS * 2)) == "jit-1*"


def test_a_walk_goes_over_to_what_lasts() -> None:
    refused, idles = found("jit-refused", BEFORE), found("idle-while-queued", AFTER)
    walking = begun(JIT, seen((BEFORE,), refused))
    assert about(walking, JIT, seen((AFTER,), idles)) == "jit-1*"
    assert about(walking, JIT, seen((AFTER,), idles, later=LASTS)) == "jit-2"


def test_a_walk_goes_over_at_once_to_what_had_lasted_when_it_was_first_seen() -> None:
    refused, idled = found("jit-refused", BEFORE), found("idle-while-queued", AFTER, later=-LASTS)
    walking = begun(JIT, seen((BEFORE,), refused))
    assert about(walking, JIT, seen((AFTER,), idled)) == "jit-2"


def test_a_walk_that_is_about_nothing_yet_does_not_begin_with_what_nobody_need_act_on() -> None:
    remark = replace(found("jit-refused", BEFORE), severity="info")
    walking = Walking()
    walking.library = library()
    walking.begin(Place("walk", runbook=JIT), seen((BEFORE,)), fleet.FACTS, fleet.NOON)
    walking.follow(seen((BEFORE,), remark), fleet.NOON)
    assert walking.leads[JIT] is None
    assert about(walking, JIT, seen((BEFORE, AFTER), remark, found("jit-refused", AFTER))) == "jit-2"


def test_a_walk_goes_over_at_once_to_what_was_what_was_found_beside_it_though_that_is_read_anew() -> None:
    refused, beside = found("jit-refused", BEFORE), found("idle-while-queued", OTHER)
    walking = begun(JIT, seen((BEFORE, OTHER), refused, beside))
    assert about(walking, JIT, seen((AFTER, OTHER))) == "jit-1*"
    assert about(walking, JIT, seen((AFTER, OTHER), beside)) == "jit-3"


def test_a_runner_that_is_at_work_on_is_stayed_with_and_then_the_others_that_were_found_with_it_come() -> None:
    three = found("version-ends", BEFORE, AFTER, OTHER)
    two = replace(three, runners=three.runners[1:])
    down = replace(BEFORE, status="offline")
    walking = begun(OLD, seen((BEFORE, AFTER, OTHER), three))
    assert about(walking, OLD, seen((down, AFTER, OTHER), two)) == "jit-1*", "its software is replaced already"
    assert about(walking, OLD, seen((BEFORE, AFTER, OTHER), two)) == "jit-2*"
    refused = found("version-refused", OTHER)
    assert about(walking, OLD, seen((BEFORE, AFTER, OTHER), refused)) == "jit-3*", "told otherwise, and the same still"
    assert about(walking, OLD, seen((BEFORE, AFTER, OTHER))) == "jit-3*"


@pytest.mark.parametrize(
    ("name", "cause"),
    [("runner-offline", "session-conflict"), ("registration-lost", "registration-lost"), (JIT, "jit-refused")],
)
def test_who_has_read_the_log_that_a_step_asks_for_has_done_it(name: str, cause: str) -> None:
    look = seen((BEFORE,), found(cause, BEFORE))
    walking = Walking()
    walking.library = library()
    walking.begin(Place("walk", runbook=name), look, fleet.FACTS, fleet.NOON)
    assert about(walking, name, look) == "jit-1"
    walking.looked_into()
    assert about(walking, name, look) == "jit-1*"
