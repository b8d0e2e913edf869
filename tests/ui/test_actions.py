"""Guided actions on the screen: what can be done, the question, what counts as consent, and what becomes of it."""

import asyncio
from time import monotonic

import pytest
from msgspec.structs import replace
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste
from textual.message import Message

from console.fleet.failure import Cause, Failure
from console.fleet.models import plain
from console.fleet.plans import Refusal
from console.fleet.sudoers import SUDOERS
from console.operations.undertaking import Ended, PartBegan, PartEnded, Said
from console.ui.dialogs.act import ActDialog
from console.ui.dialogs.act_page import ActPage
from console.ui.dialogs.act_question import HELD, QUIET, BeginningPage, ConsentPage, QuestionPage
from console.ui.main_screen import MainScreen
from tests.ui import acting
from tests.ui import fleet_fixture as fleet
from tests.ui.acting import FakeGate
from tests.ui.fleet_fixture import settled
from tests.ui.test_panes import Operator, operator

STUCK = fleet.STUCK.key


def gate(hand: Operator) -> FakeGate:
    """With two actions, of which the second is refused."""
    found = hand.connector.connections[0].gate
    found.offers = ((acting.RESTART, None), (acting.START, acting.ONLINE))
    found.fits = "restart-service"
    return found


async def later(hand: Operator, key: str = "enter", seconds: float = 1.0, *, of_keys: bool = False) -> None:
    """A key that was pressed so long after everything before it, the drawing of the question included; `of_keys`: after
    the key before it, however long the drawing took."""
    event = Key(key, "\r" if key == "enter" else None)
    shown = hand.app.screen.page if isinstance(hand.app.screen, ActDialog) else None
    drawn = shown._drawn if isinstance(shown, ConsentPage) else monotonic()
    before = hand.app.last_input[1]
    event.time = (before if of_keys else max(drawn or monotonic(), before)) + seconds
    hand.app.post_message(event)
    await settled(hand.pilot)


async def asked(hand: Operator) -> None:
    """Until the question is there."""
    await hand.press("a", "enter")
    assert isinstance(page(hand), QuestionPage), hand.text


def page(hand: Operator) -> ActPage:
    assert isinstance(hand.app.screen, ActDialog), hand.text
    return hand.app.screen.page


def words(hand: Operator) -> str:
    """What is drawn, without frames and breaks."""
    return " ".join(each.strip("│ ") for each in hand.text.splitlines() if each.startswith("│") or "│" in each)


# What can be done.


async def test_what_helps_against_the_finding_is_first_and_what_cannot_be_done_says_why() -> None:
    async with operator() as hand:
        known = gate(hand)
        await hand.press("a")
        lines = [each for each in hand.text.splitlines() if "│" in each]
        assert "Actions on prod-linux-03" in lines[0]
        assert "idle 14 min, 3 matching jobs wait" in lines[1]
        assert "Restart service" in hand.text.split("What it does")[1]
        assert "helps here: Stops its listener" in hand.text
        assert known.causes == [frozenset({"idle-while-queued"})]
        await hand.press("j")
        assert "not now  It is online: its service runs." in hand.text
        assert "helps    Restart service starts it anew." in hand.text
        await hand.press("enter")
        assert "It is online: its service runs." in words(hand)
        assert not known.asked
        await hand.press("escape")
        assert isinstance(hand.app.screen, MainScreen)


async def test_on_a_runner_that_was_found_idle_the_same_is_marked() -> None:
    async with operator() as hand:
        known = gate(hand)
        await hand.press("2", "a")
        assert known.causes == [frozenset({"idle-while-queued"})]
        assert "helps here" in hand.text
        await hand.press("escape", "enter", "a")
        assert "Actions on prod-linux-03" in hand.text


