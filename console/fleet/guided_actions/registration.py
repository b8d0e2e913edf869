"""A registration is made anew: a runner whose registration GitHub has dropped gets another one under its name."""

from datetime import timedelta
from typing import NamedTuple

from console.fleet.calls import registration_token, remove_token, sendable
from console.fleet.evidence import Evidence, GroupsOf
from console.fleet.guided_actions.action import on_runner
from console.fleet.guided_actions.new_runner import folded, owner_of
from console.fleet.guided_actions.runs import typed_text
from console.fleet.guided_actions.services import (
    At,
    about_service,
    known_runner,
    not_allowed,
    not_now,
    service_of,
)
from console.fleet.labels import COMMON_LABELS
from console.fleet.models import Name, Phrase, Runner, RunnerKey
from console.fleet.paths import scope_of
from console.fleet.plans import OnHost, Part, Plan, Refusal, SecretKind, Until
from console.fleet.registration_conditions import RegisteredAnew
from console.fleet.scripts import SCRIPTS, fits
from console.fleet.words import named, sentence

_TAKES = timedelta(minutes=10)
"""systemd gives a runner five minutes to end; then `config.sh` runs twice."""
_BACK = timedelta(minutes=5)


class Anew(NamedTuple):
    """A runner that is to be registered anew."""

    at: At
    group: str
    """Its name, or `-`."""
    labels: str
    """Those of its own, with commas, or `-`."""
    user: str
    local: bool
    """Its settings are removed on the host alone, and GitHub replaces what it lists under the name."""


