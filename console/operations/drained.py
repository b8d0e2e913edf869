"""Which runners this user's consoles have stopped on purpose."""

from console.errors import ConsoleError
from console.fleet.drained import drained
from console.fleet.models import RunnerKey
from console.operations.history import History


class Drained:
    """Of one context."""

    def __init__(self, history: History, context: str) -> None:
        self._history = history
        self._context = context

    def __call__(self) -> frozenset[RunnerKey]:
        """Waits for the disk: for a thread. None where the history cannot be read, which is told where it is shown."""
        try:
            return drained(self._history.entries(), self._context)
        except ConsoleError:
            return frozenset()
