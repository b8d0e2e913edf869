"""RULES: what may keep a job from running, in the order in which it is asked. One rule is one function.

First comes what GitHub itself says of the job and its age, then labels, who is online, runner groups, who is free, and
what is known of those that are. Rules of the first kind look at the job alone; the others hold for every job that asks
for the same thing (`Request`).
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple, TypeVar

from console.fleet.concurrency import ahead_of
from console.fleet.findings import Certainty, Severity
from console.fleet.inquiry import Case, Verdict
from console.fleet.models import Name, Phrase
from console.fleet.near_miss import elsewhere, evidence_of, helps_of, shortfall, suspicion_of
from console.fleet.obstacles import group_sentences, refusing, would_tell
from console.fleet.takers import (
    handed_out_meanwhile,
    lacking_defaults,
    made_for_one_job,
    outdated_idlers,
    phantoms,
    siblings_at_work,
    taken_by_lesser,
)
from console.fleet.versions import FLOOR
from console.fleet.waiting import job_name
from console.fleet.words import named, sentence, several

IDLE_WHILE_QUEUED = "idle-while-queued"

# Busy runners are what a fleet is for: only a long wait for them is worth a look.
_LONG_WAIT = timedelta(minutes=30)
_LIMIT = timedelta(hours=24)
_MOST_NAMED = 3


class Rule(NamedTuple):
    """A cause, and how to tell whether it is the one."""

    cause: str
    judge: Callable[[Case], Verdict | None]
    of_job: bool
    """It looks at the job alone: its verdict may differ between jobs that ask for the same thing."""


RULES: list[Rule] = []

J = TypeVar("J", bound=Callable[[Case], Verdict | None])


def rule(cause: str, *, of_job: bool = False) -> Callable[[J], J]:
    """Put a rule at the end of RULES."""

    def add(judge: J) -> J:
        RULES.append(Rule(cause, judge, of_job))
        return judge

    return add


@rule("waiting-for-approval", of_job=True)
def waiting_for_approval(case: Case) -> Verdict | None:
    """A deployment rule, or a first-time contributor's run that somebody must let go."""
    run = case.inquiry.snapshot.runs.get(case.job.run_key)
    if case.job.status != "waiting" and (run is None or run.conclusion != "action_required"):
        return None
    helps = ("Approve or reject the run on GitHub. No runner is at fault.",)
    return Verdict(("needs an approval",), severity="info", helps=helps)


@rule("held-by-concurrency", of_job=True)
def held_by_concurrency(case: Case) -> Verdict | None:
    """Another run of its concurrency group goes first."""
    if case.job.status != "pending":
        return None
    helps = ("Wait for the run that is ahead of it in its concurrency group, or cancel that run.",)
    return Verdict(("held by concurrency",), severity="info", evidence=(ahead_of(case),), helps=helps)


@rule("not-queued-yet", of_job=True)
def not_queued_yet(case: Case) -> Verdict | None:
    """GitHub has been asked for it and has not put it into a queue."""
    return Verdict(("requested, not queued yet",)) if case.job.status == "requested" else None


@rule("assigned", of_job=True)
def assigned(case: Case) -> Verdict | None:
    """A runner has it and has not begun."""
    if case.job.status != "queued" or case.job.runner_id is None:
        return None
    return Verdict(("assigned to ", Name(case.job.runner_name or str(case.job.runner_id))))


@rule("unknown", of_job=True)
def unknown_status(case: Case) -> Verdict | None:
    """GitHub uses a word that did not exist when this was written."""
    if case.job.status == "queued":
        return None
    return Verdict(("unknown status ", Name(case.job.status)), "unknown")


@rule("just-queued", of_job=True)
def just_queued(case: Case) -> Verdict | None:
    """GitHub itself may need a minute to hand a job out."""
    if case.inquiry.waited(case.job) >= case.inquiry.thresholds.queued_watch:
        return None
    return Verdict(("just queued",), helps=("Wait: GitHub may need a minute to hand a job out.",))


@rule("queued-past-limit", of_job=True)
def queued_past_limit(case: Case) -> Verdict | None:
    """GitHub lets no job wait for a runner longer than a day, or two at most."""
    if case.job.created_at > case.inquiry.a_day_ago or case.inquiry.waited(case.job) < _LIMIT:
        return None
    evidence: Phrase = ("GitHub ends a job that no runner has taken within 24 hours; at times it takes up to 48.",)
    helps = ("Cancel its run. Find out from a newer job that wants the same why none took it, then run it again.",)
    return Verdict(("queued past GitHub's limit",), severity="watch", evidence=(evidence,), helps=helps)


