"""Now: the findings, worst first, with the evidence of the one under the cursor; or that there is nothing to find."""

from collections.abc import Mapping
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from console.fleet.findings import Finding
from console.fleet.models import Phrase, Progress, plain
from console.fleet.totals import Totals, totals
from console.fleet.words import count, several
from console.operations.watch import Look
from console.ui import cells, signs
from console.ui.cells import FINDING_COLUMNS, finding_row
from console.ui.columns import Part, Row
from console.ui.dialogs.explain import CERTAINTY
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.table_pane import TablePane
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.fleet_table import FleetTable
from console.ui.widgets.scroll import Scroll

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
            with Scroll(id="evidence"):
                yield FactLines()
        yield Static(id="calm")
        yield FactLines(id="pulse")

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
        pulse = self.query_one("#pulse", FactLines)
        pulse.display = look.snapshot.whole
        pulse.lines = tuple(pulse_lines(look, counts, bool(self._findings)))

    def title_parts(self, look: Look) -> list[Part]:
        """`Now · 3 findings`."""
        number = len(self._findings)
        parts = [Part(self.heading, "strong"), Part(f" · {several(number, 'finding')}" if number else "", "muted")]
        if look.remembered:
            old = (self.now or look.snapshot.taken_at) - look.snapshot.taken_at
            parts.append(Part(f" · as of {signs.age(old)} ago, from last time", "warning"))
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
            self.query_one("#evidence FactLines", FactLines).lines = tuple(evidence_lines(finding))

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
        keys: tuple[Target, ...] = (*finding.runners, *finding.jobs)
        return keys[0] if keys else None

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


def evidence_lines(finding: Finding) -> list[FactLine]:
    """The whole finding, what was seen, and what helps."""
    sure = Part(f" ({CERTAINTY[finding.certainty]})", "muted")
    said = (*cells.phrase_parts(finding.subject), Part(": "), *cells.phrase_parts(finding.summary), sure)
    lines = [FactLine((Part("finding", "muted"),), said)]
    for index, sentence in enumerate(finding.evidence):
        lines.append(FactLine((Part(" " if index else "seen", "muted"),), cells.phrase_parts(sentence)))
    if finding.helps:
        lines.append(FactLine((Part("helps", "strong"),), cells.phrase_parts(finding.helps, "strong")))
    return lines


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
        runners, queued = several(counts.runners, "runner"), several(counts.queued, "job")
        last = f"Last time: {runners}, {count(counts.busy)} busy, {queued} queued."
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


def pulse_lines(look: Look, counts: Totals, with_counts: bool) -> list[FactLine]:
    """Two sparklines, and beside findings the counts."""
    lines = []
    if with_counts:
        offline = f", {count(counts.offline)} offline" if counts.offline else ""
        words = f"{count(counts.busy)} busy, {count(counts.idle)} idle{offline}"
        lines.append(_pulse("runners", count(counts.runners), Part(words, "muted")))
    bars = signs.sparkline(look.queue_depth, _SPARK_WIDTH)
    lines.append(_pulse("queued", count(counts.queued), Part(bars, "accent")))
    share = look.busy_share[-1] if look.busy_share else 0.0
    bars = signs.sparkline(look.busy_share, _SPARK_WIDTH, 1.0)
    lines.append(_pulse("busy", f"{share:.0%}", Part(bars, "accent")))
    return lines


def _pulse(word: str, value: str, said: Part) -> FactLine:
    return FactLine((Part(word, "muted"),), (Part(f"{value:>6}  "), said))
