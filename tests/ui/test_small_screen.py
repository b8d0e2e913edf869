"""What an operator must be able to read where there is little room, and what is typed that cannot be understood."""

import asyncio
from collections.abc import Callable

import msgspec
import pytest

from console.fleet.models import Progress
from console.fleet.totals import totals
from console.operations.look import Look
from console.ui.app import ConsoleApp
from console.ui.palette import RegistryProvider
from console.ui.panes.calm import calm_lines
from console.ui.widgets.fact_lines import FactLines
from console.ui.widgets.fleet_table import FleetTable
from tests.ui import fleet_fixture as fleet
from tests.ui.test_actions import asked, gate
from tests.ui.test_panes import Operator, operator

# Facts.


async def test_what_helps_a_runner_is_read_to_its_end_on_a_small_screen() -> None:
    async with operator(size=(80, 24)) as hand:
        await hand.press("enter")
        said = " ".join(hand.text.split())
        assert "Restart the runner's service, after making sure on its host that no job runs there." in said
        assert "Its jobs · " in hand.text
        lines = hand.text.splitlines()
        [helps] = [number for number, line in enumerate(lines) if line.startswith(" helps")]
        [labels] = [number for number, line in enumerate(lines) if line.startswith(" labels")]
        assert helps < labels


async def test_where_the_end_of_the_way_has_no_room_nothing_of_it_is_drawn() -> None:
    async with operator(size=(60, 24)) as hand:
        await hand.press("enter")
        assert "prod-linux-03" in hand.text
        assert hand.text.splitlines()[1].rstrip().endswith("6 Runbooks")


async def test_what_is_said_while_a_question_is_asked_covers_nothing_of_it() -> None:
    told = "The journal of prod-linux-04 cannot be read. SSH refused the host key; nothing was sent. Check it first."
    async with operator(size=(80, 24)) as hand:
        hand.app._disable_notifications = False
        gate(hand)
        await asked(hand)
        asks = [line for line in hand.text.splitlines() if line[:1] in "┌└" or "Restart service on" in line]
        asks += hand.text.splitlines()[-3:]
        hand.app.screen.notify("1 finding: acknowledged.", markup=False)
        hand.app.screen.notify(told, severity="warning", markup=False)
        await until(hand, lambda: "1 finding: acknowledged." in hand.text and "Check it first." in hand.text)
        assert [line for line in asks if line not in hand.text] == []


async def test_what_helps_a_finding_is_read_to_its_end_beside_several_others() -> None:
    waiting = tuple(
        fleet.job(number, f"build {number}", minutes=14, labels=(*fleet.LINUX, "gpu")) for number in range(9)
    )
    async with operator(fleet.snapshot((fleet.STUCK,), waiting), size=(80, 18)) as hand:
        [helps] = [number for number, line in enumerate(hand.text.splitlines()) if line.startswith(" helps")]
        assert hand.text.splitlines()[helps + 1].split() == ["job", "runs", "there."]


async def test_facts_that_have_no_room_leave_some_to_the_table_and_can_be_scrolled_to() -> None:
    many = msgspec.structs.replace(fleet.STUCK, labels=tuple(f"label-number-{number}" for number in range(120)))
    async with operator(fleet.snapshot((many,), ()), size=(80, 24)) as hand:
        await hand.press("2", "enter")
        assert "Its jobs" in hand.text
        assert hand.app.main.pane.query_one(FleetTable).size.height >= 4
        assert "version" not in hand.text
        await hand.press("shift+tab", "G")
        assert " version" in hand.text


async def test_a_job_that_waits_for_people_has_no_runner_yet() -> None:
    job = msgspec.structs.replace(fleet.job(1, "deploy", minutes=3), status="waiting")
    done = msgspec.structs.replace(
        fleet.job(2, "lint", minutes=3), status="completed", conclusion="skipped", completed_at=fleet.NOON
    )
    running = msgspec.structs.replace(fleet.job(3, "test", minutes=3), status="in_progress")
    for each, said in ((job, "none yet"), (done, "GitHub names none"), (running, "?")):
        async with operator(fleet.snapshot((fleet.BUSY,), (each,))) as hand:
            await hand.press("3", "enter")
            facts = hand.app.main.pane.query_one(FactLines).lines
            assert ["".join(part.text for part in line.said) for line in facts if line.word[0].text == "runner"] == [
                said
            ]


async def test_before_the_first_answer_nothing_is_said_to_be_zero() -> None:
    for progress, said in (
        (Progress(), "Nothing has been looked at yet."),
        (Progress(0, None, 0, 9), "no runner yet, 0 of 9 repositories looked at"),
    ):
        async with operator(msgspec.structs.replace(fleet.HEALTHY, whole=False, progress=progress)) as hand:
            assert said in hand.text
            assert "0 runners" not in hand.text


async def test_the_way_and_the_source_of_the_token_do_not_run_together() -> None:
    long = msgspec.structs.replace(fleet.FACTS, token_source="the pretend GitHub's own")
    async with operator(size=(80, 24)) as hand:
        hand.app.main.facts = long
        await hand.press("3")
        assert hand.text.splitlines()[1].endswith("   token: the…Hub's own ")
        await hand.press("enter")
        assert "token" not in hand.text.splitlines()[1]
        await hand.pilot.resize_terminal(120, 24)
        await hand.press("3", "enter")
        assert "  token: the pretend GitHub's own" in hand.text.splitlines()[1]