@rule("matrix-limit", of_job=True)
def matrix_limit(case: Case) -> Verdict | None:
    """Others of its matrix were given out meanwhile: max-parallel may hold it back. GitHub does not tell of that."""
    siblings = siblings_at_work(case)
    if not siblings or not case.inquiry.snapshot.whole or not case.inquiry.idlers(case.request):
        return None
    if not handed_out_meanwhile(case, siblings):
        return None
    evidence: Phrase = (f"{several(len(siblings), 'job')} of its matrix run, one of them begun while it waited.",)
    suspicion: Phrase = ("max-parallel of its matrix may hold it back",)
    helps = ("Wait for the others of its matrix; the workflow file says how many may run at once (max-parallel).",)
    text: Phrase = ("its matrix may be limited",)
    return Verdict(text, "possible", "info", (evidence,), suspicion, helps, (_LONG_WAIT, "watch"))


@rule("unknown")
def still_looking(case: Case) -> Verdict | None:
    """What has not been seen yet must not be taken for missing."""
    return None if case.inquiry.snapshot.whole else Verdict(("still looking",), "unknown")


@rule("github-hosted")
def github_hosted(case: Case) -> Verdict | None:
    """It asks for one of GitHub's machines, and no runner of ours carries that name as a label."""
    if not case.request.github_hosted or case.match.labelled:
        return None
    return Verdict(
        ("for a GitHub-hosted runner",), "likely", helps=("Look at GitHub's status and at spending limits.",)
    )


@rule("actions-disabled")
def repository_archived(case: Case) -> Verdict | None:
    """Of what may switch Actions off only this much stands in what GitHub says of a repository."""
    repository = case.inquiry.pool.repository(case.request.repository)
    if repository is None or not repository.archived:
        return None
    evidence: Phrase = ("The repository is archived: GitHub runs no workflows there.",)
    return Verdict(("its repository is archived",), "likely", "info", (evidence,), helps=("Unarchive it, or cancel.",))


@rule("unknown")
def runners_unread(case: Case) -> Verdict | None:
    """The runners that the repository may use are not watched, or could not be read."""
    unread = case.inquiry.sources.unread(case.scopes)
    if not case.scopes:
        helps: Phrase = sentence(
            "Add the scope org:", Name(case.request.owner), " or the repository's own to the context."
        )
        return Verdict(("its runners are not watched",), "unknown", "info", helps=helps)
    if not unread or case.match.idle:
        return None
    helps = sentence("The runners of ", named(unread), " could not be read; see the age of the sources.")
    return Verdict(("runners could not be read",), "unknown", "watch", helps=helps)


@rule("jit-without-default-labels")
def jit_without_default_labels(case: Case) -> Verdict | None:
    """Runners made just in time get the labels that were written for them, and no others: not even self-hosted."""
    short = lacking_defaults(case)
    if short is None:
        return None
    helps = ("Make their configuration with all labels written out: self-hosted, the system, the architecture.",)
    text: Phrase = ("JIT runners lack labels",)
    return Verdict(text, short.certainty, "watch", (short.words,), helps=helps, suspect=short.suspect)


@rule("runners-elsewhere")
def runners_elsewhere(case: Case) -> Verdict | None:
    """No runner that serves the repository has the labels, and one of the same owner does that serves others."""
    found = () if case.match.labelled else elsewhere(case, own=True)
    if not found:
        return None
    evidence = sentence("Runners with all labels are registered where only others may use them: ", named(found), ".")
    helps: Phrase = ("Register them at the organization, or a runner at ", Name(case.job.repository), ".")
    return Verdict(("its runners are elsewhere",), "likely", "watch", (evidence,), helps=helps)


@rule("no-autoscaled-runner")
def no_autoscaled_runner(case: Case) -> Verdict | None:
    """All that has or had its labels was made for one job: whoever makes such runners has made no new one."""
    seen = made_for_one_job(case)
    if seen is None:
        return None
    suspicion: Phrase = ("the autoscaler has made no new runner for it",)
    helps = ("Look at the autoscaler: its log, failed runners that hold its places, a webhook that was lost.",)
    grows: tuple[timedelta, Severity] = (timedelta(minutes=10), "alert")
    text: Phrase = ("no new runner was made for it",)
    return Verdict(text, seen.certainty, "watch", (seen.words,), suspicion, helps, grows, seen.suspect)


