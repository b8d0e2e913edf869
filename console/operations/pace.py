"""How often to look, so that a large fleet stays far from GitHub's limits."""

from datetime import datetime, timedelta
from math import exp

from console.fleet.server import Budget

REQUESTS_A_MINUTE = 600
"""Two thirds of the 900 points a minute that GitHub's secondary limit allows."""
RESERVE = 0.15
"""Of the hourly limit, kept for the operator's own requests."""
SPARE = 0.3
"""With less than this share of the hourly limit left nothing is asked by itself but what watches the fleet."""
SLOWEST = 40.0
LATELY = 300.0
QUIET_REQUESTS = 6
"""For one quiet repository: its runs in five states, and those that have ended."""


def stretch(requests: int, every: timedelta, spent_a_second: float, budget: Budget, now: datetime) -> float:
    """By what factor (1 to 40) the interval `every` must grow.

    `requests` are sent in each interval; `spent_a_second` is what GitHub has charged lately: 304 answers are free.
    """
    by_rate = requests / (REQUESTS_A_MINUTE * every / timedelta(minutes=1))
    by_budget = 1.0
    if budget.limit and budget.remaining is not None and budget.resets_at is not None:
        left = max(budget.remaining - budget.limit * RESERVE, 1.0)
        seconds = max((budget.resets_at - now).total_seconds(), 1.0)
        by_budget = spent_a_second * seconds / left
    return min(max(1.0, by_rate, by_budget), SLOWEST)


def quiet_cycle(repositories: int) -> timedelta:
    """How long it takes to read so many quiet repositories with half of the requests that may be sent."""
    return timedelta(minutes=repositories * QUIET_REQUESTS / (REQUESTS_A_MINUTE / 2))


def affordable(budget: Budget) -> bool:
    """Whether something may be asked for by itself that does not keep watch of the fleet."""
    if budget.held_until is not None:
        return False
    return budget.limit is None or budget.remaining is None or budget.remaining > budget.limit * SPARE


class Spending:
    """What GitHub has charged in the last minutes, told from how the remaining budget falls.

    Some looks ask for much more than others: over less time, one of them would seem to empty the budget.
    """

    def __init__(self) -> None:
        self.a_second = 0.0
        self._mark: tuple[float, int] | None = None

    def note(self, elapsed: float, budget: Budget) -> None:
        """Call it now and then; a budget that grew was renewed and tells nothing."""
        if budget.remaining is None:
            return
        if self._mark is not None and self._mark[1] >= budget.remaining and elapsed > self._mark[0]:
            seconds = elapsed - self._mark[0]
            lately = (self._mark[1] - budget.remaining) / seconds
            self.a_second += (lately - self.a_second) * (1 - exp(-seconds / LATELY))
        self._mark = (elapsed, budget.remaining)
