"""What the console will do, as values: shown word for word, agreed to, and only then carried out."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Literal, Protocol

import msgspec

from console.fleet.models import JobKey, Phrase, RunKey, RunnerKey
from console.fleet.scripts import Script

if TYPE_CHECKING:
    from console.fleet.evidence import Evidence

Target = RunnerKey | JobKey | RunKey
"""What an action is done to."""
SecretKind = Literal["jit-config", "registration-token", "remove-token"]
"""What GitHub gives once, and a script then takes on its standard input."""


class OnHost(msgspec.Struct, frozen=True):
    """A script that is run on a host. It carries its own guards: check and act are one command there."""

    host: str
    script: Script
    values: tuple[str, ...]
    why: Phrase
    takes: tuple[SecretKind, ...] = ()
    """Go to its standard input, a line each, once its ready mark was read. Given by Calls before."""
    within: timedelta = timedelta(seconds=60)


class Call(msgspec.Struct, frozen=True):
    """A request that changes something at GitHub. It is sent once."""

    method: Literal["POST", "PUT", "PATCH", "DELETE"]
    path: str
    """Below the API address, `/repos/acme/web/actions/jobs/7/rerun`; its parts are quoted."""
    why: Phrase
    body: Mapping[str, object] | None = None
    gives: SecretKind | None = None
    needs: str = ""
    """The permission, in GitHub's words, for a refusal: "repository Actions: write"."""
    means: Mapping[int, str] = {}
    """What a refusal of that status means here, each a sentence."""

    @property
    def lasts(self) -> bool:
        """Whether it leaves something behind. A token that nobody uses ends by itself."""
        return self.gives not in {"registration-token", "remove-token"}


class Judgement(msgspec.Struct, frozen=True):
    """Whether a condition holds."""

    met: bool
    missing: Phrase = ()
    """What is still missing; for what was met, what was seen."""
    hopeless: bool = False
    """It will not be met by waiting."""
    undone: bool = False
    """It can be seen that the act was not done: where its answer was lost, that tells."""
    after: str = ""
    """The state of the target, in words, for the record."""
    helps: Phrase = ()
    """What to do where it is hopeless."""


class Condition(Protocol):
    """What the fleet must show. Every condition is a frozen value, so that two plans can be compared."""

    def judge(self, evidence: "Evidence") -> Judgement:
        """Pure. Raises `Ungathered` for what it wants to know, and the `ConsoleError` of what could not be read."""
        ...


class Until(msgspec.Struct, frozen=True):
    """Waits for the fleet to show something: before an act, or as its proof."""

    condition: Condition
    why: Phrase
    within: timedelta = timedelta(seconds=90)


Part = OnHost | Call | Until


class Plan(msgspec.Struct, frozen=True):
    """Everything that an action will do, and what a person should know before it does."""

    action: str
    """Id of the guided action."""
    target: Target
    title: Phrase
    """Verb and object: "Restart service on prod-linux-03"."""
    parts: tuple[Part, ...]
    hurts: tuple[Phrase, ...] = ()
    """What it could hurt, each a sentence; the first thing that is read."""
    about: tuple[tuple[str, Phrase], ...] = ()
    """Who is meant: "host", "machine", "unit", "directory", "runner", each with its value."""
    notes: tuple[Phrase, ...] = ()
    """What else there is to know: no lock on this host, three other jobs run again, …"""
    typed: str = ""
    """What must be typed for consent; empty: a key does."""
    rests_on: tuple[str, ...] = ()
    """What must still be so when it is carried out: the InvocationID, the number of the attempt, …"""
    before: str = ""
    """The state of the target, in words, for the record."""
    halfway: Phrase = ()
    """What to do where it ends in the middle: something was done, and not all of it, or it is not proved."""


class Refusal(msgspec.Struct, frozen=True):
    """Why something is not done."""

    reason: Phrase
    helps: Phrase = ()
    """What to do about it; may have several lines to paste."""


class Unanswered(Refusal, frozen=True):
    """What the action asks for was not written yet. `helps` is what there is to know for it."""


class GivenOnce:
    """A secret on its way from GitHub to a host. It shows itself to nobody."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def __repr__(self) -> str:
        return "***"

    def reveal(self) -> bytes:
        """For standard input, and for nothing else."""
        return self._value


class Reply(msgspec.Struct, frozen=True):
    """What GitHub answered to a Call."""

    status: int
    secret: GivenOnce | None = None
    note: str = ""
    """GitHub's own words where it has any; harmless to draw."""