@rule("no-runner-has-labels")
def no_runner_has_labels(case: Case) -> Verdict | None:
    """No registered runner has all of them, online or not."""
    if case.match.labelled:
        return None
    short = shortfall(case)
    missing = (short.label,) if short.label else short.absent
    text = sentence("no runner has ", named(missing, most=2) if missing else "all its labels")
    certain: Certainty = "likely" if "self-hosted" in case.request.labels else "possible"
    severity: Severity = "watch" if certain == "likely" or short.closest else "info"
    return Verdict(text, certain, severity, evidence_of(case, short), suspicion_of(case, short), helps_of(short))


@rule("only-offline-runners")
def only_offline_runners(case: Case) -> Verdict | None:
    """Every runner with the labels that may take it is offline, or has vanished from the list."""
    match = case.match
    if match.admitted or match.uncertain or (match.online and not match.would_take):
        return None
    runners = case.inquiry.pool.members(match.would_take or match.labelled)
    have = several(len(runners), "runner has the labels and is offline: ", "runners have the labels, all offline: ")
    evidence = (sentence(have, named([runner.name for runner in runners]), "."), *group_sentences(case))
    one = len(runners) == 1
    whose, they_are = ("its service", "it is") if one else ("the service of one of these runners", "they are")
    helps = (f"Start {whose}; GitHub does not say why or since when {they_are} offline.",)
    text = ("its only runner is offline",) if one else (f"all {len(runners)} runners offline",)
    suspect = runners[0].key if runners else None
    grows: tuple[timedelta, Severity] = (timedelta(minutes=10), "alert")
    return Verdict(text, "proved", "watch", evidence, helps=helps, grows=grows, suspect=suspect)


@rule("group-named")
def only_a_group_asked_for(case: Case) -> Verdict | None:
    """`runs-on: group:` without labels: the group's name is not among what GitHub says of a job."""
    if case.request.labels:
        return None
    helps = ("Look into the workflow file: it names a runner group. To read it the token needs: Contents read.",)
    return Verdict(("asks for a group only",), "unknown", "info", helps=helps)


@rule("group-excludes-public")
def group_excludes_public(case: Case) -> Verdict | None:
    """Online runners have the labels; their groups do not serve public repositories."""
    if not refusing(case, "public"):
        return None
    helps = ("Use a group that allows public repositories. Allowing them lets strangers' code run on its hosts.",)
    return Verdict(("group takes no public repo",), "proved", "watch", group_sentences(case), helps=helps)


@rule("group-excludes-repository")
def group_excludes_repository(case: Case) -> Verdict | None:
    """Online runners have the labels; their groups are for other repositories."""
    if not refusing(case, "repository"):
        return None
    helps = ("Add the repository to the runner group, or ask for labels of a group that admits it.",)
    return Verdict(("group excludes repository",), "proved", "watch", group_sentences(case), helps=helps)


@rule("group-restricts-workflows")
def group_restricts_workflows(case: Case) -> Verdict | None:
    """Online runners have the labels; their groups serve other workflows."""
    if not refusing(case, "workflow"):
        return None
    helps = ("Add the workflow, with its ref, to the selected workflows of the runner group.",)
    return Verdict(("group excludes workflow",), "proved", "watch", group_sentences(case), helps=helps)


@rule("unknown")
def group_rules_unknown(case: Case) -> Verdict | None:
    """A free runner has the labels; whether its group admits the job could not be told."""
    match = case.match
    if match.admitted or not match.uncertain & ~case.inquiry.pool.busy:
        return None
    return Verdict(("group rules not known",), "unknown", "watch", group_sentences(case), helps=would_tell(case))


@rule("phantom-busy")
def phantom_busy(case: Case) -> Verdict | None:
    """Every runner that could take it is busy, and of some no job says so."""
    match = case.match
    lost = phantoms(case) if match.admitted and not match.idle else None
    if lost is None or not lost.runners:
        return None
    names = named([runner.name for runner in lost.runners])
    one = len(lost.runners) == 1
    has_been = " has been busy for more than 10 min" if one else " have been busy for more than 10 min"
    evidence = sentence(names, has_been, ", and no job of any watched repository names ", "it." if one else "them.")
    suspicion: Phrase = ("GitHub may count it as busy with a job that is lost",)
    helps = (
        "Look on its host whether a Runner.Worker runs. If none does: wait for GitHub to let go, or delete the runner "
        "and register it again. A restart alone was not enough.",
    )
    text: Phrase = ("busy without a job",)
    return Verdict(text, lost.certainty, "watch", (evidence,), suspicion, helps, suspect=lost.runners[0].key)


