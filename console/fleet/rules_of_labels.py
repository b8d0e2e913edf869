"""Rules that look at what a job asks for, and at who has all of it: labels, and runners that are online."""

from datetime import timedelta

from console.fleet.findings import Certainty, Severity
from console.fleet.inquiry import Case, Verdict
from console.fleet.models import Name, Phrase, RunnerKey
from console.fleet.near_miss import elsewhere, evidence_of, helps_of, shortfall, suspicion_of, unwatched
from console.fleet.obstacles import WATCH_ENTERPRISE, group_sentences
from console.fleet.rule import Rules
from console.fleet.takers import lacking_defaults, made_for_one_job, went_lately
from console.fleet.words import named, sentence, several

RULES = Rules()
JUST_WENT = "just-went"
"""Decides that nothing is begun anew."""


@RULES.rule("unknown")
def still_looking(case: Case) -> Verdict | None:
    """What has not been seen yet must not be taken for missing."""
    return None if case.inquiry.snapshot.whole else Verdict(("still looking",), "unknown")


@RULES.rule("github-hosted")
def github_hosted(case: Case) -> Verdict | None:
    """It asks for one of GitHub's machines, and no runner of ours carries that name as a label."""
    if not case.for_github:
        return None
    return Verdict(
        ("for a GitHub-hosted runner",), "likely", helps=("Look at GitHub's status and at spending limits.",)
    )


@RULES.rule("unknown")
def runners_unread(case: Case) -> Verdict | None:
    """The runners that the repository may use are not watched, or could not be read."""
    unread = case.inquiry.sources.unread(case.scopes)
    if not unread and not case.own_watched and not case.match.labelled:
        helps: Phrase = sentence(
            "Add the scope org:", Name(case.request.owner), " or the repository's own to the context."
        )
        return Verdict(("its runners are not watched",), "unknown", "info", helps=helps)
    if not unread or case.match.idle:
        return None
    why = " ".join(dict.fromkeys(case.inquiry.sources.why_unread("runners", unread)))
    helps = sentence("The runners of ", named(unread), " could not be read. ", why or "The next look will tell more.")
    return Verdict(("runners could not be read",), "unknown", "watch", helps=helps)


@RULES.rule("unknown")
def enterprise_not_watched(case: Case) -> Verdict | None:
    """Runners of an enterprise that is not watched have the labels, and their group may admit the job."""
    groups = () if case.match.admitted else case.inquiry.pool.lent(case.request)
    if not groups:
        return None
    evidence = sentence("Groups of its enterprise have runners with all labels: ", named(groups), ".")
    return Verdict(("its enterprise is not watched",), "unknown", "info", (evidence,), helps=WATCH_ENTERPRISE)


@RULES.rule("jit-without-default-labels")
def jit_without_default_labels(case: Case) -> Verdict | None:
    """Runners made just in time get the labels that were written for them, and no others: not even self-hosted."""
    short = lacking_defaults(case)
    if short is None:
        return None
    helps = ("Make their configuration with all labels written out: self-hosted, the system, the architecture.",)
    text: Phrase = ("JIT runners lack labels",)
    return Verdict(text, short.certainty, "watch", (short.words,), helps=helps, suspect=short.suspect)


@RULES.rule("runners-elsewhere")
def runners_elsewhere(case: Case) -> Verdict | None:
    """No runner that serves the repository has the labels, and one of the same owner does that serves others."""
    found = () if case.match.labelled else elsewhere(case, own=True)
    if not found:
        return None
    evidence = sentence("Runners with all labels are registered where only others may use them: ", named(found), ".")
    helps: Phrase = ("Register them at the organization, or a runner at ", Name(case.job.repository), ".")
    return Verdict(("its runners are elsewhere",), "likely", "watch", (evidence,), helps=helps)


