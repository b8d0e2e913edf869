"""A verdict rests on what a fleet is, not on names, on the order of lists, or on who else is in it."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.fleet.diagnosis import judge
from console.fleet.host_causes import told_by_hosts
from console.fleet.host_evidence import HostEvidence
from console.fleet.models import FleetSnapshot, Name, RunnerKey
from tests.fleet.fleets import runner
from tests.judgement.reading import cases, hosts_of, snapshot_of

CASES = [case for kind in ("alone", "mixed", "healthy") for case in cases(kind)]
KNOWN = [(snapshot, hosts_of(case, snapshot)) for case in CASES for snapshot in [snapshot_of(case)]]
ANY = st.integers(0, len(KNOWN) - 1)
Hosts = dict[RunnerKey, HostEvidence]
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


def verdicts(snapshot: FleetSnapshot, hosts: Hosts) -> list[Any]:
    """Without names, ages and the order of equals."""
    judged = judge(snapshot)
    told = told_by_hosts(judged.findings, snapshot, hosts)
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
@given(ANY, st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=12))
def test_other_names_never_change_a_verdict(which: int, word: str) -> None:
    snapshot, hosts = KNOWN[which]
    runners = {key: msgspec.structs.replace(each, name=f"{word}-{each.id}") for key, each in snapshot.runners.items()}
    names = {each.name: f"{word}-{each.id}" for each in snapshot.runners.values()}
    jobs = {
        key: msgspec.structs.replace(
            each,
            name=each.name.replace("build", word),
            workflow=word,
            runner_name=names.get(each.runner_name or "", each.runner_name),
        )
        for key, each in snapshot.jobs.items()
    }
    groups = {key: msgspec.structs.replace(each, name=word) for key, each in snapshot.groups.items()}
    hosts = {key: msgspec.structs.replace(each, host=f"{word}-{each.host}") for key, each in hosts.items()}
    other = changed(snapshot, runners=runners, jobs=jobs, groups=groups)
    assert verdicts(other, hosts) == verdicts(*KNOWN[which])


@settings(max_examples=100, deadline=None)
@given(ANY, STRANGERS)
def test_runners_of_others_never_change_a_verdict(which: int, strangers: list[Any]) -> None:
    snapshot, hosts = KNOWN[which]
    more = {each.key: each for each in strangers}
    other = changed(
        snapshot,
        runners={**more, **snapshot.runners},
        idle_since={**{key: snapshot.taken_at for key, each in more.items() if each.idle}, **snapshot.idle_since},
    )
    assert verdicts(other, hosts) == verdicts(snapshot, hosts)


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