@rule("taken-by-lesser-job")
def taken_by_lesser_job(case: Case) -> Verdict | None:
    """All runners with its labels work on jobs that asked for less, and could have run elsewhere."""
    taken = taken_by_lesser(case) if case.match.admitted and not case.match.idle else ()
    if not taken:
        return None
    evidence = tuple(
        sentence(Name(each.runner.name), " works on ", job_name(each.job), ", which asks for fewer labels.")
        for each in taken[:_MOST_NAMED]
    )
    helps = ("Give the job that must have this runner labels which no other asks for, or make another runner.",)
    text: Phrase = ("taken by a job that asks less",)
    return Verdict(text, "likely", "info", evidence, helps=helps, grows=(_LONG_WAIT, "watch"))


@rule("all-matching-busy")
def all_matching_busy(case: Case) -> Verdict | None:
    """Every runner that could take it is working."""
    match = case.match
    if match.idle:
        return None
    takers = match.admitted or match.uncertain
    number = takers.bit_count()
    evidence: tuple[Phrase, ...] = (
        (f"{several(number, 'online runner')} could take it; " + ("it is busy." if number == 1 else "all are busy."),),
    )
    text = ("its only runner is busy",) if number == 1 else (f"all {number} matching runners busy",)
    certain: Certainty = "likely" if match.admitted else "possible"
    helps = ("Wait, or add runners with these labels.",)
    turn: Phrase = ("it may only wait for its turn",)
    return Verdict(text, certain, "info", evidence + group_sentences(case), turn, helps, (_LONG_WAIT, "watch"))


@rule("runner-just-idle")
def runner_just_idle(case: Case) -> Verdict | None:
    """All were busy until a moment ago."""
    if case.match.idle & case.inquiry.settled:
        return None
    number = case.match.idle.bit_count()
    return Verdict((several(number, "runner has", "runners have") + " just become idle",), "likely", helps=("Wait.",))


@rule("unknown")
def idle_since_it_was_read(case: Case) -> Verdict | None:
    """The runners were seen idle only after the repository's jobs were last read: it may have been taken since."""
    if case.inquiry.idlers(case.request):
        return None
    text = ("it may have been taken since it was last read",)
    return Verdict(text, "unknown", helps=("Wait: the next look at its repository will tell.",))


@rule("github-incident")
def github_incident(case: Case) -> Verdict | None:
    """GitHub answers our own calls with errors, too."""
    trouble = case.inquiry.sources.server_trouble
    if not trouble:
        return None
    first = min(trouble, key=lambda source: (source.place, source.kind))
    said = Name(first.problem.message) if first.problem is not None else "an error"
    evidence = sentence(f"GitHub answers this console with errors for {several(len(trouble), 'source')}: ", said, ".")
    suspicion: Phrase = ("GitHub is in trouble, and hands out no jobs",)
    helps = ("Wait, and look at GitHub's status. A restart cannot help.",)
    certain: Certainty = "likely" if len(trouble) > 1 else "possible"
    return Verdict(("GitHub is in trouble",), certain, "watch", (evidence,), suspicion, helps)


@rule("outdated-runner")
def outdated_runner(case: Case) -> Verdict | None:
    """Every runner that idles and could take it is of a version that GitHub may give no jobs."""
    found = outdated_idlers(case)
    if not found.runners:
        return None
    told = named([f"{runner.name} ({runner.version})" for runner in found.runners])
    newest = f". The newest here is {case.inquiry.newest_version}; GitHub gives none below {FLOOR} a job,"
    evidence = sentence("Idle and far behind: ", told, newest, " and wants each version installed within 30 days.")
    suspicion: Phrase = ("GitHub gives such old versions no jobs",)
    helps = ("Update the runner's software, or its image. A restart cannot help.",)
    grows: tuple[timedelta, Severity] = (case.inquiry.thresholds.queued_alert, "alert")
    text: Phrase = ("its idle runners are outdated",)
    suspect = found.runners[0].key
    return Verdict(text, found.certainty, "watch", (evidence,), suspicion, helps, grows, suspect)


@rule(IDLE_WHILE_QUEUED)
def idle_while_queued(case: Case) -> Verdict:
    """Nothing stands in the way, and it is not taken. What Now shows of it are the runners (`idle.py`)."""
    number = case.inquiry.idlers(case.request).bit_count()
    return Verdict((several(number, "idle runner matches", "idle runners match"),), "likely")
