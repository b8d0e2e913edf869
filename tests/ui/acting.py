"""A gate that does what a test says, and plans to show."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta

from console.fleet.evidence import Evidence
from console.fleet.guided_actions import GuidedAction, Offer
from console.fleet.models import JobKey, Name, Phrase
from console.fleet.plans import Call, Judgement, OnHost, Plan, Refusal, Target, Unanswered, Until
from console.fleet.scripts import SCRIPTS
from console.operations.run_plan import Proposal
from console.operations.undertaking import Undertaking

UNIT = "actions.runner.acme.prod-linux-03.service"


class Shown:
    """A condition that nobody asks."""

    def judge(self, evidence: Evidence) -> Judgement:
        return Judgement(True)


def _planned(_evidence: Evidence, _target: Target) -> Plan | Refusal:
    raise AssertionError("a test says what is planned")


def action(name: str, title: str, says: str, *, asks: str = "") -> GuidedAction:
    return GuidedAction(name, title, "runner", says, _planned, asks=asks)


RESTART = action("restart-service", "Restart service", "Stops its listener and starts it anew, unless it runs a job.")
START = action("start-service", "Start service", "Starts its service, which has ended or was stopped.")
LABELS = action("labels", "Adjust labels", "Gives it other labels.", asks="Its labels, with spaces between them")
ONLINE = Refusal(("It is online: its service runs.",), ("Restart service starts it anew.",))
WHY: Phrase = ("systemd restarts the listener, unless a worker runs.",)


def on_host(values: tuple[str, ...] = ("restart", UNIT, "/opt/actions-runner", "3", "-", "-", "ops")) -> OnHost:
    return OnHost("build-03", SCRIPTS["service-act"], values, WHY)


PARTS = (
    on_host(),
    Until(Shown(), ("One listener listens for jobs, and GitHub sees it online.",), timedelta(minutes=5)),
)
RERUN = Call(
    "POST",
    "/repos/acme/web/actions/jobs/16/rerun",
    ("GitHub runs the job again.",),
    {"enable_debug_logging": True},
)
WAITS = Until(Shown(), ("It has ended its job.",), timedelta(hours=12))


def plan(target: Target, *, typed: str = "", parts: tuple[OnHost | Call | Until, ...] = PARTS, name: str = "") -> Plan:
    name = name or ("job" if isinstance(target, JobKey) else "prod-linux-03")
    return Plan(
        "restart-service",
        target,
        ("Restart service on ", Name(name)),
        parts,
        hurts=(("Nothing, unless a job starts at this very moment.",),),
        about=(
            ("runner", (Name(name), f", id {target.id} of ", Name("org:acme"))),
            ("host", (Name("build-03"),)),
            ("ssh goes to", (Name("ops@10.0.0.3 port 22"),)),
            ("machine", (Name("8cca72972995"),)),
            ("unit", (Name(UNIT),)),
            ("directory", (Name("/opt/actions-runner"),)),
        ),
        notes=(("This host keeps no lock: a second operator would not be seen.",),),
        typed=typed,
    )


class FakeGate:
    """Nothing can be done before a test says so."""

    def __init__(self) -> None:
        self.offers: tuple[tuple[GuidedAction, Refusal | None], ...] = ()
        self.refuses: dict[Target, Refusal] = {}
        """What is refused in the menu, of any action."""
        self.fits: str = ""
        self.causes: list[frozenset[str]] = []
        self.answer: Plan | Refusal | None = None
        """What is proposed; None: a plan for whatever is asked about."""
        self.asked: list[tuple[str, Target, str]] = []
        self.held: asyncio.Event | None = None
        """While it is there and not set, looking takes time."""
        self.why_not: Phrase = ()
        self.agreed: list[tuple[Proposal, str]] = []
        self.refuses_at_last: Refusal | None = None
        self.last_look: asyncio.Event | None = None
        """As `held`, once it was agreed to."""
        self.under_way: list[Undertaking] = []

    def menu(self, target: Target, causes: Iterable[str] = ()) -> tuple[Offer, ...]:
        self.causes.append(frozenset(causes))
        found = [
            Offer(each, target, self.refuses.get(target, refusal), each.id == self.fits)
            for each, refusal in self.offers
        ]
        return tuple(sorted(found, key=lambda each: (not each.fits, each.refusal is not None)))

    async def propose(self, action: GuidedAction, target: Target, given: str = "") -> Proposal | Refusal:
        self.asked.append((action.id, target, given))
        if self.held is not None:
            await self.held.wait()
        if action.asks and not given:
            return Unanswered(("Nothing was written.",), (f"It has: linux, of {action.title}",))
        answer = self.answer if self.answer is not None else plan(target)
        return answer if isinstance(answer, Refusal) else Proposal(action, answer, given, {}, 1000.0)

    def withdrawn(self, proposal: Proposal) -> Phrase:
        return self.why_not

    async def carry_out(self, proposal: Proposal, typed: str = "") -> Undertaking | Refusal:
        self.agreed.append((proposal, typed))
        if self.last_look is not None:
            await self.last_look.wait()
        if self.refuses_at_last is not None:
            return self.refuses_at_last
        undertaking = Undertaking(proposal.plan)
        self.under_way.append(undertaking)
        return undertaking
