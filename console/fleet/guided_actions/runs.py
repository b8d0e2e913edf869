"""A run and its jobs as actions need them: as GitHub says now, in words, and as a name that can be typed."""

import re
from collections.abc import Iterable
from datetime import timedelta

from console.fleet.ages import age
from console.fleet.evidence import Evidence, JobNow, RunNow
from console.fleet.models import FleetSnapshot, Job, JobKey, Name, Phrase, Run, RunKey
from console.fleet.plans import Refusal
from console.fleet.run_conditions import UNDER_WAY

MOST_RERUNS = 50
OLDEST = timedelta(days=30)
"""GitHub re-runs nothing that is older, and no run more often."""
_CONCLUSIONS = frozenset({"success", "failure", "neutral", "cancelled", "skipped", "timed_out", "stale"})
"""Those that can be acted on. The others are told apart, and one that is not known here is left alone."""
_TYPEABLE = re.compile(r"[!-~]+(?: [!-~]+)*")
_MOST_TYPED = 60
_OUTWARD = re.compile(r"releas|publish|deploy|\bship", re.IGNORECASE)


def run_now(evidence: Evidence, key: RunKey) -> Run | Refusal:
    """As GitHub says now."""
    run = evidence.of(RunNow(key))
    return Refusal(("GitHub does not know this run any more.",)) if run is None else run


def job_now(evidence: Evidence, key: JobKey) -> Job | Refusal:
    """As GitHub says now."""
    job = evidence.of(JobNow(key))
    return Refusal(("GitHub does not know this job any more.",)) if job is None else job


def ended_of(run: Run, later: str = "") -> Refusal | None:
    """Why it has not ended in a way that can be acted on. `later`: the action that waits for the end."""
    if run.status in UNDER_WAY:
        helps: Phrase = (f"“{later}” waits for its end.",) if later else ()
        return Refusal(("The run is still under way: GitHub runs nothing of it again before its end.",), helps)
    if run.status != "completed":
        return unknown_word("its run", run.status)
    if run.conclusion == "startup_failure":
        return Refusal(("It never began: its workflow file cannot be used.",), ("Mend the file and push.",))
    if run.conclusion == "action_required":
        return Refusal(("It waits for somebody to approve it.",), ("Approve it on GitHub.",))
    if run.conclusion not in _CONCLUSIONS:
        return unknown_word("its end", run.conclusion or "nothing")
    return None


def unknown_word(what: str, said: str) -> Refusal:
    """GitHub uses a word that did not exist when this was written."""
    return Refusal((f"GitHub says of {what}: ", Name(said), ". This console does not know what that is."))


def no_more(evidence: Evidence, run: Run) -> Refusal | None:
    """What GitHub would refuse: too often, or too late."""
    if run.attempt - 1 >= MOST_RERUNS:
        return Refusal(
            (f"It was re-run {run.attempt - 1} times: GitHub allows {MOST_RERUNS}.",), ("Start a new run of it.",)
        )
    if evidence.now - run.created_at > OLDEST:
        old = age(evidence.now - run.created_at)
        return Refusal((f"It is {old} old: GitHub re-runs nothing older than 30 days.",), ("Start a new run of it.",))
    return None


def about_run(run: Run, job: Job | None = None) -> tuple[tuple[str, Phrase], ...]:
    """Who is meant, for the dialog and the record."""
    told: list[tuple[str, Phrase]] = [
        ("run", (*run_words(run), f", attempt {run.attempt}, id {run.id}")),
        ("of", (Name(run.repository), ", ", Name(run.branch), ", ", Name(run.event))),
        ("title", (Name(run.title),)),
    ]
    if job is not None:
        told.insert(0, ("job", (Name(job.name), f", id {job.id}")))
    return tuple(told)


def run_words(run: Run) -> Phrase:
    """`ci #42`."""
    return (Name(run.workflow), f" #{run.number}")


def before_of(run: Run, job: Job | None = None) -> str:
    """The state, for the record."""
    of_job = f"job {job.conclusion or job.status}, " if job is not None else ""
    return f"{of_job}run {run.conclusion or run.status}, attempt {run.attempt}"


def typed_job(job: Job) -> str:
    """Its name, or its id where nobody could type that."""
    return typed_text(job.name, str(job.id))


def typed_run(run: Run) -> str:
    """`ci #42`, or the number alone where nobody could type that."""
    return typed_text(f"{run.workflow} #{run.number}", f"#{run.number}")


def typed_text(name: str, otherwise: str) -> str:
    """`name`, or `otherwise` where nobody could type that."""
    return name if len(name) <= _MOST_TYPED and _TYPEABLE.fullmatch(name) else otherwise


def outward(run: Run, jobs: Iterable[Job] = ()) -> bool:
    """Whether it publishes or deploys, as far as the names tell."""
    named = (run.workflow, run.path, *(job.name for job in jobs))
    return any(_OUTWARD.search(name) for name in named)


def beside(snapshot: FleetSnapshot, run: Run) -> tuple[Run, ...]:
    """Other runs of the same workflow and branch that have not ended: they may share a concurrency group."""
    like = (run.repository, run.path, run.branch)
    return tuple(
        each
        for each in snapshot.runs.values()
        if (each.repository, each.path, each.branch) == like and each.id != run.id and each.status != "completed"
    )
