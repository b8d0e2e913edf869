import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.fleet.admission import admission
from console.fleet.inquiry import drained
from console.fleet.matching import Pool, Request, pooling
from console.fleet.models import FleetSnapshot, Job, Repository, Runner
from console.fleet.runner_sets import as_set, bits_of, places_of
from console.fleet.scopes import covers
from tests.fleet.fleets import fleet, group, job, runner

LABELS = ("self-hosted", "Linux", "GPU", "straße", "X64")


def pool_of(snapshot: FleetSnapshot) -> Pool:
    return drained(pooling(snapshot))


def test_labels_compare_without_case() -> None:
    pool = pool_of(fleet(runners=[runner(labels=("Self-Hosted", "STRASSE"))]))
    assert pool.match(pool.request(job(labels=("self-hosted", "straße")))).idle.bit_count() == 1


def test_a_runner_may_have_more_labels_than_asked_for_but_not_fewer() -> None:
    pool = pool_of(fleet(runners=[runner(1), runner(2, labels=("self-hosted",))]))
    assert pool.members(pool.match(pool.request(job())).idle) == [runner(1)]


@pytest.mark.parametrize(
    ("scope", "repository", "serves"),
    [
        ("org:acme", "acme/web", True),
        ("org:Acme", "acme/web", True),
        ("org:acme", "acme-labs/web", False),
        ("repo:acme/web", "acme/web", True),
        ("repo:Acme/Web", "acme/web", True),
        ("repo:acme/web", "acme/api", False),
    ],
)
def test_a_scope_serves_its_own_repositories(scope: str, repository: str, serves: bool) -> None:
    assert covers(scope, repository) is serves


def test_runners_of_a_repository_need_no_group() -> None:
    pool = pool_of(fleet(runners=[runner(scope="repo:acme/web", group_id=None)], groups=[]))
    assert pool.match(pool.request(job())).takers == 1


def test_runners_of_an_organisation_whose_groups_cannot_be_read_are_neither_counted_in_nor_out() -> None:
    pool = pool_of(fleet(runners=[runner()], groups=[]))
    assert pool.match(pool.request(job())).takers is None


def test_a_runner_that_is_missing_from_the_last_list_takes_nothing() -> None:
    pool = pool_of(fleet(runners=[runner()], missing=frozenset({runner().key})))
    assert pool.match(pool.request(job())).takers == 0


def test_the_near_miss_is_the_label_that_keeps_most_runners_away() -> None:
    pool = pool_of(fleet(runners=[runner(n) for n in range(3)] + [runner(9, labels=("self-hosted", "gpu"))]))
    miss = pool.near_miss(pool.request(job(labels=("self-hosted", "linux", "gpu"))))
    assert miss is not None
    assert (miss.label, miss.runners.bit_count()) == ("gpu", 3)


@pytest.mark.parametrize(
    ("labels", "hosted"),
    [
        (("ubuntu-latest",), True),
        (("Ubuntu-24.04-arm",), True),
        (("macos-15-xlarge",), True),
        (("windows-2022",), True),
        (("ubuntu-latest-16-cores",), True),
        (("self-hosted", "ubuntu-latest"), False),
        (("ubuntu",), False),
        (("gpu",), False),
        ((), False),
    ],
)
def test_labels_of_github_hosted_runners_are_recognised(labels: tuple[str, ...], hosted: bool) -> None:
    assert pool_of(fleet()).request(job(labels=labels)).github_hosted is hosted


def test_jobs_that_ask_for_the_same_are_one_request() -> None:
    pool = pool_of(fleet())
    assert pool.request(job(1, labels=("A", "b"))) == pool.request(job(2, labels=("B", "a"), repository="ACME/web"))


def test_only_where_workflows_are_restricted_does_the_workflow_tell_requests_apart() -> None:
    assert pool_of(fleet()).request(job()).workflow is None
    assert pool_of(fleet(groups=[group(restricted_to_workflows=True)])).request(job()).workflow is not None


@given(st.sets(st.integers(0, 3000)) | st.sets(st.integers(0, 30)))
def test_a_set_holds_the_places_that_were_put_in(places: set[int]) -> None:
    assert places_of(as_set(places)) == sorted(places)
    assert places_of(as_set(places), 3) == sorted(places)[:3]
    assert [place for place, bit in enumerate(bits_of(as_set(places))) if bit] == sorted(places)


RUNNERS = st.builds(
    runner,
    st.integers(0, 10**6),
    scope=st.sampled_from(["org:acme", "org:other", "repo:acme/web"]),
    labels=st.lists(st.sampled_from([*LABELS, "linux", "gpu"]), max_size=4).map(tuple),
    status=st.sampled_from(["online", "offline", "sleeping"]),
    busy=st.booleans(),
    group_id=st.sampled_from([None, 1, 2, 3]),
)
JOBS = st.builds(
    job,
    labels=st.lists(st.sampled_from(["SELF-HOSTED", "linux", "gpu", "Straße"]), min_size=1, max_size=3).map(tuple),
    repository=st.sampled_from(["acme/web", "Acme/API", "other/x"]),
)


def could_take(snapshot: FleetSnapshot, runner: Runner, job: Job) -> bool:
    """What matching means, said plainly and slowly."""
    repository = job.repository.lower()
    kind, _, place = runner.scope.partition(":")
    serves = place in (repository, repository.split("/")[0])
    has_labels = {x.casefold() for x in job.labels} <= {x.casefold() for x in runner.labels}
    known = {name.lower(): each for name, each in snapshot.repositories.items()}
    admits = kind == "repo" or admission(snapshot.group_of(runner), repository, known.get(repository), None).admits
    return serves and has_labels and runner.idle and admits is True


@given(st.lists(RUNNERS, max_size=12, unique_by=lambda each: each.key), JOBS)
def test_matching_a_fleet_at_once_is_the_same_as_asking_each_runner(runners: list[Runner], job: Job) -> None:
    groups = [group(1), group(2, visibility="selected", repositories=frozenset({"acme/api"}))]
    repositories = {name: Repository(name, True) for name in ("acme/web", "Acme/API")}
    snapshot = fleet(runners=runners, groups=groups, repositories=repositories)
    pool = pool_of(snapshot)
    expected = [each for each in runners if could_take(snapshot, each, job)]
    assert pool.members(pool.match(pool.request(job)).idle) == expected


def test_repositories_to_whom_the_groups_say_the_same_are_held_against_the_fleet_together() -> None:
    api_alone = group(2, visibility="selected", repositories=frozenset({"acme/api"}), allows_public_repositories=True)
    groups = [group(1, allows_public_repositories=True), api_alone]
    pool = pool_of(fleet(runners=[runner(1), runner(2, group_id=2)], groups=groups))
    web, api, docs = (pool.match(pool.request(job(repository=f"acme/{name}"))) for name in ("web", "api", "docs"))
    assert web is docs
    assert (web.takers, api.takers) == (1, 2)


def test_a_thousand_equal_jobs_are_held_against_the_fleet_once() -> None:
    pool = pool_of(fleet(runners=[runner()]))
    matches = {id(pool.match(pool.request(job(number)))) for number in range(1000)}
    assert len(matches) == 1


def test_a_request_names_the_owner() -> None:
    assert Request("acme/web", frozenset()).owner == "acme"
