"""Runners held against one job, a check for each column, best match first."""

from collections.abc import Iterator

from console.fleet.findings import MatchRow, MatchTable
from console.fleet.inquiry import Case
from console.fleet.labels import telling_first
from console.fleet.matching import Match
from console.fleet.models import Name, Phrase, Runner
from console.fleet.near_miss import ALIKE, absent_labels, resembling
from console.fleet.runner_sets import places_of
from console.fleet.words import named, sentence

COLUMNS = ("scope", "labels", "online", "group", "idle")
_MOST = 50


def match_table(case: Case) -> MatchTable:
    """The runners that come closest to taking the job."""
    pool, match = case.inquiry.pool, case.match
    places: dict[int, None] = {}
    for tier in _tiers(case, match):
        if len(places) >= _MOST:
            break
        places.update(dict.fromkeys(places_of(tier, 2 * _MOST)))
    closest = list(places)[:_MOST]
    rows = tuple(_row(case, match, place) for place in closest)
    return MatchTable(COLUMNS, rows, more=len(pool.runners) - len(rows))


def _tiers(case: Case, match: Match) -> Iterator[int]:
    """Sets of runners, those that come closest to taking the job first; later ones may repeat earlier ones."""
    pool = case.inquiry.pool
    everyone = (1 << len(pool.runners)) - 1
    free, elsewhere = pool.online & ~pool.busy, pool.having(case.request.labels, everyone)
    yield from (match.idle, match.uncertain & free, match.admitted, match.uncertain)
    alike = () if match.labelled else tuple(_alike(case))
    for lacking, tier in enumerate(reversed(pool.having_most(case.request.labels, match.covered))):
        for among in (*(tier & runners for runners in alike), tier):
            yield from (among & free, among & pool.online, among)
        if lacking == 1:
            yield elsewhere
    yield from (elsewhere, everyone)


def _alike(case: Case) -> Iterator[int]:
    """Runners that have a label which looks like one that is missing, the most alike first."""
    pool, miss = case.inquiry.pool, case.inquiry.pool.near_miss(case.request)
    for label in (miss.label,) if miss else absent_labels(case):
        for other in resembling(case, label, miss.runners if miss else 0, ALIKE):
            yield pool.having((other,), case.match.covered)


def _row(case: Case, match: Match, place: int) -> MatchRow:
    pool = case.inquiry.pool
    runner = pool.runners[place]
    folded = {label.casefold() for label in runner.labels}
    missing = tuple(label for label in telling_first(case.job.labels) if label.casefold() not in folded)
    bit = 1 << place
    covered = bool(match.covered & bit)
    online = bool(pool.online & bit)
    admits = pool.admission(runner, case.request).admits if covered else False
    idle = online and not pool.busy & bit
    return MatchRow(
        runner.key,
        runner.name,
        (covered, not missing, online, admits, idle),
        _note(case, runner, covered=covered, missing=missing, admits=admits),
    )


def _note(case: Case, runner: Runner, *, covered: bool, missing: tuple[str, ...], admits: bool | None) -> Phrase:
    """The first thing that stands in its way."""
    if not covered:
        return ("registered at ", Name(runner.scope))
    if missing:
        return sentence("lacks ", named(missing))
    if runner.key in case.inquiry.snapshot.missing:
        return ("not in the last list",)
    if not runner.online:
        return (Name(runner.status),)
    if not admits:
        group = case.inquiry.snapshot.group_of(runner)
        words = "may not admit it" if admits is None else "does not admit it"
        return sentence("group ", Name(group.name), f" {words}") if group else ("group rules not known",)
    return ("busy",) if runner.busy else ()
