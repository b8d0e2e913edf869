"""One action on all that is selected: their number is typed, and it stops at the first that is not proved."""

from collections.abc import Iterable
from typing import cast

from console.fleet.guided_actions import GUIDED_ACTIONS, Offer
from console.fleet.models import RunKey, RunnerKey
from console.fleet.plans import Refusal, Target
from console.operations.run_plan import READ_ONLY
from console.operations.several import MOST, Gate, choices
from console.operations.undertaking import Ended, PartBegan
from console.ui.dialogs.act_several import SeveralPage, SeveralQuestionPage
from console.ui.main_screen import MainScreen
from tests.ui import acting
from tests.ui import fleet_fixture as fleet
from tests.ui.fleet_fixture import settled
from tests.ui.test_actions import gate, later, page, words
from tests.ui.test_panes import Operator, operator

PROVED = Ended("proved", ("GitHub sees it online.",))
RUNNERS = [fleet.runner(number, f"build-{number}") for number in range(1, 5)]
FLEET = fleet.snapshot(tuple(RUNNERS), ())


async def selected(hand: Operator, number: int = 3) -> acting.FakeGate:
    """So many runners, and the question about them."""
    known = gate(hand)
    await hand.press("2", *["space"] * number, "a", "enter")
    return known


async def agreed(hand: Operator, number: int = 3) -> acting.FakeGate:
    known = await selected(hand, number)
    await hand.press(str(number))
    await later(hand)
    return known


def keys(number: int) -> list[RunnerKey]:
    return [each.key for each in RUNNERS[:number]]


async def test_all_that_is_meant_is_named_and_their_number_has_to_be_typed() -> None:
    async with operator(FLEET, size=(120, 60)) as hand:
        known = await selected(hand)
        assert isinstance(page(hand), SeveralQuestionPage)
        text = words(hand)
        assert "Restart service: 3 runners" in text
        assert "1.  build-1  id 1 of org:acme" in text
        assert "3.  build-3  id 3 of org:acme" in text
        assert "could hurt" in text
        assert "ssh build-03 exec sh -s -- 'restart'" in text
        await later(hand)
        await hand.press("2")
        await later(hand)
        assert not known.agreed
        await hand.press("backspace", "3")
        await later(hand)
        assert isinstance(page(hand), SeveralPage)
        assert [proposal.plan.target for proposal, _ in known.agreed] == keys(1)


async def test_the_next_one_is_looked_at_and_begun_once_the_one_before_is_proved() -> None:
    async with operator(FLEET) as hand:
        known = await agreed(hand)
        assert [target for _, target, _ in known.asked] == [RUNNERS[0].key, RUNNERS[0].key]
        known.under_way[0].tell(PartBegan(0))
        known.under_way[0].tell(PROVED)
        await settled(hand.pilot)
        assert len(known.under_way) == 2
        known.under_way[1].tell(PROVED)
        await settled(hand.pilot)
        known.under_way[2].tell(PROVED)
        await settled(hand.pilot)
        page(hand).tick()
        await settled(hand.pilot)
        assert [proposal.plan.target for proposal, _ in known.agreed] == keys(3)
        assert "3 of 3 proved." in words(hand)
        assert not hand.app.main.works


async def test_it_stops_at_the_first_that_is_not_proved() -> None:
    async with operator(FLEET) as hand:
        known = await agreed(hand)
        known.under_way[0].tell(PROVED)
        await settled(hand.pilot)
        known.under_way[1].tell(Ended("not-proved", ("GitHub does not list it as online.",)))
        await settled(hand.pilot)
        page(hand).tick()
        await settled(hand.pilot)
        assert len(known.agreed) == 2
        text = words(hand)
        assert "✓  build-1  proved" in text
        assert "?  build-2  not proved" in text
        assert "…  build-3  not begun" in text
        assert "1 of 3 proved.  The rest was not begun." in text
        assert "GitHub does not list it as online." in text


