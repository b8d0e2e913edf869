"""What the rules conclude: findings, and explanations condition by condition."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Literal

import msgspec

from console.fleet.models import JobKey, Phrase, RunKey, RunnerKey, counted, plain

Certainty = Literal["proved", "likely", "possible", "unknown"]
Severity = Literal["alert", "watch", "info"]

CERTAINTY: dict[Certainty, str] = {
    "proved": "proved",
    "likely": "likely, not proved",
    "possible": "possible, not proved",
    "unknown": "could not be told for sure",
}
"""How sure a verdict is, in words."""
WAITS_AS = "github-incident"
"""The cause that decides what can be done while GitHub is in trouble: nothing helps but to wait."""
Side = Literal["here", "github"]


def at_most_possible(certainty: Certainty) -> Certainty:
    """Of what rests on facts that are late."""
    return "possible" if certainty in {"proved", "likely"} else certainty


class Whose(msgspec.Struct, frozen=True):
    """Is it us or GitHub, of what many have at once."""

    side: Side
    certainty: Certainty
    words: Phrase
    """What says so, and how sure it is."""


class Finding(msgspec.Struct, frozen=True):
    """Something wrong, or something that explains a wait: who, what, how sure, why, and what helps."""

    cause: str
    """Id of the rule, such as `idle-while-queued`."""
    severity: Severity
    certainty: Certainty
    subject: Phrase
    """A runner's name, a job, or "3 jobs that want …"."""
    summary: Phrase
    """The finding in a few words, without the subject: "idle 14 min, 3 matching jobs wait"."""
    since: datetime
    evidence: tuple[Phrase, ...] = ()
    """Each a sentence about something that was seen."""
    suspicion: Phrase = ()
    """What is probably behind it: `certainty` is how sure that is, and the summary was seen. Empty where the summary
    says it all."""
    helps: Phrase = ()
    runners: tuple[RunnerKey, ...] = ()
    jobs: tuple[JobKey, ...] = ()
    """Those that waited longest first."""
    runs: tuple[RunKey, ...] = ()
    """Of a finding that is about runs and not about single jobs of them."""
    suspect: RunnerKey | None = None
    """It is not about this runner, whose logs may tell why."""
    found_as: str = ""
    """The cause that it had before its host told more; empty: the cause is as it was found."""
    about: str = ""
    """What tells it from others of the same cause and does not change while it lasts; the subject if empty."""
    spread: Phrase = ()
    """Of what several have at once: how many of how many, and what these have in common that the others lack."""
    whose: Whose | None = None
    """Us or GitHub, where it may be either."""
    waits: bool = False
    """Nothing is advised before the end of GitHub's incident."""
    remedied: str = ""
    """What decides which action helps, where that is not the cause alone; a key of `REMEDIES`."""
    parts: tuple["Finding", ...] = ()
    """Those that are told here as one, the oldest first."""

    @property
    def key(self) -> str:
        """The same finding has the same key from look to look."""
        return f"{self.found_as or self.cause} {self.about or plain(self.subject)}"

    @property
    def keys(self) -> frozenset[str]:
        """Its own, and those of its parts."""
        return frozenset({self.key, *(part.key for part in self.parts)})

    @property
    def remedied_as(self) -> str:
        """The cause that decides which action helps."""
        return WAITS_AS if self.waits else self.remedied or self.cause

    def at(self, now: datetime) -> "Finding":
        """The same with its ages as they are now."""
        evidence = tuple(counted(each, now) for each in self.evidence)
        return msgspec.structs.replace(
            self, summary=counted(self.summary, now), evidence=evidence, spread=counted(self.spread, now)
        )


def one_by_one(findings: Iterable[Finding]) -> Iterator[Finding]:
    """What is told as one comes in its parts: which jobs wait for which runner is only known of each."""
    for finding in findings:
        yield from finding.parts or (finding,)


class Reason(msgspec.Struct, frozen=True, gc=False):
    """Why one job waits, in a few words for a column of a table."""

    cause: str
    text: Phrase


class Diagnosis(msgspec.Struct, frozen=True):
    """Everything the rules conclude from one snapshot."""

    findings: tuple[Finding, ...] = ()
    """Worst first, then oldest. None before the first look is whole."""
    reasons: Mapping[JobKey, Reason] = {}
    """Exactly one for each job that has not started."""
    wedged: frozenset[RunnerKey] = frozenset()
    """Runners that idle while jobs which they could take stay queued."""
    takers: Mapping[JobKey, int | None] = {}
    """For each queued job how many online runners could take it, busy ones included; None: it could not be told."""


Found = tuple[Phrase, bool | None]
"""What was found of a condition, and whether it is met; None: it could not be told, and the words say why."""


class Condition(msgspec.Struct, frozen=True):
    """One link of a chain of reasons. `met` None: it could not be told, and `found` says why."""

    text: str
    """Our words for what must hold, "a runner has all labels"."""
    found: Phrase
    met: bool | None
    asked: bool = True
    """False: nobody looked, as what stands before it does not hold."""
    brief: str = ""
    """A word for it where it is met and one of many: "clock"."""


class MatchRow(msgspec.Struct, frozen=True):
    """How one runner stands to one job: a check for each column of the table, None where it could not be told."""

    runner: RunnerKey
    name: str
    checks: tuple[bool | None, ...]
    note: Phrase = ()
    """What is missing, in a few words: the label it lacks, the group that does not admit the repository."""


class MatchTable(msgspec.Struct, frozen=True):
    """Runners against one job, best match first. `more` counts the runners that are left out."""

    columns: tuple[str, ...]
    rows: tuple[MatchRow, ...]
    more: int = 0


class Explanation(msgspec.Struct, frozen=True):
    """Why a job waits, or what a runner is doing: the chain, the match table, one sentence and what helps."""

    subject: Phrase
    conditions: tuple[Condition, ...]
    cause: str
    """Id of the cause, `""` when nothing is wrong."""
    certainty: Certainty
    conclusion: Phrase
    helps: Phrase = ()
    table: MatchTable | None = None
    jobs: tuple[JobKey, ...] = ()
    """For a runner: the queued jobs that it could take."""
    notes: tuple[Phrase, ...] = ()
    """More that was seen, each a sentence: the near miss, the jobs that wait, sources that are late."""
    suspicion: Phrase = ()
    """As that of a finding."""
    waits: bool = False
    """As that of a finding."""
    remedied: str = ""
    """As that of a finding."""

    @property
    def remedied_as(self) -> str:
        """As that of a finding."""
        return WAITS_AS if self.waits else self.remedied or self.cause

    @property
    def first_unmet(self) -> Condition | None:
        """The first condition that does not hold; where nothing is concluded, else the first that could not be told."""
        for met in (False, None) if self.certainty == "unknown" else (False,):
            for condition in self.conditions:
                if condition.met is met:
                    return condition
        return None

    def at(self, now: datetime) -> "Explanation":
        """The same with its ages as they are now."""
        links = tuple(msgspec.structs.replace(each, found=counted(each.found, now)) for each in self.conditions)
        notes = tuple(counted(each, now) for each in self.notes)
        conclusion = counted(self.conclusion, now)
        return msgspec.structs.replace(self, conditions=links, conclusion=conclusion, notes=notes)
