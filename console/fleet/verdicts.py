"""What a known line is, once it is seen what else is in its log: serious, harmless, or over."""

from collections.abc import Mapping

import msgspec

from console.fleet.finder import Expected
from console.fleet.log_lines import Shown, Where
from console.fleet.log_times import Moment, seconds_between
from console.fleet.signatures import Harmless, Severity, Signature

_SHOWN: dict[Severity, Shown] = {
    "critical": "error",
    "error": "error",
    "warning": "warning",
    "notice": "info",
    "info": "info",
}
_RANK: tuple[Shown, ...] = ("info", "warning", "error")
_MAY_HOLD_TESTS: frozenset[Where] = frozenset({"job-log", "unknown"})
"""There a hint may be the output of somebody's own tests, and is a warning at most. Elsewhere it is what it says."""
_AN_ACTIONS_ERROR = b"##[error]"
"""What the runner or an action calls an error is no output of tests."""
_AN_ACTIONS_WARNING = b"##[warning]"
"""It goes on all the same."""


class Match(msgspec.Struct, frozen=True):
    """A known line, found. Columns are of the line as it was looked at: without codes for colours."""

    line: int
    """From 0."""
    offset: int
    """Of the line's first byte."""
    signature: Signature
    start: int
    end: int
    text: bytes
    """The line, or so much of it as shows the match. Foreign bytes: not for a screen as they are."""
    before: int = 0
    """Bytes of the line that come before `text`."""
    after: int = 0
    """Bytes of the line, as far as it was looked at, that come after it."""
    groups: dict[str, bytes] = {}
    """What the named groups of the pattern took: foreign bytes too."""

    @property
    def words(self) -> bytes:
        """What the pattern matched, as far as it is kept."""
        return self.text[self.start - self.before : self.end - self.before]


class Standing(msgspec.Struct):
    """A match, and what has become of it so far."""

    match: Match
    at: Moment = {}
    followed: bool | None = None
    """Whether what must follow came in time; None: not yet, or nothing must."""


class Verdict(msgspec.Struct, frozen=True):
    """What a match is, as far as the log was read."""

    match: Match
    severity: Shown
    harmless: Harmless
    cleared: bool
    """A later line ended it."""
    meaning: str
    worse: bool = False
    """The log also holds what makes it serious."""
    followed: bool | None = None
    """Whether what must follow came in time; None: it cannot be told, or nothing must."""

    @property
    def remedy(self) -> str:
        """What helps, in view of what else is in the log."""
        known = self.match.signature
        instead = known.worse.remedy if self.worse and known.worse is not None else None
        return instead or known.remedy

    @property
    def serious(self) -> bool:
        """An error that is neither over nor as a rule harmless."""
        return self.severity == "error" and self.harmless in {"never", "sometimes"} and not self.cleared


def judge(
    standing: Standing, expected: Expected, last_seen: Mapping[int, int], latest: Moment, where: Where
) -> Verdict:
    """`last_seen` has the last line of each rule, `latest` is the time up to which the log is known."""
    match, signature = standing.match, standing.match.signature
    followed = _followed(standing, latest)
    # What came before is how it came to this: a key that was missed is built, and then saved by whoever is first.
    worse = signature.worse if _seen_since(expected.worsens, match.line, last_seen) else None
    severity, harmless, meaning = _SHOWN[signature.severity], signature.harmless, signature.meaning
    if signature.severity == "error" and _AN_ACTIONS_WARNING in match.text:
        severity = "warning"
    if signature.followup is not None and followed is False:
        severity, harmless = _worst(severity, _SHOWN[signature.followup.severity]), "never"
    if worse is not None:
        severity, harmless, meaning = _worst(severity, _SHOWN[worse.severity]), "never", worse.meaning
    if harmless == "always":
        severity = "info"
    if signature.hint and where in _MAY_HOLD_TESTS and _AN_ACTIONS_ERROR not in match.text:
        severity = _mildest(severity, "warning")
    return Verdict(
        match,
        severity,
        harmless,
        cleared=expected.clears is not None and last_seen.get(expected.clears, -1) > match.line,
        meaning=meaning,
        worse=worse is not None,
        followed=followed,
    )


def _seen_since(rule: int | None, line: int, last_seen: Mapping[int, int]) -> bool:
    return rule is not None and last_seen.get(rule, -1) >= line


def _followed(standing: Standing, latest: Moment) -> bool | None:
    followup = standing.match.signature.followup
    if followup is None or standing.followed is not None:
        return standing.followed
    passed = seconds_between(standing.at, latest)
    return False if passed is not None and passed > followup.within_seconds else None


def _worst(one: Shown, other: Shown) -> Shown:
    return max(one, other, key=_RANK.index)


def _mildest(one: Shown, other: Shown) -> Shown:
    return min(one, other, key=_RANK.index)
