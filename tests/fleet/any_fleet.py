"""Fleets of all kinds, hostile ones too, for properties that hold of every fleet."""

from hypothesis import strategies as st

from console.fleet.models import FleetSnapshot, Job, Runner
from tests.fleet.fleets import LINUX, fleet, group, job, run, runner

HOSTILE = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
STATUSES = st.sampled_from(["queued", "waiting", "pending", "requested", "in_progress", "completed", "odd"])
ANY_JOB = st.builds(
    job,
    st.integers(1, 50),
    st.floats(-5, 3000),
    status=STATUSES,
    repository=st.sampled_from(["acme/web", "acme/api", "else/where", "odd"]),
    labels=st.lists(st.sampled_from(LINUX) | HOSTILE, max_size=4).map(tuple),
    name=HOSTILE,
    runner_id=st.none() | st.integers(0, 3),
)
ANY_RUNNER = st.builds(
    runner,
    st.integers(1, 50),
    scope=st.sampled_from(["org:acme", "repo:acme/api", "org:", "nonsense"]),
    name=HOSTILE,
    status=st.sampled_from(["online", "offline"]) | HOSTILE,
    busy=st.booleans(),
    labels=st.lists(st.sampled_from(LINUX) | HOSTILE, max_size=4).map(tuple),
    group_id=st.sampled_from([None, 1, 2, 7]),
)


def some_fleet(runners: list[Runner], jobs: list[Job], whole: bool) -> FleetSnapshot:
    groups = [group(1), group(2, visibility="selected", repositories=frozenset({"acme/api"}))]
    return fleet(runners=runners, jobs=jobs, groups=groups, whole=whole, runs=[run(n) for n in range(101, 120)])
