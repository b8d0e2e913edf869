"""What is kept of the past: since when runners are offline, how often they came back, and the room on disks."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from console.fleet.disk_course import falling, low, since_when
from console.fleet.host_evidence import HostEvidence
from console.fleet.hosts import DiskSpace, HostFacts, Located
from console.fleet.models import FleetSnapshot, Freshness, Runner, RunnerKey, SourceKind
from console.fleet.past import MOST_DAYS, POINTS, Absence, Disk, Past, Room, noted
from tests.fleet.fleets import NOON, fleet, job, runner

KEY = RunnerKey("org:acme", 1)
DAY = timedelta(days=1)
GIGABYTE = 1_000_000_000


def look(at: datetime, *runners: Runner, read: datetime | None = None, **changes: Any) -> FleetSnapshot:
    """All was read just then."""
    kinds: tuple[tuple[SourceKind, str], ...] = (("runners", "org:acme"), ("jobs", "acme/web"))
    sources = tuple(Freshness(kind, place, timedelta(seconds=15), read or at) for kind, place in kinds)
    return fleet(runners=runners, taken_at=at, freshness=sources, **changes)


def offline(**changes: Any) -> Runner:
    return runner(1, status="offline", **changes)


def seen(*looks: FleetSnapshot) -> Past:
    past = Past()
    for each in looks:
        past = noted(past, each)
    return past


def test_since_when_a_runner_is_offline_is_when_it_was_first_seen_so() -> None:
    past = seen(*(look(NOON + DAY * number, offline()) for number in range(3)))
    absence = past.absences[KEY]
    assert absence.since == NOON
    assert len(absence.days) == 3


def test_a_look_that_says_nothing_new_leaves_the_past_as_it_is() -> None:
    past = seen(look(NOON, offline()))
    assert noted(past, look(NOON + timedelta(minutes=1), offline())) is past
    assert noted(past, look(NOON + DAY, offline(), whole=False)) is past


def test_a_runner_that_is_seen_online_begins_anew_and_its_return_is_known_for_an_hour() -> None:
    past = seen(look(NOON, offline()), look(NOON + DAY, runner(1)))
    assert past.absences[KEY] == Absence(returns=(NOON + DAY,))
    again = noted(past, look(NOON + DAY + timedelta(minutes=5), offline()))
    assert again.absences[KEY].since == NOON + DAY + timedelta(minutes=5)
    assert noted(past, look(NOON + DAY * 2, runner(1))).absences == {}


def test_a_runner_that_is_gone_has_no_past() -> None:
    assert seen(look(NOON, offline()), look(NOON + DAY, runner(2))).absences == {}


def test_a_list_that_is_old_says_nothing_against_a_newer_one() -> None:
    """A console that was paused, or is cut off, does not take away what another one has seen since."""
    past = seen(look(NOON, offline()))
    stale = look(NOON + DAY, runner(1), read=NOON - DAY)
    assert noted(past, stale) is past


def test_a_clock_that_was_ahead_does_not_make_an_absence_of_the_future() -> None:
    past = seen(look(NOON + DAY * 300, offline()), look(NOON, offline()))
    assert past.absences[KEY].since == NOON
    assert past.absences[KEY].days == (int(NOON.timestamp() // 86_400),)


def test_a_clock_that_goes_back_a_little_changes_nothing() -> None:
    past = seen(look(NOON, offline()), look(NOON - timedelta(seconds=1), offline()))
    assert past.absences[KEY].since == NOON - timedelta(seconds=1)


def test_what_is_kept_is_bounded() -> None:
    past = seen(*(look(NOON + DAY * number, offline()) for number in range(60)))
    assert len(past.absences[KEY].days) == MOST_DAYS
    assert past.absences[KEY].since == NOON


def test_it_can_be_kept_and_read_again() -> None:
    began = job(1, status="in_progress", runner_id=1, started_at=NOON - timedelta(minutes=9))
    past = noted(seen(look(NOON, offline(), jobs=[began])), look(NOON, offline()), [measured(NOON, 9)])
    assert past.waits.sets
    assert past.disks
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(past), type=Past) == past


# Disks.


def measured(at: datetime, gigabytes: float, size: float = 100, directory: str = "/opt/runner") -> HostEvidence:
    located = Located(KEY, "host-1", directory, None, None, "proved", 1)
    space = DiskSpace(directory, int(gigabytes * GIGABYTE), int(size * GIGABYTE))
    return HostEvidence(KEY, "host-1", HostFacts(located, at, disks=(space,)))


def test_a_host_whose_clock_is_wrong_takes_no_other_hosts_measurements_away() -> None:
    right, facts = measured(NOON, 20), measured(NOON, 20, directory="/opt/other").facts
    assert facts is not None
    wrong = HostEvidence(RunnerKey("org:acme", 2), "host-2", msgspec.structs.replace(facts, clock_ahead=DAY * 9))
    past = noted(Past(), look(NOON, runner(1), runner(2)), [right])
    past = noted(past, look(NOON, runner(1), runner(2)), [wrong])
    assert {disk.host: disk.rooms[-1].at for disk in past.disks.values()} == {"host-1": NOON, "host-2": NOON}


def course(*gigabytes: float, every: float = 5, size: float = 100) -> Disk:
    """Measured every few minutes."""
    past = Past()
    for number, free in enumerate(gigabytes):
        at = NOON + timedelta(minutes=every) * number
        past = noted(past, look(at, runner(1)), [measured(at, free, size)])
    (disk,) = past.disks.values()
    return disk


def test_a_disk_that_falls_evenly_is_full_at_some_hour() -> None:
    fall = falling(course(20, 19, 18, 17, 16))
    assert fall is not None
    assert fall.per_hour == pytest.approx(12 * GIGABYTE)
    assert fall.full_in == timedelta(minutes=80)


@pytest.mark.parametrize(
    "disk",
    [
        course(20, 19, 18),
        course(20, 19, 18, 17, every=2),
        course(20, 15, 20, 15, 20, 15),
        course(20, 20, 20, 20, 19.99),
        course(16, 17, 18, 19, 20),
        course(20, 12, 14, 13.5, 13),
    ],
    ids=["too seldom", "too short", "jobs take and give back", "so slowly", "it grows", "it has been lower"],
)
def test_no_course_is_made_out_of_ups_and_downs(disk: Disk) -> None:
    assert falling(disk) is None


def test_low_is_little_room_and_not_none() -> None:
    assert low(course(4))
    assert low(course(1.5, size=40))
    assert not low(course(0.5))
    assert not low(course(6))
    assert not low(course(4, size=20))


def test_from_when_on_it_was_so_low_is_known() -> None:
    disk = course(3, 20, 4, 3, 2)
    assert since_when(disk, 5 * GIGABYTE) == disk.rooms[2].at


def test_a_disk_is_measured_anew_where_it_is_another_one_or_its_clock_went_back() -> None:
    at, past = NOON, noted(Past(), look(NOON, runner(1)), [measured(NOON, 9)])
    larger = noted(past, look(at, runner(1)), [measured(NOON + timedelta(minutes=5), 90, size=200)])
    back = noted(past, look(at, runner(1)), [measured(NOON - timedelta(hours=2), 8)])
    for each in (larger, back):
        (disk,) = each.disks.values()
        assert len(disk.rooms) == 1
    soon = noted(past, look(at, runner(1)), [measured(NOON + timedelta(seconds=20), 5)])
    assert soon is past


def test_measurements_are_few_and_forgotten_after_two_days() -> None:
    assert len(course(*range(99, 40, -1)).rooms) == POINTS
    past = noted(Past(), look(NOON, runner(1)), [measured(NOON, 9)])
    later = NOON + timedelta(days=3)
    past = noted(past, look(later, runner(1)), [measured(later, 9, directory="/srv/other")])
    (disk,) = past.disks.values()
    assert (disk.directory, disk.rooms) == ("/srv/other", (Room(later, 9 * GIGABYTE),))