async def test_a_job_whose_only_runner_is_offline_leads_to_that_runner() -> None:
    lost = fleet.runner(4, "prod-linux-04", status="offline", labels=("self-hosted", "release"))
    waits = fleet.job(11, "publish", minutes=14, labels=("self-hosted", "release"))
    async with operator(fleet.snapshot((lost,), (waits,))) as hand:
        known = gate(hand)
        await hand.press("a")
        assert "Actions on prod-linux-04" in hand.text
        assert known.causes == [frozenset({"only-offline-runners"})]
        await hand.press("escape", "3", "a")
        assert "Actions on acme/web publish" in hand.text


async def test_where_no_action_helps_against_the_finding_the_menu_says_what_does() -> None:
    waits = fleet.job(11, "train", minutes=14, labels=("self-hosted", "gpuu"))
    async with operator(fleet.snapshot((fleet.STUCK,), (waits,))) as hand:
        finding = hand.app.main.look.findings[0] if hand.app.main.look is not None else None
        assert finding is not None
        gate(hand)
        await hand.press("a")
        assert " ".join(plain(finding.helps).split())[:50] in " ".join(words(hand).split())


async def test_an_action_is_called_by_name_and_stands_in_the_palette() -> None:
    async with operator() as hand:
        gate(hand)
        await hand.type(":act restart-service")
        await hand.press("enter")
        assert isinstance(page(hand), QuestionPage)
        await hand.press("escape")
        await hand.type(":act restart-everything")
        await hand.press("enter")
        assert 'There is no action "restart-everything" for this.' in hand.text
        await hand.press("escape")
        assert "restart-service" in hand.app.main.act_names()
        await hand.press("ctrl+p")
        await hand.type("act drain")
        await hand.searched()
        assert "Drain. Waits for the end of its job" in hand.text


# The question.


async def test_it_is_said_what_is_looked_at_and_escape_gives_up() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.held = asyncio.Event()
        await hand.press("a", "enter")
        assert "is being looked at: GitHub, the host, the service" in words(hand)
        await hand.press("enter")
        assert known.asked == [("restart-service", STUCK, "")]
        await hand.press("escape")
        assert isinstance(hand.app.screen, MainScreen)
        known.held.set()
        await settled(hand.pilot)
        assert isinstance(hand.app.screen, MainScreen)


async def test_the_question_shows_what_could_be_hurt_who_is_meant_and_each_part_word_for_word() -> None:
    async with operator(size=(120, 60)) as hand:
        gate(hand).answer = acting.plan(STUCK, parts=(acting.PARTS[0], acting.RERUN, acting.PARTS[1]))
        await asked(hand)
        text = words(hand)
        assert text.index("could hurt") < text.index("id 3 of org:acme") < text.index("8cca72972995")
        assert f"ssh build-03 exec sh -s -- 'restart' '{acting.UNIT}' '/opt/actions-runner' '3' '-' '-' 'ops'" in text
        assert "{ mark=" in text
        assert "POST /repos/acme/web/actions/jobs/16/rerun" in text
        assert '"enable_debug_logging": true' in text
        assert "waited for, 5 min at most" in text
        assert text.index("waited for") < text.index("Enter does it, once.")


async def test_all_of_a_script_can_be_read_on_a_small_screen_while_the_question_stays() -> None:
    async with operator(size=(80, 24)) as hand:
        gate(hand)
        await asked(hand)
        assert "Enter does it, once." in hand.text
        await hand.press("tab", "G")
        assert "exit" in hand.text
        assert "Enter does it, once." in hand.text
        await later(hand)
        assert len(gate(hand).agreed) == 1


async def test_secrets_are_never_shown() -> None:
    async with operator(size=(120, 60)) as hand:
        part = replace(acting.on_host(), takes=("jit-config",))
        gate(hand).answer = acting.plan(STUCK, parts=(part,))
        await asked(hand)
        await hand.press("tab", "G")
        assert "*** (jit config, on its standard input)" in hand.text


async def test_names_are_taken_as_they_are_and_what_does_not_print_is_shown() -> None:
    hostile = "[/nope] [@click=app.quit]x"
    async with operator(size=(120, 60)) as hand:
        body = {"name": f"{hostile}\u202egpj\x1b[2J"}
        gate(hand).answer = acting.plan(STUCK, parts=(replace(acting.RERUN, body=body),), name=hostile)
        await asked(hand)
        assert f"Restart service on {hostile}" in hand.text
        assert f"{hostile}<202E>gpj\\u001b[2J" in hand.text


