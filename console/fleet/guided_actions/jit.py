"""Runners for one job: another one is made where one was used up, is dead or gets no work."""

from datetime import timedelta

from msgspec.structs import replace

from console.fleet.calls import DEFAULT_GROUP, generate_jitconfig, remove_runner
from console.fleet.evidence import Evidence, RouteTo, RunnerNamed, RunnerNow
from console.fleet.guided_actions.action import UNANSWERED, on_runner
from console.fleet.guided_actions.new_runner import MOST_LABELS, New, folded, new_runner
from console.fleet.guided_actions.registration import (
    by_hand,
    hurts_registered,
    notes_registered,
    registered_anew,
    registering_parts,
)
from console.fleet.guided_actions.runs import typed_text
from console.fleet.guided_actions.services import waiting_for
from console.fleet.models import Name, Phrase, Runner, RunnerKey
from console.fleet.paths import scope_of
from console.fleet.plans import OnHost, Part, Plan, Refusal, Unanswered, Until
from console.fleet.registration_conditions import Replaced, RunnerUp
from console.fleet.scripts import SCRIPTS
from console.fleet.words import named, sentence

_STARTS = timedelta(minutes=3)
"""Its software is copied first where it cannot be linked."""
_UP = timedelta(minutes=4)
_WHICH = (
    "The name of an ordinary runner of the same scope that is idle: it is registered anew first, which is the known"
    " remedy where GitHub answers JIT runners BadRequest."
)
_NO_ORDINARY: Phrase = (
    "Where its scope has none: register one by hand there, as GitHub's page for new runners says, and start it once;"
    " then “Regenerate JIT config” will do.",
)
_HOW = "All labels of the new runner, such as: self-hosted linux x64 gpu. It gets these and no others."


