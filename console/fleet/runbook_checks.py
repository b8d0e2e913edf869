"""What a step of a runbook may have the console look for: one decorated pure function for each."""

import inspect
from collections.abc import Callable, Iterable
from typing import NamedTuple

import msgspec

from console.fleet.ages import age
from console.fleet.cache_trouble import LATELY
from console.fleet.failure import Kind, failed, failure_of
from console.fleet.models import Job, Name, Phrase, Runner, SourceKind
from console.fleet.newest_runs import of_newest_runs
from console.fleet.runbook_leads import Lead, Seen, all_leads, leads, runner_of
from console.fleet.runbooks import Runbook
from console.fleet.sightings import SAME_ON_SEVERAL
from console.fleet.words import named, sentence, several

_KINDS: dict[SourceKind, str] = {
    "runners": "runners",
    "groups": "runner groups",
    "repositories": "repositories",
    "jobs": "jobs",
    "waiting": "runs that wait",
    "finished": "runs that ended",
    "server": "facts",
}
_BEHIND = 2
"""Minor versions: from then on GitHub may soon give it no jobs."""


class Checked(msgspec.Struct, frozen=True):
    """What came of a check. `met` None: it could not be told, and `found` says why."""

    met: bool | None
    found: Phrase


class Walked(NamedTuple):
    """What is walked, and about whom: None where nothing led to it."""

    runbook: Runbook
    lead: Lead | None


Judge = Callable[[Seen, Walked], Checked]


class Check(NamedTuple):
    """One of them."""

    id: str
    says: str
    """What must hold: the first sentence of its function's docstring."""
    judge: Judge
    of: frozenset[SourceKind]
    """What it rests on: while that is not known to the last, nothing is said to hold."""


RUNBOOK_CHECKS: dict[str, Check] = {}
"""By id."""


def check(check_id: str, *of: SourceKind) -> Callable[[Judge], Judge]:
    """Put a check into the registry."""

    def register(judge: Judge) -> Judge:
        says = (inspect.getdoc(judge) or "").partition("\n\n")[0].replace("\n", " ")
        RUNBOOK_CHECKS[check_id] = Check(check_id, says, judge, frozenset(of))
        return judge

    return register


def made(check_id: str, seen: Seen, walked: Walked) -> Checked:
    """What came of it. What was seen in old facts may have changed: then it cannot be told."""
    known = RUNBOOK_CHECKS[check_id]
    if seen.remembered or not seen.snapshot.whole:
        return Checked(None, ("Not all of the fleet has been looked at yet.",))
    found = known.judge(seen, walked)
    late = _late(seen, known.of, walked) if found.met else None
    return found if late is None else Checked(None, late)


def _late(seen: Seen, kinds: frozenset[SourceKind], walked: Walked) -> Phrase | None:
    """The first source that is too old to rely on; of runners, that of the scope in question alone."""
    now, runner = seen.snapshot.taken_at, walked.lead.runner if walked.lead is not None else None
    for source in seen.snapshot.freshness:
        elsewhere = source.kind == "runners" and runner is not None and source.place != runner.scope
        if source.kind in kinds and not elsewhere and (source.problem is not None or source.late(now)):
            old = source.age(now)
            when = f"were last read {age(old)} ago" if old is not None else "have not been read yet"
            return (f"It cannot be relied on: the {_KINDS[source.kind]} of ", Name(source.place), f" {when}.")
    return None


# One runner.


def _of_runner(judge: Callable[[Seen, Runner], Checked]) -> Judge:
    """A check of the runner that the walk is about."""

    def judged(seen: Seen, walked: Walked) -> Checked:
        if walked.lead is None or walked.lead.runner is None:
            return Checked(None, ("No runner is known that this is about. Come here from a finding or a runner.",))
        runner = runner_of(walked.lead, seen.snapshot)
        if runner is None or runner.key in seen.snapshot.missing:
            name = walked.lead.runner_name or str(walked.lead.runner.id)
            return Checked(False, ("GitHub does not list ", Name(name), " any more."))
        return judge(seen, runner)

    judged.__doc__ = judge.__doc__
    return judged


@check("runner-listed", "runners")
@_of_runner
def runner_listed(seen: Seen, runner: Runner) -> Checked:
    """GitHub lists the runner."""
    return Checked(True, ("GitHub lists ", Name(runner.name), f" with the id {runner.id}."))


@check("runner-online", "runners")
@_of_runner
def runner_online(seen: Seen, runner: Runner) -> Checked:
    """GitHub sees the runner online."""
    return Checked(runner.online, (Name(runner.name), " is ", Name(runner.status), "."))


