"""What ends a run: cancel, and force-cancel where that did not help."""

from datetime import timedelta

from msgspec.structs import replace

from console.fleet.calls import cancel_run, force_cancel_run
from console.fleet.evidence import Evidence, JobsOf
from console.fleet.guided_actions.action import on_run
from console.fleet.guided_actions.runs import about_run, before_of, run_now, run_words, typed_run
from console.fleet.models import Job, Name, Phrase, Run, RunKey
from console.fleet.plans import Call, Plan, Refusal, Until
from console.fleet.run_conditions import UNDER_WAY, AttemptEnded
from console.fleet.words import named, sentence, several

_ENDS = timedelta(minutes=15)
"""A runner gives a job five minutes to clean up, and steps that always run may take longer."""


@on_run("cancel-run", "Cancel run", causes=("queued-past-limit",))
def cancel(evidence: Evidence, key: RunKey) -> Plan | Refusal:
    """Tells every job of this run to end; steps that always run are still run."""
    run = _under_way(evidence, key)
    if isinstance(run, Refusal):
        return run
    going = _going(evidence, run)
    hurts: tuple[Phrase, ...] = (("No job of it has begun: nothing is lost but its turn.",),)
    if going:
        names = named([job.name for job in going])
        hurts = (sentence(f"{several(len(going), 'job')} in progress would be cut off: ", names, "."),)
    plan = _plan(run, "cancel-run", ("Cancel ", *run_words(run)), cancel_run(key), hurts)
    return plan if going else replace(plan, typed="")


@on_run("force-cancel-run", "Force-cancel run", seldom=True)
def force_cancel(evidence: Evidence, key: RunKey) -> Plan | Refusal:
    """Ends this run at once where cancelling it did not help: no step is run any more, whatever it should clean up."""
    run = _under_way(evidence, key)
    if isinstance(run, Refusal):
        return run
    names = named([job.name for job in _going(evidence, run)] or ["no job"])
    hurts: tuple[Phrase, ...] = (
        sentence("What is in progress is lost, and nothing cleans up after it: ", names, "."),
        ("It is meant for a run that was cancelled and did not end. GitHub does not say whether that was tried.",),
    )
    return _plan(run, "force-cancel-run", ("Force-cancel ", *run_words(run)), force_cancel_run(key), hurts)


def _under_way(evidence: Evidence, key: RunKey) -> Run | Refusal:
    run = run_now(evidence, key)
    if isinstance(run, Refusal):
        return run
    if run.status == "completed":
        return Refusal(("It has ended: ", Name(run.conclusion or "GitHub does not say how"), "."))
    if run.status not in UNDER_WAY:
        return Refusal(
            (
                "GitHub says of it: ",
                Name(run.status),
                ". This console does not know what that is.",
            )
        )
    return run


def _going(evidence: Evidence, run: Run) -> tuple[Job, ...]:
    return tuple(job for job in evidence.of(JobsOf(run.key)) if job.status == "in_progress")


def _plan(run: Run, action: str, title: Phrase, call: Call, hurts: tuple[Phrase, ...]) -> Plan:
    ended = Until(AttemptEnded(run.key, run.attempt), ("The run has ended.",), _ENDS)
    return Plan(
        action,
        run.key,
        title,
        (call, ended),
        hurts=hurts,
        about=about_run(run),
        typed=typed_run(run),
        rests_on=(str(run.attempt), "under way"),
        before=before_of(run),
    )