async def test_a_plan_that_cannot_be_sent_is_a_refusal() -> None:
    async with operator() as hand:
        gate(hand).answer = acting.plan(STUCK, parts=(acting.on_host(("restart", "x; id", "/a", "3", "-", "ops")),))
        await hand.press("a", "enter")
        assert "is not sent back to it" in words(hand)
        assert not isinstance(page(hand), QuestionPage)


async def test_a_refusal_is_shown_with_lines_to_paste_that_are_copied_whole() -> None:
    async with operator(size=(80, 24)) as hand:
        known = gate(hand)
        known.answer = Refusal(("sudo asks for a password there.",), (SUDOERS,))
        await hand.press("a", "enter")
        assert "sudo asks for a password there." in words(hand)
        assert "NOPASSWD: /usr/bin/systemctl" in words(hand)
        await hand.press("y")
        assert hand.copied == [SUDOERS]
        known.answer = None
        await hand.press("r")
        assert isinstance(page(hand), QuestionPage)


async def test_what_an_action_has_to_be_told_is_asked_first() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.offers = ((acting.LABELS, None),)
        await hand.press("a", "enter")
        assert "Its labels, with spaces between them" in hand.text
        assert "It has: linux" in hand.text
        await hand.press("enter")
        assert known.asked == [("labels", STUCK, "")]
        await hand.type("gpu big")
        await hand.press("enter")
        assert known.asked[1:] == [("labels", STUCK, "gpu big")]
        assert isinstance(page(hand), QuestionPage)


# What counts as consent.


async def test_enter_counts_only_once_the_question_could_be_read() -> None:
    async with operator() as hand:
        known = gate(hand)
        await asked(hand)
        await later(hand, seconds=0)
        assert not known.agreed
        assert "That was too soon to be an answer." in words(hand)
        await later(hand, "down")
        await later(hand, seconds=QUIET - 0.01)
        assert not known.agreed
        await later(hand, "down")
        await later(hand, seconds=QUIET + 0.01)
        assert [typed for _, typed in known.agreed] == [""]
        await later(hand)
        assert len(known.agreed) == 1


async def test_an_enter_that_is_held_down_from_the_menu_on_is_no_answer() -> None:
    async with operator() as hand:
        known = gate(hand)
        await asked(hand)
        for pause in (0.66, 0.03, 0.03, 0.5):
            await later(hand, seconds=pause, of_keys=True)
            assert not known.agreed
        assert "That was too soon to be an answer." in words(hand)
        await later(hand, seconds=HELD + 0.01)
        assert len(known.agreed) == 1


async def test_an_enter_that_was_typed_ahead_does_not_count_however_late_it_is_looked_at() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.held = asyncio.Event()
        await hand.press("a", "enter")
        before = Key("enter", "\r")
        known.held.set()
        await settled(hand.pilot)
        dialog = page(hand)
        assert isinstance(dialog, QuestionPage)
        dialog._drawn = monotonic() + 5
        hand.app.post_message(before)
        await settled(hand.pilot)
        assert not known.agreed


async def test_other_keys_before_it_take_the_quiet_away() -> None:
    async with operator() as hand:
        known = gate(hand)
        await asked(hand)
        await later(hand, "j", 5)
        await later(hand, "enter", 0.1)
        assert not known.agreed


REPLIES = (
    "\x1b[12;40R",
    "\x1b[1;2R",
    "\x1b[?62;22c",
    "\x1b[>41;354;0c",
    "\x1b[0n",
    "\x1b]11;rgb:0000/0000/0000\x1b\\",
    "\x1b]52;c;DQo=\x07",
    "\x1b]lprod-linux-03\x1b\\",
    "\x1bP1$r0m\x1b\\",
    "\x1bP>|XTerm(388)\r\x1b\\",
    "\x1b[I",
    "\x1b[O",
    "\x1b[?2026;2$y",
    "\x1b[200~y\r\x1b[201~",
    "\x1b[200~prod-linux-03\r\x1b[201~",
)
"""Of cursor, device, colours, clipboard, title, settings, focus, modes; and pastes."""


