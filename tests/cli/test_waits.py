"""`waits`: how long jobs wait, without a screen; what one command has seen the next one knows."""

import re
from datetime import timedelta

import msgspec
import pytest

from console.fleet.past import Absence, Past
from console.operations.annals import KIND
from console.operations.remember import Memory
from console.settings.paths import paths
from tests.cli.console import Console


def jobs(answer: dict[str, object]) -> dict[str, int]:
    """How many began in the last hour, by labels."""
    lines = answer["waits"]
    assert isinstance(lines, list)
    return {",".join(line["labels"]): line["last_hour"]["jobs"] if line["last_hour"] else 0 for line in lines}


@pytest.mark.scenario("healthy")
def test_each_set_of_labels_has_a_line_and_every_job_counts_once(console: Console) -> None:
    code, first = console.json("waits")
    _, second = console.json("waits")
    assert code == 0
    known, again = jobs(first), jobs(second)
    assert len(known) >= 8
    assert all(known[labels] <= again[labels] for labels in known)
    busy = [labels for labels in known if known[labels] > 20]
    assert busy
    assert all(again[labels] < 2 * known[labels] for labels in busy), "what the first has counted was counted anew"
    (linux,) = (line for line in second["waits"] if line["labels"] == ["self-hosted", "linux", "x64"])
    assert 0 < linux["last_hour"]["p50_seconds"] <= linux["last_hour"]["p90_seconds"] < 30
    assert (linux["slow"], linux["usual"], len(linux["hours"])) == (False, None, 24)
    assert [hour["looked"] for hour in linux["hours"]] == [False] * 24, "nobody has looked for a whole hour yet"


def test_jobs_that_nobody_takes_are_in_the_table(console: Console) -> None:
    assert console("waits") == 1
    (row,) = (line for line in console.out.splitlines() if line.startswith("release-signing"))
    assert re.search(r" 3 +14 min +acme$", row), row
    assert "A job counts when it begins" in console.out


def test_a_runner_that_was_seen_offline_twelve_days_ago_is_warned_of(console: Console) -> None:
    console("now")
    assert "near-removal" not in console.out

    def twelve_days_ago(raw: bytes | None) -> bytes:
        ((key, absence),) = msgspec.msgpack.decode(raw or b"", type=Past).absences.items()
        assert absence.since is not None
        since = absence.since - timedelta(days=12)
        first, last = (int(at.timestamp() // 86_400) for at in (since, absence.since))
        return msgspec.msgpack.encode(Past({key: Absence(since, tuple(range(first, last + 1)))}))

    Memory(paths().state_dir).exchange(f"pretend {console.address}", twelve_days_ago, KIND)
    console("now")
    assert "build-linux-11: offline for at least 12 d; GitHub removes it after 14 days (near-removal" in console.out
