"""Is it us or GitHub: findings seen beside what GitHub's status page says of Actions, and how our own calls fare."""

from collections.abc import Iterable
from datetime import UTC

from msgspec.structs import replace

from console.fleet.failure import FAILED_FOR_CACHE, FAILED_FOR_CACHES
from console.fleet.findings import CERTAINTY, WAITS_AS, Certainty, Condition, Explanation, Finding, Side, Whose
from console.fleet.github_status import GithubStatus
from console.fleet.host_rules import ACQUIRE, SERVER
from console.fleet.models import Age, FleetSnapshot, JobKey, Name, Phrase, RunKey, RunnerKey, plain
from console.fleet.offline import OFFLINE
from console.fleet.rule import IDLE_WHILE_QUEUED
from console.fleet.sightings import SAME_ON_SEVERAL
from console.fleet.sources import Sources
from console.fleet.trouble import WIDE
from console.fleet.words import sentence, several

INCIDENT = WAITS_AS
_LIKE_STUCK = frozenset({IDLE_WHILE_QUEUED, "session-stuck"})
"""What an incident of GitHub's looks like from here, too."""
_OF_GITHUB = frozenset({INCIDENT, "acquire-failed"})
_EITHER = _LIKE_STUCK | {
    "hung-after-acknowledge",
    "jit-refused",
    "no-autoscaled-runner",
    "no-way-to-github",
    "only-offline-runners",
    OFFLINE,
    "phantom-busy",
    "version-refused",
}
"""May be GitHub's fault as well as ours: while GitHub is in trouble nothing is done about it first."""
MAY_BE_GITHUB = _OF_GITHUB | _EITHER
_FAMILIES = ("broker.", "network.", "update.version-deprecated", "listener.")
"""Of signatures: what GitHub's trouble looks like in logs."""
_SEVERAL = 2
"""Sets of labels whose jobs are not handed out."""
_MANY = 3
"""Runners of one kind that idle all at once."""
_MOST_NAMED = 2
_STATUS_PAGE = "GitHub's status"
_ITS_PAGE = " its page said of Actions: "
_WAIT: Phrase = ("Wait for the end of GitHub's incident, and mute this until then. A restart cannot help.",)
_WAIT_FIRST = "Wait for the end of GitHub's incident, and mute this until then. If it goes on after that: "
_WAIT_AND_RERUN: Phrase = (
    "Wait for the end of GitHub's incident, then run the jobs again. A restart of runners cannot help.",
)
_BY_HOSTS: Phrase = ("Listeners on several hosts meet errors of GitHub's own.",)
_SUSPICION: Phrase = ("GitHub is in trouble, and hands out no jobs",)


def in_view_of_github(findings: Iterable[Finding], snapshot: FleetSnapshot) -> tuple[Finding, ...]:
    """The same findings, in their order. While GitHub is in trouble those that fit say so: what helps is to wait."""
    findings, status = tuple(findings), snapshot.github_says(snapshot.taken_at)
    failing = Sources(snapshot).server_trouble
    troubled = status if status is not None and status.troubled else None
    by_hosts = any(_told_by_hosts(finding) for finding in findings)
    if troubled is None and not failing and not by_hosts:
        return tuple(_with_page(finding, snapshot) for finding in findings)
    told = (*(_told(troubled, snapshot) if troubled is not None else ()), *((_own_calls(snapshot),) if failing else ()))
    told = told or (_BY_HOSTS,)
    everywhere = bool(failing) or _label_sets(findings, snapshot) >= _SEVERAL
    return tuple(_with_page(_seen(finding, told, everywhere=everywhere), snapshot) for finding in findings)


def _with_page(finding: Finding, snapshot: FleetSnapshot) -> Finding:
    said = _page_said(finding.helps, snapshot)
    return replace(finding, helps=sentence(*finding.helps, said)) if said else finding


def _page_said(helps: Phrase, snapshot: FleetSnapshot) -> str:
    """Whoever is sent to GitHub's status page is told what was read there; empty: nothing that still holds."""
    status, page = snapshot.github_says(snapshot.taken_at), snapshot.status_page
    if status is None or page is None or page.looked_at is None or not status.words:
        return ""
    words = plain(helps)
    if _STATUS_PAGE not in words or _ITS_PAGE in words:
        return ""
    return f" At {page.looked_at.astimezone(UTC):%H:%MZ}{_ITS_PAGE}{status.words}."


def _told_by_hosts(finding: Finding) -> bool:
    """Of several of them: those of others that wait alike need not be asked."""
    return finding.cause == INCIDENT and finding.certainty == "likely"


def _seen(finding: Finding, told: tuple[Phrase, ...], *, everywhere: bool) -> Finding:
    beside = replace(finding, evidence=(*told, *finding.evidence), waits=True)
    if finding.cause in _OF_GITHUB or (finding.cause == SAME_ON_SEVERAL and finding.about in {*SERVER, *ACQUIRE}):
        return replace(beside, helps=_WAIT)
    if finding.cause == FAILED_FOR_CACHE and finding.about == "service":
        return replace(beside, helps=_WAIT_AND_RERUN)
    if finding.cause not in _EITHER:
        return finding
    if finding.cause not in _LIKE_STUCK or (not everywhere and len(finding.runners) < _MANY):
        # One of them may be stuck, or cut off, all the same.
        return replace(beside, helps=(_WAIT_FIRST, *finding.helps))
    return replace(
        beside,
        cause=INCIDENT,
        found_as=finding.found_as or finding.cause,
        certainty="likely",
        suspicion=_SUSPICION,
        helps=_WAIT,
    )


