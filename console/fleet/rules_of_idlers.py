"""Rules that look at the runners which could take a job: who of them is free, and what is known of those that are."""

from datetime import timedelta

from console.fleet.findings import Certainty, Severity
from console.fleet.inquiry import Case, Verdict
from console.fleet.models import Age, Name, Phrase
from console.fleet.obstacles import group_sentences
from console.fleet.rule import IDLE_WHILE_QUEUED, LONG_WAIT, Rules
from console.fleet.takers import Found, outdated_idlers, phantoms, taken_by_lesser
from console.fleet.versions import FLOOR
from console.fleet.words import job_name, named, sentence, several

RULES = Rules()

_MOST_NAMED = 3


@RULES.rule("phantom-busy")
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


@RULES.rule("taken-by-lesser-job")
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
    return Verdict(text, "likely", "info", evidence, helps=helps, grows=(LONG_WAIT, "watch"))


@RULES.rule("all-matching-busy")
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
    return Verdict(text, certain, "info", evidence + group_sentences(case), turn, helps, (LONG_WAIT, "watch"))


@RULES.rule("runner-just-idle")
def runner_just_idle(case: Case) -> Verdict | None:
    """All were busy until a moment ago."""
    if case.match.idle & case.inquiry.settled:
        return None
    number = case.match.idle.bit_count()
    return Verdict((several(number, "runner has", "runners have") + " just become idle",), "likely", helps=("Wait.",))


@RULES.rule("unknown")
def idle_since_it_was_read(case: Case) -> Verdict | None:
    """The runners were seen idle only after the repository's jobs were last read: it may have been taken since."""
    if case.inquiry.idlers(case.request):
        return None
    text = ("it may have been taken since it was last read",)
    return Verdict(text, "unknown", helps=("Wait: the next look at its repository will tell.",))


@RULES.rule("github-incident")
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


@RULES.rule("outdated-runner")
def outdated_runner(case: Case) -> Verdict | None:
    """Every runner that idles and could take it is of a version that GitHub may give no jobs."""
    found = outdated_idlers(case)
    if not found.runners:
        return None
    told = named([f"{runner.name} ({runner.version})" for runner in found.runners])
    newest = f". The newest is {case.inquiry.newest_version}; GitHub gives none below {FLOOR} a job,"
    evidence = sentence("Idle and far behind: ", told, newest, " and wants each version installed within 30 days.")
    suspicion: Phrase = ("GitHub gives such old versions no jobs",)
    helps = ("Update the runner's software, or its image. A restart cannot help.",)
    grows: tuple[timedelta, Severity] = (case.inquiry.thresholds.queued_alert, "alert")
    text: Phrase = ("its idle runners are outdated",)
    suspect = found.runners[0].key
    return Verdict(text, found.certainty, "watch", (evidence, *_ended(case, found)), suspicion, helps, grows, suspect)


def _ended(case: Case, found: Found) -> tuple[Phrase, ...]:
    """What GitHub says itself of these versions."""
    latest, now = case.inquiry.snapshot.latest_runner, case.inquiry.snapshot.taken_at
    ended = dict.fromkeys(each.version for each in found.runners if each.version in case.inquiry.ended)
    return tuple(
        sentence(
            "GitHub says that it gives version ",
            Name(version),
            " no jobs since ",
            Age(now - latest.ends[version]),
            " ago.",
        )
        for version in ended
        if latest is not None and version is not None
    )


@RULES.rule(IDLE_WHILE_QUEUED)
def idle_while_queued(case: Case) -> Verdict:
    """Nothing stands in the way, and it is not taken. What Now shows of it are the runners (`idle.py`)."""
    number = case.inquiry.idlers(case.request).bit_count()
    return Verdict((several(number, "idle runner matches", "idle runners match"),), "likely")
