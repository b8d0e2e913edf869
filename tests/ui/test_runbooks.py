"""Runbooks on the screen: led to from a finding, walked to their end, and kept."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from textual.color import Color
from textual.widgets._markdown import MarkdownBlock

from console.errors import LogError
from console.fleet.failure import Cause, Failure
from console.fleet.findings import Finding
from console.fleet.history import Chronicle, Deed, DeedPart, End, Entry, Operator, Process, Subject
from console.fleet.host_evidence import HostEvidence
from console.fleet.hosts import HostFacts, Located
from console.fleet.models import FleetSnapshot, JobKey, Name, RunKey
from console.fleet.runbook_leads import Lead, lead_to
from console.fleet.walk_state import Unfinished
from console.fleet.walks import Walk, begun, noted, ticked
from console.operations.drill import Drill
from console.operations.runbooks import library
from console.ui import signs
from console.ui.app import ConsoleApp
from console.ui.dialogs.act import ActDialog
from tests.operations.test_runbooks import OWN
from tests.ui import acting
from tests.ui import fleet_fixture as fleet
from tests.ui.fleet_fixture import FakeWalks, settled
from tests.ui.test_panes import Operator as Hand
from tests.ui.test_panes import operator

NO_LEAD = Lead("", "", (), ())
IDLE = "A runner is idle while jobs wait"
MENDED = fleet.snapshot((replace(fleet.STUCK, busy=True), fleet.BUSY), ())


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own directory of runbooks."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    folder = tmp_path / "runner-console" / "runbooks"
    folder.mkdir(parents=True)
    return folder


async def until(hand: Hand, holds: Callable[[], bool]) -> None:
    """What is read and kept in threads comes soon."""
    for _ in range(6000):
        await settled(hand.pilot)
        if holds():
            return
        await asyncio.sleep(0.01)
    raise AssertionError(hand.text)


async def reads(hand: Hand, *words: str) -> None:
    await until(hand, lambda: all(each in hand.text for each in words))


def walks(hand: Hand) -> FakeWalks:
    return hand.connector.connections[0].walks


@asynccontextmanager
async def walking(snapshot: FleetSnapshot = fleet.INCIDENT, **more: Any) -> AsyncIterator[Hand]:
    """The runbook for a stuck runner, come to from its finding."""
    async with operator(snapshot, **more) as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.press("R")
        await reads(hand, "Runbooks · 11 · for prod-linux-03")
        await hand.type("/idle while")
        await hand.press("enter", "enter")
        await reads(hand, f"{IDLE} · ")
        yield hand


@asynccontextmanager
async def left_behind(walk: Walk, minutes: float = 0) -> AsyncIterator[Hand]:
    """A console that finds a walk which another one has left."""
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT))
    connector.left = (Unfinished(walk, fleet.NOON - timedelta(minutes=minutes)),)
    app = ConsoleApp(fleet.FIRST, connector, fleet.FrozenClock())
    async with app.run_test(size=(120, 40)) as pilot:
        yield Hand(app, pilot, connector)


def line(hand: Hand, words: str) -> str:
    return next(each for each in hand.text.splitlines() if words in each)


# The list.


async def test_what_fits_a_present_finding_is_listed_first_with_what_leads_there() -> None:
    async with operator() as hand:
        await hand.press("6")
        await reads(hand, "Runbooks · 11", "You see")
        rows = [each for each in hand.text.splitlines() if each.lstrip()[:1] in {"‼", "!", "·"}]
        assert any(IDLE in row and "prod-linux-03: idle 14 min" in row for row in rows)
        assert "A disk is full" not in "".join(rows)
        assert hand.text.index(IDLE) < hand.text.index("A disk is full")
        assert "for         whoever is on call" in hand.text, "where its column has no room, too"


async def test_enter_opens_what_fits_best_unless_one_has_gone_to_another() -> None:
    """What leads to a runbook comes later than the list itself."""
    async with operator(fleet.HEALTHY) as hand:
        await hand.press("6")
        await reads(hand, "Runbooks · 11", "You see jobs of all kinds")
        await hand.see(fleet.look(fleet.INCIDENT))
        await reads(hand, "leads here  prod-linux-03: idle 14 min")
        await hand.press("j", "k", "j")
        await reads(hand, f"‼ {IDLE}")
        there = hand.app.main.pane.copied()
        await hand.see(fleet.look(fleet.HEALTHY))
        assert hand.app.main.pane.copied() == there
        await hand.press("g")
        await hand.see(fleet.look(fleet.INCIDENT))
        await hand.press("g", "enter")
        await reads(hand, f"{IDLE} · ")


async def test_one_fitting_runbook_is_walked_at_once_and_several_are_offered(own: Path) -> None:
    (own / "mine.md").write_text(OWN.replace('for = "us"', 'for = "us"\nfindings = ["no-runner-has-labels"]'))
    async with operator() as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.press("j", "R")
        await reads(hand, "Our own · 0 of 1", "about  acme/web deploy (prod)")
        await hand.press("escape")
        assert "Now · 3 findings" in hand.text
        await hand.press("k", "R")
        await reads(hand, "Runbooks · 12 · for prod-linux-03")


async def test_broken_ones_of_the_users_own_are_told_by_file_and_line(own: Path) -> None:
    (own / "broken.md").write_text(OWN.replace("bell\n", "bell\ncheck: bel\n"))
    (own / "bell.md").write_text(OWN)
    async with operator(size=(160, 40)) as hand:
        await hand.press("6")
        await reads(hand, "Runbooks · 12 · 1 file of your own cannot be used", "Our own")
        words = " ".join(hand.text.split())
        assert "broken.md, line 7: there is no check “bel”" in words


async def test_a_runbook_can_be_named() -> None:
    async with operator() as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.type(":runbook disk-ful")
        await hand.press("enter")
        assert 'There is no runbook "disk-ful". Nearest: disk-full' in hand.text
        await hand.press("escape")
        await hand.type(":runbook disk-full")
        await hand.press("enter")
        await reads(hand, "A disk is full · ", "Nothing that was found leads here.")


async def test_what_nothing_was_found_of_can_be_walked_about_too() -> None:
    async with operator(fleet.HEALTHY) as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.press("2", "j", "R")
        await reads(hand, "for prod-linux-02")
        assert "Planned maintenance" in hand.text.splitlines()[4]
        await hand.type("/maintenance")
        await hand.press("enter", "enter")
        await reads(hand, "Planned maintenance: drain, update, return · ", "about  prod-linux-02")


async def test_what_an_alert_leads_to_stands_above_what_one_failed_job_leads_to() -> None:
    failed = fleet.job(70, "test", status="completed", conclusion="failure", on=fleet.BUSY)
    disk = Failure(1, (Cause("infrastructure", "proved", "host.disk-full", "Full", "Make room.", "the line"),))
    jobs = (*fleet.INCIDENT.jobs.values(), failed)
    snapshot = fleet.snapshot(tuple(fleet.INCIDENT.runners.values()), jobs)
    async with operator(snapshot, failures={failed.key: disk}) as hand:
        await hand.press("6")
        await reads(hand, "! A disk is full", f"‼ {IDLE}")
        assert hand.text.index(f"‼ {IDLE}") < hand.text.index("! A disk is full")


async def test_a_walk_about_nothing_so_far_is_about_the_runner_from_which_one_comes_to_it() -> None:
    clock = fleet.FrozenClock()
    async with operator(fleet.HEALTHY, clock=clock) as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.press("6")
        await hand.type("/planned")
        await hand.press("enter", "enter")
        await reads(hand, "No runner is chosen.", "No runner is known that this is about.")
        await hand.press("2", "j", "R")
        await reads(hand, "for prod-linux-02")
        await hand.type("/planned")
        await hand.press("enter", "enter")
        await reads(hand, "about  prod-linux-02")
        await until(hand, lambda: walks(hand).kept[-1].lead is not None)
        assert len({walk.began for walk in walks(hand).kept}) == 1
        clock.seconds += 1
        await hand.press("2", "k", "R", "enter")
        await reads(hand, "about  prod-linux-01")
        await until(hand, lambda: any(walk.ended is not None for walk in walks(hand).kept))
        assert walks(hand).kept[-1].ended is None


# A walk.


async def test_steps_tick_themselves_while_what_they_look_for_holds() -> None:
    async with walking() as hand:
        assert "about  prod-linux-03: idle 14 min, 3 matching jobs wait" in hand.text
        assert "✓ 3 Make sure that no job would be lost" in line(hand, "Make sure")
        assert "… 5 See it take a job" in line(hand, "See it take")
        assert "? 2 Read what the listener says" in line(hand, "Read what")
        await hand.see(fleet.look(MENDED))
        await reads(hand, "✓ 5 See it take a job")
        assert "✓ 6 See that nothing is left waiting" in hand.text
        assert "… 3 Make sure that no job would be lost" in hand.text
        await until(hand, lambda: walks(hand).kept[-1].standings[4].by == "check")


async def test_what_a_runbook_quotes_looks_like_no_warning() -> None:
    async with walking() as hand:
        await hand.press("j", "j")
        await reads(hand, "Runner connect error")
        blocks = [each for each in hand.app.main.query(MarkdownBlock) if "Runner connect error" in str(each.content)]
        quoted = {each.get_visual_style("code_inline").foreground for each in blocks}
        assert quoted == {Color.parse(hand.app.theme_variables["secondary"])}


async def test_a_terminal_without_utf_8_reads_its_own_signs_in_a_runbook(monkeypatch: pytest.MonkeyPatch) -> None:
    async with walking() as hand:
        monkeypatch.setattr(signs, "_twin", 1)
        await hand.press("j", "j")
        await reads(hand, "Runner connect error ... ServiceUnavailable")
    assert signs.prose("drained (◌)") == "drained (~)"


async def test_a_look_that_is_not_to_be_relied_on_ticks_nothing() -> None:
    async with walking() as hand:
        old = replace(MENDED, freshness=fleet.sources(840))
        await hand.see(fleet.look(old))
        await reads(hand, "? 5 See it take a job")
        assert "It cannot be relied on" in hand.text


async def test_before_the_fleet_was_looked_at_nothing_is_known_of_any_step() -> None:
    async with operator(replace(fleet.INCIDENT, whole=False), findings=()) as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.type(":runbook runner-offline")
        await hand.press("enter")
        await reads(hand, "? 4 See it online")
        assert "Not all of the fleet has been looked at" in line(hand, "See it online")
        await hand.see(fleet.look(fleet.INCIDENT))
        await until(hand, lambda: "Not all of the fleet" not in hand.text)


async def test_a_step_offers_its_action_on_whom_the_walk_is_about() -> None:
    async with walking() as hand:
        gate = hand.connector.connections[0].gate
        gate.offers = ((acting.START, None), (acting.RESTART, None))
        await hand.press("G", "k", "k")
        await reads(hand, "offers  a Restart service")
        await hand.press("a")
        assert isinstance(hand.app.screen, ActDialog)
        await reads(hand, "Restart service on prod-linux-03")
        assert gate.asked == [("restart-service", fleet.STUCK.key, "")]


async def test_what_was_done_and_proved_ticks_its_step_and_settles_those_before_it() -> None:
    async with walking() as hand:
        began = walks(hand).kept[0].began
        deed = Deed(
            id="1",
            at=began,
            operator=Operator("ops"),
            context="acme-prod",
            action="restart-service",
            title="Restart service on prod-linux-03",
            target=Subject("runner", "org:acme", 3, "prod-linux-03"),
            parts=(DeedPart("script", "true"),),
            process=Process(1, "a", "b", "c"),
        )
        end = End(id="1", at=began + timedelta(seconds=5), outcome="proved")
        hand.connector.history.chronicle = Chronicle((Entry(deed, (None,), end),))
        hand.app.main.mutate_reactive(type(hand.app.main).works)
        await reads(hand, "✓ 4 Restart its service")
        assert "Done, and proved 12:00:05Z." in line(hand, "Restart its service")
        await hand.see(fleet.look(MENDED))
        await reads(hand, "✓ 5 See it take a job")
        assert "✓ 3 Make sure that no job would be lost" in line(hand, "Make sure")
        assert "open" not in hand.text.splitlines()[-1], "nothing is behind a step"
        assert "6 of 6" not in hand.text  # the log of its listener was read by nobody
        assert "5 of 6" in hand.text


async def test_a_person_ticks_and_notes_and_every_change_is_kept_at_once() -> None:
    async with walking() as hand:
        await hand.press("G", "k", "k", "t")
        await reads(hand, "✓ 4 Restart its service")
        await hand.press("n")
        await hand.type("told ops hunter2")
        await hand.press("enter")
        await reads(hand, "told ops ***")
        await until(hand, lambda: bool(walks(hand).kept[-1].standings[3].notes))
        kept = walks(hand).kept[-1].standings[3]
        assert (kept.by, [note.text for note in kept.notes]) == ("person", ["told ops ***"])
        await hand.press("t")
        await until(hand, lambda: walks(hand).kept[-1].standings[3].by == "")


async def test_what_the_console_sees_for_itself_cannot_be_ticked_by_hand() -> None:
    async with walking() as hand:
        await hand.press("G", "k")
        before = line(hand, "See it take")
        await hand.press("t")
        assert line(hand, "See it take") == before
        assert "t tick" not in hand.text.splitlines()[-1]
        await hand.press("g", "j", "j")  # of which it could not tell
        await hand.press("t")
        await reads(hand, "✓ 2 Read what the listener says")


async def test_the_host_of_the_runner_is_asked_while_a_walk_looks_at_it(own: Path) -> None:
    (own / "mine.md").write_text(OWN.replace("bell\n", "bell\ncheck: no-worker-runs\n"))
    async with operator() as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.press("2")
        await hand.type(":runbook mine")
        await hand.press("enter")
        await reads(hand, "Our own · 0 of 1", "? 1 Ring the bell")
        assert "The host of prod-linux-03 has not been asked yet." in hand.text
        assert hand.connector.watch.walked == (fleet.STUCK.key,)
        located = Located(fleet.STUCK.key, "build-03", "/r", None, None, "proved", 3)
        evidence = HostEvidence(fleet.STUCK.key, "build-03", HostFacts(located, fleet.NOON))
        await hand.see(fleet.look(fleet.INCIDENT, hosts={fleet.STUCK.key: evidence}))
        await reads(hand, "✓ 1 Ring the bell", "No worker of it runs on build-03.")
        await hand.press("E")
        await hand.see(fleet.look(fleet.INCIDENT))
        assert not hand.connector.watch.walked


async def test_a_walk_goes_on_while_one_looks_elsewhere_and_ends_when_it_is_told_to() -> None:
    async with walking() as hand:
        await hand.press("1")
        await hand.see(fleet.look(MENDED))
        await hand.press("6")
        await reads(hand, "of 6", "Runbooks · 11")
        await until(hand, lambda: "3 of 6" in line(hand, IDLE))
        await hand.type("/idle while")
        await hand.press("enter", "enter")
        await reads(hand, f"{IDLE} · 3 of 6 · ")
        await hand.press("E")
        await reads(hand, "3 of 6 ended")
        assert any("Its record is in\n/state/walks/" in said for said in hand.said)
        await until(hand, lambda: walks(hand).kept[-1].ended is not None)
        await hand.press("t", "n")
        assert "note" not in hand.text.splitlines()[-1]
        await hand.press("escape", "enter")
        await reads(hand, f"{IDLE} · 1 of 6 · ", "Nothing that was found leads here.")


async def test_the_record_is_copied_where_one_says() -> None:
    async with walking() as hand:
        await hand.press("ctrl+s", "ctrl+u")
        await hand.type("/x/y")
        await hand.press("enter")
        await until(hand, lambda: bool(walks(hand).copied))
        assert walks(hand).copied[0][1] == Path("/x/y")
        assert "The record was copied to\n/x/y" in hand.said


async def test_a_walk_that_cannot_be_kept_goes_on_and_says_so_once() -> None:
    async with operator() as hand:
        walks(hand).refuses = LogError("The walk cannot be kept: No space left", "The walk goes on without a record.")
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.type(":runbook runner-offline")
        await hand.press("enter")
        await reads(hand, "A runner is offline · ")
        await until(hand, lambda: any("cannot be kept" in said for said in hand.said))
        await hand.press("j", "t", "t", "t")
        await settled(hand.pilot)
        assert sum("cannot be kept" in said for said in hand.said) == 1


async def test_names_from_outside_are_drawn_as_they_are() -> None:
    hostile = fleet.runner(3, "[red]x[/] `y` # z", labels=fleet.STUCK.labels)
    jobs = tuple(each for each in fleet.INCIDENT.jobs.values() if "gpu" in each.labels)
    async with operator(fleet.snapshot((hostile, fleet.BUSY), jobs)) as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.type(":runbook runner-idle-while-queued")
        await hand.press("enter")
        await reads(hand, "about  [red]x[/] `y` # z: idle 14 min")


@pytest.mark.parametrize("size", [(80, 24), (200, 50), (60, 16)])
async def test_every_runbook_can_be_walked_on_every_screen(size: tuple[int, int]) -> None:
    async with operator(size=size) as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        for name, runbook in library().runbooks.items():
            hand.app.main.show_runbook(name)
            await reads(hand, runbook.steps[0].title[:20])
            for _ in runbook.steps:
                await hand.press("j")
        assert len({walk.runbook.name for walk in walks(hand).kept}) == len(library().runbooks)


async def test_a_walk_that_was_left_is_offered_first_and_goes_on_in_its_record() -> None:
    before = begun(library().runbooks["disk-full"], None, "acme-prod", fleet.NOON - timedelta(minutes=20))
    before = noted(ticked(before, 1, before.began), 1, "/var was full", before.began)
    async with left_behind(before, minutes=14) as hand:
        await until(
            hand, lambda: any("Unfinished, 14 min ago: A disk is full. 6 goes on" in said for said in hand.said)
        )
        await hand.press("6")
        await reads(hand, "unfinished, 14 min ago", "1 of 7")
        assert "A disk is full" in hand.text.splitlines()[4]
        assert hand.text.index("A disk is full") < hand.text.index(IDLE)
        await hand.press("enter")
        await reads(hand, "A disk is full · 1 of 7", "Nothing that was found leads here.")
        await until(hand, lambda: bool(walks(hand).kept))
        assert walks(hand).kept[-1].began == before.began
        assert len(walks(hand).kept[-1].again) == 1
        assert walks(hand).kept[-1].standings[1].notes[0].text == "/var was full"
        await hand.press("E", "escape", "enter")
        await reads(hand, "A disk is full · 0 of 7")


async def test_about_something_else_a_walk_begins_anew_and_the_one_that_was_left_stays() -> None:
    other = lead_to(fleet.BUSY.key, fleet.INCIDENT)
    before = begun(library().runbooks["runner-idle-while-queued"], other, "acme-prod", fleet.NOON)
    async with left_behind(before) as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.press("R")
        await reads(hand, "Runbooks · 11 · for prod-linux-03")
        await hand.type("/idle while")
        await hand.press("enter", "enter")
        await reads(hand, "about  prod-linux-03: idle 14 min")
        await until(hand, lambda: bool(walks(hand).kept))
        assert walks(hand).kept[-1].again == ()


async def test_a_walk_goes_on_about_the_same_when_something_worse_leads_to_its_runbook() -> None:
    async with operator() as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.press("2", "j", "R")
        await reads(hand, "for prod-linux-04")
        await hand.type("/idle while")
        await hand.press("enter", "enter")
        await reads(hand, "about  prod-linux-04")
        await hand.press("6", "enter")
        await reads(hand, f"{IDLE} · ", "about  prod-linux-04")


async def test_what_is_not_found_any_more_of_its_runner_is_not_said_of_it_any_more() -> None:
    async with walking() as hand:
        await reads(hand, "about  prod-linux-03: idle 14 min")
        await hand.see(fleet.look(MENDED))
        await reads(hand, "about  prod-linux-03: not found any more")
        offline = replace(fleet.STUCK, status="offline")
        await hand.see(fleet.look(fleet.snapshot((offline, fleet.BUSY), (*fleet.INCIDENT.jobs.values(),))))
        await reads(hand, "its only runner is offline")
        await hand.see(fleet.look(fleet.INCIDENT))
        await reads(hand, "about  prod-linux-03: idle 14 min")


async def test_where_its_runner_is_gone_for_good_a_walk_is_about_the_next_that_leads_there() -> None:
    async with walking() as hand:
        await hand.press("G", "k", "k", "t")
        await reads(hand, "✓ 4 Restart its service")
        other = replace(fleet.STUCK, id=9, name="prod-linux-09")
        next_one = fleet.snapshot((other, fleet.BUSY), (*fleet.INCIDENT.jobs.values(),))
        await hand.see(fleet.look(next_one))
        await reads(hand, "about  prod-linux-09: idle 14 min", "… 4 Restart its service")
        await reads(hand, "before  ticked by hand 12:00:00Z, about prod-linux-03")
        assert f"{IDLE}: about prod-linux-09 now." in hand.said
        await until(hand, lambda: not walks(hand).kept[-1].standings[3].done)
        await hand.see(fleet.look(replace(next_one, taken_at=next_one.taken_at)))
        await reads(hand, "about  prod-linux-09: idle 14 min")


async def test_what_cannot_be_told_any_more_is_not_counted_as_done() -> None:
    async with walking() as hand:
        await hand.press("j", "j", "j")
        await reads(hand, "✓ 3 Make sure", f"{IDLE} · 2 of 6")
        await hand.see(fleet.look(replace(fleet.INCIDENT, freshness=fleet.sources(840))))
        await reads(hand, "? 3 Make sure", f"{IDLE} · 0 of 6", "since then it cannot be told")


async def test_the_same_incident_that_has_grown_goes_on_in_the_same_walk() -> None:
    """The job that waited is told as one with others now, and `R` on that leads into the walk that is under way."""
    async with walking() as hand:
        began = walks(hand).kept[-1].began
        second = replace(fleet.STUCK, id=9, name="prod-linux-09")
        grown = fleet.snapshot((fleet.STUCK, second, fleet.BUSY), (*fleet.INCIDENT.jobs.values(),))
        await hand.see(fleet.look(grown))
        await hand.press("1", "R")
        await reads(hand, "Runbooks · 11 · ", "for 2 runners like prod-linux-03")
        await hand.press("enter")
        await reads(hand, f"{IDLE} · ", "about  2 runners like prod-linux-03")
        assert {walk.began for walk in walks(hand).kept if walk.runbook.title == IDLE} == {began}
        assert all(walk.ended is None for walk in walks(hand).kept)


async def test_the_record_is_about_as_many_jobs_as_were_hit_at_most() -> None:
    disk = Failure(1, (Cause("cache", "proved", "cache.404", "Gone", "Wait.", "the line"),))

    def failed(*numbers: int) -> tuple[FleetSnapshot, dict[JobKey, Failure]]:
        one = fleet.job(70, "test", status="completed", conclusion="failure", on=fleet.BUSY)
        jobs = tuple(replace(one, id=each, repository=f"acme/web{each}") for each in numbers)
        return fleet.snapshot((fleet.BUSY,), jobs), {each.key: disk for each in jobs}

    snapshot, failures = failed(70)
    async with operator(snapshot, failures=failures) as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.type(":runbook cache-service")
        await hand.press("enter")
        await reads(hand, "about  acme/web70 test")
        for numbers in ((70, 71, 72), (71,)):
            snapshot, failures = failed(*numbers)
            await hand.see(fleet.look(snapshot, failures=failures))
        await until(hand, lambda: len((walks(hand).kept[-1].lead or NO_LEAD).targets) == 3)
        assert walks(hand).kept[-1].before == ()


async def test_what_was_looked_into_of_one_release_says_nothing_of_the_next() -> None:
    async with operator(fleet.HEALTHY) as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        first, second = (
            Finding(
                "release-draft",
                "watch",
                "likely",
                (Name(repository),),
                ("is a draft",),
                fleet.NOON - timedelta(minutes=10),
                runs=(RunKey(repository, 7),),
            )
            for repository in ("acme/web", "acme/api")
        )
        await hand.see(fleet.look(fleet.HEALTHY, findings=(first,)))
        await hand.type(":runbook release-draft")
        await hand.press("enter")
        await reads(hand, "about  acme/web", "? 1 Compare the runs")
        hand.app.main.looked_into()
        await reads(hand, "✓ 1 Compare the runs")
        await hand.see(fleet.look(fleet.HEALTHY, findings=(second,)))
        await reads(hand, "about  acme/api", "? 1 Compare the runs")
        assert all(not each.standings[0].done for each in walks(hand).kept if each.before)


async def test_a_step_is_read_from_its_beginning() -> None:
    async with operator(size=(80, 24)) as hand:
        await until(hand, lambda: bool(hand.app.main.runbook_names()))
        await hand.type(":runbook runner-offline")
        await hand.press("enter", "j", "j")
        await reads(hand, "Press L for the journal")
        await hand.press("tab", "G")
        await until(hand, lambda: "Press L for the journal" not in hand.text)
        await hand.press("tab", "j")
        await reads(hand, "looks for  The runner's service is active", "Start, not restart")


async def test_of_a_walk_that_has_ended_nothing_is_said_to_be_ticked() -> None:
    async with walking() as hand:
        await hand.press("G", "k", "k")
        await reads(hand, "when you have done this", "a offers: Restart service")
        await hand.press("E")
        await reads(hand, "of 6 ended")
        assert "when you have done this" not in hand.text
        assert "Not done." in line(hand, "4 Restart its service")


# A drill.


@pytest.mark.parametrize("looks_into", [("x", "escape"), ("2", "enter", "6", "enter")])
async def test_a_drill_opens_its_runbook_and_tells_how_long_everything_took(looks_into: tuple[str, ...]) -> None:
    clock, solved = fleet.FrozenClock(), [False]
    drill = Drill("runner-idle-while-queued", lambda: solved[0], clock)
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT, clock))
    app = ConsoleApp(replace(fleet.FIRST, drill=drill), connector, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        hand = Hand(app, pilot, connector)
        await reads(hand, f"{IDLE} · ", "prod-linux-03: idle 14 min")
        await until(hand, lambda: not drill.ask_whether_solved(walked=False))
        clock.seconds += 40
        await hand.press(*looks_into)
        clock.seconds += 125
        solved[0] = True
        app.main._ask_about_drill()
        await until(hand, lambda: drill.over)
        said = "Solved: detection 0 s, diagnosis 40 s, repair 2 min 05 s; 2 min 45 s in all."
        assert drill.told() == said
        await reads(hand, said[:20])
        await until(hand, lambda: [each.text for each in walks(hand).kept[-1].remarks] == [said])


async def test_a_drill_begins_with_its_runner_chosen_and_leaves_its_record_where_it_stays(tmp_path: Path) -> None:
    clock = fleet.FrozenClock()
    drill = Drill("planned-maintenance", lambda: False, clock, records=tmp_path)
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT, clock))
    app = ConsoleApp(replace(fleet.FIRST, drill=drill), connector, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        hand = Hand(app, pilot, connector)
        await reads(hand, "Planned maintenance: drain, update, return · ", "about  prod-linux-03: idle 14 min")
        record = tmp_path / "planned-maintenance.md"
        await until(hand, lambda: drill.left()[1:] == (f"its record: {record}",))
        await hand.press("E")
        assert any(f"Its record is in\n{record}" in said and "ctrl+s" not in said for said in hand.said)


async def test_a_maintenance_that_was_not_begun_from_a_runner_says_how_one_is_chosen() -> None:
    async with operator() as hand:
        await hand.press("6")
        await hand.type("/planned")
        await hand.press("enter", "enter")
        await reads(hand, "about  No runner is chosen. R on one in Runners (2) chooses it.")