async def test_a_refusal_stops_it_too() -> None:
    async with operator(FLEET) as hand:
        known = await agreed(hand)
        known.answer = Refusal(("It runs a job.",))
        known.under_way[0].tell(PROVED)
        await settled(hand.pilot)
        page(hand).tick()
        await settled(hand.pilot)
        assert len(known.agreed) == 1
        assert "✗  build-2  refused" in words(hand)
        assert "It runs a job." in words(hand)


async def test_a_name_that_has_to_be_typed_is_not_skipped() -> None:
    async with operator(FLEET) as hand:
        known = await agreed(hand)
        known.answer = acting.plan(RUNNERS[1].key, typed="build-2")
        known.under_way[0].tell(PROVED)
        await settled(hand.pilot)
        assert len(known.agreed) == 1


async def test_escape_stops_before_the_next_one() -> None:
    async with operator(FLEET) as hand:
        known = await agreed(hand)
        await hand.press("escape")
        assert "It stops before the next one." in words(hand)
        await hand.press("escape")
        assert isinstance(hand.app.screen, MainScreen)
        assert "Restart service: 3 runners" in hand.text.splitlines()[-2]
        known.under_way[0].tell(PROVED)
        await settled(hand.pilot)
        assert len(known.agreed) == 1
        assert hand.said[-1] == "Restart service: 3 runners. 1 of 3 proved."


async def test_those_with_which_it_cannot_be_done_are_left_out_and_named() -> None:
    async with operator(FLEET, size=(120, 60)) as hand:
        known = gate(hand)
        known.refuses[RUNNERS[1].key] = Refusal(("It runs a job, which would be cancelled.",))
        await hand.press("2", "space", "space", "space", "a")
        assert "2 of 3: " in words(hand)
        await hand.press("enter")
        text = words(hand)
        assert "Restart service: 2 runners" in text
        assert "build-2  left out: It runs a job, which would be cancelled." in text


async def test_more_than_anybody_means_are_refused() -> None:
    many = tuple(fleet.runner(number, f"build-{number:03}") for number in range(1, MOST + 2))
    async with operator(fleet.snapshot(many, ())) as hand:
        await selected(hand, MOST + 1)
        assert f"At most {MOST} are acted on in one go." in words(hand)


class EverythingCanBeDone:
    """The menu of a run."""

    def menu(self, target: Target, causes: Iterable[str] = ()) -> tuple[Offer, ...]:
        known = (each for each in GUIDED_ACTIONS.values() if each.about == "run")
        return tuple(Offer(each, target, fits=each.id == "rerun-run-debug") for each in known)


def test_what_is_seldom_wanted_stands_below_the_rest_unless_it_helps() -> None:
    found = choices(cast(Gate, EverythingCanBeDone()), (RunKey("acme/web", 1),))
    ids = [each.action.id for each in found]
    assert ids[:3] == ["rerun-run-debug", "rerun-failed", "rerun-run"]
    assert ids[-2:] == ["rerun-failed-debug", "force-cancel-run"]


async def test_a_console_that_may_only_read_says_so_once_and_still_what_each_action_does() -> None:
    async with operator(FLEET, size=(120, 60)) as hand:
        known = gate(hand)
        known.offers = (
            (GUIDED_ACTIONS["drain"], Refusal(("It is not online.",))),
            (GUIDED_ACTIONS["restart-service"], READ_ONLY),
        )
        await hand.press("2", "a")
        text = words(hand)
        assert text.count("This console is read-only.") == 1
        assert text.index("Stops its listener and starts it anew") < text.index("It is not online.")
        await hand.press("enter")
        assert "What helps" in words(hand)


def test_where_both_help_a_runner_for_one_job_is_made_anew_before_a_service_is_restarted_that_it_seldom_has() -> None:
    class Menu(EverythingCanBeDone):
        def menu(self, target: Target, causes: Iterable[str] = ()) -> tuple[Offer, ...]:
            both = (GUIDED_ACTIONS["restart-service"], GUIDED_ACTIONS["regenerate-jit"])
            return tuple(Offer(each, target, fits="hung-after-acknowledge" in each.causes) for each in both)

    found = choices(cast(Gate, Menu()), (RUNNERS[0].key,))
    assert [(each.action.id, each.fits) for each in found] == [("regenerate-jit", True), ("restart-service", True)]
