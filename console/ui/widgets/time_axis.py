"""Several logs on one screen go through time together: those that the operator does not move follow the one he does."""

import asyncio
from collections.abc import Callable, Sequence

from console.ui.widgets.log_view import LogView

EVERY = 0.1
"""Seconds: more often than that nobody looks at the others."""


class TimeAxis:
    """Where the operator has gone last, and that the others are on their way there."""

    def __init__(self, shown: Callable[[], Sequence[LogView]]) -> None:
        """`shown` is what is on the screen at that moment."""
        self._shown = shown
        self._leading: LogView | None = None
        self._under_way = False

    def lead(self, view: LogView) -> bool:
        """The others follow that one. Whether `follow` has to be started for it."""
        self._leading = view
        return not self._under_way

    async def follow(self) -> None:
        """Until all are where the operator went last."""
        self._under_way = True
        try:
            while (leading := self._leading) is not None:
                self._leading = None
                await self._go_with(leading)
                await asyncio.sleep(EVERY)
        finally:
            self._under_way = False

    async def _go_with(self, leading: LogView) -> None:
        stood = {view: _place(view) for view in self._shown()}
        moment = await asyncio.to_thread(leading.time_here)
        if moment is None:
            return
        for view, place in stood.items():
            if view is leading or (view.following and leading.at_end):
                continue
            line = await view.line_at(moment)
            # Where the operator has gone himself meanwhile, there he is.
            if line is not None and view.is_attached and _place(view) == place:
                view.follow_to(line, at_end=leading.following)


def _place(view: LogView) -> int | None:
    """None: at the end, wherever that is."""
    return None if view.following else view.cursor_line