@on_runner(
    "regenerate-jit",
    "Regenerate JIT config",
    causes=(
        "idle-while-queued",
        "hung-after-acknowledge",
        "hung-for-one-job",
        "only-offline-runners",
        "no-autoscaled-runner",
        "jit-used-up",
        "jit-refused",
    ),
    one_job=True,
)
def regenerate_jit(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Makes and starts another runner for one job, with the group and all labels of this one, which it replaces."""
    old = used_up(evidence, key)
    return old if isinstance(old, Refusal) else _planned(evidence, old, old.labels, "regenerate-jit")


@on_runner(
    "regenerate-jit-labels",
    "JIT config with other labels",
    causes=("no-runner-has-labels", "jit-without-default-labels"),
    asks=_HOW,
    seldom=True,
)
def regenerate_with_labels(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Makes and starts another runner for one job, with the group of this one and all labels that are written."""
    old = used_up(evidence, key)
    if isinstance(old, Refusal):
        return old
    written = tuple(evidence.given.replace(",", " ").split())
    if not written:
        return UNANSWERED
    return _planned(evidence, old, written, "regenerate-jit-labels")


@on_runner(
    "register-then-jit",
    "Ordinary runner, then JIT config",
    causes=("idle-while-queued", "jit-refused"),
    asks=_WHICH,
    seldom=True,
)
def register_then_jit(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Registers an ordinary runner of its scope anew, and only then makes and starts another one for one job."""
    old = used_up(evidence, key)
    if isinstance(old, Refusal):
        return old
    name = evidence.given.strip()
    if not name:
        return Unanswered(UNANSWERED.reason, _candidates(evidence, old))
    ordinary = evidence.of(RunnerNamed(old.scope, name))
    if ordinary is None:
        return Refusal(("There is no runner ", Name(name), " in ", Name(old.scope), "."), _NO_ORDINARY)
    anew = registered_anew(evidence, ordinary.key, local=False)
    if isinstance(anew, Refusal):
        return Refusal(sentence(Name(ordinary.name), ": ", anew.reason), anew.helps)
    new = new_runner(evidence, old, old.labels)
    if isinstance(new, Refusal):
        return new
    plan = _plan(evidence, old, new, "register-then-jit")
    located = anew.at.service.located
    where: Phrase = (f", id {ordinary.id}, on ", Name(located.host), ", unit ", Name(located.unit or "?"))
    return replace(
        plan,
        title=("Register ", Name(ordinary.name), " anew, then ", Name(old.name)),
        parts=(*registering_parts(anew), *plan.parts),
        hurts=(*hurts_registered(anew), *plan.hurts),
        about=(*plan.about, ("registered anew", (Name(ordinary.name), *where))),
        notes=(*notes_registered(anew), *plan.notes),
        typed=typed_text(ordinary.name, str(ordinary.id)),
        rests_on=(*plan.rests_on, anew.at.service.invocation, anew.at.service.machine, anew.group, anew.labels),
        halfway=sentence(by_hand(anew), "\nWhere the JIT config was asked for: ", plan.halfway),
    )


def _candidates(evidence: Evidence, old: Runner) -> Phrase:
    runners = evidence.snapshot.runners.values()
    idle = [
        each.name
        for each in runners
        if each.scope == old.scope and not each.busy and not each.ephemeral and each.os.casefold() == "linux"
    ]
    return sentence("Not busy now: ", named(sorted(idle), most=8), ".") if idle else _NO_ORDINARY


def used_up(evidence: Evidence, key: RunnerKey) -> Runner | Refusal:
    """The runner that gets a successor."""
    runner = evidence.of(RunnerNow(key))
    if runner is None:
        return Refusal(
            ("GitHub does not list it any more, and its labels and group are not known.",),
            ("Another runner of its kind has the same action.",),
        )
    if runner.ephemeral is False:
        return Refusal(("It is not for one job: it keeps its registration.",), ("Re-register gives it a new one.",))
    if runner.os.casefold() not in {"linux", "unknown", ""}:
        return Refusal(("It runs on ", Name(runner.os), ": runners are started just in time on Linux only."))
    if runner.online and runner.busy:
        return Refusal(("It runs a job, and is used up when that ends.",), ("Wait for the job's end.",))
    return runner


def jit_parts(evidence: Evidence, old: Runner, new: New) -> tuple[Part, ...]:
    """GitHub makes it, the host starts it, and the old one goes, unless GitHub calls it busy since it was lost."""
    likeness = replace(old, name=new.name, labels=new.labels, status="online", busy=False)
    waiting = waiting_for(evidence, likeness)
    call = generate_jitconfig(scope_of(old.scope), new.name, new.group.id if new.group else DEFAULT_GROUP, new.labels)
    values = (new.source.directory, new.directory, new.user, evidence.operator or "-")
    why = "Its software is copied into a directory of its own, and the runner started there as its user."
    up = "GitHub sees the new runner online"
    made = (
        replace(call, means=_MEANS),
        OnHost(new.source.host, SCRIPTS["jit-start"], values, (why,), ("jit-config",), _STARTS),
        Until(RunnerUp(old.scope, new.name, waiting), (f"{up}, and it takes a job." if waiting else f"{up}.",), _UP),
    )
    if old.busy:
        return made
    gone = Until(Replaced(old.key, new.name), ("GitHub does not list the old one any more.",), timedelta(minutes=1))
    forgets = "GitHub forgets the old runner, which cannot connect any more"
    return (*made, replace(remove_runner(old.key), why=(forgets,)), gone)


def about_new(evidence: Evidence, old: Runner, new: New) -> tuple[tuple[str, Phrase], ...]:
    """Who is meant, for the dialog and the record."""
    group: Phrase = (Name(new.group.name),) if new.group else ("none: it is of a repository",)
    beside = () if new.source.runner == old.key else (" (of another runner of its kind: it was not found itself)",)
    return (
        ("runner", (Name(old.name), f", id {old.id} of ", Name(old.scope))),
        ("new runner", (Name(new.name),)),
        ("labels", named(list(new.labels), most=MOST_LABELS)),
        ("group", group),
        ("host", (Name(new.source.host),)),
        ("ssh goes to", (Name(evidence.of(RouteTo(new.source.host))),)),
        ("machine", (Name(new.service.machine[:12] or "?"),)),
        ("software of", (Name(new.source.directory), *beside)),
        ("directory", (Name(new.directory),)),
        ("user", (Name(new.user),)),
    )


def dangling(name: str) -> Phrase:
    """What to do where the config was made, and nobody knows what became of it."""
    return (
        "GitHub may list ",
        Name(name),
        " by now, a runner with nothing behind it. See whether it comes online before another config is asked for."
        " Where it stays offline, “Remove dead runner” (remove-runner) on it takes it off the list. Where it is online"
        " and takes no job, because GitHub answers it BadRequest, “Ordinary runner, then JIT config”"
        " (register-then-jit) on it is the known remedy.",
    )


def _planned(evidence: Evidence, old: Runner, labels: tuple[str, ...], action: str) -> Plan | Refusal:
    new = new_runner(evidence, old, labels)
    return new if isinstance(new, Refusal) else _plan(evidence, old, new, action)


def _plan(evidence: Evidence, old: Runner, new: New, action: str) -> Plan:
    return Plan(
        action,
        old.key,
        ("Regenerate the JIT config of ", Name(old.name)),
        jit_parts(evidence, old, new),
        hurts=hurts_old(old),
        about=about_new(evidence, old, new),
        notes=notes_on(old, new),
        typed=typed_text(old.name, str(old.id)),
        rests_on=(new.name, new.service.machine, new.user, str(old.busy)),
        before=before(old),
        halfway=dangling(new.name),
    )


def before(old: Runner) -> str:
    """The state, for the record."""
    return f"{old.status}, {'busy' if old.busy else 'not busy'}, labels {', '.join(old.labels)}"


def hurts_old(old: Runner) -> tuple[Phrase, ...]:
    """What becomes of the old one."""
    if not old.busy:
        return (("Once the new one is there, ", Name(old.name), " is removed: it cannot connect any more."),)
    return (("Nothing that is there: another runner is made.",),)


def notes_on(old: Runner, new: New) -> tuple[Phrase, ...]:
    """What else there is to know."""
    notes: list[Phrase] = []
    if "self-hosted" not in folded(new.labels):
        notes.append(("The new one has no label self-hosted, nor had the old one: jobs that ask for it do not come.",))
    if old.busy:
        notes.append(("GitHub still calls the old one busy, and removes it (422) only some minutes later.",))
    if new.source.certainty != "proved":
        notes.append(("That this is the runner's place is likely, not proved: its settings name no GitHub address.",))
    if new.service.lock == "none":
        notes.append(("This host keeps no lock: a second operator would not be seen.",))
    return tuple(notes)


_MEANS = {
    403: "This token may not register runners there, or may not use that group.",
    404: "The enterprise, the organization, the repository or the group is not there for this token.",
    409: "A runner of that name is there by now, perhaps of a request whose answer was lost: ask again, and another"
    " name is proposed.",
    422: "GitHub does not take the name, the group or the labels as they are.",
}
