"""A verdict rests on what a fleet is, not on names, on the order of lists, or on who else is in it."""

from typing import Any

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from console.fleet.diagnosis import judge
from console.fleet.github_incident import in_view_of_github
from console.fleet.host_causes import told_by_hosts
from console.fleet.host_evidence import HostEvidence
from console.fleet.models import FleetSnapshot, Name, RunnerKey
from console.fleet.sources import Sources
from tests.fleet.fleets import group, runner
from tests.judgement.reading import cases, hosts_of, snapshot_of
from tests.judgement.test_cases import KINDS

CASES = [case for kind in KINDS for case in cases(kind)]
KNOWN = [(snapshot, hosts_of(case, snapshot)) for case in CASES for snapshot in [snapshot_of(case)]]
ANY = st.integers(0, len(KNOWN) - 1)
Hosts = dict[RunnerKey, HostEvidence]
WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12)
STRANGERS = st.lists(
    st.builds(
        runner,
        st.integers(1_000, 1_050),
        scope=st.sampled_from(["org:elsewhere", "repo:else/where"]),
        status=st.sampled_from(["online", "offline"]),
        busy=st.booleans(),
        group_id=st.none(),
        ephemeral=st.booleans(),
    ),
    max_size=4,
)
COLLEAGUES = st.lists(
    st.builds(
        runner,
        st.integers(1_000, 1_050),
        status=st.sampled_from(["online", "offline"]),
        busy=st.booleans(),
        labels=st.sampled_from([("self-hosted", "windows"), ("zebra",), ("self-hosted", "Linux", "X64", "zebra")]),
        group_id=st.just(77),
        ephemeral=st.booleans(),
    ),
    max_size=4,
)
"""Of the same organisation, in a group that serves others alone."""


def verdicts(snapshot: FleetSnapshot, hosts: Hosts) -> list[Any]:
    """Without names, ages and the order of equals."""
    judged = judge(snapshot)
    told = in_view_of_github(told_by_hosts(judged.findings, snapshot, hosts), snapshot)
    found = sorted(
        (each.cause, each.severity, each.certainty, sorted(each.runners), sorted(each.jobs)) for each in told
    )
    return [found, {key: reason.cause for key, reason in judged.reasons.items()}, judged.wedged, dict(judged.takers)]


def changed(snapshot: FleetSnapshot, **changes: Any) -> FleetSnapshot:
    return msgspec.structs.replace(snapshot, **changes)


@settings(max_examples=150, deadline=None)
@given(ANY, st.randoms())
def test_the_order_of_lists_never_changes_a_verdict(which: int, random: Any) -> None:
    snapshot, hosts = KNOWN[which]

    def shuffled(mapping: Any) -> dict[Any, Any]:
        items = list(mapping.items())
        random.shuffle(items)
        return dict(items)

    names = ("runners", "jobs", "runs", "groups", "idle_since", "busy_since")
    other = changed(snapshot, **{name: shuffled(getattr(snapshot, name)) for name in names})
    assert verdicts(other, shuffled(hosts)) == verdicts(snapshot, hosts)


@settings(max_examples=100, deadline=None)
@given(ANY, WORDS)
def test_other_names_never_change_a_verdict(which: int, word: str) -> None:
    snapshot, hosts = KNOWN[which]
    runners = {key: msgspec.structs.replace(each, name=f"{word}-{each.id}") for key, each in snapshot.runners.items()}
    names = {each.name: f"{word}-{each.id}" for each in snapshot.runners.values()}
    jobs = {
        key: msgspec.structs.replace(
            each,
            name=each.name if snapshot.particulars.workflows else each.name.replace("build", word),
            workflow=word,
            runner_name=names.get(each.runner_name or "", each.runner_name),
        )
        for key, each in snapshot.jobs.items()
    }
    named = bool(snapshot.particulars.workflows)  # a workflow file names them, too
    groups = {key: each if named else msgspec.structs.replace(each, name=word) for key, each in snapshot.groups.items()}
    hosts = {key: msgspec.structs.replace(each, host=f"{word}-{each.host}") for key, each in hosts.items()}
    other = changed(snapshot, runners=runners, jobs=jobs, groups=groups)
    assert verdicts(other, hosts) == verdicts(*KNOWN[which])