async def test_the_age_of_a_job_is_seen_beside_a_scroll_bar() -> None:
    jobs = tuple(fleet.job(number, f"build {number}", minutes=number) for number in range(1, 60))
    async with operator(fleet.snapshot((fleet.BUSY,), jobs), size=(80, 24)) as hand:
        await hand.press("3")
        assert hand.text.splitlines()[3].rstrip().endswith("Age")
        assert "Jobs · 59 · ended ones of the last 2 h" in hand.text


async def test_how_long_a_step_took_is_seen_on_a_small_screen() -> None:
    async with operator(size=(80, 24)) as hand:
        await hand.press("3", "slash", *"lint", "enter", "enter")
        [head] = [line for line in hand.text.splitlines() if " Step " in line]
        assert head.rstrip().endswith("Took")


async def test_which_ended_jobs_are_listed_is_told_in_full_among_the_sources() -> None:
    async with operator() as hand:
        await hand.press("2")
        await hand.type(":sources")
        await hand.press("enter")
        assert "of each repository the jobs of the 10 runs" in hand.text


# Runs that wait for people.


async def test_enter_on_a_run_that_waits_for_an_approval_leads_to_its_row() -> None:
    [built] = fleet.snapshot((), (fleet.job(1, "x", minutes=33),)).runs.values()
    held = msgspec.structs.replace(built, status="completed", conclusion="action_required")
    clock = fleet.FrozenClock()
    snapshot = fleet.snapshot((fleet.BUSY,), (fleet.job(9, "lint"),), runs={held.key: held})
    async with operator(snapshot, clock=clock) as hand:
        assert "needs an approval to start" in hand.text
        await hand.press("enter")
        assert "only those of the finding" in hand.text
        table = hand.app.main.pane.query_one(FleetTable)
        assert table.cursor_key == held.key
        assert "lint" not in hand.text
        await hand.press("escape")
        assert "Now · " in hand.text


# The filter line.


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("foo:bar", "There is no field foo. Fields: label "),
        ("/[/", "a [ has no ]"),
        ("/a(b/ x", "a ( has no )"),
        ("status:foo", "There is no status foo. There are: idle while queued, "),
        ("class:own", "Nothing in this list has a class. Fields here: label "),
    ],
)
async def test_a_filter_that_cannot_be_understood_leaves_what_was_shown_before(typed: str, said: str) -> None:
    for before, title in (("", "Runners · 5 "), ("mac", "Runners · 5 · 1 match mac ")):
        async with operator() as hand:
            await hand.press("2", "slash", *before, "enter", "slash", *(["backspace"] * len(before)))
            await hand.type(typed)
            assert title in hand.text
            assert said in " ".join(hand.text.split())
            assert "hides all" not in hand.text


async def test_a_pattern_that_has_only_begun_is_not_said_to_match() -> None:
    async with operator() as hand:
        await hand.press("2", "slash", "slash")
        assert "match" not in hand.text


@pytest.mark.parametrize(
    "typed", ["status:idle", "status:que", "status:/^off/", "!status:online", "status:hibernating"]
)
async def test_a_state_that_is_known_or_that_a_row_has_may_be_asked_for(typed: str) -> None:
    odd = msgspec.structs.replace(fleet.BUSY, status="hibernating")
    async with operator(fleet.snapshot((odd, fleet.STUCK), ())) as hand:
        await hand.press("2", "slash")
        await hand.type(typed)
        assert f"match {typed}" in hand.text


# The palette.


async def test_the_palette_lists_screens_then_what_can_be_done_and_contexts_last() -> None:
    async with operator() as hand:
        offered = [hit.text or "" async for hit in RegistryProvider(hand.app.main).discover()]
        assert offered[:4] == ["now", "runners", "jobs", "logs"]
        assert [each.startswith("context ") for each in offered[-3:]] == [False, True, True]
        found = sorted([hit async for hit in RegistryProvider(hand.app.main).search("e")], key=lambda hit: -hit.score)
        first = [hit.text for hit in found].index("sources")
        assert all(not str(hit.text).startswith("context ") for hit in found[:first])


def test_what_has_been_read_of_a_first_look_is_not_told_as_that_of_the_last_time() -> None:
    begun = Progress(300, 300, 4, 9)
    for progress, said in ((Progress(), "Last time there were"), (begun, "4 of 9 repositories looked at")):
        snapshot = msgspec.structs.replace(fleet.HEALTHY, whole=False, progress=progress)
        lines = calm_lines(Look(snapshot, remembered=True), totals(snapshot), fleet.NOON)
        text = " ".join(part.text for line in lines for part in line.said)
        assert said in text
        assert ("Nothing has been looked at yet." in text) == (progress is not begun)


async def test_what_is_told_while_something_is_typed_covers_neither_line_nor_remark() -> None:
    connector = fleet.FakeConnector(fleet.look(fleet.INCIDENT))
    app = ConsoleApp(fleet.FIRST, connector, fleet.FrozenClock())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        hand = Operator(app, pilot, connector)
        await fleet.settled(pilot)
        await hand.type(":theme nothing")
        await hand.press("enter")
        app.main.notify("Something that is told now. " * 4, markup=False, timeout=600)
        await until(hand, lambda: "told now" in hand.text)
        assert hand.text.splitlines()[-1].startswith(" :theme nothing")
        assert not any("told now" in line for line in hand.text.splitlines()[-3:])
        await hand.press("escape")
        await until(hand, lambda: any("told now" in line for line in hand.text.splitlines()[-3:]))


async def until(hand: Operator, holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():
            await hand.pilot.pause(0.01)
