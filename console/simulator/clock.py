"""The pretend world's clock: it can be frozen, moved and speeded."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta


class WorldClock:
    """Starts at `start` and runs `speed` times as fast as this machine, until it is frozen or moved."""

    def __init__(
        self,
        start: datetime,
        speed: float = 1.0,
        *,
        frozen: bool = False,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self._elapsed = elapsed
        self._shown = start
        self._since = elapsed()
        self._speed = speed
        self._frozen = frozen

    def now(self) -> datetime:
        """The world's time."""
        if self._frozen:
            return self._shown
        return self._shown + timedelta(seconds=(self._elapsed() - self._since) * self._speed)

    @property
    def frozen(self) -> bool:
        return self._frozen

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        self._set(self.now())
        self._speed = speed

    def freeze(self) -> None:
        """Stand still; only `move` changes the time now."""
        self._set(self.now())
        self._frozen = True

    def thaw(self) -> None:
        """Run on from where it stands."""
        self._set(self.now())
        self._frozen = False

    def move(self, by: timedelta) -> None:
        """Jump ahead. The world never goes back."""
        if by < timedelta():
            raise ValueError("the world's time does not go back")
        self._set(self.now() + by)

    def _set(self, shown: datetime) -> None:
        self._shown = shown
        self._since = self._elapsed()
