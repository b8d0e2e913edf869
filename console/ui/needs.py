"""How wide the columns of a table have to be for what was in view so far."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Generic, TypeVar

from console.ui.columns import Row, needs_of

K = TypeVar("K", bound=Hashable)

_REMEMBERED = 2_000


class Needs(Generic[K]):
    """`widths` grow with the rows that come into view and never shrink, so that little moves while one scrolls."""

    def __init__(self) -> None:
        self.widths: tuple[int, ...] = ()
        self._measured: dict[K, Row] = {}

    def measure(self, keys: Iterable[K], rows: Mapping[K, Row]) -> bool:
        """Look at those rows that are new; True when a column needs more than before."""
        if len(self._measured) >= _REMEMBERED:
            self._measured.clear()
        before = self.widths
        for key in keys:
            row = rows[key]
            if self._measured.get(key) is not row:
                self._measured[key] = row
                needed = needs_of(row)
                self.widths = tuple(map(max, self.widths, needed)) if self.widths else tuple(needed)
        return self.widths != before
