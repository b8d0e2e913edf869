"""What GitHub answers about what jobs leave behind: logs, annotations, cache entries and releases."""

from collections.abc import Callable

from console.simulator.calls import Answer, Call, NotFoundError, RefusedError
from console.simulator.inhabitants import Cache, Job, Release, Repository
from console.simulator.job_logs import annotations_of
from console.simulator.places import encoded, timestamp
from console.simulator.runner_releases import THE_RUNNER, latest_runner
from console.simulator.shelf import LOGS_KEPT
from console.simulator.store import address_of
from console.simulator.tokens import Access

WRITE = Access("contents=write", ("repo",))
"""Who may write sees drafts."""


def job_log(call: Call) -> Answer:
    """Where the log is, whether there is one or not; one that has expired is said to be gone."""
    job = _job(call, "job_id")
    now = call.world.timeline.now
    if job.completed_at is not None and job.completed_at < now - LOGS_KEPT:
        raise RefusedError(410, "Server Error")
    return Answer(b"", {"Location": address_of(job, call.store, now)}, status=302)


def annotations(call: Call) -> Answer:
    """A job's check run has the same number as the job."""
    job = _job(call, "check_run_id")
    found = annotations_of(job)
    number, size = call.page()
    pieces = [encoded(call.answers.annotation(job, each)) for each in found[(number - 1) * size : number * size]]
    place = f"/repositories/{job.run.repository.id}/check-runs/{job.id}/annotations"
    return call.paged(pieces, len(found), "", place)


def caches(call: Call) -> Answer:
    """The last used first; `key` is a beginning."""
    place = call.repository()
    found = [
        cache
        for cache in call.world.shelf.caches(place)
        if cache.key.startswith(call.query.get("key", "")) and call.query.get("ref", cache.ref) == cache.ref
    ]
    by: dict[str, Callable[[Cache], float]] = {
        "created_at": lambda cache: cache.created_at.timestamp(),
        "size_in_bytes": lambda cache: cache.size,
    }
    found.sort(
        key=by.get(call.query.get("sort", ""), by["created_at"]), reverse=call.query.get("direction", "desc") == "desc"
    )
    number, size = call.page()
    pieces = [encoded(call.answers.cache(each)) for each in found[(number - 1) * size : number * size]]
    return call.paged(pieces, len(found), "actions_caches", f"/repositories/{place.id}/actions/caches")


def releases(call: Call) -> Answer:
    """The newest first; drafts only for who may write."""
    place = call.repository()
    writes = call.token.may(WRITE)
    found = [release for release in reversed(call.world.shelf.releases(place)) if writes or not release.draft]
    number, size = call.page()
    pieces = [encoded(call.answers.release(place, each)) for each in found[(number - 1) * size : number * size]]
    return call.paged(pieces, len(found), "", f"/repositories/{place.id}/releases")


def latest_release(call: Call) -> Answer:
    """Of the published ones."""
    name = f"{call.parameters.get('owner')}/{call.parameters.get('repo')}"
    if name == THE_RUNNER and call.world.ghes_version is None:
        return latest_runner(call)
    return _published(call, lambda _: True)


def release_of_tag(call: Call) -> Answer:
    """A draft is not found."""
    return _published(call, lambda release: release.tag == call.parameters["tag"])


def release(call: Call) -> Answer:
    """One release; a draft only for who may write."""
    place, wanted = call.repository(), call.number("release_id")
    found = next((each for each in call.world.shelf.releases(place) if each.id == wanted), None)
    if found is None or (found.draft and not call.token.may(WRITE)):
        raise NotFoundError
    return _told(call, place, found)


def _published(call: Call, fits: Callable[[Release], bool]) -> Answer:
    place = call.repository()
    found = [each for each in call.world.shelf.releases(place) if not each.draft and fits(each)]
    if not found:
        raise NotFoundError
    return _told(call, place, max(found, key=lambda each: timestamp(each.published_at) or ""))


def _told(call: Call, place: Repository, found: Release) -> Answer:
    return Answer(encoded(call.answers.release(place, found)))


def _job(call: Call, name: str) -> Job:
    place = call.repository()
    found = call.world.runs.jobs.get(call.number(name))
    if found is None or found.run.repository is not place:
        raise NotFoundError
    return found
