"""What an operator sees and does on Now, Runners, Jobs and behind them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from textual.binding import Binding
from textual.command import CommandPalette
from textual.events import Key
from textual.pilot import Pilot
from textual.widgets import Input

from console.errors import SettingsError
from console.fleet.findings import Condition, Explanation
from console.fleet.models import FleetSnapshot, Freshness, JobKey, Problem, Progress
from console.operations.look import Look
from console.ui.app import ConsoleApp
from console.ui.commands import COMMANDS
from console.ui.dialogs.base import ShowingDialog
from console.ui.dialogs.explain import ExplainDialog, chain_lines
from console.ui.dialogs.help import HelpDialog, key_groups
from console.ui.dialogs.sources import SourcesDialog
from console.ui.main_screen import MainScreen
from console.ui.palette import RegistryProvider
from console.ui.widgets.fact_lines import FactLines, wrapped
from console.ui.widgets.fleet_table import FleetTable
from console.ui.widgets.hints import HintsLine
from console.ui.widgets.prompt import PromptLine
from console.ui.widgets.scroll import Scroll
from tests.ui import fleet_fixture as fleet
from tests.ui.fleet_fixture import settled


class Operator:
    """Presses keys and reads the screen."""

    def __init__(self, app: ConsoleApp, pilot: Pilot[None], connector: fleet.FakeConnector) -> None:
        self.app = app
        self.pilot = pilot
        self.connector = connector
        self.copied: list[str] = []

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await settled(self.pilot)

    async def type(self, text: str) -> None:
        names = {" ": "space", ":": "colon", "/": "slash", "-": "minus", "[": "left_square_bracket"}
        await self.press(*(names.get(each, each) for each in text))

    async def searched(self) -> None:
        """Until the palette has looked through all that it offers."""
        async with asyncio.timeout(60):
            while not all(
                each.is_finished for each in self.app.workers if each.group == CommandPalette._GATHER_COMMANDS_GROUP
            ):
                await asyncio.sleep(0.01)
        await settled(self.pilot)

    async def see(self, look: Look) -> None:
        self.connector.watch.queue.put_nowait(look)
        await settled(self.pilot)

    @property
    def text(self) -> str:
        """Everything that is drawn, line by line."""
        screen = self.app.screen
        lines = screen._compositor.render_strips(screen.size)
        return "\n".join("".join(segment.text for segment in line) for line in lines)

    @property
    def said(self) -> list[str]:
        return [each.message for each in self.app._notifications]


@asynccontextmanager
async def operator(
    snapshot: FleetSnapshot = fleet.INCIDENT,
    *,
    size: tuple[int, int] = (120, 40),
    clock: fleet.FrozenClock | None = None,
    **more: Any,
) -> AsyncIterator[Operator]:
    connector = fleet.FakeConnector(fleet.look(snapshot, clock, **more))
    app = ConsoleApp(fleet.FIRST, connector, clock or fleet.FrozenClock())
    async with app.run_test(size=size) as pilot:
        hand = Operator(app, pilot, connector)
        app.copy_to_clipboard = hand.copied.append  # type: ignore[assignment, method-assign] # the terminal's clipboard
        await settled(pilot)
        yield hand


# Now.


async def test_now_shows_the_worst_finding_first_with_its_evidence_and_what_helps() -> None:
    async with operator() as hand:
        lines = hand.text.splitlines()
        assert "Now · 3 findings" in lines[2]
        assert "‼ prod-linux-03" in lines[4]
        assert "idle 14 min, 3 matching jobs wait" in lines[4]
        assert "! acme/web deploy (prod)" in lines[5]
        assert "helps    Restart the runner's service" in hand.text
        await hand.press("j")
        assert "no runner has x46" in hand.text.split("finding  ")[1]


async def test_a_healthy_fleet_is_said_to_be_so_in_words_and_numbers() -> None:
    async with operator(fleet.HEALTHY) as hand:
        assert "All 8 runners are doing their work. 1 busy, 7 idle, nothing waits longer than 30 s." in hand.text
        assert "▁▃▃▆███" in hand.text


async def test_the_first_look_says_how_far_it_has_come_and_calls_nothing_healthy() -> None:
    progress = Progress(1200, 10000, 40, 300)
    async with operator(msgspec.structs.replace(fleet.HEALTHY, whole=False, progress=progress)) as hand:
        assert "1 200 of 10 000 runners, 40 of 300 repositories looked at" in hand.text
        assert "doing their work" not in hand.text
        assert "GitHub allows 900 requests a minute" in hand.text
    small = Progress(12, 48, 3, 12)
    async with operator(msgspec.structs.replace(fleet.HEALTHY, whole=False, progress=small)) as hand:
        assert "900" not in hand.text


async def test_facts_that_are_late_are_not_called_healthy() -> None:
    problem = Problem("unreachable", "GitHub does not answer.", "It is tried again.", fleet.NOON)
    late = msgspec.structs.replace(fleet.HEALTHY, freshness=fleet.sources(840, problem))
    async with operator(late) as hand:
        assert "doing their work" not in hand.text
        assert "Nothing was wrong when it was last looked at; the oldest source is 14 min old." in hand.text


async def test_a_fleet_of_which_a_part_could_not_be_read_is_not_called_healthy() -> None:
    problem = Problem("permission", "The groups may not be read.", "It needs Self-hosted runners: read.", fleet.NOON)
    sources = fleet.sources(4)
    partly = (*sources[:-1], msgspec.structs.replace(sources[-1], problem=problem))
    async with operator(msgspec.structs.replace(fleet.HEALTHY, freshness=partly)) as hand:
        assert "doing their work" not in hand.text
        assert "Nothing is wrong in what could be read." in hand.text
        assert "The groups may not be read." in hand.text


async def test_what_has_not_been_read_yet_is_named_before_a_fleet_is_called_healthy() -> None:
    unread = tuple(Freshness("finished", f"acme/r{number}", timedelta(minutes=5)) for number in range(3))
    async with operator(msgspec.structs.replace(fleet.HEALTHY, freshness=(*fleet.sources(4), *unread))) as hand:
        assert "doing their work" not in hand.text
        assert "Not read yet: what ended lately in 3 repositories." in " ".join(hand.text.split())


async def test_where_nothing_could_ever_be_read_nothing_is_said_of_the_fleet() -> None:
    problem = Problem("unreachable", "GitHub does not answer.", "It is tried again.", fleet.NOON)
    sources = tuple(msgspec.structs.replace(each, looked_at=None, problem=problem) for each in fleet.sources(4))
    async with operator(msgspec.structs.replace(fleet.HEALTHY, runners={}, jobs={}, freshness=sources)) as hand:
        assert "Nothing could be looked at yet." in hand.text
        assert "GitHub does not answer." in hand.text
        assert "queued" not in hand.text


async def test_enter_on_a_finding_opens_its_runner_and_escape_comes_back() -> None:
    async with operator() as hand:
        await hand.press("enter")
        assert "state    ◆ idle while queued for 14 min" in hand.text
        assert "build (3.12)" in hand.text
        assert hand.connector.watch.asked == ["runner 3"]
        await hand.press("escape")
        assert "Now · 3 findings" in hand.text


async def test_enter_on_a_finding_of_several_jobs_lists_only_those() -> None:
    jobs = tuple(fleet.job(number, f"sign {number}", minutes=20, labels=("self-hosted", "hsm")) for number in (1, 2))
    async with operator(fleet.snapshot((fleet.BUSY,), (*jobs, fleet.job(3, "lint")))) as hand:
        await hand.press("enter")
        assert "only those of the finding" in hand.text
        assert "sign 1" in hand.text
        assert "lint" not in hand.text
        await hand.press("3")
        assert "lint" in hand.text


# Runners and jobs.


@pytest.mark.parametrize("key", ["2", "3"])
async def test_a_list_without_rows_says_what_is_in_the_way(key: str) -> None:
    nothing = msgspec.structs.replace(fleet.HEALTHY, runners={}, jobs={}, whole=False)
    problem = Problem("unreachable", "GitHub does not answer.", "It is tried again.", fleet.NOON)
    failing = tuple(msgspec.structs.replace(each, looked_at=None, problem=problem) for each in fleet.sources())
    for whole in (False, True):
        async with operator(msgspec.structs.replace(nothing, freshness=failing, whole=whole)) as hand:
            await hand.press(key)
            assert " has been seen yet. GitHub does not answer." in hand.text
    async with operator(nothing) as hand:
        await hand.press(key)
        assert " has been seen yet. The first look is under way." in hand.text
    connector = fleet.FakeConnector(errors=(SettingsError("No such key.", "Nearest: scopes"),))
    app = ConsoleApp(fleet.FIRST, connector, fleet.FrozenClock())
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        hand = Operator(app, pilot, connector)
        await hand.press(key)
        assert " has been seen yet. No such key." in hand.text
        assert "under way" not in hand.text


async def test_idle_runners_with_waiting_jobs_stand_out_by_sign_colour_and_place() -> None:
    async with operator() as hand:
        await hand.press("2")
        first = hand.text.splitlines()[4]
        assert "◆ prod-linux-03" in first
        assert "3 jobs wait" in first
        await hand.press("3")
        assert "◆ acme/web build (3.12)" in hand.text


async def test_a_runner_leads_to_its_job_and_the_job_to_its_steps() -> None:
    async with operator() as hand:
        await hand.press("2")
        await hand.type("/lint")
        await hand.press("enter", "enter")
        assert "› prod-linux-01" in hand.text
        await hand.press("enter")
        assert "› acme/web lint" in hand.text
        assert "Steps · 4" in hand.text
        assert "Run make test" in hand.text
        assert "job 14" in hand.connector.watch.asked
        await hand.press("escape", "escape")
        assert "Runners · 5 · 1 match lint" in hand.text


async def test_the_facts_of_a_runner_name_its_labels_in_the_order_of_the_table() -> None:
    async with operator(size=(160, 40)) as hand:
        await hand.press("2")
        order = "gpu self-hosted linux x64"
        assert order in hand.text
        await hand.press("enter")
        assert any(line.split()[1:5] == order.split() for line in hand.text.splitlines() if "labels" in line)


async def test_a_runner_has_its_jobs_however_the_scope_is_spelt() -> None:
    busy = msgspec.structs.replace(fleet.BUSY, scope="org:Acme")
    lint = fleet.job(14, "lint", status="in_progress", minutes=3, on=busy)
    async with operator(fleet.snapshot((busy,), (lint,))) as hand:
        await hand.press("2")
        assert "acme/web lint" in hand.text
        await hand.press("enter")
        assert "Its jobs · 1" in hand.text
        await hand.press("enter", "enter")
        assert "› prod-linux-01" in hand.text


@pytest.mark.parametrize(("key", "fresh", "stands"), [("2", "15 min", "≥ 9 min"), ("3", "3 min", "≥ 2 min")])
async def test_the_age_of_a_row_whose_source_is_late_stands_still(key: str, fresh: str, stands: str) -> None:
    """An idle runner for 14 minutes and a queued job for 2 when all was last read: five minutes ago, or just now."""
    idle, queued = fleet.runner(2, "prod-linux-02"), fleet.job(11, "build", minutes=2.5)
    clock = fleet.FrozenClock()
    async with operator(fleet.snapshot((idle,), (queued,)), clock=clock) as hand:
        clock.seconds += 60
        hand.app.main._tick()
        await settled(hand.pilot)
        await hand.press(key)
        assert f" {fresh}" in hand.text
        assert "≥" not in hand.text
    late = fleet.snapshot((idle,), (msgspec.structs.replace(queued, created_at=fleet.NOON - timedelta(minutes=7.5)),))
    clock = fleet.FrozenClock()
    async with operator(msgspec.structs.replace(late, freshness=fleet.sources(300)), clock=clock) as hand:
        for _ in range(2):
            await hand.press(key)
            assert f" {stands}" in hand.text
            await hand.press("enter")
            assert f" for {stands}" in hand.text
            clock.seconds += 60
            hand.app.main._tick()
            await settled(hand.pilot)


async def test_a_run_that_waits_for_an_approval_is_a_row_of_its_own_though_it_has_no_jobs() -> None:
    [built] = fleet.snapshot((), (fleet.job(1, "x", minutes=33),)).runs.values()
    url = "https://github.com/acme/web/actions/runs/7001"
    held = msgspec.structs.replace(built, status="completed", conclusion="action_required", url=url)
    clock = fleet.FrozenClock()
    async with operator(fleet.snapshot((fleet.BUSY,), (), runs={held.key: held}), clock=clock) as hand:
        await hand.press("3")
        [row] = [line for line in hand.text.splitlines() if "#801 Fix the thing" in line]
        assert "waiting" in row
        assert "33 min" in row
        await hand.press("Y", "enter")
        assert hand.copied == [url]
        assert "no jobs before somebody lets it start" in hand.said[-1]
        await hand.press("x")
        assert "It waits for an approval before it has any job" in hand.text


async def test_a_job_that_has_vanished_says_so() -> None:
    async with operator() as hand:
        await hand.press("3", "enter")
        await hand.see(fleet.look(fleet.HEALTHY))
        assert "no longer among those" in hand.text


async def test_the_cursor_stays_on_its_row_from_look_to_look() -> None:
    async with operator() as hand:
        await hand.press("2", "j", "j")
        before = hand.app.main.pane.target()
        await hand.see(fleet.look(msgspec.structs.replace(fleet.INCIDENT, taken_at=fleet.NOON)))
        assert hand.app.main.pane.target() == before


async def test_a_look_with_nothing_new_builds_no_row_anew() -> None:
    async with operator() as hand:
        await hand.press("2")
        table = hand.app.main.pane.query_one(FleetTable)
        built = table.lines_built
        await hand.see(fleet.look(fleet.INCIDENT))
        assert table.lines_built == built


# Moving about.


async def test_minus_goes_to_and_fro_and_q_goes_back_before_it_leaves() -> None:
    async with operator() as hand:
        await hand.press("2", "3", "minus")
        assert "Runners · 5" in hand.text
        await hand.press("minus")
        assert "Jobs · 7" in hand.text
        await hand.press("enter", "q")
        assert "Jobs · 7" in hand.text
        assert hand.app.is_running
        await hand.press("q")
    assert hand.app.return_code == 0


async def test_another_context_starts_from_nothing() -> None:
    async with operator() as hand:
        await hand.press("2")
        hand.connector._hangs = True
        await hand.type(":context acme-lab")
        await hand.press("enter")
        assert " acme-lab " in hand.text.splitlines()[0]
        assert "prod-linux" not in hand.text
        await hand.press("2")
        assert "prod-linux" not in hand.text


# Filter, commands, palette.


async def test_a_filter_works_while_it_is_typed_and_escape_clears_it() -> None:
    async with operator() as hand:
        await hand.press("2", "slash")
        await hand.type("label:gpu")
        assert "Runners · 5 · 1 match label:gpu" in hand.text
        await hand.press("escape")
        assert "Runners · 5" in hand.text
        assert "match" not in hand.text
        await hand.press("slash", *"mac", "enter")
        assert "1 match mac" in hand.text
        await hand.press("escape")
        assert "match" not in hand.text


async def test_what_is_wrong_with_a_filter_stands_above_it() -> None:
    async with operator() as hand:
        await hand.press("2", "slash")
        await hand.type("lable:gpu")
        assert "There is no field lable. Nearest: label." in hand.text


async def test_a_command_may_carry_a_filter() -> None:
    async with operator() as hand:
        await hand.type(":jobs queued")
        await hand.press("enter")
        assert "Jobs · 7 · 4 match status:queued" in hand.text


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("jbos", 'There is no command "jbos". Nearest: :jobs'),
        ("foo", 'There is no command "foo". ? shows what there is.'),
        ("theme drak", 'There is no theme "drak". Nearest: dark'),
        ("theme amber", 'There is no theme "amber". There are: dark, light, production'),
        ("sort colour", 'There is no column "colour".'),
        ("theme", ":theme needs NAME. There are: dark, light, production"),
        ("context", ":context needs NAME. There are: acme-prod, acme-lab"),
        ("sort", ":sort needs COLUMN. There are: runner, state,"),
        ("jobs stauts:x", "There is no field stauts. Nearest: status."),
        ("runners /[/", "The pattern cannot be used: a [ has no ]."),
        ("now what", ":now takes nothing after it."),
    ],
)
async def test_a_command_that_is_not_understood_says_what_is_near(line: str, answer: str) -> None:
    async with operator(size=(160, 30)) as hand:
        await hand.press("2")
        await hand.type(":" + line)
        await hand.press("enter")
        assert answer in hand.text.splitlines()[-2]
        await hand.press("escape")
        assert not hand.app.main.query_one(PromptLine).display


async def test_commands_do_what_they_say() -> None:
    async with operator() as hand:
        for line in ("theme light", "sort runner", "look", "pause", "run"):
            await hand.press("2")
            await hand.type(":" + line)
            await hand.press("enter")
        assert hand.app.theme == "light"
        assert hand.connector.watch.asked == ["look again", "pause True"]
        assert hand.app.main.pane.query_one(FleetTable).order == (0, False)


async def test_tab_completes_nothing_but_right_takes_the_suggestion() -> None:
    async with operator() as hand:
        await hand.type(":theme l")
        await hand.press("right")
        assert hand.app.screen.query_one(Input).value == "theme light"


async def test_the_palette_offers_every_command_and_every_key_of_the_screen_once() -> None:
    async with operator() as hand:
        provider = RegistryProvider(hand.app.main)
        offered = [hit.text async for hit in provider.discover()]
        assert len(offered) == len(set(offered))
        assert {"now", "runners", "theme light", "context acme-lab", "explain (x)"} <= set(offered)
        await hand.press("ctrl+p")
        await hand.type("sources")
        await hand.searched()
        await hand.press("enter")
        assert isinstance(hand.app.screen, SourcesDialog)
        await hand.press("ctrl+p")
        assert isinstance(hand.app.screen, SourcesDialog)


async def test_a_command_with_a_filter_that_is_not_understood_changes_nothing() -> None:
    async with operator() as hand:
        await hand.press("3", "slash", *"lint", "enter")
        await hand.type(":jobs stauts:x")
        await hand.press("enter")
        assert "Jobs · 7 · 1 match lint" in hand.text
        await hand.press("escape")
        await hand.type(":runners /[/")
        await hand.press("enter")
        assert "Jobs · 7 · 1 match lint" in hand.text


async def test_what_is_wrong_is_read_to_its_end_where_it_is_narrow() -> None:
    async with operator(size=(40, 16)) as hand:
        await hand.press("2", "slash")
        await hand.type("lable:gpu")
        said = " ".join(" ".join(hand.text.splitlines()[-5:]).split())
        fields = "label status group repo host os version branch class."
        assert f"There is no field lable. Nearest: label. Fields: {fields}" in said


async def test_what_is_typed_ahead_goes_into_the_line_and_acts_on_nothing_else() -> None:
    async with operator() as hand:
        await hand.press("2")
        for key in ("colon", *"theme", "space", *"light"):
            hand.app.post_message(Key(key, {"colon": ":", "space": " "}.get(key, key)))
        hand.app.post_message(Key("enter", None))
        await settled(hand.pilot)
        assert hand.app.theme == "light"
        assert "Runners · 5" in hand.text


async def test_tab_takes_the_suggestion() -> None:
    async with operator() as hand:
        await hand.type(":context acme-l")
        await hand.press("tab")
        assert hand.app.screen.query_one(Input).value == "context acme-lab"


async def test_the_context_that_is_open_is_not_opened_again() -> None:
    async with operator() as hand:
        await hand.type(":context acme-prod")
        await hand.press("enter")
        assert hand.connector.opened == [None]
        assert hand.said == ["acme-prod is open already; r looks again."]


async def test_what_can_be_typed_behind_the_colon_is_said_while_it_is_typed() -> None:
    async with operator(size=(80, 24)) as hand:
        await hand.type(":")
        assert hand.text.splitlines()[-2].startswith(" now  runners  jobs  waits  logs  history  runbooks")
        await hand.type("j")
        assert hand.text.splitlines()[-2].strip() == "jobs  journal"
        await hand.type("obs")
        assert hand.text.splitlines()[-2].strip() == ":jobs [FILTER]  Jobs; with words after it, only those that match"
        await hand.press("escape")
        await hand.type(":theme ")
        assert hand.text.splitlines()[-2].split() == ["dark", "light", "production"]
        await hand.type("xyz")
        await hand.press("enter")
        assert 'There is no theme "xyz".' in hand.text
        await hand.press("escape", "slash")
        assert "theme" not in hand.text.splitlines()[-2]


async def test_what_a_filter_may_be_made_of_is_said_before_it_is_typed() -> None:
    async with operator(size=(80, 24)) as hand:
        await hand.press("2", "slash")
        offered = hand.text.splitlines()[-2]
        assert offered.startswith(" words  /pattern/  label:  status:  group:")
        assert "class:" not in offered, "no runner has one"
        await hand.type("x")
        assert "/pattern/" not in hand.text
        await hand.press("backspace")
        assert "/pattern/" in hand.text
        await hand.press("escape")
        assert "/pattern/" not in hand.text


async def test_the_hints_are_right_again_after_a_line_was_given_up() -> None:
    async with operator() as hand:
        await hand.press("2")
        before = hand.app.main.query_one(HintsLine).hints
        await hand.press("slash", "escape")
        assert hand.app.main.query_one(HintsLine).hints == before
        await hand.press("colon", "escape")
        assert hand.app.main.query_one(HintsLine).hints == before


# Ages.


async def test_what_is_said_of_a_finding_counts_on_between_looks() -> None:
    clock = fleet.FrozenClock()
    async with operator(clock=clock) as hand:
        clock.seconds += 120
        hand.app.main._tick()
        await settled(hand.pilot)
        assert "idle 16 min, 3 matching jobs wait" in hand.text.splitlines()[4]
        assert "queued acme/web build (3.12) for 16 min" in hand.text
        await hand.press("enter")
        assert "idle while queued for 16 min" in hand.text
        assert "idle 16 min, 3 matching jobs wait" in hand.text


async def test_an_explanation_counts_on_and_follows_what_is_seen() -> None:
    clock = fleet.FrozenClock()
    async with operator(clock=clock) as hand:
        await hand.press("3", "x")
        assert "yet it waits 14 min." in hand.text
        clock.seconds += 120
        hand.app.main._tick()
        await settled(hand.pilot)
        assert "yet it waits 16 min." in hand.text
        await hand.see(fleet.look(fleet.HEALTHY, clock))
        assert "this job is not among those that are watched" in hand.text


async def test_the_ages_of_sources_count_on_in_their_dialog() -> None:
    clock = fleet.FrozenClock()
    async with operator(clock=clock) as hand:
        await hand.type(":sources")
        await hand.press("enter")
        clock.seconds += 7
        hand.app.main._tick()
        await settled(hand.pilot)
        assert "11 s ago" in hand.text


# Explain, help, sources, copy.


async def test_explain_shows_every_condition_with_what_was_found_and_who_could_take_it() -> None:
    async with operator() as hand:
        await hand.press("3", "x")
        assert isinstance(hand.app.screen, ExplainDialog)
        assert "✓ a runner has all labels" in hand.text
        assert "1 of 5" in hand.text
        assert "Idle while queued" in hand.text
        assert "lacks gpu" in hand.text
        await hand.press("escape")
        assert "Jobs · 7" in hand.text


async def test_explain_marks_the_first_condition_that_is_not_met() -> None:
    async with operator() as hand:
        await hand.press("j", "x")
        assert "✗ a runner has all labels" in hand.text
        lines = wrapped(hand.app.screen.query(FactLines).first().lines, 100)
        bold = [line.plain for line in lines if any(span.style == "bold" for span in line.spans)]
        assert len(bold) == 1
        assert "a runner has all labels" in bold[0]


def test_in_a_chain_only_what_nobody_looked_at_is_out_of_the_way() -> None:
    asked = (
        Condition("one of them is online", ("0 of 1",), met=False),
        Condition("its registration is good", ("its registration is gone",), met=False),
        Condition("its session is its own", ("no listener runs there",), met=None),
    )
    unasked = Condition("it is idle", ("",), met=None, asked=False, brief="idle")
    chain = chain_lines(Explanation((), (*asked, unasked), "only-offline-runners", "proved", ()))
    assert [line.word[-1].style for line in chain] == ["strong", "", "", "muted"]


async def test_help_lists_the_keys_of_this_screen_and_every_command() -> None:
    async with operator(size=(120, 90)) as hand:
        await hand.press("2", "question_mark")
        assert isinstance(hand.app.screen, HelpDialog)
        for _, lines in key_groups(hand.app.main):
            for keys, does in lines:
                assert keys in hand.text
                assert does in hand.text
        keys = "".join(does for _, lines in key_groups(hand.app.main) for _, does in lines)
        for command in COMMANDS.values():
            assert command.usage in hand.text or (not command.argument and command.action)
        assert "How long jobs wait for a runner" in keys


async def test_the_first_page_of_help_has_what_a_finding_is_answered_with() -> None:
    async with operator(size=(80, 24)) as hand:
        await hand.press("question_mark")
        for words in ("open the row", "why does this job", "what can be done", "what to do about this, step by step"):
            assert words in hand.text.casefold()
        for words in ("show only what matches", "the command line", "say that you know", "hush this finding"):
            assert words in hand.text.casefold()


async def test_keys_that_belong_together_are_one_line_of_help() -> None:
    async with operator(size=(120, 60)) as hand:
        await hand.press("2")
        groups = {title: dict(lines) for title, lines in key_groups(hand.app.main)}
        assert groups["To get about"]["1 2 3 4 5 6"] == "Now, Runners, Jobs, Logs, History, Runbooks"
        assert groups["In the list"]["j ↓ k ↑"] == "To the next row, to the row before"
        assert groups["In the list"]["space"].startswith("Select the row")


async def test_where_there_is_no_row_none_can_be_opened() -> None:
    async with operator(fleet.HEALTHY) as hand:
        hints = hand.app.main.query_one(HintsLine)
        assert "open" not in [does for _, does in hints.hints]
        await hand.press("2")
        assert "open" in [does for _, does in hints.hints]


async def test_the_hints_begin_with_what_is_needed_first() -> None:
    async with operator(size=(80, 24)) as hand:
        keys = [key for key, _ in hand.app.main.query_one(HintsLine).hints]
        assert keys[:6] == ["⏎", "?", "x", "a", "R", "/"]
        assert "open" in hand.text.splitlines()[-1]


async def test_the_hints_are_those_keys_that_do_something_here() -> None:
    async with operator(fleet.HEALTHY) as hand:
        descriptions = [does for _, does in hand.app.main.query_one(HintsLine).hints]
        assert "explain" not in descriptions
        await hand.press("2")
        descriptions = [does for _, does in hand.app.main.query_one(HintsLine).hints]
        assert "explain" in descriptions
        assert "copy URL" not in descriptions


OWNERS = (ConsoleApp, MainScreen, FleetTable, PromptLine, Scroll, ShowingDialog)


@pytest.mark.parametrize("owner", OWNERS, ids=lambda owner: owner.__name__)
def test_every_binding_says_what_it_does(owner: type) -> None:
    for binding in owner.BINDINGS:  # type: ignore[attr-defined] # all of these have some
        assert isinstance(binding, Binding)
        assert binding.description
        assert binding.tooltip


async def test_the_problem_of_a_source_hangs_below_it_on_however_many_lines() -> None:
    problem = Problem("network", f"No connection to {'far.' * 12}example.net: Connection refused.", "", fleet.NOON)
    async with operator(
        msgspec.structs.replace(fleet.INCIDENT, freshness=fleet.sources(60, problem)), size=(80, 40)
    ) as hand:
        await hand.type(":sources")
        await hand.press("enter")
        lines = hand.text.splitlines()
        begun = next(at for at, line in enumerate(lines) if "│   !  No connection" in line)
        assert lines[begun + 1].startswith("│      ")
        assert "for 0 s" in lines[begun] + lines[begun + 1] + lines[begun + 2]


async def test_sources_are_listed_with_age_interval_problem_and_hint() -> None:
    problem = Problem("sso", "acme wants single sign-on.", "Authorise the token.", fleet.NOON)
    async with operator(msgspec.structs.replace(fleet.INCIDENT, freshness=fleet.sources(60, problem))) as hand:
        await hand.type(":sources")
        await hand.press("enter")
        for text in ("keyring (SecretService)", "every 15 s", "1 min ago", "acme wants single sign-on.", "Authorise"):
            assert text in hand.text


async def test_what_ended_lately_is_not_said_to_be_a_source_that_has_finished() -> None:
    ended = Freshness("finished", "acme/web", timedelta(minutes=5), fleet.NOON)
    look = msgspec.structs.replace(fleet.INCIDENT, freshness=(*fleet.sources(3), ended))
    async with operator(look, size=(200, 50)) as hand:
        assert "lately ended 0 s" in hand.text.splitlines()[0]
        await hand.type(":sources")
        await hand.press("enter")
        assert "lately ended" in hand.text
        assert "finished " not in hand.text


async def test_y_copies_the_line_or_the_selected_lines_and_says_how_much() -> None:
    async with operator() as hand:
        await hand.press("2", "y")
        await hand.press("space", "space", "y")
        assert hand.copied == ["prod-linux-03", "prod-linux-03\nprod-linux-04"]
        assert hand.said == ["Copied 13 characters.", "Copied 2 lines, 27 characters."]


async def test_capital_y_copies_the_address() -> None:
    async with operator() as hand:
        await hand.press("3", "Y")
        assert hand.copied == ["https://github.com/acme/web/actions/runs/7011/job/11"]


async def test_a_job_read_anew_that_fails_is_told() -> None:
    async with operator() as hand:

        async def fail(key: JobKey) -> None:
            raise fleet.NO_TOKEN

        hand.connector.watch.job = fail  # type: ignore[method-assign] # what GitHub may answer
        await hand.press("3", "enter")
        assert hand.said == ["No token for org:acme. Run: runner-console auth login"]
        assert "› acme/web build (3.12)" in hand.text
