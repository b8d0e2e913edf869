"""A walk: who ticked what and when, and the record that is left of it."""

from datetime import timedelta

from msgspec.structs import replace

from console.fleet.history import Deed, DeedPart, End, Entry, Operator, Process, Subject
from console.fleet.models import Name
from console.fleet.runbook_checks import Checked
from console.fleet.runbook_leads import Lead
from console.fleet.runbooks import Runbook, Step
from console.fleet.walk_record import record
from console.fleet.walks import Note, begun, checked, may_tick, noted, ticked
from tests.fleet.fleets import NOON

BOOK = Runbook("idle", "Idle [x]", "on call", "", (Step("Look", "", "runner-online"), Step("Think", "")))
YES, NO, UNKNOWN = (Checked(met, ("It is ", Name("on`line"), ".")) for met in (True, False, None))
LATER = NOON + timedelta(minutes=2)
LATEST = NOON + timedelta(minutes=5)


def test_a_step_ticks_itself_while_its_check_holds_and_a_person_ticks_the_others() -> None:
    walk = begun(BOOK, None, "acme", NOON)
    assert checked(walk, (NO, None), NOON) is walk
    walk = checked(walk, (YES, None), LATER)
    assert (walk.standings[0].by, walk.standings[0].since, walk.done) == ("check", LATER, 1)
    assert checked(walk, (YES, None), LATEST) is walk
    walk = ticked(walk, 1, LATEST)
    assert (walk.standings[1].by, walk.whole) == ("person", True)
    assert ticked(walk, 1, LATEST).standings[1].by == ""
    assert (may_tick(None), may_tick(UNKNOWN), may_tick(YES), may_tick(NO)) == (True, True, False, False)


def test_what_cannot_be_told_leaves_a_tick_and_what_does_not_hold_takes_it_away() -> None:
    walk = checked(begun(BOOK, None, "acme", NOON), (YES, None), NOON)
    assert checked(walk, (UNKNOWN, None), LATER) is walk
    walk = checked(walk, (NO, None), LATER)
    assert (walk.done, walk.standings[0].since) == (0, LATER)
    walk = checked(walk, (YES, None), LATEST)
    assert (walk.standings[0].first, walk.standings[0].since, walk.standings[0].times) == (NOON, LATEST, 2)


def test_a_tick_by_hand_gives_way_to_what_the_console_sees() -> None:
    walk = ticked(begun(BOOK, None, "acme", NOON), 0, NOON)
    assert checked(walk, (YES, None), LATER).standings[0].by == "check"
    assert not checked(walk, (NO, None), LATER).standings[0].done


def test_a_walk_that_has_ended_changes_no_more() -> None:
    walk = replace(begun(BOOK, None, "acme", NOON), ended=NOON)
    assert checked(walk, (YES, None), LATER) is walk
    assert ticked(walk, 1, LATER) is walk
    assert noted(walk, 1, "x", LATER) is walk


def test_the_record_has_every_time_and_nothing_foreign_in_it_is_markup() -> None:
    lead = Lead("c", "k", (Name("## evil\n[a](b)"),), ("idle ", "14 min"), NOON)
    walk = checked(begun(BOOK, lead, "acme", NOON, "idle-while-queued"), (YES, None), LATER)
    walk = noted(walk, 1, "# told *ops*", LATEST)
    written = record(walk, LATEST)
    assert written.startswith("# Idle \\[x\\]\n\n- A drill on a pretend fleet: `idle-while-queued`\n")
    assert "- About: `## evil [a](b)`: idle 14 min\n" in written
    assert "- Began: 2026-03-01 12:00:00Z\n- Not ended; last written 2026-03-01 12:05:00Z\n" in written
    assert "## 1. [x] Look\n\n- Looked for: GitHub sees the runner online.\n" in written
    assert "- 2026-03-01 12:02:00Z held, as the console saw: It is ``on`line``.\n" in written
    assert "## 2. [ ] Think\n\n- Not done.\n- 2026-03-01 12:05:00Z Note: \\# told \\*ops\\*\n" in written
    assert "Ended: 2026-03-01 12:05:00Z" in record(replace(walk, ended=LATEST), LATEST)


def test_the_record_says_what_was_done_meanwhile_and_how_it_ended() -> None:
    deed = Deed(
        id="1",
        at=LATER,
        operator=Operator("ops"),
        context="acme",
        action="restart-service",
        title="Restart service on x",
        target=Subject("runner", "org:acme", 1, "x"),
        parts=(DeedPart("script", "true"),),
        process=Process(1, "a", "b", "c"),
    )
    entry = Entry(deed, (None,), End(id="1", at=LATER, outcome="proved", words="It is back."))
    walk = replace(begun(BOOK, None, "acme", NOON), remarks=(Note(LATEST, "Repair after 5 min"),))
    written = record(walk, LATEST, (entry,))
    assert "- 2026-03-01 12:02:00Z Restart service on x by `ops`: proved: It is back.\n" in written
    assert "- 2026-03-01 12:05:00Z Repair after 5 min\n" in written
