"""What of a log can be folded, and what is. No Textual in here."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from console.fleet.log_lines import LogGroup


class Folds:
    """The groups of a log, in the order of their lines; each is called by the line of its title."""

    def __init__(self) -> None:
        self._groups: Sequence[LogGroup] = ()
        self._at: Mapping[int, LogGroup] = {}
        self._folded: set[int] = set()

    def set_groups(self, groups: Sequence[LogGroup]) -> None:
        """More have been found, or one has grown."""
        if groups != self._groups:
            self._groups = groups
            self._at = {group.start: group for group in groups}

    def open_all(self) -> None:
        self._folded.clear()

    def __bool__(self) -> bool:
        """Whether anything is folded."""
        return bool(self._folded)

    def hidden(self) -> list[tuple[int, int]]:
        """First lines and ends of what is folded away."""
        return [(start + 1, self._at[start].end) for start in self._folded if start in self._at]

    def under(self, line: int) -> int:
        """How many lines are folded away under that line."""
        group = self._at.get(line) if line in self._folded else None
        return group.end - group.start - 1 if group is not None else 0

    def turn(self, line: int) -> int | None:
        """Fold what has its title in that line or is around it, or open it. The title's line; None: there is none."""
        group = self._at.get(line) or self._around(line)
        if group is None:
            return None
        self._folded.symmetric_difference_update((group.start,))
        return group.start

    def turn_all(self) -> None:
        """Open all when anything is folded, else fold all."""
        self._folded = set() if self._folded else set(self._at)

    def open_around(self, line: int) -> None:
        """That line is to be seen."""
        self._folded = {start for start in self._folded if start not in self._at or not self._hides(start, line)}

    def _hides(self, start: int, line: int) -> bool:
        return start < line < self._at[start].end

    def _around(self, line: int) -> LogGroup | None:
        place = bisect_right(self._groups, line, key=lambda group: group.start) - 1
        group = self._groups[place] if place >= 0 else None
        return group if group is not None and line < group.end else None
