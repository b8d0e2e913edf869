"""A drill: how long it took to see, to understand and to mend what was wrong with a pretend fleet."""

from collections.abc import Callable
from datetime import timedelta

from console.fleet.ages import age
from console.operations.interfaces import Clock


class Drill:
    """Of one scenario and its runbook, from when the fleet is first seen."""

    def __init__(self, runbook: str, solved: Callable[[], bool], clock: Clock) -> None:
        """`solved` may wait for the pretend world: it is called in a thread."""
        self.runbook = runbook
        self._solved = solved
        self._clock = clock
        self._began: float | None = None
        self._found: float | None = None
        self._understood: float | None = None
        self._mended: float | None = None
        self._was_wrong = False

    @property
    def over(self) -> bool:
        return self._mended is not None

    def seen(self, *, found: bool) -> None:
        """A whole look is on the screen, and whether anything was found in it."""
        now = self._clock.elapsed()
        self._began = now if self._began is None else self._began
        if found and self._found is None:
            self._found = now

    def looked_into(self) -> None:
        """An explanation or a log was opened. Before anything was found it explains nothing."""
        if self._found is not None and self._understood is None:
            self._understood = self._clock.elapsed()

    def ask_whether_solved(self, *, walked: bool) -> bool:
        """True once, when it is solved. Where nothing was wrong from the first, it is when the runbook is `walked`."""
        if self.over or self._began is None:
            return False
        solved = self._solved()
        self._was_wrong = self._was_wrong or not solved
        if not solved or not (self._was_wrong or walked):
            return False
        self._mended = self._clock.elapsed()
        return True

    def told(self) -> str:
        """What took how long."""
        if self._mended is None or self._began is None:
            return "Not solved."
        steps = (("detection", self._found), ("diagnosis", self._understood), ("repair", self._mended))
        said, before = [], self._began
        for name, at in steps:
            said.append(f"{name} {_span(at - before)}" if at is not None else f"{name} not seen")
            before = before if at is None else at
        return f"Solved: {', '.join(said)}; {_span(self._mended - self._began)} in all."


def _span(seconds: float) -> str:
    return age(timedelta(seconds=seconds))