@check("runner-idle", "runners")
@_of_runner
def runner_idle(seen: Seen, runner: Runner) -> Checked:
    """The runner has no job."""
    return Checked(not runner.busy, (Name(runner.name), " has a job." if runner.busy else " has no job."))


@check("runner-takes-jobs", "runners", "jobs")
@_of_runner
def runner_takes_jobs(seen: Seen, runner: Runner) -> Checked:
    """The runner is online, and no job that it could take waits beside it."""
    if not runner.online:
        return Checked(False, (Name(runner.name), " is ", Name(runner.status), "."))
    if runner.busy:
        return Checked(True, (Name(runner.name), " has a job."))
    waiting = [job for job in _waiting(seen) if _could_take(runner, job)]
    if waiting:
        return Checked(False, (Name(runner.name), " is idle, and ", *_oldest(seen, waiting)))
    return Checked(True, (Name(runner.name), " is idle, and no job that it could take waits long."))


@check("runner-drained", "runners")
@_of_runner
def runner_drained(seen: Seen, runner: Runner) -> Checked:
    """The runner was drained with the console, and is offline."""
    if runner.key not in seen.drained:
        return Checked(False, (Name(runner.name), " was not drained with this console, or is back."))
    return Checked(not runner.online, (Name(runner.name), " was drained, and is ", Name(runner.status), "."))


@check("job-went-well-there", "finished")
@_of_runner
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
    words = sentence(Name(last.repository), " ", Name(last.name), " ended: ", Name(last.conclusion or "unknown"), ".")
    return Checked(last.conclusion == "success", words)


@check("log-is-quiet")
@_of_runner
def log_is_quiet(seen: Seen, runner: Runner) -> Checked:
    """The last known line in the runner's logs is no error, as far as they were opened here."""
    sighting = seen.sightings.get(runner.key)
    if sighting is None:
        return Checked(None, ("No known line was seen in its logs here. L opens its journal, D its _diag log.",))
    return Checked(sighting.severity != "error", ("Last seen in its logs: ", sighting.title, "."))


# The fleet.


@check("finding-gone", "runners", "jobs", "finished")
def finding_gone(seen: Seen, walked: Walked) -> Checked:
    """What led here is not found any more."""
    if walked.lead is not None and walked.lead.key:
        found = [each for each in all_leads(seen) if each.key == walked.lead.key]
    else:
        about = walked.lead.targets if walked.lead is not None else ()
        found = [each for each in leads(walked.runbook, seen) if not about or {*about} & {*each.targets}]
    if found:
        return Checked(False, sentence("Still found: ", found[0].subject, ": ", found[0].summary, "."))
    return Checked(True, ("It is not found now.",))


@check("no-job-waits", "runners", "jobs")
def no_job_waits(seen: Seen, walked: Walked) -> Checked:
    """No job waits long that the runner could take; without a runner, none at all."""
    runner = runner_of(walked.lead, seen.snapshot) if walked.lead is not None else None
    waiting = [job for job in _waiting(seen) if runner is None or _could_take(runner, job)]
    if waiting:
        return Checked(False, _oldest(seen, waiting))
    return Checked(True, ("No job waits longer than ", age(seen.thresholds.queued_watch), "."))


@check("no-runner-idles-beside-jobs", "runners", "jobs")
def no_runner_idles(seen: Seen, walked: Walked) -> Checked:
    """No runner idles while jobs wait that it could take."""
    names = [seen.snapshot.runners[key].name for key in seen.wedged if key in seen.snapshot.runners]
    if names:
        return Checked(False, sentence(named(sorted(names)), " idle while jobs wait."))
    return Checked(True, ("None idles beside jobs that wait long.",))


@check("no-job-fails-for-a-cache", "jobs", "finished")
def no_cache_failures(seen: Seen, walked: Walked) -> Checked:
    """No job whose newest run has ended failed for GitHub's cache within the last hour."""
    return _none_failed(seen, "cache")


@check("no-job-fails-for-the-build-cache", "jobs", "finished")
def no_build_cache_failures(seen: Seen, walked: Walked) -> Checked:
    """No job whose newest run has ended failed for a remote build cache within the last hour."""
    return _none_failed(seen, "remote-cache")


@check("no-release-astray", "finished")
def no_release_astray(seen: Seen, walked: Walked) -> Checked:
    """No release is double, half or a draft although its runs are green, but for drafts that may be meant."""
    astray = [each for each in seen.findings if each.cause.startswith("release-") and each.severity != "info"]
    if astray:
        return Checked(False, sentence(astray[0].subject, ": ", astray[0].summary, "."))
    unread = [name for name, each in seen.snapshot.releases.items() if each.unread]
    if unread or not seen.snapshot.releases:
        which = (
            ("The releases of ", *named(unread), " could not be read.") if unread else ("No releases were read yet.",)
        )
        return Checked(None, sentence(which))
    shown = several(len(seen.snapshot.releases), "repository", "repositories")
    return Checked(True, (f"None in {shown}, as far as this token is shown drafts.",))


