"""The console's time in a demo: it passes as fast as the pretend world's, so that what is in time there is so here."""

from datetime import datetime, timedelta

from console.operations.interfaces import SystemClock


class PretendTime(SystemClock):
    """Begins with this machine's time. At 5 times the speed the fleet is looked at 5 times as often."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._from, self._began = super().wall(), super().elapsed()

    def wall(self) -> datetime:
        """UTC, by the pretend world."""
        return self._from + timedelta(seconds=self.elapsed() - self._began)

    def elapsed(self) -> float:
        """Seconds."""
        return self._began + (super().elapsed() - self._began) * self._speed

    async def sleep(self, seconds: float) -> None:
        """For so many seconds of the pretend world."""
        await super().sleep(seconds / self._speed)
