"""A drill: how long it took to see, to understand and to mend what was wrong with a pretend fleet."""

from collections.abc import Callable
from pathlib import Path

from console.operations.interfaces import Clock


class Drill:
    """Of one scenario and its runbook, from when the fleet is first seen."""

    def __init__(
        self,
        runbook: str,
        solved: Callable[[], bool],
        clock: Clock,
        *,
        speed: float = 1.0,
        records: Path | None = None,
    ) -> None:
        """`solved` may wait for the pretend world: it is called in a thread. In `records` what was walked stays."""
        self.runbook = runbook
        self.records = records
        self._solved = solved
        self._clock = clock
        self._speed = speed
        self._kept: list[Path] = []
        self._began: float | None = None
        self._found: float | None = None
        self._understood: float | None = None
        self._mended: float | None = None
        self._was_wrong = False

    @property
    def over(self) -> bool:
        return self._mended is not None

    def seen(self, *, found: bool) -> None:
        """A whole look is on the screen, and whether anything was found in it that leads to the runbook."""
        now = self._clock.elapsed()
        self._began = now if self._began is None else self._began
        if found and self._found is None:
            self._found = now

    def looked_into(self) -> None:
        """An explanation or a log was opened. Before anything was found it explains nothing."""
        if self._found is not None and self._understood is None and not self.over:
            self._understood = self._clock.elapsed()

    def kept(self, record: Path) -> None:
        """A walk of the drill is recorded there."""
        if record not in self._kept:
            self._kept.append(record)

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
        """What took how long, each from the end of the one before; where it was left early, how far it had come."""
        if self._began is None:
            return "Not solved: the fleet was not seen."
        end = self._mended if self._mended is not None else self._clock.elapsed()
        steps = [("detection", self._found), ("diagnosis", self._understood)]
        steps += [("repair", end)] if self.over else []
        said, before = [], self._began
        for name, at in steps:
            said.append(f"{name} {_span(before, at, self._began)}" if at is not None else f"{name} not seen")
            before = before if at is None else at
        how = "" if self._speed == 1 else f", in pretend time, {self._speed:g} times as fast"
        lasted = _span(self._began, end, self._began)
        if self.over:
            return f"Solved: {', '.join(said)}; {lasted} in all{how}."
        return f"Not solved when it was left after {lasted}{how}: {', '.join(said)}."

    def left(self) -> tuple[str, ...]:
        """What is told when the console has ended."""
        records = [f"its record: {path}" for path in self._kept] if self.records is not None else []
        return (self.told(), *records)


def _span(begin: float, end: float, zero: float) -> str:
    """To the second, of whole seconds since `zero`: so the parts make up the whole."""
    seconds = int(end - zero) - int(begin - zero)
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
