"""Which guided action helps against a cause, if any, and which must not be offered because it cannot."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from console.fleet.findings import WAITS_AS
from console.fleet.sightings import SAME_ON_SEVERAL

RESTARTS = frozenset({"restart-service", "restart-when-idle"})
STARTS = RESTARTS | {"start-service", "return"}
JIT = frozenset({"regenerate-jit", "regenerate-jit-labels", "register-then-jit"})
REGISTRATIONS = JIT | {"reregister", "reregister-local"}
RERUNS = frozenset(
    {f"rerun-{what}{how}" for what in ("job", "failed", "run") for how in ("", "-debug", "-when-finished")}
    | {"rerun-cache-failed", "rerun-release"}
)
ON_RUNNERS = STARTS | REGISTRATIONS
EVERY = ON_RUNNERS | RERUNS
"""All that begins something anew."""
_AFTER_FAILURE = "failed-"


class Remedy(NamedTuple):
    """Of one cause."""

    action: str = ""
    """Its id; empty: nothing that this console does helps."""
    forbidden: frozenset[str] = EVERY
    """They cannot help, or do harm."""
    why: str = ""
    """Why they cannot."""
    later: str = ""
    """What must come first, where the action does not help yet."""


_ANEW = frozenset({"reregister", "reregister-local"})
_START = frozenset({"start-service", "return"})
_NO_SUCH = "nothing here is mended by beginning anew"
_FAILS_AGAIN = "it would fail again"
_ROOM = "there would be as little room on its disk"
_DEAD = "there is nothing left to connect with"
_UPDATE = "without an update it would be of the same version"
_ITS_JIT = "what it was made with stays refused"
_STARTED = "its service does not run, and only has to be started"
_NOT_BEGUN = "its jobs have not begun"

NONE = Remedy()
FAILED = Remedy(forbidden=ON_RUNNERS, why="its runner is not to blame, as far as is known")
REMEDIES: Mapping[str, Remedy] = {
    WAITS_AS: Remedy(why="GitHub is in trouble: only its end helps"),
    "idle-while-queued": Remedy("restart-service", EVERY - RESTARTS - REGISTRATIONS),
    "several-idle": Remedy("", EVERY - RESTARTS - REGISTRATIONS),
    "session-stuck": Remedy("restart-service", EVERY - RESTARTS - REGISTRATIONS),
    "hung-after-acknowledge": Remedy("restart-service", EVERY - RESTARTS - REGISTRATIONS),
    "hung-for-one-job": Remedy("regenerate-jit", EVERY - RESTARTS - REGISTRATIONS),
    "only-offline-runners": Remedy("start-service", EVERY - _START - _ANEW - {"regenerate-jit"}),
    "runners-offline": Remedy("", EVERY - _START - _ANEW - {"regenerate-jit"}),
    "service-stopped": Remedy("start-service", EVERY - _START, why=_STARTED),
    "session-conflict": Remedy("start-service", EVERY - _START, why=_STARTED),
    "session-held": Remedy(why="the other listener goes on"),
    "drained": Remedy("return", EVERY - _START, why="it was stopped on purpose"),
    "registration-lost": Remedy("reregister", EVERY - _ANEW, why=_DEAD),
    "disk-full": Remedy("free-disk", why=_ROOM),
    "disk-filling": Remedy("free-disk", why=_ROOM),
    "disk-low": Remedy("free-disk", why=_ROOM),
    "near-removal": Remedy("start-service", EVERY - _START, why=_STARTED),
    "no-autoscaled-runner": Remedy("regenerate-jit", EVERY - {"regenerate-jit", "regenerate-jit-labels"}),
    "jit-used-up": Remedy("regenerate-jit", EVERY - {"regenerate-jit", "regenerate-jit-labels"}, why=_DEAD),
    "jit-refused": Remedy("regenerate-jit", EVERY - JIT, why=_ITS_JIT),
    "jit-without-default-labels": Remedy("regenerate-jit-labels", EVERY - {"regenerate-jit-labels"}),
    "no-runner-has-labels": Remedy("adjust-labels", EVERY - {"regenerate-jit-labels"}),
    "clock-wrong": Remedy(why="its clock would be as wrong"),
    "no-way-to-github": Remedy(why="its host does not reach GitHub"),
    "host-overloaded": Remedy(why="its host would be as overloaded"),
    "version-refused": Remedy(why=_UPDATE),
    "outdated-runner": Remedy(why=_UPDATE),
    "version-ends": Remedy(why=_UPDATE),
    "self-update": Remedy(why="it would cut off its update"),
    "self-update-stuck": Remedy(why="its update would not come to an end either"),
    "orphan-worker": Remedy(why="it would cut off what its worker does"),
    "phantom-busy": Remedy(forbidden=EVERY - _ANEW, why="GitHub would count it as busy all the same"),
    "restart-loop": Remedy(forbidden=EVERY - _ANEW, why="it would end again"),
    SAME_ON_SEVERAL: Remedy(forbidden=STARTS, why="it is on several at once"),
    "acquire-failed": Remedy(forbidden=ON_RUNNERS, why="it is GitHub that fails"),
    "lost-at-work": Remedy(forbidden=EVERY - _START, why="GitHub waits for the job that it had"),
    "queued-past-limit": Remedy("cancel-run", why=_NOT_BEGUN),
    "failed-cache": Remedy("rerun-cache-failed", ON_RUNNERS, why=_FAILS_AGAIN),
    "failed-cache-service": Remedy(
        "rerun-cache-failed", ON_RUNNERS, why=_FAILS_AGAIN, later="once GitHub's cache answers again"
    ),
    "failed-cache-for-good": Remedy(forbidden=EVERY, why=_FAILS_AGAIN),
    "failed-remote-cache": Remedy(
        "rerun-cache-failed", ON_RUNNERS, why=_FAILS_AGAIN, later="once the build cache takes uploads again"
    ),
    "failed-remote-cache-again": Remedy("rerun-cache-failed", ON_RUNNERS, why=_FAILS_AGAIN),
    "failed-release": Remedy("rerun-release", ON_RUNNERS, why=_FAILS_AGAIN),
    "release-draft": Remedy("rerun-release", ON_RUNNERS),
    "release-twice": Remedy("rerun-release", ON_RUNNERS),
    "release-unfinished": Remedy("rerun-release", ON_RUNNERS),
}
"""By the cause that decides (`remedied_as`). A restart is only for what it can help against: of every other cause it is
forbidden."""


def remedy_of(cause: str) -> Remedy:
    """Of a cause that is not listed nothing helps that this console does."""
    return REMEDIES.get(cause, FAILED if cause.startswith(_AFTER_FAILURE) else NONE)


def why_vain(action: str, causes: Iterable[str]) -> str:
    """Why that action does not help against one of them, in a few words; empty: that is not known of it."""
    for cause in sorted(causes):
        remedy = remedy_of(cause)
        if action in remedy.forbidden:
            waits = action in RERUNS and cause != WAITS_AS and not cause.startswith(_AFTER_FAILURE)
            return _NOT_BEGUN if waits else remedy.why or _NO_SUCH
    return ""
