"""Rules that look at what GitHub says of a job itself: its status, its repository, how long it has waited."""

from datetime import timedelta

from console.fleet.concurrency import ahead_of
from console.fleet.held import APPROVE_RUN, has_ended, held_by
from console.fleet.inquiry import Case, Verdict
from console.fleet.models import Name, Phrase
from console.fleet.particulars import Unread, WorkflowText
from console.fleet.policy import switched_off
from console.fleet.rule import LONG_WAIT, Rules
from console.fleet.takers import handed_out_meanwhile, siblings_at_work
from console.fleet.words import several

RULES = Rules()

LIMIT = timedelta(hours=24)
LIMIT_WORDS: Phrase = ("GitHub ends a job that no runner has taken within 24 hours; at times it takes up to 48.",)


@RULES.rule("waiting-for-approval", "job")
def waiting_for_approval(case: Case) -> Verdict | None:
    """A deployment rule, or a first-time contributor's run that somebody must let go."""
    run = case.inquiry.snapshot.runs.get(case.job.run_key)
    if run is not None and run.conclusion == "action_required":
        evidence: Phrase = ("GitHub lets a run of somebody who has not contributed before wait for an approval.",)
        return Verdict(("needs an approval",), severity="info", evidence=(evidence,), helps=APPROVE_RUN)
    if case.job.status != "waiting":
        return None
    held = held_by(case.inquiry.snapshot, case.job.run_key)
    return Verdict(held.text, severity="info", evidence=held.evidence, helps=held.helps)


@RULES.rule("unknown", "job")
def run_has_ended(case: Case) -> Verdict | None:
    """It was cancelled, or something ended it: nobody will hand out what is still listed as queued."""
    run = case.inquiry.snapshot.runs.get(case.job.run_key)
    if run is None or not has_ended(run, case.job):
        return None
    text: Phrase = ("its run has ended", *((" as ", Name(run.conclusion)) if run.conclusion else ()))
    return Verdict(text, "unknown", helps=("Wait: the next look at its repository will tell. No runner is at fault.",))


@RULES.rule("held-by-concurrency", "job")
def held_by_concurrency(case: Case) -> Verdict | None:
    """Another run of its concurrency group goes first."""
    if case.job.status != "pending":
        return None
    helps = ("Wait for the run that is ahead of it in its concurrency group, or cancel that run.",)
    return Verdict(("held by concurrency",), severity="info", evidence=ahead_of(case), helps=helps)


@RULES.rule("not-queued-yet", "job")
def not_queued_yet(case: Case) -> Verdict | None:
    """GitHub has been asked for it and has not put it into a queue."""
    return Verdict(("requested, not queued yet",)) if case.job.status == "requested" else None


@RULES.rule("assigned", "job")
def assigned(case: Case) -> Verdict | None:
    """A runner has it and has not begun."""
    if case.job.status != "queued" or case.job.runner_id is None:
        return None
    return Verdict(("assigned to ", Name(case.job.runner_name or str(case.job.runner_id))))


@RULES.rule("unknown", "job")
def unknown_status(case: Case) -> Verdict | None:
    """GitHub uses a word that did not exist when this was written."""
    if case.job.status == "queued":
        return None
    return Verdict(("unknown status ", Name(case.job.status)), "unknown")


@RULES.rule("actions-disabled", "job")
def actions_disabled(case: Case) -> Verdict | None:
    """No workflow may run in its repository. Spending limits do the same, and GitHub tells them to nobody."""
    repository = case.inquiry.pool.repository(case.request.repository)
    if repository is not None and repository.archived:
        evidence: Phrase = ("The repository is archived: GitHub runs no workflows there.",)
        helps: Phrase = ("Unarchive it, or cancel.",)
        return Verdict(("its repository is archived",), "likely", "info", (evidence,), helps=helps)
    said = switched_off(case.inquiry.snapshot, case.job.repository)
    if not said:
        return None
    helps = ("Turn Actions on in the settings that are named, or cancel the run. No runner is at fault.",)
    return Verdict(("Actions is off in its repository",), "proved", "watch", said, helps=helps)


@RULES.rule("just-queued", "job")
def just_queued(case: Case) -> Verdict | None:
    """GitHub itself may need a minute to hand a job out."""
    if case.inquiry.waited(case.job) >= case.inquiry.thresholds.queued_watch:
        return None
    return Verdict(("just queued",), helps=("Wait: GitHub may need a minute to hand a job out.",))


@RULES.rule("queued-past-limit", "job")
def queued_past_limit(case: Case) -> Verdict | None:
    """GitHub lets no job wait for a runner longer than a day, or two at most. Its own machines are its own matter."""
    if case.job.created_at > case.inquiry.a_day_ago or case.inquiry.waited(case.job) < LIMIT or case.for_github:
        return None
    helps = ("Cancel its run. Find out from a newer job that wants the same why none took it, then run it again.",)
    return Verdict(("queued past GitHub's limit",), severity="watch", evidence=(LIMIT_WORDS,), helps=helps)


@RULES.rule("matrix-limit", "job")
def matrix_limit(case: Case) -> Verdict | None:
    """Others of its matrix were given out meanwhile: max-parallel may hold it back. GitHub does not tell of that, and
    only its workflow file could say that it is not so: a runner that is stuck looks the same beside one that is not.

    It is asked after the job's age, as nothing but a long wait speaks for it.
    """
    siblings = siblings_at_work(case)
    if not siblings or not case.inquiry.snapshot.whole or not case.inquiry.idlers(case.request):
        return None
    file = case.inquiry.workflow_of(case.job.run_key)
    if not handed_out_meanwhile(case, siblings) or (isinstance(file, WorkflowText) and file.unlimited):
        return None
    evidence: Phrase = (f"{several(len(siblings), 'job')} of its matrix run, one of them begun while it waited.",)
    unread: Phrase = (f"Whether its matrix is limited is not known{file.words}.",) if isinstance(file, Unread) else ()
    suspicion: Phrase = ("max-parallel of its matrix may hold it back",)
    helps = (
        "Wait for the others of its matrix; the workflow file says how many may run at once (max-parallel). If it sets "
        "no limit, look at the runners that idle.",
    )
    text: Phrase = ("its matrix may be limited",)
    said = (evidence, unread) if unread else (evidence,)
    return Verdict(text, "possible", "info", said, suspicion, helps, (LONG_WAIT, "watch"))
