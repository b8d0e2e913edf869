"""What will happen in the pretend world, in the order in which it will."""

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta

Happening = Callable[[], object]


class Timeline:
    """Plays happenings at their own time, however seldom anybody looks: the same history for every observer."""

    def __init__(self, begins: datetime) -> None:
        self.now = begins
        self._ahead: list[tuple[datetime, int, Happening]] = []
        self._serial = 0

    def at(self, when: datetime, happening: Happening) -> None:
        """Let it happen then; what would be in the past happens next."""
        heapq.heappush(self._ahead, (max(when, self.now), self._serial, happening))
        self._serial += 1

    def after(self, seconds: float, happening: Happening) -> None:
        """Let it happen so many seconds from now."""
        self.at(self.now + timedelta(seconds=seconds), happening)

    def every(self, seconds: float, happening: Happening) -> None:
        """Let it happen again and again, the first time one interval from now."""

        def again() -> None:
            happening()
            self.after(seconds, again)

        self.after(seconds, again)

    def advance(self, to: datetime) -> None:
        """Play everything up to `to`."""
        while self._ahead and self._ahead[0][0] <= to:
            when, _, happening = heapq.heappop(self._ahead)
            self.now = when
            happening()
        self.now = max(self.now, to)
