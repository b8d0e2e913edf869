"""What is in the way of looking, grouped by what it is."""

from datetime import timedelta

import msgspec

from console.fleet.models import FleetSnapshot, Freshness, Problem, SourceKind
from console.ui.notices import Notices
from console.ui.trouble import troubles
from tests.ui.fleet_fixture import NOON


def source(
    kind: SourceKind, place: str, problem: str, message: str, ago: float = 0, hint: str = "A hint."
) -> Freshness:
    since = NOON - timedelta(seconds=ago)
    return Freshness(kind, place, timedelta(seconds=15), NOON, Problem(problem, message, hint, since))


OUTAGE = FleetSnapshot(
    NOON,
    freshness=(
        source("runners", "org:acme", "server", "It answered 502 Bad Gateway", 90),
        source("jobs", "acme/web", "server", "It answered 503 Service Unavailable", 10),
        source("jobs", "acme/api", "server", "It answered 502 Bad Gateway", 30),
    ),
)


def test_an_outage_is_one_trouble_however_github_words_it() -> None:
    [trouble] = troubles(OUTAGE)
    assert trouble.message == "It answered 503 Service Unavailable"
    assert trouble.places == ("acme/api", "acme/web", "org:acme")
    assert trouble.since == NOON - timedelta(seconds=90)


def test_different_permissions_that_are_missing_are_different_troubles_and_the_same_one_in_many_places_is_one() -> None:
    sources = (
        source("groups", "org:acme", "permission", "The groups may not be read", hint="Self-hosted runners: read."),
        source("jobs", "acme/api", "permission", "The jobs of acme/api may not be read", hint="Actions: read."),
        source("jobs", "acme/web", "permission", "The jobs of acme/web may not be read", hint="Actions: read."),
    )
    found = troubles(FleetSnapshot(NOON, freshness=sources))
    assert [each.places for each in found] == [("acme/api", "acme/web"), ("org:acme",)]


def test_an_outage_is_told_once_and_not_again_in_other_words() -> None:
    notices = Notices()
    assert len(notices.new_troubles(troubles(OUTAGE))) == 1
    later = msgspec.structs.replace(OUTAGE, freshness=OUTAGE.freshness[:1])
    assert notices.new_troubles(troubles(later)) == []
    assert notices.new_troubles(()) == []
    assert len(notices.new_troubles(troubles(OUTAGE))) == 1
