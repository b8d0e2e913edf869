"""Now: the findings, worst first, with the evidence of the one under the cursor; or that there is nothing to find."""

from collections.abc import Mapping
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.widgets import Static

from console.fleet.findings import Finding
from console.fleet.models import Phrase, Progress, plain
from console.fleet.totals import Totals, totals
from console.fleet.words import count, several
from console.operations.watch import Look
from console.ui import cells, signs
from console.ui.columns import Part, Row
from console.ui.cells import FINDING_COLUMNS, finding_row
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.table_pane import TablePane
from console.ui.widgets.fleet_table import FleetTable

_CERTAINTY = {"proved": "proved", "likely": "likely", "possible": "possible", "unknown": "could not be told for sure"}
_SPARK_WIDTH = 40
"""Whole looks that the sparklines show."""


class NowPane(TablePane[str]):
    """Findings and evidence, side by side where it is wide; the pulse of the fleet below."""

    heading = "Now"
    columns = FINDING_COLUMNS

    def __init__(self) -> None:
        super().__init__()
        self._findings: dict[str, Finding] = {}

    def compose(self) -> ComposeResult:
        """Title; findings and evidence, or the words for none; pulse."""
        yield Static(classes="pane-title")
        with Container(id="findings"):
            yield self.table
            with Vertical(id="evidence"):
                yield Static(classes="evidence-title")
                yield Static(classes="evidence-text")
        yield Static(id="calm")
        yield Static(id="pulse")

    def rows(self, look: Look) -> Mapping[str, Row]:
        """One for each finding."""
        return {finding.key: finding_row(finding, finding.cause) for finding in look.findings}

    def empty(self, look: Look) -> Phrase:
        """Never seen: without findings there is no table."""
        return ()

    def draw(self, look: Look) -> None:
        """The table when there is something in it, else the state of the fleet in words."""
        self._findings = {finding.key: finding for finding in look.findings}
        self.query_one("#findings").display = bool(self._findings)
        calm = self.query_one("#calm", Static)
        calm.display = not self._findings
        counts = totals(look.snapshot)
        if not self._findings:
            calm.update(Content("\n").join(calm_lines(look, counts)))
        super().draw(look)
        self._draw_evidence()
        pulse = self.query_one("#pulse", Static)
        pulse.display = look.snapshot.whole
        pulse.update(Content("\n").join(pulse_lines(look, counts, bool(self._findings))))

    def title_parts(self, look: Look) -> list[Part]:
        """`Now · 3 findings`."""
        number = len(self._findings)
        parts = [Part(self.heading, "strong"), Part(f" · {several(number, 'finding')}" if number else "", "muted")]
        if look.remembered:
            parts.append(Part(f" · as of {signs.age(self._age(look))} ago, from last time", "warning"))
        if self.filter_text:
            parts += [Part(f" · {count(len(self.table.view))} match ", "muted"), Part(self.filter_text, "accent")]
        return parts

    def draw_ages(self, now: datetime) -> None:
        """The title counts too while it shows what is remembered."""
        super().draw_ages(now)
        if self.look is not None and self.look.remembered:
            self.draw_title(self.look)

    @on(FleetTable.RowHighlighted)
    def _highlighted(self) -> None:
        self._draw_evidence()
        self.screen.refresh_bindings()

    def _draw_evidence(self) -> None:
        finding = self._finding()
        self.query_one("#evidence").display = finding is not None
        if finding is not None:
            self.query_one(".evidence-title", Static).update(evidence_title(finding))
            self.query_one(".evidence-text", Static).update(evidence_text(finding))

    def _finding(self) -> Finding | None:
        return self._findings.get(self.table.cursor_key or "")

    @on(FleetTable.RowChosen)
    def _chosen(self) -> None:
        finding = self._finding()
        place = place_of(finding) if finding is not None else None
        if place is not None:
            self.post_message(Pane.Asked(place))

    def target(self) -> Target | None:
        """The runner, or the job that has waited longest."""
        finding = self._finding()
        if finding is None:
            return None
        return next(iter((*finding.runners, *finding.jobs)), None)

    def copied(self) -> str:
        """Subject and summary of each."""
        found = [self._findings[key] for key in self.marked() if key in self._findings]
        return "\n".join(f"{plain(finding.subject)}: {plain(finding.summary)}" for finding in found)

    def url(self) -> str:
        """Of the job that has waited longest."""
        finding = self._finding()
        if finding is None or not finding.jobs or self.look is None:
            return ""
        job = self.look.snapshot.jobs.get(finding.jobs[0])
        return job.url if job is not None else ""


