"""Why a job failed: which line of its log is the cause, and how sure that is."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from console.fleet.failure import Failure, failed
from console.fleet.failure_causes import Evidence, why_failed
from console.fleet.models import Job, Step
from console.fleet.scanner import Scanner
from console.fleet.signatures import shipped_catalogue
from console.fleet.verdicts import Verdict
from tests.fleet.fleets import NOON, job

RESERVE = "Failed to save: Unable to reserve cache with key deps-1, another job may be creating this cache."
CACHE_404 = (
    "##[warning]Failed to save: Failed to CreateCacheEntry: Received non-retryable error: Failed request: (404) X"
)
LOST = "The self-hosted runner: build-07 lost communication with the server. Verify the machine is running."
EXIT_1 = "##[error]Process completed with exit code 1."
MISSED = "##[error]Failed to restore cache entry. Exiting as fail-on-cache-miss is set. Input key: deps-1"
DISK = "cp: error writing 'a.bin': No space left on device"
PYTEST = "FAILED tests/test_web.py::test_login - AssertionError: no session"
REFUSED = "curl: (7) Failed to connect to db port 5432: Connection refused"


def step(number: int, begun: int, ended: int, conclusion: str | None = "success") -> Step:
    """From so many seconds after noon."""
    return Step(number, f"step {number}", "completed", conclusion, _at(begun), _at(ended))


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


STEPS = (step(1, 0, 9), step(2, 10, 19, "failure"), step(3, 20, 29))


def a_job(*steps: Step, **changes: object) -> Job:
    given: dict[str, Any] = {"status": "completed", "conclusion": "failure", "steps": steps or STEPS}
    return job(1, **{**given, **changes})


def scanned(text: str, where: str) -> list[Verdict]:
    scanner = Scanner(shipped_catalogue(), where)  # type: ignore[arg-type]
    scanner.feed(text.encode())
    scanner.end()
    return scanner.verdicts()


def why(*lines: tuple[float, str], notes: str = "", of: Job | None = None, unread: str = "") -> Failure:
    """Lines with their seconds after noon."""
    text = "".join(f"{_at(seconds):%Y-%m-%dT%H:%M:%S.%f}0Z {line}\n" for seconds, line in lines)
    evidence = Evidence(scanned(text, "job-log"), scanned(notes, "annotation"), unread)
    return why_failed(of or a_job(), evidence, bytes.decode)


def kinds(failure: Failure) -> list[str]:
    return [cause.kind for cause in failure.causes]


def test_the_first_cause_is_told_and_not_the_last_line() -> None:
    failure = why((11, "copies"), (12, DISK), (13, PYTEST), (14, EXIT_1))
    assert kinds(failure) == ["infrastructure", "tests"]
    cause = failure.causes[0]
    assert (cause.line, cause.signature, cause.certainty) == (1, "host.disk-full", "likely")
    assert "No space left on device" in cause.words


def test_a_harmless_line_about_a_cache_is_no_cause() -> None:
    failure = why((2, RESERVE), (3, CACHE_404), (12, PYTEST), (14, EXIT_1), (21, RESERVE))
    assert kinds(failure) == ["tests"]


def test_a_job_that_asked_for_its_cache_fails_for_want_of_it_and_that_is_proved() -> None:
    failure = why((11, MISSED), (21, RESERVE))
    assert [(each.kind, each.certainty) for each in failure.causes] == [("cache", "proved")]


def test_a_key_that_could_not_be_saved_is_a_cause_too_where_the_key_then_misses() -> None:
    failure = why((5, RESERVE), (11, MISSED))
    assert [(each.signature, each.certainty) for each in failure.causes] == [
        ("cache.fail-on-miss", "proved"),
        ("cache.reserve-race", "likely"),
    ]


def test_what_frees_a_key_goes_before_saving_it_again_which_would_end_in_the_same_conflict() -> None:
    first, held = why((5, RESERVE), (11, MISSED)).causes
    assert first.helps.startswith("Delete the entry for this key and re-run")
    assert first.helps.endswith(why((11, MISSED)).causes[0].helps)
    assert held.helps.startswith("Delete the entry for this key and re-run")
    assert held.meaning.startswith("The key is missing and could not be saved")
    assert not why((11, MISSED), (21, RESERVE)).causes[0].helps.startswith("Delete")


def test_what_a_script_prints_as_an_error_is_likely_and_no_more() -> None:
    assert why((11, MISSED), (12, EXIT_1)).causes[0].certainty == "likely"


def test_a_lost_runner_goes_before_everything_in_the_log() -> None:
    failure = why((12, DISK), (14, EXIT_1), notes=LOST)
    assert [(each.signature, each.certainty) for each in failure.causes] == [
        ("job.lost-communication", "proved"),
        ("host.disk-full", "likely"),
    ]
    assert failure.causes[0].line is None


def test_the_step_that_failed_goes_before_what_was_wrong_earlier_and_a_later_failure_is_no_cause() -> None:
    steps = (*STEPS[:2], step(3, 20, 29, "failure"))
    failure = why((5, DISK), (12, PYTEST), (14, EXIT_1), (22, MISSED), of=a_job(*steps))
    assert [(each.kind, each.certainty) for each in failure.causes] == [
        ("tests", "likely"),
        ("infrastructure", "possible"),
    ]


def test_what_a_step_that_runs_on_failure_prints_is_added_as_possible() -> None:
    first, later = why((12, PYTEST), (14, EXIT_1), (22, DISK), (23, REFUSED), (24, CACHE_404)).causes
    assert (first.kind, first.certainty) == ("tests", "likely")
    assert (later.signature, later.certainty, later.line) == ("host.disk-full", "possible", 2)
    assert later.meaning == "A step that ran after the one that failed printed it."
    own, later = why((12, "it gave up"), (14, EXIT_1), (22, DISK)).causes
    assert (own.kind, own.certainty, later.kind) == ("tests", "likely", "infrastructure")
    (only,) = why((12, "##[error]Something that nobody knows"), (22, DISK)).causes
    assert (only.kind, only.certainty) == ("infrastructure", "possible")


def test_what_the_failed_step_says_too_is_told_once_and_with_its_own_line() -> None:
    (cause,) = why((12, DISK), (14, EXIT_1), (22, DISK)).causes
    assert (cause.line, cause.certainty, cause.meaning) == (0, "likely", "")


def test_a_step_that_ended_in_the_same_second_as_the_next_one_began_ends_at_its_exit_code() -> None:
    steps = (step(1, 0, 10), step(2, 10, 12, "failure"), step(3, 12, 14))
    first, later = why((11, PYTEST), (12.1, EXIT_1), (12.2, DISK), of=a_job(*steps)).causes
    assert (first.kind, later.kind, later.certainty) == ("tests", "infrastructure", "possible")


def test_the_network_inside_a_tests_output_is_only_possible_and_comes_after_what_is_certain() -> None:
    failure = why((11, REFUSED), (12, PYTEST), (14, EXIT_1))
    assert [(each.kind, each.certainty) for each in failure.causes] == [("tests", "likely"), ("network", "possible")]
    assert kinds(why((11, REFUSED), (14, EXIT_1))) == ["network"]


def test_a_script_that_fails_without_a_known_line_is_likely_its_own_fault() -> None:
    failure = why((11, "it gave up"), (14, EXIT_1))
    (cause,) = failure.causes
    assert (cause.kind, cause.certainty, cause.line) == ("tests", "likely", 1)
    assert "exit code" not in cause.title


def test_an_action_that_fails_without_a_known_line_is_unknown() -> None:
    failure = why((11, "##[error]Something that nobody knows"))
    assert (failure.kind, failure.causes, failure.unknown) == (
        "unknown", (), "no line of the step that failed is known"
    )  # fmt: skip


def test_without_its_log_only_what_github_says_beside_it_is_a_cause() -> None:
    gone = why(notes=EXIT_1, unread="GitHub no longer has it (410)")
    assert (gone.kind, gone.unknown) == ("unknown", "GitHub no longer has it (410)")
    assert kinds(why(notes=LOST, unread="gone")) == ["infrastructure"]


def test_a_step_that_never_ended_is_the_one_that_failed_when_its_runner_was_lost() -> None:
    running = Step(2, "test", "in_progress", None, _at(10), None)
    failure = why((5, MISSED), (12, DISK), of=a_job(step(1, 0, 9), running))
    assert [(each.kind, each.certainty) for each in failure.causes] == [
        ("infrastructure", "likely"),
        ("cache", "possible"),
    ]


def test_a_job_without_steps_is_judged_by_its_whole_log() -> None:
    assert kinds(why((1, DISK), of=a_job(steps=()))) == ["infrastructure"]


def test_the_same_cause_is_told_once_with_its_first_line() -> None:
    (cause,) = why((11, DISK), (12, DISK), (14, EXIT_1)).causes
    assert cause.line == 0


@pytest.mark.parametrize(
    ("conclusion", "is_one"), [("failure", True), ("timed_out", True), ("cancelled", False), ("success", False)]
)
def test_a_cancelled_job_has_not_failed(conclusion: str, is_one: bool) -> None:
    assert failed(a_job(conclusion=conclusion)) is is_one


def test_of_a_long_line_the_part_that_is_known_is_kept() -> None:
    (cause,) = why((11, "x" * 600 + " " + DISK + " " + "y" * 600)).causes
    assert cause.words.startswith("…xxx")
    assert "No space left on device" in cause.words
    assert len(cause.words) <= 302


def test_what_github_repeats_of_the_log_is_told_with_its_line() -> None:
    (cause,) = why((11, MISSED), (12, EXIT_1), notes=MISSED).causes
    assert (cause.line, cause.certainty) == (0, "likely")


def test_a_warning_that_is_usually_harmless_is_no_cause_in_the_step_that_failed_either() -> None:
    warning = "##[warning]Failed to restore: Incomplete download. Expected file size: 10485760, actual file size: 41943"
    assert [each.severity for each in scanned(warning, "job-log")] == ["warning"]
    assert kinds(why((11, warning), (12, "it gave up"), (14, EXIT_1))) == ["tests"]


def test_the_key_that_a_line_names_is_kept_of_it() -> None:
    (cause,) = why((11, MISSED)).causes
    assert cause.key == "deps-1"
    (other,) = why((12, DISK), (14, EXIT_1)).causes
    assert other.key == ""
