"""A finding is what was seen; what is probably behind it stands apart, with how sure that is."""

from console.fleet.diagnosis import diagnose
from console.fleet.explain import explain_job, explain_runner
from console.fleet.findings import Finding
from console.fleet.models import FleetSnapshot, plain
from tests.fleet.fleets import LINUX, fleet, job, runner


def only(snapshot: FleetSnapshot) -> Finding:
    (finding,) = diagnose(snapshot)
    return finding


def test_that_a_session_is_stuck_is_a_suspicion_and_that_the_runner_idles_was_seen() -> None:
    snapshot = fleet(runners=[runner()], jobs=[job()])
    finding = only(snapshot)
    assert plain(finding.summary) == "idle 30 min, 1 matching job waits"
    assert (plain(finding.suspicion), finding.certainty) == ("its session with GitHub may be stuck", "likely")
    for explanation in (explain_job(snapshot, job().key), explain_runner(snapshot, runner().key)):
        assert explanation.suspicion == finding.suspicion


def test_many_runners_that_idle_at_once_point_elsewhere() -> None:
    finding = only(fleet(runners=[runner(number) for number in range(1, 5)], jobs=[job()]))
    assert "GitHub" in plain(finding.suspicion)
    assert "session" not in plain(finding.suspicion)


def test_a_misspelt_label_is_a_suspicion_and_that_no_runner_has_it_was_seen() -> None:
    finding = only(fleet(runners=[runner(labels=(*LINUX, "gpu-a100"))], jobs=[job(labels=(*LINUX, "gpu-a10"))]))
    assert plain(finding.summary) == "no runner has gpu-a10"
    assert plain(finding.suspicion) == "gpu-a10 may be misspelt"


def test_a_job_that_does_not_ask_for_self_hosted_may_be_meant_for_others() -> None:
    finding = only(fleet(runners=[runner()], jobs=[job(labels=("beefy-8-cores",))]))
    assert (plain(finding.suspicion), finding.certainty) == (
        "it may be meant for a larger GitHub-hosted runner or a scale set",
        "possible",
    )


def test_what_is_proved_needs_no_suspicion() -> None:
    finding = only(fleet(runners=[runner(status="offline")], jobs=[job()]))
    assert (finding.certainty, finding.suspicion) == ("proved", ())


def test_a_summary_leaves_the_age_of_the_wait_to_its_own_column() -> None:
    for status in ("waiting", "pending"):
        assert "10 min" not in plain(only(fleet(jobs=[job(status=status)])).summary)
