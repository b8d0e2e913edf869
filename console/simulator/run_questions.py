"""What GitHub answers about runs, their attempts and their jobs."""

from collections.abc import Callable
from datetime import datetime

from console.simulator.calls import Answer, Call, NotFoundError
from console.simulator.inhabitants import Job, Run
from console.simulator.places import timestamp

MOST_FILTERED = 1000
"""GitHub lists no more runs than this when any filter is set."""


def created_within(when: datetime, wanted: str) -> bool:
    """GitHub's search syntax for dates: `>=A`, `<=A`, `>A`, `<A`, `A..B`, or a beginning of the date."""
    text = timestamp(when) or ""
    if ".." in wanted:
        first, _, last = wanted.partition("..")
        return (first == "*" or text >= first) and (last == "*" or text[: len(last)] <= last)
    tests: dict[str, Callable[[str], bool]] = {
        ">=": lambda than: text >= than,
        "<=": lambda than: text[: len(than)] <= than,
        ">": lambda than: text[: len(than)] > than,
        "<": lambda than: text < than,
    }
    sign = next((sign for sign in tests if wanted.startswith(sign)), None)
    return text.startswith(wanted) if sign is None else tests[sign](wanted.removeprefix(sign))


FILTERS: dict[str, Callable[[Run, str], bool]] = {
    "status": lambda run, wanted: wanted in {run.status, run.conclusion},
    "branch": lambda run, wanted: run.branch == wanted,
    "event": lambda run, wanted: run.event == wanted,
    "actor": lambda run, wanted: run.actor.login.lower() == wanted.lower(),
    "head_sha": lambda run, wanted: run.head_sha == wanted,
    "created": lambda run, wanted: created_within(run.created_at, wanted),
}


def runs(call: Call) -> Answer:
    """The newest first."""
    place = call.repository()
    wanted = {name: call.query[name] for name in FILTERS if name in call.query}
    found = [
        run
        for run in reversed(call.world.runs.of(place).values())
        if all(FILTERS[name](run, value) for name, value in wanted.items())
    ]
    if wanted:
        found = found[:MOST_FILTERED]
    number, size = call.page()
    with_pull_requests = call.query.get("exclude_pull_requests") != "true"
    pieces = [call.answers.run(run, with_pull_requests) for run in found[(number - 1) * size : number * size]]
    return call.paged(pieces, len(found), "workflow_runs", f"/repositories/{place.id}/actions/runs")


def the_run(call: Call) -> Run:
    """The run of the path."""
    found = call.world.runs.of(call.repository()).get(call.number("run_id"))
    if found is None:
        raise NotFoundError
    return found


def run(call: Call) -> Answer:
    """One run."""
    return Answer(call.answers.run(the_run(call), call.query.get("exclude_pull_requests") != "true"))


def run_jobs(call: Call) -> Answer:
    """Of the latest attempt, with what earlier ones did that was not done again; or of all attempts."""
    found = the_run(call)
    jobs = found.all_jobs() if call.query.get("filter") == "all" else found.jobs
    return listed_jobs(call, jobs, f"/repositories/{found.repository.id}/actions/runs/{found.id}/jobs")


def listed_jobs(call: Call, jobs: list[Job], place: str) -> Answer:
    """One page of jobs."""
    number, size = call.page()
    now = call.world.timeline.now
    pieces = [call.answers.job(job, now) for job in jobs[(number - 1) * size : number * size]]
    return call.paged(pieces, len(jobs), "jobs", place)


def the_attempt(call: Call) -> Run:
    """The run of the path as it was, or is, in one attempt."""
    found, wanted = the_run(call), call.number("attempt_number")
    attempt = next((each for each in (*found.before, found) if each.attempt == wanted), None)
    if attempt is None:
        raise NotFoundError
    return attempt


def attempt(call: Call) -> Answer:
    """One attempt of a run."""
    return Answer(call.answers.run(the_attempt(call), call.query.get("exclude_pull_requests") != "true"))


def attempt_jobs(call: Call) -> Answer:
    """The jobs of one attempt, with what earlier ones did that was not done again."""
    found = the_attempt(call)
    place = f"/repositories/{found.repository.id}/actions/runs/{found.id}/attempts/{found.attempt}/jobs"
    return listed_jobs(call, found.jobs, place)


def the_job(call: Call) -> Job:
    """The job of the path."""
    place = call.repository()
    found = call.world.runs.jobs.get(call.number("job_id"))
    if found is None or found.run.repository is not place:
        raise NotFoundError
    return found


def job(call: Call) -> Answer:
    """One job, of whatever attempt."""
    return Answer(call.answers.job(the_job(call), call.world.timeline.now))
