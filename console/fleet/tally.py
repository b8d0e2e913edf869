"""What has been found in a log so far: how often, what of it is kept, and what became of it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import islice

from console.fleet.finder import Expected
from console.fleet.log_lines import Where
from console.fleet.log_times import Moment, moment, seconds_between
from console.fleet.verdicts import Match, Standing, Verdict, judge

KEPT_OF_ONE = 1_000
"""Matches of one signature that are kept, unless more are wanted: the first ones, and the newest."""
KEPT_IN_ALL = 10_000
"""Or twice as many as of one, where more are wanted; beyond it one of each signature."""
_LINES_WITH_TIMES = 20


class Tally:
    """Of one log; bounded, whatever it holds."""

    def __init__(self, expected: Mapping[str, Expected], keep: int = KEPT_OF_ONE) -> None:
        self._most, self._most_in_all = keep, max(KEPT_IN_ALL, 2 * keep)
        self.counts: Counter[str] = Counter()
        self._expected = expected
        self._kept: dict[str, list[Standing]] = {}
        self._kept_in_all = 0
        self._last_seen: dict[int, int] = {}
        self._awaiting: dict[int, list[Standing]] = {}
        self._latest: Moment = {}

    @property
    def awaits(self) -> bool:
        """Whether something must still follow, so that the time of later lines matters."""
        return any(self._awaiting.values())

    def add(self, match: Match, line: bytes) -> None:
        """A signature was found in this line."""
        name = match.signature.id
        self.counts[name] += 1
        standing = Standing(match, moment(line) if match.signature.followup else {})
        kept = self._kept.setdefault(name, [])
        follows = self._expected[name].follows
        awaiting = None if follows is None else self._awaiting.setdefault(follows, [])
        if kept and (len(kept) >= self._most or self._kept_in_all >= self._most_in_all):
            replaced = kept.pop()
            if awaiting and awaiting[-1] is replaced:
                awaiting.pop()
        else:
            self._kept_in_all += 1
        kept.append(standing)
        if awaiting is not None:
            awaiting.append(standing)

    def saw(self, rule: int, number: int, line: bytes) -> None:
        """A line was found that says what became of others."""
        self._last_seen[rule] = number
        if not self._awaiting.get(rule):
            return
        at = moment(line)
        for standing in self._awaiting[rule]:
            followup = standing.match.signature.followup
            if followup is not None and standing.match.line < number:
                passed = seconds_between(standing.at, at)
                standing.followed = passed is None or passed <= followup.within_seconds
        self._awaiting[rule] = [each for each in self._awaiting[rule] if each.followed is None]

    def note_time(self, end_of_text: bytes) -> None:
        """The log goes on at least until the time of its last line that has one."""
        lines = islice(reversed(end_of_text.splitlines()), _LINES_WITH_TIMES)
        self._latest = next((at for line in lines if (at := moment(line))), self._latest)

    def verdicts(self, where: Where, silent_until: datetime | None = None) -> list[Verdict]:
        """Of each kept match, in the order of the lines. Until that moment nothing more was written."""
        latest: Moment = self._latest if silent_until is None else {**self._latest, "zoned": silent_until}
        found = [
            judge(standing, self._expected[name], self._last_seen, latest, where)
            for name, kept in self._kept.items()
            for standing in kept
        ]
        return sorted(found, key=lambda verdict: verdict.match.line)
