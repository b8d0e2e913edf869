"""Explain: why a job waits or what a runner is doing, condition by condition."""

from datetime import datetime

from textual.reactive import var

from console.fleet.chain import in_short
from console.fleet.explain import explain_job, explain_runner
from console.fleet.explain_run import explain_run
from console.fleet.findings import Explanation, MatchTable
from console.fleet.github_incident import explained_beside
from console.fleet.models import JobKey, RunKey, RunnerKey
from console.fleet.warnings import warned_beside
from console.operations.look import Look
from console.ui import cells, signs
from console.ui.columns import Part
from console.ui.dialogs.base import ShowingDialog
from console.ui.panes.base import Target
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.fleet_table import HEADER, FleetTable


class ExplainDialog(ShowingDialog):
    """The chain, the conclusion, what helps, and the match table."""

    look: var[Look | None] = var(None, init=False)
    now: var[datetime | None] = var(None, init=False)

    def __init__(self, target: Target, look: Look) -> None:
        self._target = target
        self._explanation = explanation_of(target, look)
        self._chain = FactLines()
        self._conclusion = FactLines(classes="conclusion")
        self._table: FleetTable[RunnerKey] = FleetTable((), classes="match")
        self._table.can_focus = False
        self._more = FactLines()
        title = (Part("Explain ", "strong"), *cells.phrase_parts(self._explanation.subject))
        super().__init__(title, self._chain, self._conclusion, self._table, self._more)
        self._draw_table(self._explanation.table)
        self._draw_lines(self._explanation)

    def watch_look(self, look: Look | None) -> None:
        """What is true by now; an explanation that only ages would be taken for it."""
        if look is not None:
            self._explanation = explanation_of(self._target, look)
            self._draw_table(self._explanation.table)
            self.watch_now()

    def watch_now(self) -> None:
        """Ages count on between looks."""
        self._draw_lines(self._explanation.at(self.now) if self.now is not None else self._explanation)

    def _draw_lines(self, explanation: Explanation) -> None:
        self._chain.lines = tuple(chain_lines(explanation))
        self._conclusion.lines = tuple(conclusion_lines(explanation))

    def _draw_table(self, table: MatchTable | None) -> None:
        """Runners against the conditions, best match first; as high as it needs, so that the dialog scrolls as one."""
        self._table.display = table is not None and bool(table.rows)
        if table is not None:
            self._table.set_columns(cells.match_columns(table))
            self._table.set_rows({row.runner: cells.match_row(row) for row in table.rows})
            self._table.styles.height = len(table.rows) + HEADER
        more = table.more if table is not None and table.rows else 0
        self._more.lines = (FactLine((), (Part(f"and {signs.count(more)} more", "muted"),)),) if more else ()


def explanation_of(target: Target, look: Look) -> Explanation:
    """Why a job waits or failed, what became of a run, or what a runner is doing."""
    if isinstance(target, RunKey):
        return explain_run(look.snapshot, target, look.failures)
    if isinstance(target, JobKey):
        explained = explain_job(look.snapshot, target, look.thresholds, look.failures, look.hosts)
    else:
        explained = explain_runner(look.snapshot, target, look.thresholds, look.hosts)
    return warned_beside(explained_beside(explained, target, look.findings, look.snapshot), target, look.findings)


def chain_lines(explanation: Explanation) -> list[FactLine]:
    """One line for each condition: met or not, what must hold, what was found. The first unmet one is bold."""
    lines = []
    for condition in in_short(explanation.conditions):
        first = condition is explanation.first_unmet
        style = "strong" if first else "" if condition.asked else "muted"
        sign = cells.check_part(condition.met) if condition.asked else Part(" ")
        word = (sign, Part(" "), Part(condition.text, style))
        lines.append(FactLine(word, cells.phrase_parts(condition.found, style)))
    return lines


def conclusion_lines(explanation: Explanation) -> list[FactLine]:
    """The cause and how sure it is, what helps, and what else was seen."""
    said, sure = cells.phrase_parts(explanation.conclusion, "strong"), cells.certainty_part(explanation.certainty)
    lines = [FactLine((), (*said, sure) if explanation.cause and not explanation.suspicion else said)]
    if explanation.suspicion:
        lines.append(FactLine((Part("cause", "muted"),), (*cells.phrase_parts(explanation.suspicion), sure)))
    if explanation.helps:
        lines.append(FactLine((Part("helps", "muted"),), cells.phrase_parts(explanation.helps)))
    for index, note in enumerate(explanation.notes):
        lines.append(FactLine((Part(" " if index else "seen", "muted"),), cells.phrase_parts(note)))
    return lines
