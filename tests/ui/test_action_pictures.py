"""Pictures of the dialog of actions, page by page. Time stands still in them."""

from collections.abc import Callable, Sequence

import pytest
from msgspec.structs import replace

from console.fleet.plans import Refusal, Target
from console.fleet.sudoers import SUDOERS
from console.operations.run_plan import Gate, Proposal
from console.operations.several import Several
from console.operations.undertaking import Ended, PartBegan, PartEnded, Said, Undertaking
from console.ui.dialogs.act import ActDialog
from console.ui.plan_lines import called
from console.ui.works import OneWork, SeveralWork
from tests.ui import acting
from tests.ui import fleet_fixture as fleet
from tests.ui.acting import FakeGate
from tests.ui.fleet_fixture import settled
from tests.ui.test_pictures import SIZES, Compare, Host

LOOK = fleet.look(fleet.INCIDENT)
STUCK = fleet.STUCK.key
RUNNERS = tuple(key for key, each in fleet.INCIDENT.runners.items() if each.name.startswith("prod-linux"))
DONE = "One listener, started anew, listens for jobs; GitHub sees it online."


class Nobody:
    """Carries nothing out."""

    def begin(self, dialog: ActDialog, proposal: Proposal, typed: str) -> None:
        raise AssertionError("a picture agrees to nothing")

    def begin_several(self, sequence: Several) -> SeveralWork:
        raise AssertionError("a picture agrees to nothing")


def dialog(
    gate: FakeGate, targets: Sequence[Target] = (STUCK,), *, action: str = "", work: OneWork | None = None
) -> Host:
    gate.offers = gate.offers or ((acting.RESTART, None), (acting.LABELS, None), (acting.START, acting.ONLINE))
    gate.fits = "restart-service"
    shown: Gate = gate  # type: ignore[assignment] # it has the gate's methods
    found = [each.summary for each in LOOK.findings[:1]]
    names = {target: called(LOOK, target) for target in targets}
    return Host(dialog=ActDialog(shown, Nobody(), names, found=found, action=action, work=work))


def answering(answer: object, targets: Sequence[Target] = (STUCK,)) -> Host:
    gate = FakeGate()
    gate.answer = answer  # type: ignore[assignment] # a plan or a refusal
    return dialog(gate, targets, action="restart-service")


def under_way(*events: PartBegan | Said | PartEnded | Ended) -> Host:
    undertaking = Undertaking(acting.plan(STUCK))
    for event in events:
        undertaking.tell(event)
    return dialog(FakeGate(), work=OneWork(undertaking, fleet.FrozenClock()))


BEGUN = (PartBegan(0), PartEnded(0, "done", ("Done.",)), PartBegan(1))
LONG = "prod-linux-with-a-name-that-is-as-long-as-GitHub-lets-a-name-be-0193"
REQUEST = replace(acting.RERUN, body={"enable_debug_logging": True, "name": "[/x]\u202e"})
PAGES: dict[str, Callable[[], Host]] = {
    "menu": lambda: dialog(FakeGate()),
    "question": lambda: answering(acting.plan(STUCK)),
    "question-typed": lambda: answering(acting.plan(STUCK, typed=LONG, name=LONG, parts=(REQUEST,))),
    "refusal": lambda: answering(Refusal(("sudo asks for a password there.",), (SUDOERS,))),
    "under-way": lambda: under_way(*BEGUN, Said(1, ("GitHub does not list it as online.",))),
    "proved": lambda: under_way(*BEGUN, PartEnded(1, "done", (DONE,)), Ended("proved", (DONE,))),
    "not-proved": lambda: under_way(*BEGUN, Ended("not-proved", ("It was done, but not proved: it is offline.",))),
    "several": lambda: answering(None, RUNNERS),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", PAGES)
def test_each_page_of_the_dialog_of_actions(snap_compare: Compare, name: str, size: tuple[int, int]) -> None:
    assert snap_compare(PAGES[name](), terminal_size=size, run_before=settled)
