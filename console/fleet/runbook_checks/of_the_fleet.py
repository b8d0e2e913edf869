"""Checks of all that is known, and not of one runner alone."""

from console.fleet.ages import age
from console.fleet.cache_trouble import LATELY
from console.fleet.failure import Kind, failed, failure_of
from console.fleet.models import Name
from console.fleet.newest_runs import of_newest_runs
from console.fleet.runbook_checks.check import KINDS, Checked, Walked, check
from console.fleet.runbook_checks.of_waiting import could_take, oldest, those_waiting
from console.fleet.runbook_leads import Seen, leads, leads_called, of_the_same_runner, runner_of
from console.fleet.sightings import SAME_ON_SEVERAL
from console.fleet.versions import is_behind, newest_of, version_of
from console.fleet.words import job_name, named, sentence, several

_ANSWERS = frozenset({"permission", "sso", "bad-token", "not-found", "not-possible"})
"""Problems with which GitHub has answered."""


@check("finding-gone", "runners", "jobs", "finished")
def finding_gone(seen: Seen, walked: Walked) -> Checked:
    """What led here is not found any more, nor anything else that is wrong with the same runner."""
    if walked.lead is None:
        return Checked(None, ("Nothing has led here yet.",))
    if walked.lead.key:
        found = [*leads_called(walked.lead.key, seen), *of_the_same_runner(walked.lead, seen)]
    else:
        found = [each for each in leads(walked.runbook, seen) if {*walked.lead.targets} & {*each.targets}]
    if found:
        return Checked(False, sentence("Still found: ", found[0].subject, ": ", found[0].summary, "."))
    return Checked(True, ("It is not found now.",))


@check("looked-into")
def looked_into(seen: Seen, walked: Walked) -> Checked:
    """An explanation or a log was opened since something led here."""
    if walked.lead is None:
        return Checked(None, ("Nothing has led here yet.",))
    if not walked.looked_into:
        return Checked(None, ("x explains it, l opens its log.",))
    return Checked(True, ("An explanation or a log was opened.",))


@check("no-job-waits", "runners", "jobs")
def no_job_waits(seen: Seen, walked: Walked) -> Checked:
    """No job waits long that the runner could take; without a runner, none at all."""
    runner = runner_of(walked.lead, seen.snapshot) if walked.lead is not None else None
    waiting = [job for job in those_waiting(seen) if runner is None or could_take(runner, job)]
    if waiting:
        return Checked(False, oldest(seen, waiting))
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
    number = len(seen.sightings)
    not_the_same = ", and not the same ones" if number > 1 else " only"
    return Checked(True, (f"Known lines are on {several(number, 'runner')}{not_the_same}.",))


@check("github-answers")
def github_answers(seen: Seen, walked: Walked) -> Checked:
    """GitHub answers every question of this console, and in time."""
    now = seen.snapshot.taken_at
    asked = [each for each in seen.snapshot.freshness if each.kind != "status"]
    refused = [each for each in asked if each.problem is not None and each.problem.kind in _ANSWERS]
    bad = [each for each in asked if each not in refused and (each.problem is not None or each.late(now))]
    if bad:
        why = bad[0].problem.message.rstrip(".") if bad[0].problem is not None else "it is late"
        which = f"{len(bad)} of {several(len(asked), 'source')} not read in time, such as the {KINDS[bad[0].kind]} of "
        paused = all(each.problem is not None and each.problem.kind == "limit" for each in bad)
        return Checked(None if paused else False, (which, Name(bad[0].place), ": ", Name(why), "."))
    if refused:
        which = f"It answers, and refuses {several(len(refused), 'source')}, such as the {KINDS[refused[0].kind]} of "
        return Checked(True, (which, Name(refused[0].place), "."))
    return Checked(True, (f"All {several(len(asked), 'source')} were read in time.",))


@check("actions-operational")
def actions_operational(seen: Seen, walked: Walked) -> Checked:
    """GitHub's own status page calls Actions operational."""
    status = seen.snapshot.github_says(seen.snapshot.taken_at)
    if status is None or not status.actions:
        return Checked(
            None, ("What GitHub's status page says is not known: it is not asked, or has not answered lately.",)
        )
    return Checked(status.actions == "operational", ("It says of Actions: ", Name(status.words), "."))


@check("versions-are-close", "runners")
def versions_are_close(seen: Seen, walked: Walked) -> Checked:
    """No runner is two minor versions or more behind the newest of this fleet; where one is meant, that one is not."""
    runners = [*seen.snapshot.runners.values()]
    newest = newest_of(each.version for each in runners if each.version)
    one = runner_of(walked.lead, seen.snapshot) if walked.lead is not None else None
    meant = [one] if one is not None else runners
    versions = [(each.name, version_of(each.version)) for each in meant]
    unknown = [name for name, version in versions if version is None]
    if newest is None:
        return Checked(None, (f"GitHub does not say the version of {several(len(unknown), 'runner')}.",))
    behind = [name for name, version in versions if version is not None and is_behind(version, newest)]
    if behind:
        said = sentence(f"{several(len(behind), 'runner')} behind: ", named(sorted(behind)))
        return Checked(False, sentence(said, f"; the newest here is {newest}."))
    if unknown:
        return Checked(None, (f"GitHub does not say the version of {several(len(unknown), 'runner')}.",))
    return Checked(True, (f"The newest here is {newest}, and none is behind.",))


def _none_failed(seen: Seen, kind: Kind) -> Checked:
    """Of each workflow and branch the newest run that has ended counts: what came after a failure has mended it."""
    jobs = [*of_newest_runs(seen.snapshot.jobs.values(), seen.snapshot.taken_at, LATELY)]
    for job in jobs:
        failure = failure_of(job, seen.failures)
        if failure is not None and failure.kind == kind:
            return Checked(False, (*job_name(job), " failed for it."))
    again = next((run for run in seen.snapshot.runs.values() if run.attempt > 1 and run.status != "completed"), None)
    if again is not None:
        return Checked(None, (Name(again.repository), " ", Name(again.workflow), f" #{again.number} runs again."))
    unread = [job for job in jobs if failed(job) and failure_of(job, seen.failures) is None]
    if unread:
        return Checked(None, (f"Why {several(len(unread), 'job')} failed has not been read yet.",))
    return Checked(True, ("None of the newest runs of the last hour did.",))
