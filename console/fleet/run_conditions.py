"""What a run or a job must show before an act, or as its proof."""

import msgspec

from console.fleet.evidence import Evidence, RunNow
from console.fleet.models import Name, RunKey
from console.fleet.plans import Judgement

UNDER_WAY = frozenset({"queued", "in_progress", "waiting", "pending", "requested"})
"""What GitHub calls a run or a job that has not ended."""
WELL = frozenset({"success", "skipped", "neutral"})
NOT_WELL = frozenset({"failure", "timed_out", "cancelled"})
"""Of a job that "failed jobs" means."""


class AttemptEnded(msgspec.Struct, frozen=True):
    """This attempt of the run is over, and nobody has begun another."""

    run: RunKey
    attempt: int
    badly: bool = False
    """It must not have ended well: else there is nothing to be done again."""

    def judge(self, evidence: Evidence) -> Judgement:
        """GitHub's word."""
        run = evidence.of(RunNow(self.run))
        if run is None:
            return Judgement(False, ("GitHub does not know the run any more.",), hopeless=True)
        if run.attempt != self.attempt:
            return Judgement(False, (f"Somebody has begun attempt {run.attempt} meanwhile.",), hopeless=True)
        if run.status != "completed":
            return Judgement(False, ("The run is ", Name(run.status), "."))
        ended = ("The run has ended: ", Name(run.conclusion or "it does not say how"), ".")
        wanted = not self.badly or run.conclusion not in WELL
        return Judgement(wanted, ended, hopeless=not wanted)
