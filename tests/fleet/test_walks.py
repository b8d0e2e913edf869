"""A walk: who ticked what and when, and the record that is left of it."""

from datetime import timedelta

from msgspec.structs import replace

from console.fleet.history import Deed, DeedPart, End, Entry, Operator, Process, Subject
from console.fleet.models import Name, RunKey, RunnerKey
from console.fleet.runbook_checks import Checked
from console.fleet.runbook_leads import Lead, Target, goes_on
from console.fleet.runbooks import Runbook, Step
from console.fleet.walk_record import record
from console.fleet.walks import Note, acted, begun, checked, gone_over, led, may_tick, noted, ticked
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


def test_what_does_not_hold_any_more_is_no_tick_and_the_record_says_from_when_to_when_it_held() -> None:
    walk = checked(begun(BOOK, None, "acme", NOON), (YES, None), NOON)
    walk = checked(walk, (NO, None), LATER)
    assert (walk.done, walk.standings[0].since) == (0, LATER)
    walk = checked(walk, (YES, None), LATEST)
    assert (walk.standings[0].since, walk.standings[0].times) == (LATEST, 2)
    written = record(walk, LATEST)
    assert "- 2026-03-01 12:00:00Z until 2026-03-01 12:02:00Z held, as the console saw: It is ``on`line``.\n" in written
    assert "- 2026-03-01 12:05:00Z held, as the console saw: It is ``on`line``.\n" in written


def test_what_cannot_be_told_any_more_is_no_tick_until_it_can_and_a_moment_does_not_count() -> None:
    walk = checked(begun(BOOK, None, "acme", NOON), (YES, None), NOON)
    unsure = checked(walk, (UNKNOWN, None), LATER)
    assert (unsure.done, unsure.standings[0].unsure) == (0, LATER)
    assert checked(unsure, (UNKNOWN, None), LATEST) is unsure
    written = record(unsure, LATEST)
    assert "## 1. [?] Look\n" in written
    assert "- 2026-03-01 12:00:00Z until 2026-03-01 12:02:00Z held, as the console saw\n" in written
    assert "- 2026-03-01 12:02:00Z could not be told any more: It is ``on`line``.\n" in written
    assert checked(unsure, (YES, None), LATEST).standings[0].since == NOON
    long = checked(unsure, (YES, None), NOON + timedelta(hours=1)).standings[0]
    assert (long.since, long.times, long.past[0].until) == (NOON + timedelta(hours=1), 2, LATER)
    by_hand = ticked(unsure, 0, LATEST).standings[0]
    assert (by_hand.by, by_hand.since, by_hand.done) == ("person", LATEST, True)


def test_a_step_that_flaps_all_night_keeps_a_record_that_can_be_read() -> None:
    walk = begun(BOOK, None, "acme", NOON)
    for minute in range(0, 2000, 2):
        walk = checked(walk, (YES, None), NOON + timedelta(minutes=minute))
        walk = checked(walk, (NO, None), NOON + timedelta(minutes=minute + 1))
    assert (walk.standings[0].times, len(walk.standings[0].past), walk.standings[0].past[0].since) == (1000, 20, NOON)
    assert "- Ticked 1000 times in all\n" in record(walk, LATEST)


# What it is about.

RUNNER, OTHER = RunnerKey("org:acme", 1), RunnerKey("org:acme", 2)
RUN, NEXT = RunKey("acme/web", 7), RunKey("acme/api", 8)
RELEASES = Runbook(
    "release", "Release", "all", "", (Step("Look", "", "looked-into"), Step("Mend", "", "", "rerun-release"))
)


def lead(key: str, *targets: Target, cause: str = "release-draft", name: str = "") -> Lead:
    return Lead(cause, key, (Name(key),), ("is astray",), NOON, targets, name)


def proved(target: Subject, *, action: str = "rerun-release", after: timedelta = timedelta(minutes=1)) -> Entry:
    """Something that was done, and took a second."""
    deed = Deed(
        id="1",
        at=NOON + after,
        operator=Operator("ops"),
        context="acme",
        action=action,
        title="Put it right",
        target=target,
        parts=(),
        process=Process(1, "a", "b", "c"),
    )
    return Entry(deed, (), End(id="1", at=deed.at + timedelta(seconds=1), outcome="proved"))


