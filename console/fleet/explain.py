"""Why a job waits and what a runner is doing, condition by condition."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from msgspec.structs import replace

from console.fleet.ages import age, in_seconds
from console.fleet.at_work import jobs_at_work
from console.fleet.cache_trouble import failed_as
from console.fleet.chain import chain_of
from console.fleet.diagnosis import judgement_of
from console.fleet.failure import Failure, failed, failure_of
from console.fleet.failure_words import explained_failure
from console.fleet.findings import Condition, Explanation, Finding, at_most_possible
from console.fleet.host_causes import Hosts
from console.fleet.host_link import on_hosts
from console.fleet.idle import Part, idle_finding, oldest_first
from console.fleet.inquiry import SEEN, Case, Inquiry, Judgement, Verdict, drained, inquiring
from console.fleet.match_table import match_table
from console.fleet.models import Age, FleetSnapshot, Job, JobKey, Name, Phrase, Runner, RunnerKey, Thresholds
from console.fleet.rule import IDLE_WHILE_QUEUED
from console.fleet.runner_view import Prospects, prospects
from console.fleet.sources import Sources
from console.fleet.unstarted import not_started
from console.fleet.words import job_name, named, sentence, several

_ONLY_A_MOMENT = frozenset({IDLE_WHILE_QUEUED, "just-queued", "runner-just-idle", "unknown"})

_CLOSE = timedelta(minutes=1)
"""Two looks that tell of the same moment."""


def explain_job(
    snapshot: FleetSnapshot,
    key: JobKey,
    thresholds: Thresholds | None = None,
    failures: Mapping[JobKey, Failure] | None = None,
    hosts: Hosts | None = None,
) -> Explanation:
    """Why the job waits, or where it runs, or how it ended and why. A job that is not known is explained as such."""
    job = snapshot.jobs.get(key)
    if job is None:
        return _not_known(key)
    if not not_started(job):
        ended = _started(snapshot, job)
        return _failed(ended, job, snapshot, failures or {}) if failed(job) else ended
    case = Case(drained(inquiring(snapshot, thresholds or Thresholds())), job)
    judgement = judgement_of(case)
    verdict = judgement.verdict if judgement.cause != IDLE_WHILE_QUEUED else _of_its_runners(case, judgement.verdict)
    warnings = case.inquiry.sources.warnings(job.repository)
    explained = Explanation(
        subject=job_name(job),
        conditions=chain_of(case),
        cause=judgement.cause,
        certainty=at_most_possible(verdict.certainty) if warnings else verdict.certainty,
        conclusion=_conclusion(case, judgement),
        helps=verdict.helps,
        table=match_table(case) if job.queued else None,
        notes=tuple(dict.fromkeys(verdict.evidence + warnings)),
        suspicion=verdict.suspicion,
        remedied=verdict.remedied,
    )
    return on_hosts(explained, snapshot, _asked(case, judgement), hosts or {})


def _failed(ended: Explanation, job: Job, snapshot: FleetSnapshot, failures: Mapping[JobKey, Failure]) -> Explanation:
    failure = failure_of(job, failures)
    remedied = failed_as((job.key,), {job.key: failure} if failure is not None else {}, snapshot)
    explained = explained_failure(ended, job, failure)
    return replace(explained, remedied=next((each for each in remedied if each != explained.cause), ""))


def _asked(case: Case, judgement: Judgement) -> tuple[RunnerKey, ...]:
    """The runners whose hosts may tell more of it."""
    if judgement.cause == IDLE_WHILE_QUEUED:
        return tuple(runner.key for runner in case.inquiry.pool.members(case.inquiry.idlers(case.request)))
    return (judgement.verdict.suspect,) if judgement.verdict.suspect is not None else ()


def _of_its_runners(case: Case, verdict: Verdict) -> Verdict:
    """What Now would say of the idle runners that could take the job."""
    alike = [Case(case.inquiry, job) for job in case.inquiry.snapshot.jobs.values() if job.queued]
    unmet = [each for each in alike if each.request == case.request and judgement_of(each).cause == IDLE_WHILE_QUEUED]
    jobs = oldest_first(case.inquiry, [[each.job for each in unmet]])
    finding = drained(idle_finding(case.inquiry, Part(case.inquiry.idlers(case.request), (case.request,)), jobs))
    return Verdict(
        verdict.text,
        finding.certainty,
        evidence=finding.evidence,
        suspicion=finding.suspicion,
        helps=finding.helps,
        remedied=finding.remedied,
    )


def _not_known(key: JobKey) -> Explanation:
    return Explanation(
        subject=(Name(key.repository), f" job {key.id}"),
        conditions=(Condition("it is among the watched jobs", ("not there",), None),),
        cause="unknown",
        certainty="unknown",
        conclusion=("I could not tell: this job is not among those that are watched.",),
        helps=("It may have ended a while ago, or its repository is not watched.",),
    )


def _started(snapshot: FleetSnapshot, job: Job) -> Explanation:
    """A job that needs no reason: it runs or has ended."""
    on: Phrase = (" on ", Name(job.runner_name)) if job.runner_name else ()
    begun = job.started_at or job.created_at
    if job.status == "in_progress":
        conclusion = sentence("It runs", on, ", for ", _until_now(snapshot, begun), " now.")
        link = Condition("it waits for a runner", ("status ", Name(job.status)), False)
    else:
        ended = job.completed_at or begun
        result: Phrase = (" as ", Name(job.conclusion)) if job.conclusion else ()
        ago = _until_now(snapshot, ended)
        conclusion = sentence("It ended", result, on, f" after {age(ended - begun)}, ", ago, " ago.")
        # One that was skipped or cancelled ended neither well nor badly.
        well = True if job.conclusion == "success" else None
        link = Condition("it ended well", (Name(job.conclusion or job.status),), well)
    return Explanation(job_name(job), (link,), "", "proved", conclusion)


def _until_now(snapshot: FleetSnapshot, since: datetime) -> Age:
    return Age(snapshot.taken_at - since, snapshot.taken_at)


def _conclusion(case: Case, judgement: Judgement) -> Phrase:
    """One sentence that starts with the cause."""
    waited = case.inquiry.wait_of(case.job)
    if judgement.cause == IDLE_WHILE_QUEUED:
        number = case.inquiry.idlers(case.request).bit_count()
        could = several(number, "runner that could take it is idle", "runners that could take it are idle")
        return (f"Idle while queued: {could}, and yet it waits ", waited, ".")
    if judgement.verdict.certainty == "unknown":
        return sentence("I could not tell: ", judgement.verdict.text, "; it waits ", waited, ".")
    return sentence(_capitalised(judgement.verdict.text), "; it waits ", waited, ".")


def _capitalised(phrase: Phrase) -> Phrase:
    """The sentence with a capital at its start, where that is a word of ours."""
    first = phrase[0] if phrase else ""
    return (first[:1].upper() + first[1:], *phrase[1:]) if isinstance(first, str) and phrase else phrase


def explain_runner(
    snapshot: FleetSnapshot, key: RunnerKey, thresholds: Thresholds | None = None, hosts: Hosts | None = None
) -> Explanation:
    """What the runner is doing, and why it does nothing if it does nothing."""
    return on_hosts(_of_runner(snapshot, key, thresholds), snapshot, (key,), hosts or {})


def _of_runner(snapshot: FleetSnapshot, key: RunnerKey, thresholds: Thresholds | None) -> Explanation:
    runner = snapshot.runners.get(key)
    if runner is None:
        subject: Phrase = (Name(key.scope), f" runner {key.id}")
        listed = Condition("it is in the list of its scope", ("not there",), None)
        unknown: Phrase = ("I could not tell: no runner with this id is known.",)
        return Explanation(subject, (listed,), "unknown", "unknown", unknown)
    chain = [_listed(snapshot, runner), _up(runner)]
    if not all(link.met for link in chain):
        return _out_of_reach(snapshot, runner, chain)
    chain.append(_free(snapshot, runner))
    if runner.busy:
        return _working(snapshot, runner, chain)
    return _idling(drained(inquiring(snapshot, thresholds or Thresholds())), runner, chain)


def _listed(snapshot: FleetSnapshot, runner: Runner) -> Condition:
    absent = runner.key in snapshot.missing
    found = "not in the last one" if absent else "there"
    return Condition("it is in the list of its scope", (found,), None if absent else True)


def _up(runner: Runner) -> Condition:
    return Condition("it is online", ("status ", Name(runner.status)), runner.online)


def _free(snapshot: FleetSnapshot, runner: Runner) -> Condition:
    since = snapshot.idle_since.get(runner.key)
    idle: Phrase = ("idle",)
    # As of when all else that is said here of its idling holds.
    until = Sources(snapshot).as_of("runners", runner.scope)
    longer, late = runner.key in snapshot.idle_longer, until < snapshot.taken_at
    if since is not None and (until - since >= SEEN or not longer):
        idle = ("idle for ", Age(max(until - since, timedelta()), None if late else until, at_least=longer or late))
    return Condition("it is idle", ("busy",) if runner.busy else idle, not runner.busy)


def _out_of_reach(snapshot: FleetSnapshot, runner: Runner, chain: list[Condition]) -> Explanation:
    held: tuple[Phrase, ...] = (("GitHub still counts it as busy.",),) if runner.busy else ()
    notes = held + _runner_warnings(snapshot, runner)
    if chain[0].met is None:
        conclusion: Phrase = ("I could not tell: it was not in the last list of ", Name(runner.scope), ".")
        helps: Phrase = ("The next look will show whether it is gone.",)
        return Explanation((Name(runner.name),), tuple(chain), "missing", "unknown", conclusion, helps, notes=notes)
    conclusion = ("Not online: its status is ", Name(runner.status), f"; {_went(snapshot, runner)}.")
    helps = ("Look on its host whether its service runs, and start it where it does not.",)
    return Explanation((Name(runner.name),), tuple(chain), "offline", "proved", conclusion, helps, notes=notes)


def _went(snapshot: FleetSnapshot, runner: Runner) -> str:
    """No closer than two looks tell."""
    went, last = snapshot.went_offline.get(runner.key), snapshot.last_online.get(runner.key)
    if went is None:
        return "GitHub does not say since when"
    if last is None or went - last <= _CLOSE:
        return f"it was online until {went.astimezone(UTC):%H:%MZ}"
    return f"it was last seen online at {last.astimezone(UTC):%H:%MZ}, and offline at {went.astimezone(UTC):%H:%MZ}"


def _working(snapshot: FleetSnapshot, runner: Runner, chain: list[Condition]) -> Explanation:
    subject, notes = (Name(runner.name),), _runner_warnings(snapshot, runner)
    job = jobs_at_work(snapshot).get(runner.key)
    if job is None:
        conclusion: Phrase = ("Busy, but no job of the watched repositories names it.",)
        helps: Phrase = ("It may work for a repository that is not watched, or its job has just ended.",)
        return Explanation(subject, tuple(chain), "busy-without-job", "unknown", conclusion, helps, notes=notes)
    span = _until_now(snapshot, job.started_at or job.created_at)
    conclusion = sentence("It runs ", job_name(job), ", for ", span, " now.")
    return Explanation(subject, tuple(chain), "", "proved", conclusion, notes=notes)


def _idling(inquiry: Inquiry, runner: Runner, chain: list[Condition]) -> Explanation:
    found = prospects(inquiry, runner)
    subject, number = (Name(runner.name),), len(found.jobs)
    unread = inquiry.sources.unread_jobs(runner.scope)
    any_job = True if number else False if inquiry.snapshot.whole and not unread else None
    chain.append(Condition("a queued job could run on it", (several(number, "job"),), any_job))
    notes = found.misses + _runner_warnings(inquiry.snapshot, runner)
    jobs = tuple(job.key for job in found.jobs)
    if not inquiry.snapshot.whole:
        conclusion: Phrase = ("I could not tell yet: the first look is not whole.",)
        return Explanation(subject, tuple(chain), "unknown", "unknown", conclusion, jobs=jobs, notes=notes)
    if not found.jobs and unread:
        conclusion = sentence("I could not tell: it is idle, and the jobs of ", named(unread), " could not be read.")
        return Explanation(subject, tuple(chain), "unknown", "unknown", conclusion, notes=notes)
    if not found.jobs:
        conclusion = ("Idle, and no queued job could run on it.",)
        return Explanation(subject, tuple(chain), "", "likely", conclusion, notes=notes)
    finding = _stuck(inquiry, runner, found)
    chain.append(Condition("both have waited longer than GitHub may need", *_grace(inquiry, runner, finding)))
    idle = Explanation(subject, tuple(chain), "", "likely", (), jobs=jobs, notes=notes)
    return _not_stuck(inquiry, found, idle) if finding is None else _left_lying(idle, finding, found)


def _left_lying(idle: Explanation, finding: Finding, found: Prospects) -> Explanation:
    return replace(
        idle,
        cause=finding.cause,
        certainty=finding.certainty,
        conclusion=sentence("Idle while queued: ", finding.summary, "."),
        helps=finding.helps,
        notes=finding.evidence + found.misses,
        suspicion=finding.suspicion,
        remedied=finding.remedied,
    )


def _not_stuck(inquiry: Inquiry, found: Prospects, idle: Explanation) -> Explanation:
    """It may have been taken since, its jobs may wait for something else, or it is early yet."""
    jobs = several(len(found.jobs), "job")
    if late := _warnings_of(inquiry, found):
        conclusion: Phrase = (f"I could not tell: it was idle, and {jobs} could run on it, as last read.",)
        return replace(idle, cause="unknown", certainty="unknown", conclusion=conclusion, notes=found.misses + late)
    other = _waits_for(inquiry, found)
    if other is not None:
        return _left_for(other, idle)
    conclusion = (f"Idle, and {jobs} could run on it; GitHub may need a moment.",)
    return replace(idle, conclusion=conclusion, helps=("Wait.",))


def _waits_for(inquiry: Inquiry, found: Prospects) -> Judgement | None:
    """What the jobs that have its labels wait for instead of it, where none of them only needs a moment."""
    judged = [judgement_of(Case(inquiry, job)) for job in found.jobs]
    return judged[0] if judged and not any(each.cause in _ONLY_A_MOMENT for each in judged) else None


def _left_for(other: Judgement, idle: Explanation) -> Explanation:
    verdict, number = other.verdict, len(idle.jobs)
    have = several(number, "queued job has its labels and waits", "queued jobs have its labels and wait")
    link = Condition("nothing else keeps that job from it", verdict.text, False)
    return replace(
        idle,
        conditions=(*idle.conditions[:-1], link),
        cause=other.cause,
        certainty=verdict.certainty,
        conclusion=sentence(f"Idle; {have} for something else: ", verdict.text, "."),
        helps=verdict.helps,
        notes=(*verdict.evidence, *idle.notes),
        suspicion=verdict.suspicion,
    )


def _grace(inquiry: Inquiry, runner: Runner, finding: Finding | None) -> tuple[Phrase, bool | None]:
    """What was found, and whether it is met. An idling whose start was not seen may be long enough or not."""
    grace = inquiry.thresholds.queued_watch
    idling = inquiry.idling(inquiry.pool.keys.index(runner.key))
    found: Phrase = (f"grace {in_seconds(grace)}; idle, since when is not known",)
    if idling.whole or idling.seen >= SEEN:
        found = (f"grace {in_seconds(grace)}; idle ", inquiry.idleness_of(runner.key, idling))
    unsure = not idling.whole and idling.seen < grace
    return found, finding is not None and (None if unsure else True)


def _stuck(inquiry: Inquiry, runner: Runner, found: Prospects) -> Finding | None:
    """The finding that Now would have of this runner alone."""
    own = inquiry.pool.set_of(runner.key)
    jobs = [job for job in found.jobs if judgement_of(Case(inquiry, job)).cause == IDLE_WHILE_QUEUED]
    requests = tuple(request for request in found.requests if own & inquiry.idlers(request))
    jobs = [job for job in jobs if inquiry.pool.request(job) in requests]
    if not jobs:
        return None
    return drained(idle_finding(inquiry, Part(own, requests), oldest_first(inquiry, [jobs])))


def _warnings_of(inquiry: Inquiry, found: Prospects) -> tuple[Phrase, ...]:
    """A sentence about each late source of what the runner could do."""
    repositories = dict.fromkeys(job.repository for job in found.jobs)
    return tuple(dict.fromkeys(warning for name in repositories for warning in inquiry.sources.warnings(name)))


def _runner_warnings(snapshot: FleetSnapshot, runner: Runner) -> tuple[Phrase, ...]:
    """A sentence if the list that names the runner is late."""
    return Sources(snapshot).warnings_of("runners", runner.scope)
