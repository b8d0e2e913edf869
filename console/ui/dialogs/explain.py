"""Explain: why a job waits or what a runner is doing, condition by condition."""

from collections.abc import Iterable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from console.fleet.findings import Condition, Explanation, MatchTable
from console.ui import cells, signs
from console.ui.columns import Part, fit, width_of
from console.ui.dialogs.base import ShowingDialog

_MET_SIGN: dict[bool | None, signs.Sign] = {True: "proved", False: "failed", None: "unproved"}
_MET_STYLE = {True: "muted", False: "error", None: "warning"}
_NAME_WIDTH = 30
_CERTAINTY = {
    "proved": "Proved",
    "likely": "Likely, not proved",
    "possible": "Possible, not proved",
    "unknown": "I could not tell for sure",
}


class ExplainDialog(ShowingDialog):
    """The chain, the conclusion, what helps, and the match table."""

    def __init__(self, explanation: Explanation) -> None:
        super().__init__()
        self._explanation = explanation

    def title_content(self) -> Content:
        """What is explained."""
        return Content.assemble(("Explain ", "bold"), cells.phrase(self._explanation.subject))

    def body(self) -> Iterable[Widget]:
        """From the first condition to what helps."""
        explanation = self._explanation
        lines = [cells.content(parts) for parts in chain_lines(explanation.conditions)]
        yield Static(Content("\n").join(lines), classes="chain")
        yield Static(_conclusion(explanation), classes="conclusion")
        if explanation.table is not None and explanation.table.rows:
            table = [cells.content(parts) for parts in table_lines(explanation.table)]
            yield Static(Content("\n").join(table), classes="match")


def _conclusion(explanation: Explanation) -> Content:
    said = Content.assemble(cells.phrase(explanation.conclusion, "strong"))
    certainty = Content.styled(f"  {_CERTAINTY[explanation.certainty]}.", "$text-muted")
    lines = [said + certainty if explanation.cause else said]
    if explanation.helps:
        lines.append(Content.assemble(("helps  ", "$text-muted"), cells.phrase(explanation.helps)))
    return Content("\n").join(lines)


def chain_lines(conditions: tuple[Condition, ...]) -> list[tuple[Part, ...]]:
    """One line for each condition: met or not, what must hold, what was found. The first unmet one is bold."""
    width = max((len(condition.text) for condition in conditions), default=0)
    first_unmet = next((index for index, each in enumerate(conditions) if each.met is False), None)
    lines = []
    for index, condition in enumerate(conditions):
        bold = "strong" if index == first_unmet else ""
        lines.append(
            (
                Part(f"{signs.sign(_MET_SIGN[condition.met])} ", _MET_STYLE[condition.met]),
                Part(f"{condition.text:<{width}}  ", bold or ("muted" if condition.met else "")),
                *cells.phrase_parts(condition.found, bold),
            )
        )
    return lines


def table_lines(table: MatchTable) -> list[tuple[Part, ...]]:
    """Runners against the conditions, best match first."""
    longest = max(width_of([Part(row.name)]) for row in table.rows)
    width = min(max(longest, len("runner")), _NAME_WIDTH)
    heads = "  ".join(table.columns)
    lines: list[tuple[Part, ...]] = [(Part(f"{'runner':<{width}}  {heads}", "muted"),)]
    for row in table.rows:
        name, used = fit([Part(row.name, "foreign")], width, "middle", signs.sign("cut"))
        parts = [*name, Part(" " * (width - used))]
        for column, check in zip(table.columns, row.checks, strict=True):
            parts.append(Part("  "))
            parts.append(Part(f"{signs.sign(_MET_SIGN[check]):<{len(column)}}", _MET_STYLE[check]))
        lines.append((*parts, Part("  "), *cells.phrase_parts(row.note, "muted")))
    if table.more:
        lines.append((Part(f"and {signs.count(table.more)} more", "muted"),))
    return lines
