"""Re-runs: one job, the failed jobs of a run, or all of it; now, with debug logging, or once the run has ended."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import NamedTuple

from console.fleet.calls import rerun_failed, rerun_job, rerun_run
from console.fleet.conditions import NewAttempt
from console.fleet.evidence import Evidence, JobsOf
from console.fleet.guided_actions.action import on_job, on_run
from console.fleet.guided_actions.runs import (
    MOST_RERUNS,
    OLDEST,
    about_run,
    before_of,
    beside,
    ended_of,
    job_now,
    no_more,
    outward,
    run_now,
    run_words,
    typed_job,
    typed_run,
    unknown_word,
)
from console.fleet.models import Job, JobKey, Name, Phrase, Run, RunKey
from console.fleet.plans import Call, Part, Plan, Refusal, Until
from console.fleet.run_conditions import NOT_WELL, UNDER_WAY, WELL, AttemptEnded
from console.fleet.words import named, sentence, several

_PASSING = ("failed-infrastructure", "failed-network", "failed-github", "failed-artifact")
"""What may be over by the next time."""
_NONE_FAILED = Refusal(("None of its jobs has failed.",), ("“Re-run all jobs” runs them all again.",))
_UNTIL_ENDED = timedelta(hours=24)


class Way(NamedTuple):
    """How something is run again."""

    suffix: str
    title: str
    says: str
    debug: bool = False
    later: bool = False


NOW = Way("", "", "")
WITH_DEBUG = Way("-debug", " with debug logging", ", with debug logging", debug=True)
LATER = Way("-when-finished", " when finished", ", once the run has ended", later=True)


class Again(NamedTuple):
    """What is about to run again."""

    action: str
    title: Phrase
    run: Run
    call: Call
    jobs: tuple[Job, ...]
    """Those that are sure to."""
    who: Phrase
    """Which jobs, in a sentence."""
    job: Job | None = None
    """The one that it is about."""
    only_failed: bool = False
    """Where the run ends well after all, there is nothing to run again."""


def plan_again(evidence: Evidence, again: Again, way: Way = NOW, first: tuple[Part, ...] = ()) -> Plan:
    """`first` is done before. What could be lost by it is typed for; else a key is enough."""
    run = again.run
    ended = Until(
        AttemptEnded(run.key, run.attempt, badly=again.only_failed),
        ("The run has ended, and nobody has begun another attempt.",),
        _UNTIL_ENDED,
    )
    begun = Until(NewAttempt(run.key, run.attempt), (f"GitHub shows attempt {run.attempt + 1} of the run.",))
    hurts = _hurts(evidence, again)
    kept: Phrase = (f"Nothing is lost: attempt {run.attempt} and its logs stay.",)
    typed = typed_run(run) if again.job is None else typed_job(again.job)
    return Plan(
        again.action,
        run.key if again.job is None else again.job.key,
        again.title,
        (*((ended,) if way.later else ()), *first, again.call, begun),
        hurts=hurts or (kept,),
        about=about_run(run, again.job),
        notes=(again.who, *_rules(evidence, run)),
        typed=typed if hurts else "",
        rests_on=(str(run.attempt), "ended" if run.status == "completed" else "under way"),
        before=before_of(run, again.job),
    )


def job_again(
    evidence: Evidence, job: Job, way: Way = NOW, *, action: str = "rerun-job", title: str = "Re-run "
) -> Again | Refusal:
    """One job of a run's latest attempt, whatever its end was."""
    run = run_now(evidence, job.run_key)
    if isinstance(run, Refusal):
        return run
    refusal = _refused(evidence, run, way, "Re-run job")
    if refusal is not None:
        return refusal
    jobs = evidence.of(JobsOf(run.key))
    if job.key not in {each.key for each in jobs}:
        return Refusal(
            (f"It belongs to an earlier attempt of its run, which is at attempt {run.attempt} by now.",),
            ("Choose the job of that attempt.",),
        )
    perhaps = [each.name for each in jobs if each.key != job.key and _may_need(each, job)]
    who: Phrase = ("Jobs that need it run again, too; none of those that the run shows does.",)
    if perhaps:
        who = sentence("Jobs that need it run again, too. Of this run it may be ", named(perhaps), ".")
    titled: Phrase = (title, Name(job.name), way.says)
    return Again(action + way.suffix, titled, run, rerun_job(job.key, debug=way.debug), (job,), who, job)


def rerun_one(evidence: Evidence, key: JobKey, way: Way) -> Plan | Refusal:
    """One job that did not end well."""
    job = failed_job(evidence, key)
    if isinstance(job, Refusal):
        return job
    again = job_again(evidence, job, way)
    return again if isinstance(again, Refusal) else plan_again(evidence, again, way)


def rerun_the_failed(evidence: Evidence, key: RunKey, way: Way) -> Plan | Refusal:
    """The failed jobs of a run."""
    run = run_now(evidence, key)
    if isinstance(run, Refusal):
        return run
    refusal = _refused(evidence, run, way, "Re-run failed jobs")
    if refusal is not None:
        return refusal
    if run.conclusion in WELL:
        return _NONE_FAILED
    jobs = evidence.of(JobsOf(key))
    bad = tuple(job for job in jobs if job.conclusion in NOT_WELL)
    if not bad and not way.later:
        return _NONE_FAILED
    title = sentence("Re-run the failed jobs of ", run_words(run), way.says)
    call, who = rerun_failed(key, debug=way.debug), _who_failed(jobs, bad, way)
    return plan_again(evidence, Again(f"rerun-failed{way.suffix}", title, run, call, bad, who, only_failed=True), way)


