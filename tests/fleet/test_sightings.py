"""What was seen in the logs of runners: the last of each, and the same on several of them."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from console.fleet.log_lines import Shown
from console.fleet.models import RunnerKey, plain
from console.fleet.sightings import MOST, Sighting, kept, last_of_each, the_same_on_several

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def seen(
    number: int,
    minutes: float,
    *,
    host: str | None = None,
    signature: str = "session.conflict",
    severity: Shown = "error",
) -> Sighting:
    return Sighting(
        RunnerKey("org:acme", number),
        f"linux-{number}",
        f"host-{number}" if host is None else host,
        signature,
        "Session conflict",
        "Stop the other one.",
        severity,
        NOW - timedelta(minutes=minutes),
    )


def test_the_same_on_two_hosts_within_a_quarter_of_an_hour_is_one_finding() -> None:
    (finding,) = the_same_on_several([seen(1, 9), seen(2, 5.5)], NOW)
    assert plain(finding.subject) == "2 hosts"
    assert plain(finding.summary) == "the same in their logs within 4 min: Session conflict, last 5 min ago"
    assert [plain(each) for each in finding.evidence] == [
        "linux-2 on host-2: Session conflict, 5 min ago",
        "linux-1 on host-1: Session conflict, 9 min ago",
    ]
    (at_home,) = the_same_on_several([seen(1, 9, host="linux-1"), seen(2, 9, host="linux-2")], NOW)
    assert plain(at_home.evidence[0]) == "linux-2: Session conflict, 9 min ago", "a host that is named like its runner"
    assert finding.severity == "alert"
    assert finding.runners == (RunnerKey("org:acme", 2), RunnerKey("org:acme", 1))


@pytest.mark.parametrize(
    "sightings",
    [
        pytest.param([seen(1, 3)], id="one host"),
        pytest.param([seen(1, 3, host="a"), seen(2, 3, host="a")], id="two runners of one host"),
        pytest.param([seen(1, 40), seen(2, 3)], id="long apart"),
        pytest.param([seen(1, 200), seen(2, 199)], id="long ago"),
        pytest.param([seen(1, 3, severity="info"), seen(2, 3, severity="info")], id="no trouble"),
        pytest.param([seen(1, 3), seen(2, 3, signature="disk.full")], id="two signatures"),
    ],
)
def test_what_is_not_the_same_on_several_hosts_is_not_told_as_such(sightings: list[Sighting]) -> None:
    assert the_same_on_several(sightings, NOW) == ()


def test_where_hosts_are_not_known_runners_are_counted() -> None:
    (finding,) = the_same_on_several([seen(1, 9, host=""), seen(2, 5, host="", severity="warning")], NOW)
    assert plain(finding.subject) == "2 runners"
    assert finding.severity == "watch", "the last one decides"


def test_of_each_runner_the_last_is_told() -> None:
    later = seen(1, 2, signature="disk.full")
    assert last_of_each([later, seen(1, 5), seen(2, 9)]) == {
        RunnerKey("org:acme", 1): later,
        RunnerKey("org:acme", 2): seen(2, 9),
    }


def test_what_was_seen_earlier_does_not_take_the_place_of_what_was_seen_later() -> None:
    known = kept({}, [seen(1, 2)])
    assert kept(known, [seen(1, 9)]) == known
    assert kept(known, [seen(1, 1)]) == kept({}, [seen(1, 1)])


def test_what_a_later_line_says_is_over_is_told_no_more() -> None:
    known = kept({}, [seen(1, 9), seen(2, 9)])
    over = msgspec.structs.replace(seen(1, 9), over=True)
    assert list(kept(known, [over])) == [(RunnerKey("org:acme", 2), "session.conflict")]
    assert kept(kept({}, [seen(1, 2)]), [over]) == kept({}, [seen(1, 2)]), "an earlier time of it was over"
    assert kept({}, [over]) == {}


def test_of_runners_that_come_and_go_only_the_last_are_kept() -> None:
    known = kept({}, [seen(number, MOST + 100 - number) for number in range(MOST + 100)])
    assert len(known) == MOST
    assert min(key.id for key, _ in known) == 100
