"""A verdict rests on what GitHub lists, not on how it cuts its lists into pages, nor in which order these come."""

import json
import random
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from console.fleet.models import FleetSnapshot, RunnerKey, Scope
from console.fleet.paths import scope_of, scope_path
from console.operations.known import Known
from console.remote.github import GitHubApi
from tests.fleet.fleets import NOON, run, runner
from tests.judgement.reading import Case, hosts_of, snapshot_of
from tests.judgement.test_cases import ALL
from tests.judgement.test_properties import verdicts
from tests.remote.fault_server import FaultServer, Request, Step, reply, running, using

NAMES = {
    "group_id": "runner_group_id",
    "group_name": "runner_group_name",
    "attempt": "run_attempt",
    "branch": "head_branch",
    "number": "run_number",
    "title": "display_title",
    "url": "html_url",
}
"""Ours, where GitHub has others."""


def told(thing: Any, **more: str) -> dict[str, Any]:
    """One of our facts, as GitHub tells it."""
    names = NAMES | more
    return {names.get(name, name): value for name, value in msgspec.to_builtins(thing).items()}


def runner_told(thing: Any) -> dict[str, Any]:
    return told(thing) | {"labels": [{"name": name, "type": "custom"} for name in thing.labels]}


class Lists:
    """Cuts its lists into pages of some size."""

    def __init__(self, server: FaultServer, size: int, order: random.Random) -> None:
        self._server = server
        self._size = size
        self._order = order

    def serve(self, path: str, key: str, items: Iterable[dict[str, Any]]) -> None:
        """In an order of its own."""
        shuffled = [*items]
        self._order.shuffle(shuffled)
        self._server.script(path, lambda asked: self._page(asked, path, key, shuffled))

    def _page(self, asked: Request, path: str, key: str, items: Sequence[dict[str, Any]]) -> list[Step]:
        number = int(parse_qs(urlsplit(asked.target).query).get("page", ["1"])[0])
        end = number * self._size
        following = f'<{self._server.url}{path}?page={number + 1}>; rel="next"'
        body = {"total_count": len(items), key: items[end - self._size : end]}
        return reply(json.dumps(body).encode(), headers={"Link": following} if end < len(items) else {}, date=NOON)


def listed(snapshot: FleetSnapshot, lists: Lists) -> None:
    """The fleet as GitHub would list it."""
    for scope in scopes(snapshot):
        runners = [runner_told(each) for each in snapshot.runners.values() if each.scope == str(scope)]
        lists.serve(scope_path(scope, "actions", "runners"), "runners", runners)
        groups = [msgspec.to_builtins(each) for each in snapshot.groups.values() if each.scope == str(scope)]
        lists.serve(scope_path(scope, "actions", "runner-groups"), "runner_groups", groups)
    for each in snapshot.groups.values():
        lent = [runner_told(runner(number, labels=tuple(labels))) for number, labels in enumerate(each.lent)]
        lists.serve(
            scope_path(scope_of(each.scope), "actions", "runner-groups", str(each.id), "runners"), "runners", lent
        )
        path = scope_path(scope_of(each.scope), "actions", "runner-groups", str(each.id))
        if each.repositories is not None:
            lists.serve(f"{path}/repositories", "repositories", [{"full_name": name} for name in each.repositories])
        if each.organizations is not None:
            lists.serve(f"{path}/organizations", "organizations", [{"login": name} for name in each.organizations])
    runs = {key.id: each for key, each in snapshot.runs.items()}
    of_jobs = {each.run_id: run(each.run_id, number=1) for each in snapshot.jobs.values()}
    known = [told(each, workflow="name") for each in (of_jobs | runs).values()]
    lists.serve("/repos/acme/web/actions/runs", "workflow_runs", known)
    for number in of_jobs:
        jobs = [each for each in snapshot.jobs.values() if each.run_id == number]
        path = f"/repos/acme/web/actions/runs/{number}/jobs"
        lists.serve(path, "jobs", [told(each, workflow="workflow_name") for each in jobs])


def scopes(snapshot: FleetSnapshot) -> list[Scope]:
    names = {"org:acme"} | {key.scope for key in snapshot.runners}
    return [scope_of(name) for name in sorted(names)]


async def read(snapshot: FleetSnapshot, api: GitHubApi) -> FleetSnapshot:
    """What becomes known of it page by page; what no list tells is as it is."""
    known = Known()
    for scope in scopes(snapshot):
        seen: set[RunnerKey] = set()
        async for page in api.runners(scope):
            known.add_runners(page.items, NOON)
            seen.update(each.key for each in page.items)
        known.scope_is_whole(str(scope), seen, NOON)
        known.set_groups(str(scope), await api.groups(scope))
    runs = [each async for page in api.runs("acme/web", "queued") for each in page.items]
    known.add_runs(runs)
    for each in runs:
        if any(job.run_key == each.key for job in snapshot.jobs.values()):
            known.set_jobs(each.key, [page.items async for page in api.jobs(each.key)])
    found = known.snapshot(NOON)
    runs_known = {key: each for key, each in found.runs.items() if key in snapshot.runs}
    jobs = {
        key: msgspec.structs.replace(each, let_go_at=snapshot.jobs[key].let_go_at) for key, each in found.jobs.items()
    }
    missing = found.missing | snapshot.missing
    return msgspec.structs.replace(
        snapshot, runners=found.runners, groups=found.groups, jobs=jobs, runs=runs_known, missing=missing
    )


@pytest.mark.parametrize("case", ALL)
async def test_other_pages_never_change_a_verdict(case: Case) -> None:
    snapshot = snapshot_of(case)
    hosts = hosts_of(case, snapshot)
    for size in (1, 2, 100):
        async with running() as server, using(server) as api:
            listed(snapshot, Lists(server, size, random.Random(size)))
            assert verdicts(await read(snapshot, api), hosts) == verdicts(snapshot, hosts)
