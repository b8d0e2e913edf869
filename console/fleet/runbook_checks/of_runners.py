"""Checks of the one runner that a walk is about."""

from console.fleet.models import Name, Runner
from console.fleet.runbook_checks.check import Checked, check, of_runner
from console.fleet.runbook_checks.of_waiting import could_take, oldest, those_waiting
from console.fleet.runbook_leads import Seen
from console.fleet.words import job_name, sentence


@check("runner-listed", "runners")
@of_runner
def runner_listed(seen: Seen, runner: Runner) -> Checked:
    """GitHub lists the runner."""
    return Checked(True, ("GitHub lists ", Name(runner.name), f" with the id {runner.id}."))


@check("runner-online", "runners")
@of_runner
def runner_online(seen: Seen, runner: Runner) -> Checked:
    """GitHub sees the runner online."""
    return Checked(runner.online, (Name(runner.name), " is ", Name(runner.status), "."))


@check("runner-idle", "runners")
@of_runner
def runner_idle(seen: Seen, runner: Runner) -> Checked:
    """The runner has no job."""
    return Checked(not runner.busy, (Name(runner.name), " has a job." if runner.busy else " has no job."))


@check("runner-takes-jobs", "runners", "jobs")
@of_runner
def runner_takes_jobs(seen: Seen, runner: Runner) -> Checked:
    """The runner is online, and no job that it could take waits beside it."""
    if not runner.online:
        return Checked(False, (Name(runner.name), " is ", Name(runner.status), "."))
    if runner.busy:
        return Checked(True, (Name(runner.name), " has a job."))
    waiting = [job for job in those_waiting(seen) if could_take(runner, job)]
    if waiting:
        return Checked(False, (Name(runner.name), " is idle, and ", *oldest(seen, waiting)))
    return Checked(True, (Name(runner.name), " is idle, and no job that it could take waits long."))


@check("runner-drained", "runners")
@of_runner
def runner_drained(seen: Seen, runner: Runner) -> Checked:
    """The runner was drained with the console, and is offline."""
    if runner.key not in seen.drained:
        return Checked(False, (Name(runner.name), " was not drained with this console, or is back."))
    return Checked(not runner.online, (Name(runner.name), " was drained, and is ", Name(runner.status), "."))


@check("job-went-well-there", "finished")
@of_runner
def job_went_well_there(seen: Seen, runner: Runner) -> Checked:
    """The last job that ended on the runner went well."""
    ended = [
        job
        for job in seen.snapshot.jobs.values()
        if job.runner_id == runner.id and job.runner_name == runner.name and job.completed_at is not None
    ]
    last = max(ended, key=lambda job: job.completed_at or job.created_at, default=None)
    if last is None:
        return Checked(None, ("No job that ended on ", Name(runner.name), " lately is known."))
    words = sentence(job_name(last), " ended: ", Name(last.conclusion or "unknown"), ".")
    return Checked(last.conclusion == "success", words)


@check("log-is-quiet")
@of_runner
def log_is_quiet(seen: Seen, runner: Runner) -> Checked:
    """The last known line in the runner's logs is no error, as far as they were opened here."""
    sighting = seen.sightings.get(runner.key)
    if sighting is None:
        return Checked(None, ("No known line was seen in its logs here. L opens its journal, D its _diag log.",))
    return Checked(sighting.severity != "error", ("Last seen in its logs: ", sighting.title, "."))