def events_of(raw: str) -> list[Message]:
    """What Textual makes of what the terminal sends, and of what it still waits for."""
    parser = XTermParser()
    return [*parser.feed(raw), *parser.tick(), *parser.feed("")]


@pytest.mark.parametrize("typed", ["", "prod-linux-03"], ids=["by-a-key", "by-its-name"])
@pytest.mark.parametrize("reply", REPLIES, ids=[repr(each) for each in REPLIES])
async def test_what_a_terminal_says_by_itself_confirms_nothing(reply: str, typed: str) -> None:
    async with operator() as hand:
        known = gate(hand)
        known.answer = acting.plan(STUCK, typed=typed)
        await asked(hand)
        await later(hand, "down", 5)
        moment = hand.app.last_input[1] + 5
        for event in events_of(reply):
            event.time = moment
            hand.app.post_message(event)
        await settled(hand.pilot)
        assert not known.agreed


async def test_a_name_has_to_be_typed_exactly_where_work_could_be_lost() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.answer = acting.plan(STUCK, typed="prod-linux-03")
        await asked(hand)
        assert "To do it, type this and press Enter:  prod-linux-03" in words(hand)
        await later(hand)
        assert "That is not what has to be typed." in words(hand)
        await hand.type("prod-linux-0")
        await later(hand)
        assert not known.agreed
        await hand.type("3")
        await later(hand, seconds=QUIET - 0.01)
        assert not known.agreed
        await later(hand)
        assert [typed for _, typed in known.agreed] == ["prod-linux-03"]


async def test_what_was_copied_in_the_console_is_not_typed_either() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.answer = acting.plan(STUCK, typed="prod-linux-03")
        await asked(hand)
        hand.app.copy_to_clipboard("prod-linux-03")
        await hand.press("ctrl+v")
        assert "What is pasted does not count." in words(hand)
        await later(hand)
        assert not known.agreed


async def test_a_paste_is_refused_with_words() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.answer = acting.plan(STUCK, typed="prod-linux-03")
        await asked(hand)
        hand.app.post_message(Paste("prod-linux-03"))
        await settled(hand.pilot)
        assert "What is pasted does not count. Type it." in words(hand)
        await later(hand)
        assert not known.agreed


async def test_a_question_is_withdrawn_when_its_ground_goes_and_can_be_asked_anew() -> None:
    async with operator() as hand:
        known = gate(hand)
        await asked(hand)
        known.why_not = ("It runs a job by now.",)
        await hand.see(replace(fleet.look(fleet.INCIDENT), at=1001.0))
        assert "The question is withdrawn. It runs a job by now." in words(hand)
        known.why_not = ()
        await later(hand)
        assert not known.agreed
        await hand.press("r")
        assert len(known.asked) == 2
        await later(hand)
        assert len(known.agreed) == 1


async def test_it_is_looked_at_before_enter_counts() -> None:
    async with operator() as hand:
        known = gate(hand)
        await asked(hand)
        known.why_not = ("The machine slept.",)
        await later(hand)
        assert not known.agreed
        assert "The question is withdrawn. The machine slept." in words(hand)


async def test_a_question_that_is_not_drawn_yet_is_not_looked_at() -> None:
    async with operator() as hand:
        gate(hand)
        await asked(hand)
        dialog, shown = hand.app.screen, page(hand)
        assert isinstance(dialog, ActDialog)
        assert isinstance(shown, QuestionPage)
        dialog.page = QuestionPage(shown.proposal, lambda _: ("The machine slept.",))
        dialog._tick()
        assert "is withdrawn" not in hand.text


async def test_a_withdrawn_question_takes_no_name() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.answer = acting.plan(STUCK, typed="prod-linux-03")
        await asked(hand)
        await hand.type("prod-linux-03")
        known.why_not = ("It runs a job by now.",)
        await hand.see(replace(fleet.look(fleet.INCIDENT), at=1001.0))
        await later(hand)
        assert not known.agreed
        await hand.press("r")
        assert len(known.asked) == 2