def whose(finding: Finding, snapshot: FleetSnapshot) -> Whose | None:
    """Us or GitHub, of what several have at once. None: it can only be ours, or nothing tells."""
    in_logs = finding.cause == SAME_ON_SEVERAL and finding.about.startswith(_FAMILIES)
    if finding.cause not in MAY_BE_GITHUB and finding.found_as != OFFLINE and not in_logs:
        return None
    status, failing = snapshot.github_says(snapshot.taken_at), Sources(snapshot).server_trouble
    if status is not None and status.troubled:
        calls: Phrase = (" ", *_own_calls(snapshot)) if failing else ()
        return _whose("github", "likely", sentence(f"GitHub's page says of Actions: {status.words}.", calls))
    if failing:
        return _whose("github", "likely" if len(failing) >= _SEVERAL else "possible", _own_calls(snapshot))
    if any(each.problem is not None and each.problem.kind in WIDE for each in snapshot.freshness):
        return None
    return _while_calls_are_answered(finding, status)


def _while_calls_are_answered(finding: Finding, status: GithubStatus | None) -> Whose:
    """And the page, as far as it is known, tells of no trouble."""
    if finding.cause == INCIDENT:
        page = f"GitHub's page says of Actions: {status.words}" if status is not None else "GitHub's page is not known"
        met = "What its listeners meet are GitHub's own errors."
        return _whose("github", finding.certainty, (f"{met} {page}; it is often some minutes behind.",))
    answered = "this console's own calls are answered."
    if status is not None and status.actions == "operational":
        return _whose("here", "likely", (f"GitHub's page calls Actions operational, and {answered}",))
    return _whose("here", "possible", (f"What GitHub's page says is not known; {answered}",))


def _whose(side: Side, certainty: Certainty, why: Phrase) -> Whose:
    where = "It is rather GitHub" if side == "github" else "It is rather here than at GitHub"
    return Whose(side, certainty, sentence(f"{where} ({CERTAINTY[certainty]}): ", why))


def _own_calls(snapshot: FleetSnapshot) -> Phrase:
    """How many of them fail."""
    failing = sum(1 for each in snapshot.freshness if each.problem is not None and each.problem.kind == "server")
    return (f"GitHub answers this console with errors for {failing} of {several(len(snapshot.freshness), 'source')}.",)


def explained_beside(
    explanation: Explanation,
    about: JobKey | RunnerKey | RunKey,
    findings: Iterable[Finding],
    snapshot: FleetSnapshot,
) -> Explanation:
    """The explanation, with the cause and the help that Now tells: it has seen it beside others, and beside an
    incident of GitHub's; and with what was read on the page that it sends one to."""
    about_it = [each for each in findings if about in {*each.jobs, *each.runners}]
    advised = _advised(_in_an_incident(explanation, about_it), about_it)
    said = _page_said(advised.helps, snapshot) if not advised.waits else ""
    return replace(advised, helps=sentence(*advised.helps, said)) if said else advised


def _advised(explanation: Explanation, findings: Iterable[Finding]) -> Explanation:
    """Of several that idle alike, and of jobs that failed for one cache, more is known than of each alone."""
    alike = next((each for each in findings if each.cause == explanation.cause), None)
    if alike is None or explanation.waits:
        return explanation
    if alike.cause in FAILED_FOR_CACHES:
        return replace(explanation, helps=alike.helps, remedied=alike.remedied)
    if alike.remedied == explanation.remedied:
        return explanation
    return replace(explanation, suspicion=alike.suspicion, helps=alike.helps, remedied=alike.remedied)


def _in_an_incident(explanation: Explanation, findings: Iterable[Finding]) -> Explanation:
    finding = next((each for each in findings if each.waits), None)
    if finding is None or explanation.cause not in {finding.cause, finding.found_as, *_LIKE_STUCK}:
        return explanation
    notes = tuple(dict.fromkeys((*finding.evidence[:1], *explanation.notes)))
    if finding.cause != INCIDENT or explanation.cause == INCIDENT:
        return replace(explanation, notes=notes, helps=finding.helps, waits=True)
    return replace(
        explanation,
        cause=INCIDENT,
        certainty=finding.certainty,
        conditions=(*explanation.conditions, Condition("GitHub hands out jobs", finding.evidence[0], False)),
        notes=notes,
        suspicion=finding.suspicion,
        helps=finding.helps,
        waits=True,
    )


def _label_sets(findings: Iterable[Finding], snapshot: FleetSnapshot) -> int:
    """How many different sets of labels wait beside runners that idle."""
    keys = (key for finding in findings if finding.cause in {INCIDENT, *_LIKE_STUCK} for key in finding.jobs)
    return len({frozenset(map(str.casefold, snapshot.jobs[key].labels)) for key in keys if key in snapshot.jobs})


def _told(status: GithubStatus, snapshot: FleetSnapshot) -> tuple[Phrase, ...]:
    """A sentence about Actions, and one about each of the first incidents."""
    now, incidents = snapshot.taken_at, status.incidents[:_MOST_NAMED]
    state: Phrase = (f"GitHub's own status page says of Actions: {status.words}.",)
    return (
        state,
        *(
            ("Open there: ", Name(each.name), ", updated ", Age(now - each.updated_at, now), " ago.")
            for each in incidents
        ),
    )
