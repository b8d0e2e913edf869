"""Runners held against one job, a check for each column, best match first."""

from console.fleet.findings import MatchRow, MatchTable
from console.fleet.inquiry import Case
from console.fleet.matching import Match, places_of
from console.fleet.models import Name, Phrase, Runner
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


def _tiers(case: Case, match: Match) -> tuple[int, ...]:
    """Sets of runners, those that come closest to taking the job first; later ones may repeat earlier ones."""
    pool, free = case.inquiry.pool, case.inquiry.pool.online & ~case.inquiry.pool.busy
    miss = pool.near_miss(case.request)
    short = miss.runners if miss else 0
    everyone = (1 << len(pool.runners)) - 1
    return (
        match.idle,
        match.uncertain & free,
        match.admitted,
        match.uncertain,
        match.online & free,
        match.online,
        match.labelled,
        short & free,
        short & pool.online,
        short,
        pool.having(case.request.labels, everyone),
        match.covered & free,
        match.covered,
        everyone,
    )


def _row(case: Case, match: Match, place: int) -> MatchRow:
    pool = case.inquiry.pool
    runner = pool.runners[place]
    folded = {label.casefold() for label in runner.labels}
    missing = tuple(label for label in case.job.labels if label.casefold() not in folded)
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
        return sentence("group ", Name(group.name), f" {words}") if group else ("its group's rules are not known",)
    return ("busy",) if runner.busy else ()
