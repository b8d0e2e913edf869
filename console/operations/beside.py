"""What is read beside the fleet: why jobs failed, releases, GitHub's page, versions, what single jobs wait for."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from msgspec.structs import replace

from console.fleet.failure import Failure
from console.fleet.models import FleetSnapshot, JobKey
from console.operations.failures import Failures
from console.operations.github_status import StatusReader
from console.operations.known import Known
from console.operations.latest_runner import LatestRunner
from console.operations.particulars import ParticularsReader
from console.operations.releases import ReleaseReader

PATIENCE_FOR_VERSION = 2.0
"""So long a command waits for which version of the runner is the newest."""


class Beside(NamedTuple):
    """Of one context. What is None is not read."""

    failures: Failures | None = None
    """Reads the logs of jobs that failed."""
    releases: ReleaseReader | None = None
    """Reads the releases of who releases."""
    status: StatusReader | None = None
    """Reads GitHub's own status page."""
    latest: LatestRunner | None = None
    """Reads which version of the runner is the newest."""
    particulars: ParticularsReader | None = None
    """Reads what single jobs wait for."""

    def follow(self, known: Known, arrived: Callable[[], None]) -> None:
        """`arrived` is told of every news; the versions asked about are those of the runners that are known."""
        for reader in self:
            if reader is not None:
                reader.arrived = arrived
        if self.latest is not None:
            self.latest.in_use = lambda: {runner.version for _, runner in known.runners.items() if runner.version}

    def seed(self, old: FleetSnapshot, now: datetime) -> None:
        """Start from what was remembered."""
        if self.status is not None:
            self.status.seed(old)
        if self.latest is not None and old.latest_runner is not None:
            self.latest.seed(old.latest_runner, now - old.latest_runner.looked_at)
        if self.particulars is not None:
            self.particulars.seed(old.particulars)

    def look_again(self) -> None:
        """The operator may have mended what could not be read."""
        if self.failures is not None:
            self.failures.look_again()
        if self.status is not None:
            self.status.look_again()

    async def answer(self) -> None:
        """For a command: what was asked of no place of the fleet has been answered, or long enough been waited for."""
        if self.status is not None:
            await self.status.answer()
        if self.latest is not None:
            await self.latest.answer(PATIENCE_FOR_VERSION)

    async def stop(self) -> None:
        """Give up what is being read."""
        for reader in self:
            if reader is not None:
                await reader.stop()

    def told(self, facts: FleetSnapshot) -> FleetSnapshot:
        """The facts, with what was read beside them."""
        if self.latest is not None:
            facts = replace(facts, latest_runner=self.latest.known)
        if self.particulars is not None:
            facts = replace(facts, particulars=self.particulars.frozen())
        return self.status.with_status(facts) if self.status is not None else facts

    def settled_failures(self) -> dict[JobKey, Failure]:
        """Why jobs failed, as far as it will not change."""
        return self.failures.settled() if self.failures is not None else {}
