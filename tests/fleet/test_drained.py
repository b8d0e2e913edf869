"""Which runners were stopped on purpose, as the history tells it."""

from datetime import UTC, datetime

from msgspec.structs import replace

from console.fleet.diagnosis import judge
from console.fleet.drained import drained, in_view_of_drains
from console.fleet.history import Entry, Outcome, Subject
from console.fleet.models import RunnerKey, plain
from console.fleet.remedies import remedy_of
from tests.fleet.fleets import fleet, job, runner
from tests.fleet.test_history import DEED, END

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HERE = "acme-prod"
RUNNER = RunnerKey("org:acme", 23)


def deed(action: str, outcome: Outcome | None = "proved", *, context: str = HERE, kind: str = "runner") -> Entry:
    subject = Subject(kind, "org:acme", 23, "prod-linux-03")  # type: ignore[arg-type] # one of the three
    done = replace(DEED, action=action, context=context, target=subject)
    return Entry(done, (), replace(END, outcome=outcome) if outcome is not None else None)


def test_a_runner_that_was_drained_is_so_until_it_is_started_again() -> None:
    assert drained([deed("drain")], HERE) == {RUNNER}
    for action in ("return", "start-service", "restart-service", "restart-when-idle"):
        assert not drained([deed(action), deed("drain")], HERE), action
        assert drained([deed("drain"), deed(action)], HERE) == {RUNNER}


def test_what_was_not_proved_decides_nothing() -> None:
    undecided: tuple[Outcome | None, ...] = ("refused", "failed", "not-proved", "unknown", "stopped", None)
    for outcome in undecided:
        assert not drained([deed("drain", outcome)], HERE), outcome
        assert drained([deed("return", outcome), deed("drain")], HERE) == {RUNNER}, outcome


def test_other_deeds_other_contexts_and_other_kinds_of_targets_say_nothing_of_it() -> None:
    assert drained([deed("adjust-labels"), deed("drain")], HERE) == {RUNNER}
    assert not drained([deed("drain", context="elsewhere"), deed("drain", kind="job")], HERE)


def test_whoever_waits_for_a_runner_that_was_drained_is_told_so_and_not_just_to_start_it() -> None:
    snapshot = fleet(runners=[runner(status="offline")], jobs=[job()])
    judged = judge(snapshot).findings
    (key,) = snapshot.runners
    (finding,) = in_view_of_drains(judged, {key}, snapshot)
    assert (finding.cause, remedy_of(finding.remedied_as).action) == ("only-offline-runners", "return")
    assert plain(finding.helps).startswith("Return linux-1 to work once that is over")
    assert plain(finding.evidence[-1]).startswith("linux-1 was drained from here")
    assert (*in_view_of_drains(judged, set(), snapshot),) == judged


def test_what_a_drain_does_not_explain_stays_as_it_is() -> None:
    snapshot = fleet(runners=[runner(ephemeral=True, status="offline")], jobs=[job()])
    judged = judge(snapshot).findings
    assert judged[0].suspect is not None
    assert (*in_view_of_drains(judged, {judged[0].suspect}, snapshot),) == judged
