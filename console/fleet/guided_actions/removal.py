"""What is changed of a runner at GitHub alone: it is removed, or gets other labels."""

from collections.abc import Iterable
from datetime import timedelta
from typing import NamedTuple

from console.fleet.calls import add_labels, remove_label, remove_runner, sendable
from console.fleet.conditions import RunnerGone
from console.fleet.evidence import Evidence, RunnerNow
from console.fleet.guided_actions.action import UNANSWERED, on_runner
from console.fleet.guided_actions.runs import typed_text
from console.fleet.labels import COMMON_LABELS
from console.fleet.models import Name, Phrase, Runner, RunnerKey
from console.fleet.plans import Plan, Refusal, Until
from console.fleet.runner_conditions import LabelsAre
from console.fleet.words import named, sentence

_HOW = "Write each label with a + before it, or a - where it is to go: +gpu -old."
_MOST_LABELS = 100
_SHOWN = timedelta(minutes=1)


class Change(NamedTuple):
    """Labels that come and labels that go."""

    adds: tuple[str, ...]
    drops: tuple[str, ...]


@on_runner("remove-runner", "Remove dead runner")
def remove_dead_runner(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Takes a runner that is gone for good off GitHub's list."""
    runner = evidence.of(RunnerNow(key))
    if runner is None:
        return Refusal(("GitHub does not list it any more.",))
    if runner.busy:
        return Refusal(
            ("GitHub calls it busy, and removes no busy runner (422).",),
            ("One that was lost with its job is called busy for some more minutes: wait, then try once more.",),
        )
    if runner.online:
        return Refusal(("It is online: it is not dead.",), ("Drain stops its service first.",))
    if runner.status != "offline":
        return Refusal(
            (
                "GitHub says of it: ",
                Name(runner.status),
                ". This console does not know what that is.",
            )
        )
    gone = Until(RunnerGone(key), ("GitHub does not list it any more.",), _SHOWN)
    return Plan(
        "remove-runner",
        key,
        ("Remove runner ", Name(runner.name)),
        (remove_runner(key), gone),
        hurts=(
            ("Its registration ends. Should its machine come back, it cannot connect until it is registered anew.",),
        ),
        about=_about(runner),
        notes=(("Nothing is changed on its host. GitHub itself removes what was offline for 14 days.",),),
        typed=typed_text(runner.name, str(runner.id)),
        rests_on=(runner.name, runner.status, "busy" if runner.busy else "idle"),
        before=_before(runner),
    )


@on_runner("adjust-labels", "Adjust labels", causes=("no-runner-has-labels",), asks=_HOW)
def adjust_labels(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Gives a runner custom labels, or takes some from it."""
    runner = evidence.of(RunnerNow(key))
    if runner is None:
        return Refusal(("GitHub does not list it any more.",))
    if not evidence.given.strip():
        return UNANSWERED
    change = _change(evidence.given, runner)
    if isinstance(change, Refusal):
        return change
    after = [label for label in runner.labels if label not in change.drops] + [*change.adds]
    if len(after) > _MOST_LABELS:
        return Refusal((f"GitHub takes {_MOST_LABELS} labels at most; it would have {len(after)}.",))
    calls = (
        *((add_labels(key, change.adds),) if change.adds else ()),
        *(remove_label(key, label) for label in change.drops),
    )
    proof = LabelsAre(key, frozenset(label.casefold() for label in after))
    return Plan(
        "adjust-labels",
        key,
        ("Adjust the labels of ", Name(runner.name)),
        (*calls, Until(proof, ("GitHub shows exactly these labels.",), _SHOWN)),
        hurts=_jobs(change),
        about=(*_about(runner), ("before", _listed(runner.labels)), ("after", _listed(after))),
        rests_on=tuple(sorted(runner.labels)),
        before=_before(runner),
    )


def _change(given: str, runner: Runner) -> Change | Refusal:
    """What is to be done of what was written: only what is not so already."""
    words = given.replace(",", " ").split()
    strange = [word for word in words if word[0] not in "+-" or not _may_be_a_label(word[1:])]
    if strange:
        return Refusal(sentence("This is no change of a label: ", named(strange), "."), (_HOW,))
    has = {label.casefold(): label for label in runner.labels}
    adds = {word[1:].casefold(): word[1:] for word in words if word[0] == "+"}
    drops = {word[1:].casefold() for word in words if word[0] == "-"}
    both = sorted(drops & adds.keys())
    if both:
        return Refusal(sentence("These are to come and to go: ", named(both), "."), (_HOW,))
    kept = sorted(drops & _read_only(runner))
    if kept:
        return Refusal(
            sentence("GitHub gave it these itself, and does not let them be taken: ", named(kept), "."),
        )
    change = Change(
        tuple(label for folded, label in adds.items() if folded not in has),
        tuple(has[folded] for folded in sorted(drops & has.keys())),
    )
    if not change.adds and not change.drops:
        return Refusal(("It has exactly these labels already: ", *_listed(runner.labels), "."))
    if not all(map(sendable, change.drops)):
        return Refusal(("A label to go has characters that cannot be told for certain.",), ("Take it away on GitHub.",))
    return change


def _may_be_a_label(word: str) -> bool:
    return sendable(word) and word not in {".", ".."} and len(word) <= 256


def _read_only(runner: Runner) -> frozenset[str]:
    """Every runner that registered by itself has them from GitHub; one made with a JIT config has only its own."""
    has = frozenset(label.casefold() for label in runner.labels)
    return COMMON_LABELS & has if "self-hosted" in has else frozenset()


def _jobs(change: Change) -> tuple[Phrase, ...]:
    """What it does to jobs."""
    found: list[Phrase] = []
    if change.drops:
        found.append(sentence("Jobs that ask for ", named(change.drops), " do not come to it any more."))
    if change.adds:
        found.append(sentence("Jobs that ask for ", named(change.adds), " may come to it from then on."))
    return tuple(found)


def _about(runner: Runner) -> tuple[tuple[str, Phrase], ...]:
    return (("runner", (Name(runner.name), f", id {runner.id} of ", Name(runner.scope))),)


def _before(runner: Runner) -> str:
    return f"{runner.status}, {'busy' if runner.busy else 'not busy'}, labels {', '.join(runner.labels)}"


def _listed(labels: Iterable[str]) -> Phrase:
    return named([*labels], most=_MOST_LABELS)
