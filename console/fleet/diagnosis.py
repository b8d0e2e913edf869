"""Why a job that waits does not run. Each waiting job has one cause, that of the first of the rules which fits."""

from collections.abc import Generator, Iterable

from console.fleet.findings import Diagnosis, Finding, Reason
from console.fleet.idle import idle_findings
from console.fleet.inquiry import Case, Judgement, Verdict, drained, inquiring
from console.fleet.matching import Request
from console.fleet.models import FleetSnapshot, Job, JobKey, RunnerKey, Thresholds
from console.fleet.releases import release_findings
from console.fleet.rule import GROUP_NAMED, IDLE_WHILE_QUEUED, About
from console.fleet.rules import RULES_ABOUT
from console.fleet.unstarted import not_started
from console.fleet.waiting import Waiting, approval_findings, waiting_findings

_SLICE = 200
_UNEXPLAINED = frozenset({IDLE_WHILE_QUEUED, GROUP_NAMED})

_BARELY_SEEN = Judgement(
    "just-queued", Verdict(("just queued when it was last read",), helps=("Wait: the next look will tell more.",))
)
"""Of a job that idle runners leave lying, when it had not waited long at the last look."""


def judgement_of(case: Case) -> Judgement:
    """The cause of a job that has not started."""
    own = _first("job", case)
    if own is not None:
        return own
    judged = case.inquiry.judged
    if case.request not in judged:
        judged[case.request] = _of_request(case)
    judgement = judged[case.request]
    if judgement.cause not in _UNEXPLAINED:
        return judgement
    if case.inquiry.seen_waiting(case.job) < case.inquiry.thresholds.queued_watch:
        return _BARELY_SEEN if judgement.cause == IDLE_WHILE_QUEUED else judgement
    return _first("unexplained job", case) or judgement


def _of_request(case: Case) -> Judgement:
    judgement = _first("request", case)
    assert judgement is not None, "the last rule fits every case"
    return judgement


def _first(about: About, case: Case) -> Judgement | None:
    for rule in RULES_ABOUT[about]:
        verdict = rule.judge(case)
        if verdict is not None:
            return Judgement(rule.cause, verdict)
    return None


def diagnosing(snapshot: FleetSnapshot, thresholds: Thresholds | None = None) -> Generator[None, None, Diagnosis]:
    """Judge a snapshot in slices of a few milliseconds: whoever drives this may do other things at each `yield`."""
    inquiry = yield from inquiring(snapshot, thresholds or Thresholds())
    reasons: dict[JobKey, Reason] = {}
    takers: dict[JobKey, int | None] = {}
    waiting: list[Waiting] = []
    unmet: dict[Request, list[Job]] = {}
    spent = 0
    for job in snapshot.jobs.values():
        spent += 1
        if not_started(job):
            known = len(inquiry.judged)
            case = Case(inquiry, job)
            judgement = judgement_of(case)
            reasons[job.key] = Reason(judgement.cause, judgement.verdict.text)
            if job.queued:
                takers[job.key] = case.takers
                if judgement.cause == IDLE_WHILE_QUEUED:
                    unmet.setdefault(case.request, []).append(job)
            waiting.append(Waiting(job, judgement))
            spent += 5 + 100 * (len(inquiry.judged) - known)
        if spent >= _SLICE:
            spent = 0
            yield
    if not snapshot.whole:
        return Diagnosis(reasons=reasons, takers=takers)
    idle = yield from idle_findings(inquiry, unmet)
    rest = yield from waiting_findings(inquiry, waiting)
    return Diagnosis(
        worst_first([*idle, *rest, *approval_findings(snapshot), *release_findings(snapshot)]),
        reasons,
        wedged(idle),
        takers,
    )


def judge(snapshot: FleetSnapshot, thresholds: Thresholds | None = None) -> Diagnosis:
    """Judge a snapshot at one go."""
    return drained(diagnosing(snapshot, thresholds))


def diagnose(snapshot: FleetSnapshot, thresholds: Thresholds | None = None) -> tuple[Finding, ...]:
    """What is wrong, worst first, then oldest."""
    return judge(snapshot, thresholds).findings


def wedged(findings: list[Finding] | tuple[Finding, ...]) -> frozenset[RunnerKey]:
    """Runners that idle while jobs which they could take stay queued."""
    return frozenset(key for finding in findings if finding.cause == IDLE_WHILE_QUEUED for key in finding.runners)


_ORDER = {"alert": 0, "watch": 1, "info": 2}


def worst_first(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """And of those that are as bad the oldest."""
    return tuple(sorted(findings, key=lambda finding: (_ORDER[finding.severity], finding.since, finding.key)))
