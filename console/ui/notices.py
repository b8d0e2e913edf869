"""What is news: troubles and alerts are told when they appear, not once for each look."""

from collections.abc import Sequence

from console.fleet.lives import told
from console.operations.look import Look
from console.ui.trouble import Trouble


class Notices:
    """Remembers what has been told."""

    def __init__(self) -> None:
        self._troubles: frozenset[tuple[str, ...]] = frozenset()
        self._alerts: frozenset[str] | None = None

    def new_troubles(self, troubles: Sequence[Trouble]) -> list[Trouble]:
        """Those that were not there last time."""
        new = [trouble for trouble in troubles if trouble.key not in self._troubles]
        self._troubles = frozenset(trouble.key for trouble in troubles)
        return new

    def new_alert(self, look: Look) -> bool:
        """Whether a whole look has an alert that the whole look before it had not."""
        if not look.snapshot.whole or look.remembered:
            return False
        heard = told(look.findings, look.lives, look.snapshot.taken_at)
        alerts = frozenset(finding.key for finding in heard if finding.severity == "alert")
        known, self._alerts = self._alerts, alerts
        return known is not None and bool(alerts - known)
