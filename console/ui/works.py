"""What is being carried out, as the screen looks at it."""

from datetime import timedelta

from console.fleet.models import Phrase
from console.operations.interfaces import Clock
from console.operations.undertaking import Undertaking
from console.ui import signs
from console.ui.plan_lines import last_words


class Work:
    """An undertaking, and since when it is one."""

    def __init__(self, undertaking: Undertaking, clock: Clock) -> None:
        self.undertaking = undertaking
        self.looked_at = False
        """A dialog shows it."""
        self._clock = clock
        self._began = clock.elapsed()

    def lasted(self) -> str:
        """For how long, in words."""
        return signs.age(timedelta(seconds=self._clock.elapsed() - self._began))

    def words(self) -> Phrase:
        """What was said of it last."""
        return last_words(self.undertaking)