@RULES.rule("no-autoscaled-runner")
def no_autoscaled_runner(case: Case) -> Verdict | None:
    """All that has or had its labels was made for one job: whoever makes such runners has made no new one."""
    seen = made_for_one_job(case)
    if seen is None:
        return None
    if seen.lately:
        gone: Phrase = ("its runner was used up a moment ago",)
        return _only_just(gone, seen.words, ("Wait: the next one takes a moment to come.",), seen.suspect)
    suspicion: Phrase = ("the autoscaler has made no new runner for it",)
    helps: Phrase = ("Look at the autoscaler: its log, failed runners that hold its places, a webhook that was lost.",)
    text: Phrase = ("no new runner was made for it",)
    if seen.suspect is None:
        # Of what kind the runner was that is gone, nobody says any more.
        suspicion = sentence(suspicion, ", or its only runner was removed")
        helps = sentence(helps, " An ordinary runner that was removed has to be registered again.")
        text = ("no runner has its labels any more",)
    grows: tuple[timedelta, Severity] = (timedelta(minutes=10), "alert")
    return Verdict(text, seen.certainty, "watch", (seen.words,), suspicion, helps, grows, seen.suspect)


@RULES.rule("no-runner-has-labels")
def no_runner_has_labels(case: Case) -> Verdict | None:
    """No registered runner has all of them, online or not."""
    if case.match.labelled:
        return None
    short = shortfall(case)
    missing = (short.label,) if short.label else short.absent
    text = sentence("no runner has ", named(missing, most=2) if missing else "all its labels")
    ours = "self-hosted" in case.request.labels and not unwatched(case)
    certain: Certainty = "likely" if ours else "possible"
    severity: Severity = "watch" if certain == "likely" or short.closest else "info"
    return Verdict(text, certain, severity, evidence_of(case, short), suspicion_of(case, short), helps_of(short))


@RULES.rule("unknown")
def not_in_the_last_list(case: Case) -> Verdict | None:
    """Whether its runners are gone, offline or well, the next list will tell."""
    match = case.match
    if match.admitted or match.uncertain or match.shut_out or match.would_take & ~case.inquiry.missing:
        return None
    helps = ("Wait: the next look will show whether they are gone.",)
    return Verdict(("its runners were not in the last list",), "unknown", "info", _missed(case), helps=helps)


@RULES.rule("only-offline-runners")
def only_offline_runners(case: Case) -> Verdict | None:
    """Every runner with the labels that may take it is offline."""
    match = case.match
    if match.admitted or match.uncertain or match.shut_out:
        return None
    runners = tuple(case.inquiry.pool.members(match.would_take & ~case.inquiry.missing))
    names = named([runner.name for runner in runners])
    if went_lately(case, runners):
        gone: Phrase = ("its last runner went offline a moment ago",)
        wait = ("Wait: who updates itself is back in a minute.",)
        return _only_just(gone, sentence("Offline: ", names, "."), wait, runners[0].key)
    have = several(len(runners), "runner has the labels and is offline: ", "runners have the labels, all offline: ")
    beside = (*_missed(case), *unwatched(case))
    evidence = (sentence(have, names, "."), *beside, *group_sentences(case))
    one = len(runners) == 1
    whose, they_are = ("its service", "it is") if one else ("the service of one of these runners", "they are")
    helps = (f"Start {whose}; GitHub does not say why or since when {they_are} offline.",)
    text = ("its only runner is offline",) if one else (f"all {len(runners)} runners offline",)
    suspect = runners[0].key if runners else None
    grows: tuple[timedelta, Severity] = (timedelta(minutes=10), "alert")
    certain: Certainty = "likely" if beside else "proved"
    return Verdict(text, certain, "watch", evidence, helps=helps, grows=grows, suspect=suspect)


def _only_just(text: Phrase, evidence: Phrase, helps: Phrase, suspect: RunnerKey | None) -> Verdict:
    """What comes to pass all the time: however long the job has waited, it is no alert before more is known."""
    return Verdict(text, "likely", "watch", (evidence,), helps=helps, suspect=suspect, remedied=JUST_WENT)


def _missed(case: Case) -> tuple[Phrase, ...]:
    """Runners with the labels that the last list lacked, and that may be gone or back in the next one."""
    missed = case.inquiry.pool.members(case.match.would_take & case.inquiry.missing)
    return (sentence("Not in the last list: ", named([runner.name for runner in missed]), "."),) if missed else ()
