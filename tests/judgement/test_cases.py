"""What the console concludes: each cause alone, several at once, and nothing where nothing is wrong."""

import pytest

from console.fleet.diagnosis import judge, worst_first
from console.fleet.evidence import Evidence
from console.fleet.explain import explain_job
from console.fleet.findings import Finding
from console.fleet.github_incident import explained_beside, in_view_of_github
from console.fleet.guided_actions import GUIDED_ACTIONS, offer
from console.fleet.host_causes import told_by_hosts
from console.fleet.host_rules import HOST_RULES
from console.fleet.models import plain
from console.fleet.offline import offline_together
from console.fleet.remedies import REMEDIES, STARTS, remedy_of
from console.fleet.rules import RULES
from tests.judgement.reading import Case, cases, hosts_of, snapshot_of

KINDS = ("alone", "mixed", "healthy", "github", "beside")
ALL = [pytest.param(case, id=f"{kind}: {case.name}") for kind in KINDS for case in cases(kind)]


def findings(case: Case) -> tuple[Finding, ...]:
    snapshot = snapshot_of(case)
    judged = (*judge(snapshot).findings, *offline_together(snapshot))
    told = told_by_hosts(judged, snapshot, hosts_of(case, snapshot))
    return worst_first(in_view_of_github(told, snapshot))


def offered(found: tuple[Finding, ...]) -> set[str]:
    causes = {finding.remedied_as for finding in found}
    return {name for name, action in GUIDED_ACTIONS.items() if action.causes & causes}


@pytest.mark.parametrize("case", ALL)
def test_the_cause_is_found_and_nothing_is_offered_that_cannot_help(case: Case) -> None:
    found = findings(case)
    assert [finding.cause for finding in found] == case.causes
    reasons = judge(snapshot_of(case)).reasons
    if case.because:
        assert [reason.cause for reason in reasons.values()] == case.because
    if case.because_says:
        assert plain(next(iter(reasons.values())).text) == case.because_says
    if case.certainty:
        assert found[0].certainty == case.certainty
    assert offered(found) & STARTS == set(case.starts)
    for finding in found:
        assert not offered((finding,)) & remedy_of(finding.remedied_as).forbidden
    told = (
        " ".join([*(plain(each) for each in found[0].evidence), *map(plain, (found[0].suspicion, found[0].helps))])
        if found
        else ""
    )
    for words in case.says:
        assert words in told


@pytest.mark.parametrize("case", ALL)
def test_what_is_explained_of_a_job_is_what_was_found_of_it(case: Case) -> None:
    """And the first condition that does not hold, or could not be told, is shown."""
    snapshot = snapshot_of(case)
    hosts = hosts_of(case, snapshot)
    for finding in findings(case):
        for key in finding.jobs[:1]:
            explanation = explained_beside(explain_job(snapshot, key, hosts=hosts), key, findings(case), snapshot)
            assert (explanation.cause, explanation.certainty) == (finding.cause, finding.certainty)
            assert explanation.helps == finding.helps
            links = [link for link in explanation.conditions if link.asked and link.met is not True]
            assert links or finding.cause == "idle-while-queued", "what keeps it waiting is among the conditions"


def test_there_are_enough_cases() -> None:
    number = {kind: len(cases(kind)) for kind in KINDS}
    assert number["alone"] >= 30
    assert number["mixed"] >= 15
    assert number["healthy"] >= 15


def test_every_rule_is_the_answer_of_some_case() -> None:
    told = {cause for kind in KINDS for case in cases(kind) for cause in (*case.causes, *case.because)}
    rules = {rule.cause for rule in RULES} | {rule.cause for rule in HOST_RULES}
    assert rules - told == set()


def test_what_helps_against_a_cause_is_offered_for_it_and_what_cannot_is_not() -> None:
    for cause in {*REMEDIES, *(rule.cause for rule in RULES), *(rule.cause for rule in HOST_RULES)}:
        remedy = remedy_of(cause)
        offers = {name for name, action in GUIDED_ACTIONS.items() if cause in action.causes}
        assert not remedy.action or remedy.action in offers, cause
        assert not offers & remedy.forbidden, cause


@pytest.mark.parametrize("cause", ["registration-lost", "github-incident", "orphan-worker", "clock-wrong"])
def test_in_the_menu_a_restart_that_cannot_help_is_called_so(cause: str) -> None:
    snapshot = snapshot_of(Case("a runner"))
    (key,) = snapshot.runners
    evidence = Evidence(snapshot, {}, now=snapshot.taken_at)
    restart = GUIDED_ACTIONS["restart-service"]
    assert offer(restart, evidence, key, frozenset({cause})).vain
    assert not offer(restart, evidence, key, frozenset()).vain
    assert not offer(restart, evidence, key, frozenset({cause, "session-stuck"})).vain