def elsewhere(thing: Any, owner: str, name: str) -> Any:
    """The same, of another owner and repository: everything in it that names them is changed."""
    if isinstance(thing, str):
        return thing.replace("acme/web", f"{owner}/{name}").replace("acme", owner)
    if isinstance(thing, msgspec.Struct):
        return msgspec.structs.replace(
            thing, **{each: elsewhere(getattr(thing, each), owner, name) for each in thing.__struct_fields__}
        )
    if isinstance(thing, dict):
        return {elsewhere(key, owner, name): elsewhere(value, owner, name) for key, value in thing.items()}
    if isinstance(thing, frozenset):
        # Who may use a group is known in lower case.
        there = (elsewhere(each, owner, name) for each in thing)
        return frozenset(each.lower() if isinstance(each, str) else each for each in there)
    if isinstance(thing, tuple):
        parts = [elsewhere(each, owner, name) for each in thing]
        return type(thing)(*parts) if hasattr(thing, "_fields") else tuple(parts)
    return thing


@settings(max_examples=100, deadline=None)
@given(ANY, WORDS, WORDS)
def test_another_owner_and_repository_never_change_a_verdict(which: int, owner: str, name: str) -> None:
    snapshot, hosts = KNOWN[which]
    there = elsewhere(snapshot, owner, name), elsewhere(hosts, owner, name)
    assert verdicts(*there) == elsewhere_all(verdicts(snapshot, hosts), owner, name)


def elsewhere_all(told: list[Any], owner: str, name: str) -> list[Any]:
    found, *rest = told
    there = [
        elsewhere((cause, *more, tuple(runners), tuple(jobs)), owner, name) for cause, *more, runners, jobs in found
    ]
    return [
        sorted((*each[:3], sorted(each[3]), sorted(each[4])) for each in there),
        *elsewhere(tuple(rest), owner, name),
    ]


def with_more(snapshot: FleetSnapshot, more: list[Any]) -> FleetSnapshot:
    """They have just been seen."""
    added = {each.key: each for each in more}
    idle = {key: snapshot.taken_at for key, each in added.items() if each.idle}
    return changed(snapshot, runners={**added, **snapshot.runners}, idle_since={**idle, **snapshot.idle_since})


@settings(max_examples=100, deadline=None)
@given(ANY, STRANGERS)
def test_runners_of_others_never_change_a_verdict(which: int, strangers: list[Any]) -> None:
    snapshot, hosts = KNOWN[which]
    assert verdicts(with_more(snapshot, strangers), hosts) == verdicts(snapshot, hosts)


@settings(max_examples=100, deadline=None)
@given(ANY, COLLEAGUES)
def test_runners_for_other_repositories_never_change_a_verdict(which: int, colleagues: list[Any]) -> None:
    snapshot, hosts = KNOWN[which]
    # What is known of an organization says more of its enterprise's runners; and one whose runners nobody watches is
    # watched as soon as one of them is known.
    assume(not any(key.scope.startswith("enterprise:") for key in snapshot.runners))
    assume("org:acme" in Sources(snapshot).scopes)
    others = group(77, visibility="selected", repositories=frozenset({"acme/zebra"}))
    beside = changed(snapshot, groups={**snapshot.groups, others.key: others})
    assert verdicts(with_more(beside, colleagues), hosts) == verdicts(snapshot, hosts)


@pytest.mark.parametrize("which", range(len(KNOWN)))
def test_what_is_foreign_stands_in_a_sentence_as_foreign(which: int) -> None:
    """A runner's name, an error of a host: never among our own words."""
    snapshot, hosts = KNOWN[which]
    for finding in told_by_hosts(judge(snapshot).findings, snapshot, hosts):
        for phrase in (finding.suspicion, finding.helps, *finding.evidence):
            own = "".join(part for part in phrase if isinstance(part, str))
            assert "linux-1" not in own
            assert not any(line.text in own for each in hosts.values() for line in each.log.lines)
            assert all(isinstance(part, (str, Name)) or part.span is not None for part in phrase)
