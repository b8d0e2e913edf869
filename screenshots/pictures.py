"""Which pictures there are, what each is drawn from, and the keys that lead there."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Keys(NamedTuple):
    """Pressed one after the other; then these words stand on the screen."""

    pressed: Sequence[str]
    lead_to: str
    agrees: bool = False
    """To what is asked: from then on the fleet's time passes."""


class Picture(NamedTuple):
    """A file, the pretend fleet in it, and the way from Now to what it shows."""

    name: str
    scenario: str
    size: tuple[int, int]
    way: Sequence[Keys] = ()

    @property
    def still(self) -> bool:
        """No time passes in its fleet."""
        return not any(keys.agrees for keys in self.way)


NOW: Mapping[str, str] = {
    "cache-service-404": "3 jobs of 3 repositories",
    "early-warnings": "11 findings",
    "healthy": "are doing their work",
    "idle-while-queued": "is stuck (likely",
    "label-typo": "may be misspelt",
    "session-conflict": "and it gave up",
}
"""What Now says once GitHub, logs and hosts have said what they know."""

RESTART = (Keys("a", "helps here"), Keys(("enter",), "Enter does it, once."))
PROOF = (
    *RESTART,
    Keys(("enter",), "Proved.", agrees=True),
    Keys((), "queued        1 "),
    Keys((), "its only runner is busy"),
)
LOG = (Keys(("3", "slash", *"class:cache", "enter"), "class:cache"), Keys("l", "in this log"))
OUTPUT = (
    Keys(("3", "slash", *"load", "enter"), "load"),
    Keys("O", "buffered by the runner"),
    Keys("3", "Jobs · "),
    Keys("L", "Job started"),
)
RUNBOOK = (Keys("R", "A runner is idle"), Keys(("enter",), "3 of 6"), Keys("jjjj", "Stops its listener"))

PICTURES = (
    Picture("now", "idle-while-queued", (100, 30)),
    Picture("now-80x24", "idle-while-queued", (80, 24)),
    Picture("now-healthy", "healthy", (100, 24)),
    Picture("runners-wide", "idle-while-queued", (160, 50), (Keys("2", "Runners · 54"),)),
    Picture("runners-80x24", "idle-while-queued", (80, 24), (Keys("2", "Runners · 54"),)),
    Picture("jobs", "idle-while-queued", (120, 30), (Keys("3", "Tests failed (JavaScript)"),)),
    Picture("explain", "label-typo", (120, 40), (Keys("x", "lacks gpu-a10"),)),
    Picture("explain-80x24", "label-typo", (80, 24), (Keys("x", "may be misspelt"),)),
    Picture("journal", "session-conflict", (120, 30), (Keys("L", "Service stopped after"),)),
    Picture("restart", "idle-while-queued", (110, 36), RESTART),
    Picture("restart-80x24", "idle-while-queued", (80, 24), RESTART),
    Picture("proof", "idle-while-queued", (110, 30), PROOF),
    Picture("proof-80x24", "idle-while-queued", (80, 24), PROOF),
    Picture("log", "cache-service-404", (120, 36), LOG),
    Picture("log-80x24", "cache-service-404", (80, 24), LOG),
    Picture("runbook", "idle-while-queued", (132, 22), RUNBOOK),
    Picture("runbook-80x24", "idle-while-queued", (80, 24), RUNBOOK),
    Picture("output", "idle-while-queued", (160, 36), (*OUTPUT, Keys("|", "FOLLOW"))),
    Picture("output-80x24", "idle-while-queued", (80, 24), (*OUTPUT, Keys("||", "FOLLOW"))),
    Picture("warnings", "early-warnings", (120, 30)),
    Picture("waits", "early-warnings", (120, 30), (Keys("W", "Waits · 11"),)),
    Picture("waits-80x24", "early-warnings", (80, 24), (Keys("W", "Waits · 11"),)),
    Picture("help", "idle-while-queued", (100, 40), (Keys("?", "Keys and commands"),)),
)
