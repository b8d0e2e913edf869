import pytest

from console.fleet.log_times import moment, seconds_between

JOB = b"2026-09-02T05:14:00.1234567Z ##[group]Run make"
DIAG = b"[2026-09-02 05:14:30Z INFO Terminal] WRITE LINE: Listening for Jobs"
CONTAINER = b"[RUNNER 2026-09-02 05:15:00Z INFO Terminal] Listening for Jobs"
CONSOLE = b"\xe2\x88\x9a 2026-09-02 05:16:00Z: Running job: build"
OFFSET = b"2026-09-02T07:16:30+0200 ci-15 runsvc.sh[2127]: Listening for Jobs"
JOURNAL = b"Sep  2 05:17:00 ci-15 runsvc.sh[2127]: A session for this runner already exists."
BOTH = b"Sep  2 07:18:00 ci-15 runsvc.sh[2127]: 2026-09-02 05:18:00Z: Listening for Jobs"


@pytest.mark.parametrize(
    ("earlier", "later", "seconds"),
    [
        (JOB, DIAG, 30),
        (DIAG, CONTAINER, 30),
        (CONTAINER, CONSOLE, 60),
        (CONSOLE, OFFSET, 30),
        (OFFSET, BOTH, 90),
        (JOURNAL, BOTH, 7260),
    ],
)
def test_every_form_of_a_runners_logs_says_how_long_after_another_a_line_came(
    earlier: bytes, later: bytes, seconds: int
) -> None:
    assert seconds_between(moment(earlier), moment(later)) == seconds


@pytest.mark.parametrize(
    ("earlier", "later"),
    [(JOB, JOURNAL), (JOURNAL, JOB), (DIAG, JOB), (JOB, b"at System.Net.Http"), (b"2026-02-31 10:00:00Z: no day", JOB)],
)
def test_what_cannot_be_told_is_not_guessed(earlier: bytes, later: bytes) -> None:
    assert seconds_between(moment(earlier), moment(later)) is None


def test_a_time_far_into_a_line_is_not_when_it_was_written() -> None:
    assert moment(b"x" * 200 + JOB) == {}
