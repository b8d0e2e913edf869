"""Explain: why a job waits or what a runner is doing, condition by condition."""

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget

from console.fleet.findings import Condition, Explanation, MatchTable
from console.fleet.models import RunnerKey
from console.ui import cells, signs
from console.ui.columns import Part
from console.ui.dialogs.base import ShowingDialog
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.fleet_table import HEADER, FleetTable


class ExplainDialog(ShowingDialog):
    """The chain, the conclusion, what helps, and the match table."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__()
        self._explanation = explanation

    def title_content(self) -> Content:
        """What is explained."""
        return Content.styled("Explain ", "bold") + cells.phrase(self._explanation.subject)

    def body(self) -> Iterable[Widget]:
        """From the first condition to what helps, then who could take it."""
        explanation = self._explanation
        yield FactLines(chain_lines(explanation.conditions))
        yield FactLines(conclusion_lines(explanation), classes="conclusion")
        if explanation.table is not None and explanation.table.rows:
            yield match_table(explanation.table)
            if explanation.table.more:
                yield FactLines([FactLine((), (Part(f"and {signs.count(explanation.table.more)} more", "muted"),))])


def chain_lines(conditions: tuple[Condition, ...]) -> list[FactLine]:
    """One line for each condition: met or not, what must hold, what was found. The first unmet one is bold."""
    first_unmet = next((index for index, each in enumerate(conditions) if each.met is not True), None)
    lines = []
    for index, condition in enumerate(conditions):
        style = "strong" if index == first_unmet else "" if condition.met else "muted"
        word = (cells.check_part(condition.met), Part(" "), Part(condition.text, style))
        lines.append(FactLine(word, cells.phrase_parts(condition.found, "strong" if index == first_unmet else "")))
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


def match_table(table: MatchTable) -> FleetTable[RunnerKey]:
    """Runners against the conditions, best match first; as high as it needs, so that the dialog scrolls as one."""
    widget: FleetTable[RunnerKey] = FleetTable(cells.match_columns(table), classes="match")
    widget.can_focus = False
    widget.set_rows({row.runner: cells.match_row(row) for row in table.rows})
    widget.styles.height = len(table.rows) + HEADER
    return widget