def place_of(finding: Finding) -> Place | None:
    """Its runner, its job, or the list of its jobs."""
    if len(finding.runners) == 1:
        return Place("runner", finding.runners[0])
    if len(finding.jobs) == 1:
        return Place("job", finding.jobs[0])
    if finding.jobs:
        return Place("jobs", only=frozenset(finding.jobs))
    return Place("runner", finding.runners[0]) if finding.runners else None


def evidence_title(finding: Finding) -> Content:
    """`Evidence · proved`."""
    return cells.content([Part("Evidence", "strong"), Part(f" · {_CERTAINTY[finding.certainty]}", "muted")])


def evidence_text(finding: Finding) -> Content:
    """The whole finding, what was seen, and what helps."""
    lines = [cells.phrase(finding.subject) + Content(": ") + cells.phrase(finding.summary)]
    lines += [cells.phrase(sentence) for sentence in finding.evidence]
    if finding.helps:
        lines += [Content(), Content.styled("Helps: ", "bold") + cells.phrase(finding.helps)]
    return Content("\n").join(lines)


def progress_words(progress: Progress) -> str:
    """`1 200 of 10 000 runners, 40 of 300 repositories looked at`."""
    runners = _of(progress.runners, progress.runners_total, "runner")
    repositories = _of(progress.repositories, progress.repositories_total, "repository", "repositories")
    return f"{runners}, {repositories} looked at"


def _of(number: int, total: int | None, one: str, many: str = "") -> str:
    if total is None:
        return several(number, one, many)
    return f"{count(number)} of {several(total, one, many)}"


def calm_lines(look: Look, counts: Totals) -> list[Content]:
    """What is said without findings: healthy, still looking, or only remembered."""
    snapshot = look.snapshot
    if look.remembered:
        last = f"Last time: {several(counts.runners, 'runner')}, {counts.busy} busy, {several(counts.queued, 'job')} queued."
        return [Content("Nothing has been looked at yet."), Content.styled(last, "$text-muted")]
    if not snapshot.whole:
        return [
            Content.styled("The first look is under way.", "bold"),
            Content(progress_words(snapshot.progress)),
            Content.styled("Nothing is called healthy or stuck before it is whole.", "$text-muted"),
        ]
    return [Content.styled(healthy_words(counts), "bold")]


def healthy_words(counts: Totals) -> str:
    """`All 48 runners are doing their work. 21 busy, 27 idle, nothing waits longer than 38 s.`"""
    if not counts.runners:
        return "No runner is registered in these scopes, and no job waits for one."
    offline = f", {count(counts.offline)} offline" if counts.offline else ""
    if counts.offline:
        first = f"{several(counts.online, 'runner is', 'runners are')} online and doing their work."
    else:
        first = f"All {several(counts.runners, 'runner')} are doing their work."
    if counts.longest_wait is None:
        waits = "no job waits"
    else:
        waits = f"nothing waits longer than {signs.age(counts.longest_wait)}"
    return f"{first} {count(counts.busy)} busy, {count(counts.idle)} idle{offline}, {waits}."


def pulse_lines(look: Look, counts: Totals, with_counts: bool) -> list[Content]:
    """Two sparklines, and beside findings the counts."""
    share = look.busy_share[-1] if look.busy_share else 0.0
    lines = []
    if with_counts:
        offline = f", {count(counts.offline)} offline" if counts.offline else ""
        words = f"{several(counts.runners, 'runner')}: {count(counts.busy)} busy, {count(counts.idle)} idle{offline}"
        lines.append(Content.styled(words, "$text-muted"))
    lines.append(_spark("queued", f"{count(counts.queued)}", signs.sparkline(look.queue_depth, _SPARK_WIDTH)))
    lines.append(_spark("busy", f"{share:.0%}", signs.sparkline(look.busy_share, _SPARK_WIDTH, 1.0)))
    return lines


def _spark(word: str, value: str, bars: str) -> Content:
    return cells.content([Part(f"{word:<7}", "muted"), Part(f"{value:>6} "), Part(bars, "accent")])