def rerun_all(evidence: Evidence, key: RunKey, way: Way) -> Plan | Refusal:
    """Every job of a run."""
    run = run_now(evidence, key)
    if isinstance(run, Refusal):
        return run
    refusal = _refused(evidence, run, way, "Re-run all jobs")
    if refusal is not None:
        return refusal
    jobs = evidence.of(JobsOf(key))
    well = sum(job.conclusion == "success" for job in jobs)
    among = f", {well} that ended well among them" if well else ""
    who: Phrase = (f"Every job of it runs again: {len(jobs)}{among}.",)
    title = sentence("Re-run all jobs of ", run_words(run), way.says)
    again = Again(f"rerun-run{way.suffix}", title, run, rerun_run(key, debug=way.debug), jobs, who)
    return plan_again(evidence, again, way)


def failed_job(evidence: Evidence, key: JobKey) -> Job | Refusal:
    """The job as GitHub says now; or why there is nothing to run again."""
    job = job_now(evidence, key)
    return job if isinstance(job, Refusal) else _not_failed(job) or job


def _not_failed(job: Job) -> Refusal | None:
    if job.status in UNDER_WAY:
        helps = "“Re-run failed jobs when finished” runs it again if it fails."
        return Refusal(("It has not ended.",), (helps,))
    if job.status != "completed":
        return unknown_word("it", job.status)
    if job.conclusion in WELL:
        return Refusal(("It did not fail: ", Name(job.conclusion or "?"), "."))
    if job.conclusion not in NOT_WELL:
        return unknown_word("its end", job.conclusion or "nothing")
    return None


def _refused(evidence: Evidence, run: Run, way: Way, title: str) -> Refusal | None:
    if not way.later:
        return ended_of(run, f"{title}{LATER.title}") or no_more(evidence, run)
    if run.status in UNDER_WAY:
        return no_more(evidence, run)
    return ended_of(run) or Refusal(("The run has ended.",), (f"“{title}” does it at once.",))


def _who_failed(jobs: Sequence[Job], bad: Sequence[Job], way: Way) -> Phrase:
    if way.later:
        return ("Which jobs will have failed is not known yet. Those that need them run again, too.",)
    skipped = [job.name for job in jobs if job.conclusion == "skipped"]
    may_be = sentence(". Of those that were skipped it may be ", named(skipped)) if skipped else ()
    failed = sentence(f"{several(len(bad), 'job')} did not end well: ", named([job.name for job in bad]))
    return sentence(failed, ". Jobs that need them run again, too", may_be, ".")


def _may_need(other: Job, job: Job) -> bool:
    """A job that needs another one was skipped after it, or began after its end."""
    if other.conclusion == "skipped":
        return True
    begun, ended = other.started_at, job.completed_at
    return begun is not None and ended is not None and begun >= ended


def _hurts(evidence: Evidence, again: Again) -> tuple[Phrase, ...]:
    found: list[Phrase] = []
    if outward(again.run, again.jobs):
        found.append(("By its name it publishes or deploys. What it did before stays done, and it does it again.",))
    others = beside(evidence.snapshot, again.run)
    if others:
        may = " of the same branch is under way. If the workflow lets only one of them run, this cancels it."
        found.append(sentence(run_words(others[0]), may))
    return tuple(found)


def _rules(evidence: Evidence, run: Run) -> tuple[Phrase, ...]:
    left = (OLDEST - (evidence.now - run.created_at)).days
    until = f"for {several(left, 'more day')}" if left else "until today"
    return (
        ("It runs on the same commit and workflow file, with the rights of whoever started the run first.",),
        (f"This is re-run {run.attempt} of the {MOST_RERUNS} that GitHub allows for a run, {until}.",),
    )


def _job_planner(way: Way) -> Callable[[Evidence, JobKey], Plan | Refusal]:
    def plan(evidence: Evidence, key: JobKey) -> Plan | Refusal:
        return rerun_one(evidence, key, way)

    plan.__doc__ = f"Runs this job again{way.says}, and the jobs that need it."
    return plan


def _run_planner(
    planned: Callable[[Evidence, RunKey, Way], Plan | Refusal], way: Way, what: str
) -> Callable[[Evidence, RunKey], Plan | Refusal]:
    def plan(evidence: Evidence, key: RunKey) -> Plan | Refusal:
        return planned(evidence, key, way)

    plan.__doc__ = f"Runs {what}{way.says}."
    return plan


for _way in (NOW, WITH_DEBUG, LATER):
    _causes = _PASSING if _way is NOW else ()
    on_job(f"rerun-job{_way.suffix}", f"Re-run job{_way.title}", causes=_causes, seldom=_way.debug)(_job_planner(_way))
    on_run(f"rerun-failed{_way.suffix}", f"Re-run failed jobs{_way.title}", causes=_causes, seldom=_way.debug)(
        _run_planner(rerun_the_failed, _way, "the failed jobs of this run again, and those that need them")
    )
    on_run(f"rerun-run{_way.suffix}", f"Re-run all jobs{_way.title}", seldom=_way.debug)(
        _run_planner(rerun_all, _way, "every job of this run again")
    )