# What becomes of it.


async def agreed(hand: Operator) -> None:
    await asked(hand)
    await later(hand)


async def test_each_part_is_shown_with_what_there_is_to_say_of_it_to_the_end() -> None:
    async with operator() as hand:
        known = gate(hand)
        await agreed(hand)
        doing = known.under_way[0]
        doing.tell(PartBegan(0))
        doing.tell(Said(0, ("systemd stops it",)))
        await settled(hand.pilot)
        assert "▶ systemd restarts the listener, unless a worker runs.  under way systemd stops it" in spaced(hand)
        assert "GitHub sees it online.  to come" in words(hand)
        doing.tell(PartEnded(0, "done", ("Done.",)))
        doing.tell(PartBegan(1))
        doing.tell(Said(1, ("GitHub does not list it as online.",)))
        await settled(hand.pilot)
        assert "✓  systemd restarts" in words(hand)
        assert "‖  One listener listens for jobs, and GitHub sees it online.  waits" in words(hand)
        doing.tell(PartEnded(1, "done", ("GitHub sees it online.",)))
        doing.tell(Ended("proved", ("GitHub sees it online.",)))
        await settled(hand.pilot)
        assert "✓  Proved.  GitHub sees it online." in words(hand)
        await later(hand, "space")
        assert isinstance(hand.app.screen, MainScreen)
        assert not hand.said


def spaced(hand: Operator) -> str:
    return words(hand).replace("▶  ", "▶ ")


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        (Ended("not-proved", ("It was done, but not proved.",)), "?  Not proved.  It was done, but not proved."),
        (
            Ended("unknown", ("The connection was lost.",)),
            "?  Not known whether it was done.  The connection was lost.",
        ),
        (
            Ended("failed", ("It ended with status 1.",), ("Look at its journal.",)),
            "✗  Failed.  It ended with status 1.",
        ),
        (Ended("refused", ("It is busy.",)), "✗  Refused.  It is busy."),
        (Ended("stopped", ("Nothing was changed.",)), "‖  Given up.  Nothing was changed."),
    ],
)
async def test_only_what_is_proved_is_called_so(ended: Ended, says: str) -> None:
    async with operator() as hand:
        known = gate(hand)
        await agreed(hand)
        known.under_way[0].tell(ended)
        await settled(hand.pilot)
        assert says in words(hand)
        assert "roved" not in words(hand).replace("not proved", "").replace("Not proved", "")
        if ended.helps:
            assert "What helps Look at its journal." in words(hand)


async def test_what_is_being_changed_goes_on_behind_and_its_end_is_told() -> None:
    async with operator() as hand:
        known = gate(hand)
        await agreed(hand)
        doing = known.under_way[0]
        doing.tell(PartBegan(0))
        await settled(hand.pilot)
        assert "Something is being changed, which is not cut off." in words(hand)
        await hand.press("escape")
        assert isinstance(hand.app.screen, MainScreen)
        assert not doing.stopping.is_set()
        line = hand.text.splitlines()[-2]
        assert "Restart service on prod-linux-03" in line
        await hand.press("q")
        assert hand.app.is_running
        await hand.press("a")
        assert "Something is being changed" in words(hand)
        await hand.press("escape")
        doing.tell(Ended("proved", ("GitHub sees it online.",)))
        await settled(hand.pilot)
        assert hand.said[-1] == "Restart service on prod-linux-03. Proved. GitHub sees it online."
        assert "Restart service on prod-linux-03" not in hand.text.splitlines()[-2]


async def test_while_it_only_waits_escape_offers_to_give_it_up() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.answer = acting.plan(STUCK, parts=(acting.WAITS, *acting.PARTS))
        await agreed(hand)
        doing = known.under_way[0]
        doing.tell(PartBegan(0))
        await settled(hand.pilot)
        await hand.press("escape")
        assert "Give it up?  Enter gives it up.  Escape leaves it waiting" in words(hand)
        assert not doing.stopping.is_set()
        await hand.press("enter")
        assert doing.stopping.is_set()


