"""Rows by key, in the order shown: what passes the filter, how it is sorted, what is selected. Pure."""

from collections.abc import Callable, Hashable, Mapping
from operator import is_
from typing import Generic, TypeVar

from console.ui.columns import Fields, Row

K = TypeVar("K", bound=Hashable)


class Listing(Generic[K]):
    """The rows behind a table, and `view`: the keys of those that are shown, in their order."""

    def __init__(self) -> None:
        self.rows: Mapping[K, Row] = {}
        self.view: list[K] = []
        self.selected: set[K] = set()
        self.order: tuple[int, bool] | None = None
        """The column it is sorted by, and whether the other way round."""
        self._accepts: Callable[[Fields], bool] | None = None
        self._verdicts: dict[K, tuple[Row, bool]] = {}
        """What the filter said of which row: a row that says the same is not asked again."""

    def replace(self, rows: Mapping[K, Row]) -> bool:
        """Take these rows instead; False when they are the very same ones."""
        old, self.rows = self.rows, rows
        if rows is old:
            return False
        if len(rows) == len(old) and list(rows) == list(old) and all(map(is_, rows.values(), old.values())):
            return False
        self.selected = {key for key in self.selected if key in rows}
        self.arrange()
        return True

    def filter(self, accepts: Callable[[Fields], bool] | None) -> None:
        """Show only rows whose fields it accepts; None shows all."""
        self._accepts = accepts
        self._verdicts = {}
        self.arrange()

    def arrange(self) -> None:
        """Make the view anew."""
        rows = self.rows
        view = list(rows) if self._accepts is None else [key for key, row in rows.items() if self._passes(key, row)]
        if self.order is not None:
            column, reverse = self.order
            view.sort(key=lambda key: rows[key].sort_key(column), reverse=reverse)
        self.view = view
        if len(self._verdicts) > 2 * len(rows):
            self._verdicts = {key: verdict for key, verdict in self._verdicts.items() if key in rows}

    def _passes(self, key: K, row: Row) -> bool:
        known = self._verdicts.get(key)
        if known is not None and (known[0] is row or known[0] == row):
            return known[1]
        passes = self._accepts is None or self._accepts(row.fields())
        self._verdicts[key] = (row, passes)
        return passes

    def selected_keys(self) -> tuple[K, ...]:
        """The selected rows that are shown, in their order."""
        return tuple(key for key in self.view if key in self.selected) if self.selected else ()


def survivor(old: list[K], index: int, new: list[K]) -> int:
    """Where the row at `index` of the old order is now; if it is gone, the next one that is still there."""
    if not new or not old:
        return 0
    if old[index] in new[index : index + 1]:
        return index
    places = {key: place for place, key in enumerate(new)}
    for key in (*old[index:], *old[index::-1]):
        if key in places:
            return places[key]
    return min(index, len(new) - 1)
