"""Steps as parts of a log: GitHub gives their times to the second, and quick steps share one."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from console.fleet.models import Step
from console.operations.sections import sections_of
from console.remote.log_text import Spool

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LOG = (
    (0.0, "Current runner version: '2.336.0'"),
    (0.1, "Prepare all required actions"),
    (0.2, "##[group]Run actions/checkout@v4"),
    (0.3, "##[endgroup]"),
    (0.4, "##[group]Run make"),
    (0.5, "Run by hand"),
    (0.6, "##[error]Process completed with exit code 2."),
    (1.7, "##[group]Run make in a step of its own"),
    (2.0, "Post job cleanup."),
    (2.1, "Cleaning up orphan processes"),
)


def step(name: str, second: int, conclusion: str = "success") -> Step:
    return Step(1, name, "completed", conclusion, START + timedelta(seconds=second))


STEPS = (
    step("Set up job", 0),
    step("Check out", 0),
    step("Not today", 0, "skipped"),
    step("Make", 0, "failure"),
    step("Post Check out", 2),
    step("Complete job", 2),
)


def spooled(folder: Path, lines: Sequence[tuple[float, str]]) -> Spool:
    kept = Spool(folder)
    for after, line in lines:
        kept.append(f"{START + timedelta(seconds=after):%Y-%m-%dT%H:%M:%S.%f0Z} {line}\n".encode())
    kept.end()
    return kept


async def test_steps_of_one_second_are_told_apart_by_their_first_words(tmp_path: Path) -> None:
    spool = spooled(tmp_path, LOG)
    found = {each.name: (group.start, group.end) for each, group in await sections_of(spool, STEPS)}
    assert found == {
        "Set up job": (0, 2),
        "Check out": (2, 2),
        "Not today": (2, 4),
        "Make": (4, 8),
        "Post Check out": (8, 9),
        "Complete job": (9, 10),
    }
    await spool.close()


async def test_a_step_without_first_words_begins_with_its_second(tmp_path: Path) -> None:
    spool = spooled(
        tmp_path, ((0.0, "Current runner version"), (1.2, "Checking docker version"), (2.0, "##[group]Run make"))
    )
    steps = (step("Set up job", 0), step("Initialize containers", 1), step("Make", 2))
    assert [group.start for _, group in await sections_of(spool, steps)] == [0, 1, 2]
    await spool.close()