async def test_an_offer_to_give_up_ends_when_something_is_changed() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.answer = acting.plan(STUCK, parts=(acting.WAITS, *acting.PARTS))
        await agreed(hand)
        doing = known.under_way[0]
        doing.tell(PartBegan(0))
        await settled(hand.pilot)
        await hand.press("escape")
        doing.tell(PartEnded(0, "done", ()))
        doing.tell(PartBegan(1))
        await settled(hand.pilot)
        await hand.press("enter")
        assert not doing.stopping.is_set()


async def test_what_is_found_at_the_last_look_is_a_refusal() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.refuses_at_last = Refusal(("It runs a job by now.",), ("Look at it once more.",))
        await agreed(hand)
        assert "It runs a job by now." in words(hand)
        assert not isinstance(page(hand), BeginningPage)
        await hand.press("r")
        assert isinstance(page(hand), QuestionPage)


async def test_what_was_agreed_to_can_be_given_up_before_its_first_part() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.last_look = asyncio.Event()
        await agreed(hand)
        assert "It is looked at once more, then done." in words(hand)
        await hand.press("escape")
        assert "It is being given up." in words(hand)
        known.last_look.set()
        await settled(hand.pilot)
        assert known.under_way[0].stopping.is_set()


@pytest.mark.parametrize("refuses", [None, Refusal(("It runs a job by now.",))])
async def test_what_is_left_before_it_is_begun_is_given_up_and_told(refuses: Refusal | None) -> None:
    async with operator() as hand:
        known = gate(hand)
        known.last_look, known.refuses_at_last = asyncio.Event(), refuses
        await agreed(hand)
        await hand.press("escape", "escape")
        assert isinstance(hand.app.screen, MainScreen)
        known.last_look.set()
        await settled(hand.pilot)
        if refuses is None:
            assert known.under_way[0].stopping.is_set()
            known.under_way[0].tell(Ended("stopped", ("Given up. Nothing was changed.",)))
            await settled(hand.pilot)
        assert ("It runs a job by now." if refuses else "Nothing was changed.") in hand.said[-1]


async def test_what_was_written_and_is_refused_can_be_mended() -> None:
    async with operator() as hand:
        known = gate(hand)
        known.offers = ((acting.LABELS, None),)
        known.answer = Refusal(("No label begins with a space.",))
        await hand.press("a", "enter")
        await hand.type("gpu")
        await hand.press("enter", "r")
        assert "gpu" in words(hand)
        known.answer = None
        await hand.type("s")
        await hand.press("enter")
        assert known.asked[-1] == ("labels", STUCK, "gpus")


async def test_of_a_runner_that_was_drained_and_of_a_job_that_failed_it_is_known_what_helps() -> None:
    lost = fleet.runner(4, "prod-linux-04", status="offline")
    failed = fleet.job(16, "docs", status="completed", minutes=9, on=fleet.BUSY, conclusion="failure")
    why = Failure(1, (Cause("cache", "proved", "locked", "The cache entry is locked", "Wait.", "409"),))
    snapshot = fleet.snapshot((lost,), (failed,))
    async with operator(snapshot, drained=frozenset({lost.key}), failures={failed.key: why}) as hand:
        known = gate(hand)
        await hand.press("2", "a")
        assert "drained" in known.causes[-1]
        await hand.press("escape", "3", "a")
        assert "found  cache: The cache entry is locked" in hand.text


async def test_a_context_is_not_left_while_something_is_carried_out_in_it() -> None:
    async with operator() as hand:
        known = gate(hand)
        await agreed(hand)
        await hand.press("escape", "escape")
        await hand.type(":context acme-lab")
        await hand.press("enter")
        assert "Something is being carried out in this context." in hand.text
        await hand.press("escape")
        known.under_way[0].tell(Ended("proved", ()))
        await settled(hand.pilot)
        await hand.type(":context acme-lab")
        await hand.press("enter")
        assert hand.connector.opened[-1] == "acme-lab"
