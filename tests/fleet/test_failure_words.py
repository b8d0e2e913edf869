"""How it is said why a job failed."""

from typing import Any

import pytest

from console.fleet.explain import explain_job
from console.fleet.failure import KINDS, Cause, Failure
from console.fleet.failure_words import KIND_WORDS, failure_reason
from console.fleet.findings import Explanation
from console.fleet.models import Name, plain
from tests.fleet.fleets import ago, fleet, job

MISS = Cause("cache", "proved", "cache.fail-on-miss", "The key is missing", "Save it.", "Failed to restore", 74)
LOST = Cause("infrastructure", "possible", "job.lost", "The runner was lost", "Look.", "lost communication")
FAILED = job(status="completed", conclusion="failure", started_at=ago(9), completed_at=ago(2), runner_name="r")


def explained(failure: Failure | None, **changes: Any) -> Explanation:
    return explain_job(fleet(jobs=[FAILED]), FAILED.key, failures={FAILED.key: failure} if failure else {}, **changes)


def test_a_failed_job_is_explained_by_its_first_cause_with_the_line_that_says_so() -> None:
    found = explained(Failure(1, (MISS, LOST)))
    assert (found.cause, found.certainty, plain(found.suspicion), plain(found.helps)) == (
        "failed-cache",
        "proved",
        "cache: The key is missing",
        "Save it.",
    )
    assert found.notes[0] == ("line 75: ", Name("Failed to restore"))
    assert plain(found.notes[1]).endswith("The runner was lost. Look. GitHub says: lost communication")
    assert [condition.met for condition in found.conditions] == [False]


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (None, "unknown: its log has not been read"),
        (Failure(1, unknown="it is gone"), "unknown: it is gone"),
        (Failure(2, (MISS,)), "unknown: its log has not been read"),
    ],
)
def test_what_is_not_known_of_this_attempt_is_said_to_be_unknown_and_why(failure: Failure | None, why: str) -> None:
    found = explained(failure)
    assert (found.cause, found.certainty, plain(found.suspicion)) == ("failed-unknown", "unknown", why)


def test_a_row_says_the_class_first_and_what_is_only_possible() -> None:
    assert plain(failure_reason(Failure(1, (MISS,)))) == "cache: The key is missing"
    assert plain(failure_reason(Failure(1, (LOST,)))) == "perhaps infrastructure: The runner was lost"
    assert plain(failure_reason(Failure(1, unknown="it is gone"))) == "unknown: it is gone"


def test_every_class_has_words() -> None:
    assert set(KIND_WORDS) == set(KINDS)
