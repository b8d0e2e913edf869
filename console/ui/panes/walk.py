"""A walk: the steps of one runbook, which of them hold, and what each says."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget
from textual.widgets import Static

from console.fleet.failure import FAILED_FOR_CACHES
from console.fleet.models import JobKey
from console.fleet.newest_runs import one_of_each_run
from console.fleet.runbook_checks import RUNBOOK_CHECKS
from console.fleet.runbook_leads import Lead
from console.fleet.runbooks import Step
from console.fleet.walks import By, Standing, Walk, may_tick, settled
from console.operations.look import Look
from console.ui import cells, signs
from console.ui.columns import Part
from console.ui.deed_row import moment_text, today
from console.ui.panes.base import Pane, Target
from console.ui.panes.lists import keeping
from console.ui.panes.table_pane import dot
from console.ui.runbook_row import STEP_COLUMNS, StepRow, WalkNow, progress
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.fleet_table import FleetTable
from console.ui.widgets.markdown_text import MarkdownText
from console.ui.widgets.prompt import Kind, PromptLine
from console.ui.widgets.scroll import Scroll

if TYPE_CHECKING:
    from console.fleet.guided_actions import GuidedAction

_HOW: dict[By, str] = {
    "check": "held since",
    "person": "ticked by hand",
    "action": "done and proved",
    "": "not so any more since",
}
_PAST: dict[By, str] = {"check": "held", "person": "ticked by hand", "action": "done and proved"}
_UNCHOSEN = "No runner is chosen. R on one in Runners (2) chooses it."
_FIRST = "What you see, and when to stop"


class StepTable(FleetTable[int]):
    """Nothing is behind a step, and steps keep their order."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing here are not offered."""
        return action not in {"choose", "toggle_select", "order", "reverse"}


