"""What the logs that were opened here say of runners."""

from console.fleet.models import Runner
from console.fleet.sightings import Sighting
from console.fleet.verdicts import Verdict
from console.operations.follow_log import Reading
from console.operations.interfaces import LogText


def sightings_in(reading: Reading, text: LogText, runner: Runner, host: str = "") -> tuple[Sighting, ...]:
    """Of each signature the last line, where it says when it was written.

    What is harmless is no sign of trouble; what is over is told as such. A few lines are read: it may be called while
    drawing.
    """
    last = {each.match.signature.id: each for each in reading.verdicts if _telling(each)}
    seen = (_seen(verdict, text, runner, host) for verdict in last.values())
    return tuple(each for each in seen if each is not None)


def _telling(verdict: Verdict) -> bool:
    return (verdict.severity != "info" or verdict.cleared) and verdict.harmless != "always"


def _seen(verdict: Verdict, text: LogText, runner: Runner, host: str) -> Sighting | None:
    lines = text.lines(verdict.match.line, 1)
    at = lines[0].at if lines else None
    if at is None:
        return None
    known = verdict.match.signature
    return Sighting(
        runner.key, runner.name, host, known.id, known.title, verdict.remedy, verdict.severity, at, verdict.cleared
    )
