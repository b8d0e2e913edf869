"""What is being carried out, as the screen looks at it."""

from datetime import timedelta

from console.fleet.models import Phrase
from console.fleet.words import several
from console.operations.interfaces import Clock
from console.operations.several import Several
from console.operations.undertaking import Ended, Undertaking
from console.ui import signs
from console.ui.plan_lines import last_words, outcome_word


class Work:
    """Something that goes on whether it is looked at or not."""

    looked_at = False
    """A dialog shows it: its end need not be told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began = clock.elapsed()

    @property
    def title(self) -> Phrase:
        """What is done, and to whom."""
        return ()

    def words(self) -> Phrase:
        """What was said of it last."""
        return ()

    def lasted(self) -> str:
        """For how long, in words."""
        return signs.age(timedelta(seconds=self._clock.elapsed() - self._began))


class OneWork(Work):
    """A plan."""

    def __init__(self, undertaking: Undertaking, clock: Clock) -> None:
        super().__init__(clock)
        self.undertaking = undertaking

    @property
    def title(self) -> Phrase:
        return self.undertaking.plan.title

    def words(self) -> Phrase:
        return last_words(self.undertaking)

    def end(self, ended: Ended) -> tuple[Phrase, bool]:
        """How it ended, and whether that is well."""
        return (f"{outcome_word(ended)}. ", *ended.words), ended.outcome in {"proved", "stopped"}


class SeveralWork(Work):
    """An action on several targets."""

    def __init__(self, sequence: Several, clock: Clock) -> None:
        super().__init__(clock)
        self.sequence = sequence

    @property
    def title(self) -> Phrase:
        action = self.sequence.action
        return (f"{action.title}: {several(len(self.sequence.targets), action.about)}",)

    def words(self) -> Phrase:
        undertaking = self.sequence.undertaking
        return (self.score(), " ", *(last_words(undertaking) if undertaking is not None else ()))

    def score(self) -> str:
        """How many were proved so far."""
        return f"{self.sequence.proved} of {len(self.sequence.targets)} proved."

    def end(self) -> tuple[Phrase, bool]:
        """As of one."""
        return (self.score(),), self.sequence.proved == len(self.sequence.targets)
