"""Is it us or GitHub: findings seen beside what GitHub's own status page says of Actions."""

from collections.abc import Iterable

from msgspec.structs import replace

from console.fleet.findings import Condition, Explanation, Finding
from console.fleet.github_status import GithubStatus
from console.fleet.host_rules import ACQUIRE, SERVER
from console.fleet.models import Age, FleetSnapshot, JobKey, Name, Phrase, RunKey, RunnerKey
from console.fleet.sightings import SAME_ON_SEVERAL
from console.fleet.sources import Sources

INCIDENT = "github-incident"
_LIKE_STUCK = frozenset({"idle-while-queued", "session-stuck"})
"""What an incident of GitHub's looks like from here, too."""
_OF_GITHUB = frozenset({INCIDENT, "acquire-failed"})
_SEVERAL = 2
"""Sets of labels whose jobs are not handed out."""
_MANY = 3
"""Runners of one kind that idle all at once."""
_MOST_NAMED = 2
_WAIT: Phrase = ("Wait for the end of GitHub's incident, and mute this until then. A restart cannot help.",)
_WAIT_FIRST = "Wait for the end of GitHub's incident, and mute this until then. If it goes on after that: "
_SUSPICION: Phrase = ("GitHub is in trouble, and hands out no jobs",)


def in_view_of_github(findings: Iterable[Finding], snapshot: FleetSnapshot) -> tuple[Finding, ...]:
    """The same findings, in their order. While Actions is in trouble those that fit say so: what helps is to wait."""
    findings, status = tuple(findings), snapshot.github_says(snapshot.taken_at)
    if status is None or not status.troubled:
        return findings
    told = _told(status, snapshot)
    everywhere = bool(Sources(snapshot).server_trouble) or _label_sets(findings, snapshot) >= _SEVERAL
    return tuple(_seen(finding, told, everywhere=everywhere) for finding in findings)


def _seen(finding: Finding, told: tuple[Phrase, ...], *, everywhere: bool) -> Finding:
    evidence = (*told, *finding.evidence)
    if finding.cause in _OF_GITHUB or (finding.cause == SAME_ON_SEVERAL and finding.about in {*SERVER, *ACQUIRE}):
        return replace(finding, evidence=evidence, helps=_WAIT)
    if finding.cause not in _LIKE_STUCK:
        return finding
    if not everywhere and len(finding.runners) < _MANY:
        # One of them may be stuck all the same.
        return replace(finding, evidence=evidence, helps=(_WAIT_FIRST, *finding.helps))
    return replace(
        finding,
        cause=INCIDENT,
        found_as=finding.found_as or finding.cause,
        certainty="likely",
        evidence=evidence,
        suspicion=_SUSPICION,
        helps=_WAIT,
    )


def explained_beside(
    explanation: Explanation, about: JobKey | RunnerKey | RunKey, findings: Iterable[Finding]
) -> Explanation:
    """The explanation, where Now has seen it beside an incident of GitHub's, with the same cause and help."""
    finding = next((each for each in findings if _waits(each) and about in {*each.jobs, *each.runners}), None)
    if finding is None or explanation.cause not in {finding.cause, finding.found_as, *_LIKE_STUCK}:
        return explanation
    notes = tuple(dict.fromkeys((*finding.evidence[:1], *explanation.notes)))
    if finding.cause != INCIDENT or explanation.cause == INCIDENT:
        return replace(explanation, notes=notes, helps=finding.helps)
    return replace(
        explanation,
        cause=INCIDENT,
        certainty=finding.certainty,
        conditions=(*explanation.conditions, Condition("GitHub hands out jobs", finding.evidence[0], False)),
        notes=notes,
        suspicion=finding.suspicion,
        helps=finding.helps,
    )


def _waits(finding: Finding) -> bool:
    """Of what is in view here nothing is advised before the end of GitHub's incident."""
    return finding.helps == _WAIT or finding.helps[:1] == (_WAIT_FIRST,)


def _label_sets(findings: Iterable[Finding], snapshot: FleetSnapshot) -> int:
    """How many different sets of labels wait beside runners that idle."""
    keys = (key for finding in findings if finding.cause in _LIKE_STUCK for key in finding.jobs)
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
