"""Models into styled text; pure. The only way foreign text reaches a widget, and never as markup."""

from collections.abc import Sequence

import msgspec
from textual.content import Content, Span

from console.fleet.findings import CERTAINTY, Certainty, Finding, MatchRow, MatchTable, Severity
from console.fleet.line_ends import tied, untied
from console.fleet.models import Phrase, SourceKind, plain
from console.ui import signs
from console.ui.columns import Cell, Column, Fields, FixedRow, Part, SortKey, cell, phrase_parts
from console.ui.job_row import JOB_COLUMNS, STEP_COLUMNS, job_row, state_of, step_row
from console.ui.runner_row import RUNNER_COLUMNS, runner_row
from console.ui.signs import Sign

__all__ = [
    "FINDING_COLUMNS",
    "JOB_COLUMNS",
    "RUNNER_COLUMNS",
    "SEVERITIES",
    "STEP_COLUMNS",
    "check_part",
    "content",
    "finding_row",
    "job_row",
    "kind_word",
    "lines_of",
    "match_columns",
    "match_row",
    "phrase",
    "phrase_parts",
    "runner_row",
    "severity_part",
    "state_of",
    "step_row",
]

_CONTENT_STYLES = {
    "muted": "$text-muted",
    "error": "bold $error",
    "warning": "$warning",
    "success": "$success",
    "accent": "$accent",
    "foreign": "$secondary",
    "strong": "bold",
    "key": "bold $accent",
    "tab": "bold $foreground on $surface",
    "tab-key": "bold $accent on $surface",
    "badge": "bold reverse",
    "badge-write": "bold $warning reverse",
}
"""For widgets other than the table; the first seven are the colours of its component classes."""


# Phrases.


def content(parts: Sequence[Part]) -> Content:
    """Parts for any widget. The text is taken as it is: brackets are brackets."""
    spans: list[Span] = []
    at = 0
    for text, style in parts:
        if style and text:
            spans.append(Span(at, at + len(text), _CONTENT_STYLES[style]))
        at += len(text)
    return Content("".join(part.text for part in parts), spans)


def phrase(sentence: Phrase, style: str = "") -> Content:
    """A sentence for any widget."""
    return content(phrase_parts(sentence, style))


def lines_of(said: Content, width: int) -> list[Content]:
    """Broken between words; a number and its unit are one."""
    together = tied(said.plain)
    if together == said.plain:
        return said.wrap(width)
    lines = Content(together, list(said.spans)).wrap(width)
    return [Content(untied(line.plain), list(line.spans)) for line in lines]


# Findings.

FINDING_COLUMNS = (
    Column("Finding", 24, 16, 0, cut="middle", grow=2),
    Column("What", 36, 16, 0, grow=3),
    Column("Cause", 26, 20, 2, grow=1),
    Column("Since", 7, 7, 1, align="right", cut="never"),
)
_SEVERITIES: dict[Severity, tuple[Sign, str]] = {
    "alert": ("alert", "error"),
    "watch": ("watch", "warning"),
    "info": ("info", "muted"),
}
SEVERITIES = tuple(_SEVERITIES)
"""What `status:` may ask for in Now."""


class FindingRow(msgspec.Struct, frozen=True):
    """One finding; the worst comes first."""

    finding: Finding
    title: str
    """Of its cause, in our words."""

    def cells(self) -> tuple[Cell, ...]:
        finding = self.finding
        sign = severity_part(finding.severity)
        return (
            Cell((sign, Part(" "), *phrase_parts(finding.subject))),
            Cell(phrase_parts(finding.summary)),
            cell(self.title, "muted"),
            cell("", since=finding.since),
        )

    def sort_key(self, column: int) -> SortKey:
        finding = self.finding
        if column == 0:
            return list(_SEVERITIES).index(finding.severity), plain(finding.subject).casefold()
        return (plain(finding.summary), self.title, -finding.since.timestamp())[column - 1]

    def fields(self) -> Fields:
        finding = self.finding
        text = f"{plain(finding.subject)} {plain(finding.summary)} {self.title} {finding.cause}"
        return {
            "text": text,
            "status": finding.severity,
            "repo": sorted({job.repository for job in finding.jobs}),
        }


def finding_row(finding: Finding, title: str) -> FindingRow:
    """One line of Now."""
    return FindingRow(finding, title)


def severity_part(severity: Severity) -> Part:
    """The sign of a severity, as wide as the widest of them."""
    name, style = _SEVERITIES[severity]
    widest = max(len(signs.sign(name)) for name, _ in _SEVERITIES.values())
    return Part(signs.sign(name).ljust(widest), style)


# Explanations.


def certainty_part(certainty: Certainty) -> Part:
    """Behind what it is about."""
    return Part(f" ({CERTAINTY[certainty]})", "muted")


_CHECKS: dict[bool | None, tuple[Sign, str]] = {
    True: ("proved", "muted"),
    False: ("failed", "error"),
    None: ("unproved", "warning"),
}


def check_part(met: bool | None) -> Part:
    """Met, not met, or could not be told."""
    name, style = _CHECKS[met]
    return Part(signs.sign(name), style)


def match_columns(table: MatchTable) -> tuple[Column, ...]:
    """The runner, one column for each check, and what is missing."""
    checks = (Column(title, max(len(title), 6), max(len(title), 6), 1) for title in table.columns)
    return (Column("Runner", 24, 14, 0, cut="middle", grow=2), *checks, Column("Missing", 24, 12, 2, grow=3))


def match_row(row: MatchRow) -> FixedRow:
    """How one runner stands to a job."""
    checks = (Cell((check_part(met),)) for met in row.checks)
    return FixedRow((cell(row.name, "foreign"), *checks, Cell(phrase_parts(row.note))))


# Sources.


def kind_word(kind: SourceKind) -> str:
    """What a kind of source is called: it is a list that is so old, and no job that has waited or ended so long."""
    return {"finished": "lately ended", "waiting": "held"}.get(kind, kind)
