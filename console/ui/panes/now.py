"""Now: the findings, worst first, with the evidence of the one under the cursor; or that there is nothing to find."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.widgets import Static

from console.fleet.findings import Finding
from console.fleet.models import plain
from console.fleet.sightings import SAME_ON_SEVERAL
from console.fleet.totals import Totals, totals
from console.fleet.unstarted import runs_to_approve
from console.fleet.words import count, several
from console.operations.look import Look
from console.ui import cells, signs
from console.ui.cells import FINDING_COLUMNS, SEVERITIES
from console.ui.columns import Part, Row
from console.ui.life_lines import (
    LIFE_STATES,
    MUTED,
    cleared_lines,
    fold_row,
    in_order,
    life_lines,
    life_row,
    muted_lines,
)
from console.ui.panes.base import Pane, Place, Target
from console.ui.panes.calm import calm_lines
from console.ui.panes.facts import sighting_line
from console.ui.panes.table_pane import TablePane, dot
from console.ui.stand_ins import acted_on
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.fleet_table import FleetTable
from console.ui.widgets.header import ever_read, remembered_age
from console.ui.widgets.scroll import Scroll

_SPARK_WIDTH = 40
"""Whole looks that the sparklines show."""
_MOST_LOGS = 3
"""Runners of one finding whose logs are spoken of."""


class NowPane(TablePane[str]):
    """Findings and evidence, side by side where it is wide; the pulse of the fleet below."""

    heading = "Now"
    columns = FINDING_COLUMNS
    states = (*SEVERITIES, *LIFE_STATES)

    def __init__(self) -> None:
        super().__init__()
        self._findings: dict[str, Finding] = {}
        self._muted: list[Finding] = []
        self._unfolded = False
        self._answered: frozenset[str] = frozenset()
        self._counts = Totals()

    def compose(self) -> ComposeResult:
        """Title; findings and evidence, or the words for none; pulse."""
        yield Static(classes="pane-title")
        with Container(id="findings"):
            yield self.table
            with Scroll(id="evidence"):
                yield FactLines()
        yield FactLines(id="calm")
        yield FactLines(id="pulse")

    def rows(self, look: Look) -> Mapping[str, Row]:
        """One for each finding; those that are muted are behind one."""
        now, folded = self._time(look), {finding.key for finding in self._muted}
        rows = {key: life_row(each, look.lives.get(key), now) for key, each in self._findings.items()}
        if not folded:
            return rows
        told = {key: row for key, row in rows.items() if key not in folded}
        told[MUTED] = fold_row(self._muted, look, now, unfolded=self._unfolded)
        return {**told, **rows} if self._unfolded else told

    def _time(self, look: Look) -> datetime:
        return self.now or look.snapshot.taken_at

    def _sort_out(self, look: Look) -> None:
        """The findings as of now, in the order of their lives."""
        new, known, self._muted = in_order(look, self._time(look))
        as_of = _as_of(look, self.now)
        self._findings = {each.key: as_of[each.key] for each in (*new, *known, *self._muted)}

    def draw(self, look: Look) -> None:
        """The table when there is something in it, else the state of the fleet in words."""
        self._sort_out(look)
        self.query_one("#findings").display = bool(self._findings)
        calm = self.query_one("#calm", FactLines)
        calm.display = not self._findings
        counts = self._counts = totals(look.snapshot)
        if not self._findings:
            calm.lines = tuple(calm_lines(look, counts, self.now or look.snapshot.taken_at, self.failure))
        gone_or_slight, following = self._may_be_left(), self._after_the_answered(look)
        super().draw(look)
        if gone_or_slight:
            self.table.action_first()
        elif following is not None:
            self.table.move_to(following)
        self._draw_evidence()
        pulse = self.query_one("#pulse", FactLines)
        pulse.display = look.snapshot.whole and ever_read(look.snapshot)
        cleared = cleared_lines(look, self._time(look))
        pulse.lines = (*pulse_lines(look, counts, bool(self._findings)), *cleared)

    def _may_be_left(self) -> bool:
        """Whether the cursor goes to the worst finding: from one that is gone, or from a remark that was the first."""
        read = self.table.cursor_key
        if read == MUTED and self._muted:
            return False
        now = self._findings.get(read) if read is not None else None
        return read is not None and (now is None or (now.severity == "info" and read in self.table.view[:1]))

    def answered(self, keys: Sequence[str]) -> None:
        """The operator has said of these that they are known: with the next look that says so too, it is on to the next
        one. Where somebody else says it, who reads goes on reading."""
        self._answered = frozenset(keys)

    def _after_the_answered(self, look: Look) -> str | None:
        """The finding that stood behind the one under the cursor, else the last before it, of which nobody knows."""
        read, view = self.table.cursor_key, list(self.table.view)
        known = {key for key, life in look.lives.items() if life.acknowledged_by}
        if read not in self._answered or read not in known:
            return None
        self._answered = frozenset()
        at = view.index(read)
        return next((key for key in (*view[at:], *view[at::-1]) if key in self._findings and key not in known), None)

    def title_parts(self, look: Look) -> list[Part]:
        """`Now · 3 findings`."""
        number, muted = len(self._findings) - len(self._muted), len(self._muted)
        parts = [Part(self.heading, "strong"), Part(f"{dot()}{several(number, 'finding')}" if number else "", "muted")]
        if muted:
            parts.append(Part(f"{dot()}{count(muted)} muted", "muted"))
        if look.remembered:
            old = remembered_age(look.snapshot, self.now or look.snapshot.taken_at)
            parts.append(Part(f"{dot()}as of {signs.age(old)} ago, from last time", "warning"))
        if self.filter_text:
            parts += [Part(f"{dot()}{count(len(self.table.view))} match ", "muted"), Part(self.filter_text, "accent")]
        return parts

    def draw_ages(self, now: datetime) -> None:
        """What is said of findings counts on, and what is said without them may get old too."""
        super().draw_ages(now)
        if self.look is None:
            return
        if self.look.remembered:
            self.draw_title(self.look)
        if not self._findings:
            self.query_one("#calm", FactLines).lines = tuple(calm_lines(self.look, self._counts, now, self.failure))
        elif _as_of(self.look, now) != self._findings or in_order(self.look, now)[2] != self._muted:
            self._sort_out(self.look)
            self.table.set_rows(self.rows(self.look))
            self._draw_evidence()

    @on(FleetTable.RowHighlighted)
    def _highlighted(self) -> None:
        self._draw_evidence()

    def _draw_evidence(self) -> None:
        finding, look, lines = self._finding(), self.look, list[FactLine]()
        if finding is not None and look is not None:
            life = life_lines(look.lives.get(finding.key), self._time(look))
            lines = evidence_lines(finding, [*life, *self._in_logs(finding)])
        elif self.table.cursor_key == MUTED and look is not None:
            lines = muted_lines(self._muted, look, self._time(look))
        self.query_one("#evidence").display = bool(lines)
        self.query_one("#evidence FactLines", FactLines).lines = tuple(lines)

    def _in_logs(self, finding: Finding) -> list[FactLine]:
        """What was seen last in the logs of those that it is about, unless the finding is just that."""
        if self.look is None or finding.cause == SAME_ON_SEVERAL:
            return []
        keys = (*finding.runners, *([finding.suspect] if finding.suspect is not None else []))
        seen = (self.look.sightings.get(key) for key in dict.fromkeys(keys))
        now = self.now or self.look.snapshot.taken_at
        return [sighting_line(each, now, named=True) for each in seen if each is not None][:_MOST_LOGS]

    def _finding(self) -> Finding | None:
        return self._findings.get(self.table.cursor_key or "")

    @on(FleetTable.RowChosen)
    def _chosen(self) -> None:
        if self.table.cursor_key == MUTED and self.look is not None:
            self._unfolded = not self._unfolded
            self.table.set_rows(self.rows(self.look))
            return
        finding = self._finding()
        place = place_of(finding) if finding is not None else None
        if place is None and finding is not None and self.look is not None:
            place = _place_of_runs(finding, self.look)
        if place is not None:
            self.post_message(Pane.Asked(place))
        elif finding is not None:
            self.notify("What this is about is not in a list; all that is known of it stands here.", markup=False)

    def target(self) -> Target | None:
        """The runner, the job that has waited longest, or the run."""
        finding = self._finding()
        if finding is None:
            return None
        keys: tuple[Target, ...] = (*finding.runners, *finding.jobs, *finding.runs)
        return keys[0] if keys else None

    def targets(self) -> tuple[Target, ...]:
        """What stands for the findings that are selected."""
        return acted_on((self._findings[key] for key in self.marked() if key in self._findings), self.look)

    def finding(self) -> Finding | None:
        """The one under the cursor, unless several are selected."""
        return None if len(self.table.selected_keys) > 1 else self._finding()

    def found(self) -> tuple[str, ...]:
        """Those that are selected; on the line of the muted ones all of these."""
        marked = self.marked()
        folded = [each.key for each in self._muted] if MUTED in marked else []
        return tuple(dict.fromkeys((*(key for key in marked if key in self._findings), *folded)))

    def copied(self) -> str:
        """Subject and summary of each."""
        found = [self._findings[key] for key in self.marked() if key in self._findings]
        return "\n".join(f"{plain(finding.subject)}: {plain(finding.summary)}" for finding in found)

    def url(self) -> str:
        """Of the job that has waited longest."""
        finding = self._finding()
        if finding is None or self.look is None:
            return ""
        if not finding.jobs:
            runs = (self.look.snapshot.runs.get(key) for key in finding.runs)
            return next((run.url for run in runs if run is not None), "")
        job = self.look.snapshot.jobs.get(finding.jobs[0])
        return job.url if job is not None else ""


def _as_of(look: Look, now: datetime | None) -> dict[str, Finding]:
    """The findings, with their ages as they are now."""
    return {finding.key: finding if now is None else finding.at(now) for finding in look.findings}


def place_of(finding: Finding) -> Place | None:
    """Its runner, its job, or the list of its jobs or else of its runners."""
    if len(finding.runners) == 1 and not finding.parts:
        return Place("runner", finding.runners[0])
    if len(finding.jobs) == 1:
        return Place("job", finding.jobs[0])
    if finding.jobs:
        return Place("jobs", only=frozenset(finding.jobs))
    if len(finding.runners) > 1:
        return Place("runners", only=frozenset(finding.runners))
    return Place("runner", finding.runners[0]) if finding.runners else None


def _place_of_runs(finding: Finding, look: Look) -> Place | None:
    """The jobs of its runs, and those of its runs that have none because nobody has let them start."""
    runs = set(finding.runs)
    jobs = {key for key, job in look.snapshot.jobs.items() if job.run_key in runs}
    held = {run.key for run in runs_to_approve(look.snapshot) if run.key in runs}
    only: frozenset[Target] = frozenset(jobs | held)
    return Place("jobs", only=only) if only else None


def evidence_lines(finding: Finding, in_logs: Sequence[FactLine] = ()) -> list[FactLine]:
    """The whole finding, what is probably behind it, what helps, and what was seen: where there is no room for all of
    it, the evidence is scrolled to, never the advice. `in_logs` is what was opened here and may say why."""
    said = (*cells.phrase_parts(finding.subject), Part(": "), *cells.phrase_parts(finding.summary))
    sure = cells.certainty_part(finding.certainty)
    lines = [FactLine((Part("finding", "muted"),), said if finding.suspicion else (*said, sure))]
    if finding.suspicion:
        lines.append(FactLine((Part("cause", "muted"),), (*cells.phrase_parts(finding.suspicion), sure)))
    lines += in_logs
    if finding.helps:
        lines.append(FactLine((Part("helps", "strong"),), cells.phrase_parts(finding.helps, "strong")))
    for index, sentence in enumerate(finding.evidence):
        lines.append(FactLine((Part(" " if index else "seen", "muted"),), cells.phrase_parts(sentence)))
    return lines


def pulse_lines(look: Look, counts: Totals, with_counts: bool) -> list[FactLine]:
    """Two sparklines, and beside findings the counts."""
    lines = []
    if with_counts:
        offline = f", {count(counts.offline)} offline" if counts.offline else ""
        words = f"{count(counts.busy)} busy, {count(counts.idle)} idle{offline}"
        lines.append(_pulse("runners", count(counts.runners), Part(words, "muted")))
    lines.append(_pulse("queued", count(counts.queued), Part(_bars(look.queue_depth), "accent")))
    share = f"{counts.busy / counts.online:.0%}" if counts.online else signs.sign("unknown")
    lines.append(_pulse("busy", share, Part(_bars(look.busy_share, 1.0), "accent")))
    return lines


def _bars(values: Sequence[float], top: float | None = None) -> str:
    """A single look is no course of things yet."""
    return signs.sparkline(values, _SPARK_WIDTH, top) if len(values) > 1 else ""


def _pulse(word: str, value: str, said: Part) -> FactLine:
    return FactLine((Part(word, "muted"),), (Part(f"{value:>6}  "), said))