@check("not-on-several-hosts")
def not_on_several_hosts(seen: Seen, walked: Walked) -> Checked:
    """The same known line is not on several hosts at once, as far as logs were opened here."""
    same = next((each for each in seen.findings if each.cause == SAME_ON_SEVERAL), None)
    if same is not None:
        return Checked(False, sentence(same.subject, ": ", same.summary, "."))
    if not seen.sightings:
        return Checked(None, ("No known line was seen in any log here. L opens a runner's journal.",))
    return Checked(True, (f"Known lines are on {several(len(seen.sightings), 'runner')}, and not the same ones.",))


@check("github-answers")
def github_answers(seen: Seen, walked: Walked) -> Checked:
    """GitHub answers every question of this console, and in time."""
    now = seen.snapshot.taken_at
    bad = [each for each in seen.snapshot.freshness if each.problem is not None or each.late(now)]
    if not bad:
        return Checked(True, (f"All {several(len(seen.snapshot.freshness), 'source')} were read in time.",))
    first = bad[0]
    why = first.problem.message if first.problem is not None else "it is late"
    return Checked(False, (f"{several(len(bad), 'source')} not: {first.kind} of ", Name(first.place), ": ", Name(why)))


@check("versions-are-close", "runners")
def versions_are_close(seen: Seen, walked: Walked) -> Checked:
    """No runner is two minor versions or more behind the newest of this fleet; where one is meant, that one is not."""
    runners = [*seen.snapshot.runners.values()]
    newest = max((version for each in runners if (version := _version(each)) is not None), default=None)
    one = runner_of(walked.lead, seen.snapshot) if walked.lead is not None else None
    meant = [one] if one is not None else runners
    unknown = [each.name for each in meant if _version(each) is None]
    behind = [each.name for each in meant if newest is not None and _is_behind(each, newest)]
    if behind:
        newest_here = f"; the newest here is {'.'.join(map(str, newest or ()))}."
        return Checked(
            False, sentence(f"{several(len(behind), 'runner')} behind: ", named(sorted(behind)), newest_here)
        )
    if unknown or newest is None:
        return Checked(None, (f"GitHub does not say the version of {several(len(unknown), 'runner')}.",))
    return Checked(True, (f"The newest here is {'.'.join(map(str, newest))}, and none is behind.",))


def _version(runner: Runner) -> tuple[int, ...] | None:
    parts = (runner.version or "").split(".")
    return tuple(map(int, parts)) if len(parts) == 3 and all(part.isdecimal() for part in parts) else None


def _is_behind(runner: Runner, newest: tuple[int, ...]) -> bool:
    version = _version(runner)
    return version is not None and (version[0], version[1] + _BEHIND) <= newest[:2]


def _waiting(seen: Seen) -> list[Job]:
    """Those that wait for a runner of this fleet, longer than is usual."""
    now, long = seen.snapshot.taken_at, seen.thresholds.queued_watch
    return [
        job
        for job in seen.snapshot.jobs.values()
        if job.queued and job.waited(now) >= long and not _for_githubs_own(seen, job)
    ]


def _for_githubs_own(seen: Seen, job: Job) -> bool:
    return job.key in seen.reasons and seen.reasons[job.key].cause == "github-hosted"


def _could_take(runner: Runner, job: Job) -> bool:
    """By its labels."""
    return {label.casefold() for label in job.labels} <= {label.casefold() for label in runner.labels}


def _oldest(seen: Seen, jobs: Iterable[Job]) -> Phrase:
    ordered = sorted(jobs, key=lambda job: job.created_at)
    first = ordered[0]
    waited = age(first.waited(seen.snapshot.taken_at))
    waits = f"{several(len(ordered), 'job waits', 'jobs wait')}, the longest for {waited}: "
    return (waits, Name(first.repository), " ", Name(first.name), ".")


def _none_failed(seen: Seen, kind: Kind) -> Checked:
    """Of each workflow and branch the newest run that has ended counts: what came after a failure has mended it."""
    jobs = [*of_newest_runs(seen.snapshot.jobs.values(), seen.snapshot.taken_at, LATELY)]
    for job in jobs:
        failure = failure_of(job, seen.failures)
        if failure is not None and failure.kind == kind:
            return Checked(False, (Name(job.repository), " ", Name(job.name), " failed for it."))
    unread = [job for job in jobs if failed(job) and failure_of(job, seen.failures) is None]
    if unread:
        return Checked(None, (f"Why {several(len(unread), 'job')} failed has not been read yet.",))
    return Checked(True, ("No newest run did.",))