class WalkPane(Pane):
    """The steps beside the text of the one under the cursor; notes are written into the line below."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "tick", "tick", tooltip="Tick this step, or take the tick away, where the console cannot tell"),
        Binding("n", "ask('note')", "note", tooltip="Write a note to this step; it goes into the record"),
        Binding("E", "end", "end walk", tooltip="End this walk; the next one begins anew"),
        Binding("ctrl+s", "ask('save')", "save", show=False, tooltip="Copy the record into a file of your choice"),
    ]

    stands: var[WalkNow | None] = var(None, init=False)

    class Ticked(Message):
        """The operator ticks a step by hand, or takes that back."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    class Noted(Message):
        """The operator has written a note to a step."""

        def __init__(self, index: int, text: str) -> None:
            super().__init__()
            self.index = index
            self.text = text

    class CopyAsked(Message):
        """The record is wanted in a file of that name."""

        def __init__(self, name: str) -> None:
            super().__init__()
            self.name = name

    class EndAsked(Message):
        """The walk is over."""

    def __init__(self) -> None:
        super().__init__()
        self.table = StepTable(STEP_COLUMNS)
        self._rows: Mapping[int, StepRow] = {}
        self._drawn: tuple[str, datetime] | None = None
        self._shows = 0
        """The number of the step whose text is beside."""

    def compose(self) -> ComposeResult:
        """Title, what it is about, the steps, the text of one, the line for notes."""
        yield Static(classes="pane-title")
        yield FactLines(id="walk-about")
        with Container(classes="beside"):
            yield self.table
            with Scroll(classes="beside-text"):
                yield FactLines(id="step-facts")
                yield MarkdownText()
                yield FactLines(id="step-notes")
        prompt = PromptLine(self)
        prompt.display = False
        yield prompt

    def watch_stands(self) -> None:
        self.watch_look()

    @property
    def walk(self) -> Walk | None:
        return self.stands.walk if self.stands is not None else None

    @property
    def lead(self) -> Lead | None:
        return self.stands.lead if self.stands is not None else None

    # What is drawn.

    def draw(self, look: Look) -> None:
        """Everything, as far as there is a walk."""
        walk = self.walk
        if walk is None:
            return
        self.query_one(".pane-title", Static).update(cells.content(tuple(self._title(walk))))
        self.query_one("#walk-about", FactLines).lines = tuple(self._about_lines(walk))
        self._rows = keeping(self._rows, {row.number: row for row in self._step_rows(walk)})
        self.table.set_rows(self._rows)
        if self._drawn != (walk.runbook.name, walk.began):
            self._drawn = walk.runbook.name, walk.began
            self.table.move_to(0)
        self._draw_step()

    def _title(self, walk: Walk) -> Iterator[Part]:
        yield Part(walk.runbook.title, "strong")
        yield Part(f"{dot()}{progress(walk)}", "success" if walk.whole else "accent")
        yield Part(f"{dot()}since {self._when(walk.began)}", "muted")

    def _when(self, at: datetime) -> str:
        return moment_text(at, today(self.now or at))

    def _about_lines(self, walk: Walk) -> Iterator[FactLine]:
        lead = self.lead
        if lead is None:
            led = "Nothing that was found leads here." if walk.runbook.findings else _UNCHOSEN
            yield FactLine((Part("about", "muted"),), (Part(led, "muted"),))
        else:
            said = (*lead.subject, *((": ", *lead.summary) if lead.summary else ()))
            yield FactLine((Part("about", "muted"),), cells.phrase_parts(said))
        for remark in walk.remarks:
            yield FactLine((Part("drill", "muted"),), (Part(remark.text, "success"),))

    def _step_rows(self, walk: Walk) -> Iterator[StepRow]:
        yield StepRow(0, Step(_FIRST, walk.runbook.intro), Standing(), None)
        known = self.stands.results if self.stands is not None else ()
        results = known or (None,) * len(walk.standings)
        each = zip(walk.runbook.steps, walk.standings, results, strict=True)
        for number, (step, standing, result) in enumerate(each, 1):
            offers = action_of(step).title if step.action else ""
            when = f"{self._when(standing.since)}." if standing.since is not None else ""
            over, done_with = walk.ended is not None, settled(walk, number - 1)
            yield StepRow(number, step, standing, result, offers, when, over=over, settled=done_with)

    @on(FleetTable.RowHighlighted)
    def _highlighted(self) -> None:
        self._draw_step()
        self.screen.refresh_bindings()

    def _draw_step(self) -> None:
        row = self._row()
        if row is None:
            return
        over = self.walk is not None and self.walk.ended is not None
        facts = tuple(_facts(row, over=over))
        self.query_one("#step-facts", FactLines).lines = (*facts, FactLine((), ())) if facts else ()
        self.query_one("#step-notes", FactLines).lines = tuple(self._notes(row))
        self.call_later(self.query_one(MarkdownText).show, row.step.text)
        if self._shows != row.number:
            self._shows = row.number
            self.query_one(Scroll).scroll_home(animate=False)

    def _row(self) -> StepRow | None:
        return self._rows.get(self.table.cursor_key or 0)

    def _notes(self, row: StepRow) -> Iterator[FactLine]:
        standing = row.standing
        if standing.since is not None:
            how, until = Part(_HOW[standing.by], "muted"), ""
            if standing.unsure is not None:
                how = Part("held", "muted")
                until = f" until {self._when(standing.unsure)}; since then it cannot be told"
            yield FactLine((how,), (Part(self._when(standing.since) + until),))
        for past in standing.past[-1:]:
            said = (f"{_PAST[past.by]} {self._when(past.since)}", *((", about ", *past.about) if past.about else ()))
            yield FactLine((Part("before", "muted"),), cells.phrase_parts(said, "muted"))
        for note in standing.notes:
            yield FactLine((Part(f"note {self._when(note.at)}", "muted"),), (Part(note.text),))

    # What the screen asks.

    @property
    def step(self) -> Step | None:
        """The one under the cursor."""
        row = self._row()
        return row.step if row is not None and row.number else None

    def main_widget(self) -> Widget | None:
        """The steps, or the line that is typed into."""
        return self.table

    def trail(self) -> Sequence[Part]:
        """Behind the tabs."""
        title = self.walk.runbook.title if self.walk is not None else "gone"
        return [Part(f" {signs.sign('into')} ", "muted"), Part(title)]

    def target(self) -> Target | None:
        """Whom it is about."""
        return self.lead.targets[0] if self.lead is not None and self.lead.targets else None

    def targets_of_step(self) -> tuple[Target, ...]:
        """What the step's action is done to; none where it has none, or nothing of that kind is known."""
        lead, look = self.lead, self.look
        if lead is None or look is None or self.step is None or not self.step.action:
            return ()
        from console.fleet.guided_actions import about  # no step is drawn without it

        action = action_of(self.step)
        jobs = [each for each in lead.targets if isinstance(each, JobKey)]
        if action.about == "job" and lead.cause in FAILED_FOR_CACHES and lead.key != lead.cause:
            return one_of_each_run(jobs, look.snapshot)
        found = [each for each in lead.targets if about(each) == action.about]
        if not found and action.about == "run":
            found = [look.snapshot.jobs[each].run_key for each in jobs if each in look.snapshot.jobs]
        return tuple(found[:1])

    def copied(self) -> str:
        """The step."""
        row = self._row()
        return f"{row.step.title}\n\n{row.step.text}" if row is not None else ""

    # What is done.

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing here are not offered."""
        over = self.walk is None or self.walk.ended is not None
        if action == "tick":
            row = self._row()
            return row is not None and bool(row.number) and not over and may_tick(row.result)
        if action == "end":
            return not over
        if action == "ask":
            typing = any(prompt.display for prompt in self.query(PromptLine))
            if parameters == ("note",):
                return not typing and not over and self.step is not None
            return not typing
        return True

    def action_tick(self) -> None:
        """`t`."""
        if self.step is not None:
            self.post_message(self.Ticked((self.table.cursor_key or 1) - 1))

    def action_end(self) -> None:
        """`E`."""
        self.post_message(self.EndAsked())

    def action_ask(self, kind: Kind) -> None:
        """`n` and ctrl+s: the line below is typed into."""
        name = f"{self.walk.runbook.name}.md" if self.walk is not None else "walk.md"
        self.query_one(PromptLine).open(kind, str(Path.home() / name) if kind == "save" else "")

    def typed(self, kind: Kind, text: str) -> None:
        """Nothing is done before Enter."""

    def given_up(self, kind: Kind) -> None:
        """Nothing is kept."""
        self._close_prompt()

    def entered(self, kind: Kind, text: str) -> None:
        """A note to the step under the cursor, or the name of a file."""
        self._close_prompt()
        if kind == "save":
            self.post_message(self.CopyAsked(text))
        elif text.strip() and self.step is not None:
            self.post_message(self.Noted((self.table.cursor_key or 1) - 1, text.strip()))

    def _close_prompt(self) -> None:
        self.query_one(PromptLine).display = False
        self.screen.set_focus(self.table)


def action_of(step: Step) -> "GuidedAction":
    """What it offers. Loaded with the first walk: it is much."""
    from console.fleet.guided_actions import GUIDED_ACTIONS

    return GUIDED_ACTIONS[step.action]


def _facts(row: StepRow, *, over: bool) -> Iterator[FactLine]:
    """What the console looks for and sees, and what it offers."""
    if row.step.check:
        yield FactLine((Part("looks for", "muted"),), (Part(RUNBOOK_CHECKS[row.step.check].says),))
    if row.result is not None:
        yield FactLine((Part("sees", "muted"),), cells.phrase_parts(row.result.found))
    if row.step.action:
        action = action_of(row.step)
        said = (Part("a ", "key"), Part(action.title, "strong"), Part(f"  {action.says}"))
        yield FactLine((Part("offers", "muted"),), said)
    if row.number and not over and not row.standing.done and may_tick(row.result):
        yield FactLine((Part("tick", "muted"),), (Part("t ", "key"), Part("when you have done this")))
