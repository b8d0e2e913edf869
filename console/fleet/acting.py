"""What became of a script that acts, as it says it: refused, done, failed, or unknown."""

from collections.abc import Callable
from typing import NamedTuple

from console.fleet.frames import Frame
from console.fleet.history import PartOutcome
from console.fleet.host_facts import seconds
from console.fleet.models import Name, Phrase


class Acted(NamedTuple):
    """How a part that changes something has ended."""

    came: PartOutcome
    words: Phrase
    helps: Phrase = ()


_REFUSED: dict[str, str] = {
    "other-runner": "Another runner lives in that directory: nothing was done",
    "other-address": "The runner in that directory belongs to another GitHub address: nothing was done",
    "no-settings": "The runner's settings in that directory cannot be read: nothing was done",
    "no-unit": "systemd does not know the unit: nothing was done",
    "masked": "The unit is masked: nothing was done",
    "other-directory": "The unit runs another directory: nothing was done",
    "running": "The service runs already: nothing was done",
    "ended": "Somebody has stopped the service, or it has ended by itself: nothing was done",
    "begun-anew": "The service was started anew since this was looked at: nothing was done",
    "updating": "The runner updates itself: nothing was done",
    "unreadable": "A process of the unit could not be looked at, so whether a job runs is not known: nothing was done",
    "sudo-password": "sudo asks for a password, or does not allow it to this user: nothing was done",
    "sudo-tty": "sudo wants a terminal (requiretty): nothing was done",
    "sudo-not-allowed": "sudo does not allow it to this user: nothing was done",
    "sudo-unknown": "sudo does not let this user do it: nothing was done",
    "no-sudo": "There is no sudo there, and this user is not root: nothing was done",
    "no-directory": "The directory is not there, or may not be entered: nothing was done",
    "not-beside": "The new directory is not beside the old one: nothing was done",
    "not-removable": "It is a link, is not there, or the runner needs it: nothing was done",
    "root": "It would run as root, which the runner refuses: nothing was done",
    "shown": "The shell there would show the secret in the list of processes: nothing was done",
    "not-clean": "The directory holds something already: nothing was done",
    "no-program": "A program that is needed is not there: nothing was done",
}


class ActReading:
    """Takes the frames of a script that acts, one by one."""

    def __init__(self, clean: Callable[[str], str]) -> None:
        """`clean` makes foreign text harmless."""
        self._clean = clean
        self._begun = False
        self._acting = False
        self._ended: Acted | None = None

    def take(self, frame: Frame) -> Phrase:
        """What there is to say of it; empty: nothing."""
        word, fields = frame.word, tuple(map(self._clean, frame.fields))
        self._begun = True
        match word:
            case "refused":
                said = self._clean(frame.data.decode("utf-8", "replace")).strip()
                self._ended = Acted("refused", _refusal(fields, said))
                return self._ended.words
            case "doing":
                self._acting = True
                return (" ".join(fields),)
            case "state":
                return (Name(" ".join(fields)),)
            case "did":
                self._ended = self._did(fields, frame.data)
        return ()

    def end(self, lost: Acted | None = None) -> Acted:
        """`lost`: why nothing more was heard; None: it ended by itself."""
        if self._ended is not None:
            return self._ended
        if self._acting:
            why: Phrase = lost.words if lost is not None else ("The script ended in the middle.",)
            return Acted("unknown", why, lost.helps if lost is not None else ())
        if lost is not None:
            # Frames may have been lost with the connection: only a script that never began did nothing for sure.
            return lost._replace(came="unknown" if self._begun else "not-sent")
        return Acted("failed", ("The script ended without a word of what it did.",))

    def _did(self, fields: tuple[str, ...], data: bytes) -> Acted:
        status = fields[0] if fields else "?"
        if status == "0":
            return Acted("done", ("Done.",))
        said = self._clean(data.decode("utf-8", "replace")).strip()[:1000]
        ended: Phrase = (f"It ended with status {status}", *((": ", Name(said)) if said else (".",)))
        return Acted("failed", ended)


def _refusal(fields: tuple[str, ...], said: str) -> Phrase:
    reason, *rest = fields or ("?",)
    if reason == "busy":
        since = seconds(rest[0]) if rest else None
        when = f" since {since:%H:%M:%SZ}" if since else ""
        return (f"It is busy with a job{when}: nothing was done.",)
    if reason == "locked":
        return ("Somebody else is at work on it: ", Name(said or "they left no note"), ". Nothing was done.")
    words = _REFUSED.get(reason)
    if words is None:
        return ("The script refused: ", Name(reason), ". Nothing was done.")
    return (f"{words}.",) if not said else (f"{words}. ", Name(said))