def test_a_tick_is_about_one_thing_and_is_none_for_the_next() -> None:
    walk = begun(RELEASES, lead("v1", RUN), "acme", NOON)
    walk = replace(checked(walk, (YES, None), NOON), looked_into=True)
    done = proved(Subject("run", "acme/web", 7, "Release"))
    walk = acted(walk, [done])
    assert walk.whole
    over = gone_over(walk, lead("v2", NEXT), LATER)
    assert (over.done, over.looked_into) == (0, False)
    assert acted(over, [done]) is over
    written = record(over, LATEST)
    assert "- About, until 2026-03-01 12:02:00Z: `v1`: is astray (found since 2026-03-01 12:00:00Z)\n" in written
    assert "- About, then: `v2`: is astray (found since 2026-03-01 12:00:00Z)\n" in written
    done_then = "2026-03-01 12:01:01Z until 2026-03-01 12:02:00Z done and proved: Put it right (about `v1`)"
    assert f"## 2. [ ] Mend\n\n- {done_then}\n- Not done for what it is about now.\n" in written
    again = acted(over, [proved(Subject("run", "acme/api", 8, "Release"), after=timedelta(minutes=3))])
    assert again.standings[1].by == "action"


def test_what_has_grown_is_still_the_same_and_keeps_its_ticks() -> None:
    walk = ticked(begun(RELEASES, lead("one", RUN), "acme", NOON), 1, NOON)
    grown = gone_over(walk, lead("both", NEXT, RUN), LATER)
    assert (grown.done, grown.before) == (1, ())
    assert grown.lead is not None
    assert grown.lead.key == "both"
    spread = lead("several", RUNNER, OTHER, cause="session-stuck")
    assert goes_on(lead("1", RUNNER, cause="idle-while-queued"), spread)
    assert not goes_on(lead("1", RunnerKey("org:acme", 9), cause="session-stuck"), spread)


def test_where_a_runbook_acts_on_nothing_what_was_told_to_people_stays_told() -> None:
    walk = ticked(begun(BOOK, lead("failed", RUN), "acme", NOON), 1, NOON)
    assert gone_over(walk, lead("incident", NEXT), LATER).standings[1].done


def test_what_held_before_anything_had_led_here_is_no_part_of_it() -> None:
    walk = noted(checked(begun(BOOK, None, "acme", NOON), (YES, None), NOON), 0, "quiet night", NOON)
    walk = led(ticked(walk, 1, NOON), lead("v1", RUN))
    assert ([each.by for each in walk.standings], walk.standings[0].past) == (["", "person"], ())
    assert walk.standings[0].notes[0].text == "quiet night"


def test_what_was_done_to_another_runner_ticks_nothing() -> None:
    book = Runbook("idle", "Idle", "all", "", (Step("Restart", "", "", "restart-service"),))
    walk = begun(book, lead("idle", RUNNER, cause="idle-while-queued", name="one"), "acme", NOON)
    other = proved(Subject("runner", "org:acme", 2, "two"), action="restart-service")
    assert acted(walk, [other]) is walk
    again = proved(Subject("runner", "org:acme", 3, "one"), action="restart-service")
    assert acted(walk, [again]).whole, "it was registered anew meanwhile"
    assert acted(walk, [other], lead("idle", RUNNER, OTHER)).whole, "it is one of them by now"


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
    assert "- About: `## evil [a](b)`: idle 14 min (found since 2026-03-01 12:00:00Z)\n" in written
    assert "- Began: 2026-03-01 12:00:00Z\n" in written
    assert "- Not ended; last written 2026-03-01 12:05:00Z\n" in written
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
    written = record(walk, LATEST, (entry,), "o`ps")
    deed_told = "2026-03-01 12:02:00Z until 2026-03-01 12:02:00Z Restart service on x by `ops`: proved: It is back."
    assert f"- {deed_told}\n" in written
    assert "- Walked by: ``o`ps``\n" in written
    assert "- 2026-03-01 12:05:00Z Repair after 5 min\n" in written