@on_runner("reregister", "Re-register", causes=("registration-lost",))
def reregister(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Removes its registration and makes another one with the same name, labels and group."""
    return _planned(evidence, key, "reregister", local=False)


@on_runner("reregister-local", "Re-register, removed locally", seldom=True)
def reregister_local(evidence: Evidence, key: RunnerKey) -> Plan | Refusal:
    """Removes its settings on its host alone, and registers it with the same name, which replaces what is listed."""
    return _planned(evidence, key, "reregister-local", local=True)


def registered_anew(evidence: Evidence, key: RunnerKey, *, local: bool) -> Anew | Refusal:
    """Everything is looked at before a token is asked for."""
    runner = _may_be_registered(evidence, key)
    if isinstance(runner, Refusal):
        return runner
    group = _group_name(evidence, runner)
    if isinstance(group, Refusal):
        return group
    service = service_of(evidence, runner)
    if isinstance(service, Refusal):
        return service
    allowed = not_now(service) or not_allowed(service, "stop") or not_allowed(service, "start")
    user = allowed or owner_of(evidence, service.located)
    if isinstance(user, Refusal):
        return user
    if not service.address or not fits("address", service.address):
        return Refusal(
            ("Its settings name no GitHub address: it was set up just in time.",),
            ("Regenerate JIT config makes another one.",),
        )
    own = ",".join(label for label in runner.labels if label.casefold() not in COMMON_LABELS)
    return Anew(At(evidence, runner, service), group, own or "-", user, local)


def registering_parts(anew: Anew) -> tuple[Part, ...]:
    """Tokens, the script that takes them, and its proof."""
    evidence, runner, service = anew.at
    located, scope = service.located, scope_of(runner.scope)
    values = (
        located.directory,
        located.unit or "-",
        str(located.agent_id),
        service.address,
        runner.name,
        anew.group,
        anew.labels,
        "local" if anew.local else "-",
        evidence.operator or "-",
    )
    calls = (registration_token(scope),) if anew.local else (remove_token(scope), registration_token(scope))
    takes: tuple[SecretKind, ...] = ("registration-token",) if anew.local else ("remove-token", "registration-token")
    why: Phrase = (
        "The service of ",
        Name(runner.name),
        " is stopped, its settings are removed, it is registered, and its service is started again.",
    )
    proof = RegisteredAnew(located, runner.name, service.invocation, service.host_time, local=anew.local)
    shown = "GitHub sees it online with its new registration, and one listener of it listens for jobs."
    return (
        *calls,
        OnHost(located.host, SCRIPTS["reregister"], values, why, takes, _TAKES),
        Until(proof, (shown,), _BACK),
    )


def hurts_registered(anew: Anew) -> tuple[Phrase, ...]:
    """What could be hurt."""
    name = Name(anew.at.runner.name)
    return (
        ("The registration of ", name, " is removed. Until the new one is there it takes no jobs."),
        ("Its id at GitHub changes: what names it by its id does not find it any more.",),
    )


def notes_registered(anew: Anew) -> tuple[Phrase, ...]:
    """What else there is to know."""
    at = anew.at
    group: Phrase = (" in the group ", Name(anew.group)) if anew.group != "-" else ()
    own = named(anew.labels.split(","), most=100) if anew.labels != "-" else ("none",)
    notes = [sentence("It will be registered as ", Name(at.runner.name), group, "; labels of its own: ", own, ".")]
    if "self-hosted" not in folded(at.runner.labels):
        notes.append(("It has no label self-hosted now; registered anew it gets the labels that all runners have.",))
    if at.service.lock == "none":
        notes.append(("This host keeps no lock: a second operator would not be seen.",))
    return tuple(notes)


def by_hand(anew: Anew) -> Phrase:
    """What is left to do where it stops half-way."""
    at, located = anew.at, anew.at.service.located
    group = f" --runnergroup '{anew.group}'" if anew.group != "-" else ""
    labels = f" --labels {anew.labels}" if anew.labels != "-" else ""
    words = "" if anew.local else (
        " Where only the removal did not work, “Re-register, removed locally” (reregister-local)"
        " does without."
    )  # fmt: skip
    return (
        "See whether GitHub lists ",
        Name(at.runner.name),
        f" and what its service says.{words} Where GitHub does not list it any more, with a token of the page on"
        " which GitHub adds runners, as ",
        Name(anew.user),
        " on ",
        Name(located.host),
        " in ",
        Name(located.directory),
        ":\n",
        Name(f"./config.sh --unattended --replace --url {at.service.address} --name {at.runner.name}{group}{labels}"),
        "\nand then as root:\n",
        Name(f"systemctl start -- {located.unit}"),
    )


def _planned(evidence: Evidence, key: RunnerKey, action: str, *, local: bool) -> Plan | Refusal:
    anew = registered_anew(evidence, key, local=local)
    if isinstance(anew, Refusal):
        return anew
    runner, service = anew.at.runner, anew.at.service
    return Plan(
        action,
        key,
        ("Re-register ", Name(runner.name)),
        registering_parts(anew),
        hurts=hurts_registered(anew),
        about=(*about_service(anew.at), ("user", (Name(anew.user),))),
        notes=notes_registered(anew),
        typed=typed_text(runner.name, str(runner.id)),
        rests_on=(service.invocation, service.machine, service.active, anew.group, anew.labels, anew.user),
        before=f"id {runner.id}, {runner.status}, {service.words}",
        halfway=by_hand(anew),
    )


def _may_be_registered(evidence: Evidence, key: RunnerKey) -> Runner | Refusal:
    """What GitHub says of it forbids nothing."""
    runner = known_runner(evidence, key)
    if isinstance(runner, Refusal):
        return runner
    if runner.busy:
        return Refusal(("It runs a job, which would be cancelled.",), ("Wait for the job's end.",))
    if runner.ephemeral:
        return Refusal(("It is for one job: it has no registration to keep.",), ("Regenerate JIT config replaces it.",))
    if not fits("runner-name", runner.name):
        return Refusal(("Its name has characters that are not sent to a host.",), ("Register it by hand.",))
    own = [label for label in runner.labels if label.casefold() not in COMMON_LABELS]
    if own and not (all(map(sendable, own)) and fits("labels", ",".join(own))):
        return Refusal(("A label of it has characters that are not sent to a host.",), ("Register it by hand.",))
    return runner


def _group_name(evidence: Evidence, runner: Runner) -> str | Refusal:
    scope = scope_of(runner.scope)
    if scope.kind == "repo":
        return "-"
    group = next((each for each in evidence.of(GroupsOf(scope)) if each.id == runner.group_id), None)
    if group is None:
        return Refusal(("Its runner group is not there, or this token may not see it.",))
    if not sendable(group.name) or not fits("group-name", group.name) or group.name == "-":
        return Refusal(("The name of its group, ", Name(group.name), ", has characters that are not sent to a host."))
    return group.name
