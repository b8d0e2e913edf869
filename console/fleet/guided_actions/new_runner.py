"""The runner that a JIT config is made for: its name, labels, group and place, seen to be good beforehand."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from console.errors import ConsoleError
from console.fleet.calls import sendable
from console.fleet.evidence import DirectoryOf, Evidence, GroupsOf, PlaceOf, RunnerNamed, ServiceOf
from console.fleet.guided_actions.services import not_now, refused_by_sudo
from console.fleet.hosts import Located
from console.fleet.labels import COMMON_LABELS
from console.fleet.models import Name, Runner, RunnerGroup, RunnerKey
from console.fleet.paths import scope_of
from console.fleet.plans import Refusal
from console.fleet.scripts import fits
from console.fleet.service_state import ServiceState
from console.fleet.sudoers import told_as_user
from console.fleet.words import named, sentence

MOST_LABELS = 100
_LONGEST_NAME = 64
_MOST_NAMES = 9
_ASKED = 4
"""So many other runners of its kind are looked for, where it is not found on its host."""


class New(NamedTuple):
    """The runner that is to be made."""

    name: str
    labels: tuple[str, ...]
    group: RunnerGroup | None
    """None: of a repository, which has none."""
    directory: str
    """That it is to live in."""
    source: Located
    """Whose software it gets."""
    service: ServiceState
    """Of that one."""
    user: str


def new_runner(evidence: Evidence, old: Runner, labels: tuple[str, ...]) -> New | Refusal:
    """Everything is looked at before GitHub is asked for a config: one that cannot be used is a runner nobody is."""
    group = _bad_labels(old, labels) or _group(evidence, old)
    if isinstance(group, Refusal):
        return group
    source = _source(evidence, old)
    service = evidence.of(ServiceOf(source))
    user = _in_use(old, source, service) or owner_of(evidence, source)
    if isinstance(user, Refusal):
        return user
    free = _free(evidence, old, source)
    return free if isinstance(free, Refusal) else New(free[0], labels, group, free[1], source, service, user)


def owner_of(evidence: Evidence, source: Located) -> str | Refusal:
    """Whose directory it is, where something may be done as that user."""
    home = evidence.of(DirectoryOf(source.host, source.directory))
    if home.owner in {"", "-", "root"} or not fits("user", home.owner):
        whose = Name(home.owner or "nobody who could be told")
        return Refusal(("Its directory belongs to ", whose, ": the runner's software runs as a user of its own."))
    return refused_by_sudo(home.as_owner, told_as_user(home.owner)) or home.owner


def _in_use(old: Runner, source: Located, service: ServiceState) -> Refusal | None:
    """Of another runner only the software is taken, so that it may work meanwhile."""
    if service.agent_id is not None and service.of_another:
        return Refusal(("Another runner lives in its directory by now.",), ("Look again, then try once more.",))
    if old.ephemeral is None and (source.runner != old.key or service.address):
        return Refusal(("GitHub does not say whether it is for one job, and its settings do not either.",))
    return not_now(service if source.runner == old.key else replace(service, workers=()))


def _bad_labels(old: Runner, labels: tuple[str, ...]) -> Refusal | None:
    """A JIT runner gets the labels that are sent and no others, those that all have not either."""
    strange = [label for label in labels if not sendable(label) or len(label) > 256 or "," in label]
    if strange:
        return Refusal(sentence("These labels cannot be sent as they are: ", named(strange), "."))
    if not 0 < len(labels) <= MOST_LABELS:
        return Refusal((f"GitHub takes 1 to {MOST_LABELS} labels; these are {len(labels)}.",))
    lost = sorted((COMMON_LABELS & folded(old.labels)) - folded(labels))
    if lost:
        return Refusal(
            sentence("The new one would lack what the old one has: ", named(lost), "."),
            ("A JIT runner gets no label by itself: write these, too.",),
        )
    return None


def folded(labels: Iterable[str]) -> frozenset[str]:
    """As GitHub compares them: without case."""
    return frozenset(label.casefold() for label in labels)


def _group(evidence: Evidence, old: Runner) -> RunnerGroup | Refusal | None:
    scope = scope_of(old.scope)
    if scope.kind == "repo":
        return None
    group = next((each for each in evidence.of(GroupsOf(scope)) if each.id == old.group_id), None)
    if group is None:
        return Refusal(
            ("Its runner group is not there, or this token may not see it.",),
            ("GitHub makes no JIT config without a group.",),
        )
    if group.visibility == "selected" and group.repositories == frozenset():
        return Refusal(("Its group ", Name(group.name), " admits no repository: no job could come to it."))
    if group.visibility == "selected" and group.organizations == frozenset():
        return Refusal(("Its group ", Name(group.name), " admits no organization: no job could come to it."))
    if group.restricted_to_workflows and not group.selected_workflows:
        return Refusal(("Its group ", Name(group.name), " admits no workflow: no job could come to it."))
    return group


def _source(evidence: Evidence, old: Runner) -> Located:
    """Where it lives; where its process is gone, where another one of its kind does."""
    try:
        return evidence.of(PlaceOf(old.key))
    except ConsoleError as error:
        for other in _like(evidence, old)[:_ASKED]:
            try:
                return evidence.of(PlaceOf(other))
            except ConsoleError:
                continue
        raise error from None


def _like(evidence: Evidence, old: Runner) -> list[RunnerKey]:
    def kind(runner: Runner) -> tuple[object, ...]:
        return runner.scope, runner.group_id, runner.os.casefold(), runner.ephemeral, folded(runner.labels)

    return sorted(
        key
        for key, each in evidence.snapshot.runners.items()
        if each.online and key != old.key and kind(each) == kind(old)
    )


def _free(evidence: Evidence, old: Runner, source: Located) -> tuple[str, str] | Refusal:
    """A name that nobody has, at GitHub or on the host."""
    base = re.sub(r"-jit\d$", "", old.name)[: _LONGEST_NAME - len("-jit9")]
    for number in range(2, _MOST_NAMES + 1):
        name = f"{base}-jit{number}"
        directory = str(PurePosixPath(source.directory).parent / name)
        if not sendable(name) or "/" in name or not fits("directory", directory):
            return Refusal(("Its name has characters that are not sent to a host as the name of a directory.",))
        if evidence.of(RunnerNamed(old.scope, name)) is not None:
            continue
        if not evidence.of(DirectoryOf(source.host, directory)).owner:
            return name, directory
    return Refusal(
        ("Names from ", Name(f"{base}-jit2"), " on are all taken, at GitHub or as directories on its host."),
        ("Remove what is used up of them.",),
    )
