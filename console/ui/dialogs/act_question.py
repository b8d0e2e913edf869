"""The question: what will be done, word for word, and the consent to it."""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Static

from console.fleet.models import Phrase
from console.fleet.plan_text import PartText
from console.fleet.plans import Plan
from console.operations.run_plan import Proposal
from console.ui import cells, signs
from console.ui.columns import Part
from console.ui.dialogs.act_page import ActPage, NameLine
from console.ui.plan_lines import body_of, fact, head_lines, part_lines
from console.ui.terminal_app import TerminalApp
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.scroll import Scroll

QUIET = 0.3
"""Seconds that the question has to be there, without a key, before Enter is an answer to it."""
HELD = 0.9
"""As many after another Enter: one that is held down begins to repeat itself after two thirds of a second."""
TOO_SOON: Phrase = ("That was too soon to be an answer. Read it, then press Enter once more.",)
PASTED: Phrase = ("What is pasted does not count. Type it.",)


class Exactly(Scroll):
    """What is sent, as it is sent."""

    def __init__(self, text: str) -> None:
        super().__init__(Static(cells.content((Part(text),))))


Bodies = Sequence[tuple[PartText, str]]


def bodies(plan: Plan) -> Bodies:
    """What is sent of each part. Raises the ConsoleError of one that cannot be sent."""
    return [body_of(part) for part in plan.parts]


def word_for_word(plan: Plan, sent: Bodies) -> Iterator[Widget]:
    """Each part, and in a box what it sends."""
    for index, (part, (text, body)) in enumerate(zip(plan.parts, sent, strict=True)):
        yield FactLines(part_lines(index, part, text), classes="act-part")
        if body:
            yield Exactly(body)


class ConsentPage(ActPage):
    """A question that is answered by Enter, or by what is typed and Enter.

    Nothing else counts: no paste, no reply of the terminal, no key that was pressed before one could have read it.
    """

    class Agreed(ActPage.Wish):
        """It was agreed to, by what was typed."""

        def __init__(self, page: ActPage, typed: str) -> None:
            super().__init__(page)
            self.typed = typed

    def __init__(self, proposal: Proposal, typed: str, withdrawn: Callable[[Proposal], Phrase]) -> None:
        """`typed` has to be typed; empty: Enter alone will do. Raises the ConsoleError of what cannot be sent."""
        super().__init__()
        self.proposal = proposal
        self.wanted = typed
        self.sent = bodies(proposal.plan)
        self._withdrawn = withdrawn
        self.asked = FactLines()
        self.line = NameLine(self)
        self._drawn: float | None = None
        self._over = False

    def compose_question(self) -> Iterator[Widget]:
        """Below what it is about."""
        with Vertical(classes="act-question"):
            yield self.asked
            if self.wanted:
                yield self.line

    def on_mount(self) -> None:
        """The time in which it can be read begins when it has been drawn."""
        self._ask()
        self.call_after_refresh(self._is_drawn)

    def _is_drawn(self) -> None:
        self._drawn = monotonic()

    def main_widget(self) -> Widget | None:
        return self.line if self.wanted else super().main_widget()

    def question(self) -> tuple[Part, ...]:
        """What is asked."""
        enter, escape = Part("Enter", "key"), Part("Escape", "key")
        if not self.wanted:
            return (enter, Part(" does it, once.  "), escape, Part(" leaves it undone."))
        return (Part("To do it, type this and press "), enter, Part(":  "), Part(self.wanted, "foreign"))

    def tick(self) -> None:
        self._is_open()

    def _is_open(self) -> bool:
        """A question whose ground has gone is withdrawn."""
        if not self._over and (why := self._withdrawn(self.proposal)):
            self._withdraw(why)
        return not self._over

    def enter(self) -> None:
        if not self._is_open():
            return
        if not self._counts():
            self._ask(TOO_SOON)
        elif self.line.value != self.wanted:
            self._ask(("That is not what has to be typed.",))
        else:
            self._over = True
            self.post_message(self.Agreed(self, self.wanted))

    def _counts(self) -> bool:
        app = self.app
        if not isinstance(app, TerminalApp) or self._drawn is None:
            return False
        before, now = app.last_input
        return now - self._drawn >= QUIET and now - before >= (HELD if app.key_again else QUIET)

    def typed(self, text: str) -> None:
        """It stands in the line."""
        if not self._over and self.is_mounted:
            self._ask(PASTED if self.line.pasted else ())

    def action_submit(self) -> None:
        """Enter, in the line."""
        self.enter()

    def on_paste(self, event: events.Paste) -> None:
        """Where no line takes it."""
        event.stop()
        if not self._over:
            self._ask(PASTED)

    def again(self) -> None:
        if self._over:
            self.post_message(self.Again(self))

    def _withdraw(self, why: Phrase) -> None:
        self._over = True
        self.line.display = False
        self.screen.set_focus(self.query(Scroll).first())
        ways = (Part("r", "key"), Part(" looks again.  "), Part("Escape", "key"), Part(" leaves it."))
        self.asked.lines = (
            fact(signs.sign("watch"), ("The question is withdrawn. ", *why), "warning", "warning"),
            FactLine((Part(" "),), ways),
        )

    def _ask(self, remark: Phrase = ()) -> None:
        said = [fact(signs.sign("watch"), remark, "warning", "warning")] if remark else []
        self.asked.lines = (*said, FactLine((Part(signs.sign("into"), "key"),), self.question()))


class QuestionPage(ConsentPage):
    """A plan."""

    way_out = "tab next part  Esc leave"

    def __init__(self, proposal: Proposal, withdrawn: Callable[[Proposal], Phrase]) -> None:
        super().__init__(proposal, proposal.plan.typed, withdrawn)

    def compose(self) -> ComposeResult:
        """What could be hurt, who is meant, each part; below them the question."""
        plan = self.proposal.plan
        with Scroll():
            yield FactLines(head_lines(plan), classes="act-head")
            yield from word_for_word(plan, self.sent)
        yield from self.compose_question()

    def title_parts(self) -> Sequence[Part]:
        return cells.phrase_parts(self.proposal.plan.title, "strong")


class BeginningPage(ActPage):
    """It was agreed to; what is older than a few seconds is read once more before anything is done."""

    way_out = "Esc give up"
    given_up = False

    def __init__(self, proposal: Proposal) -> None:
        super().__init__()
        self._title = cells.phrase_parts(proposal.plan.title, "strong")
        self._lines = FactLines([FactLine((), (Part("It is looked at once more, then done.", "muted"),))])

    def compose(self) -> ComposeResult:
        """One sentence."""
        with Scroll():
            yield self._lines

    def title_parts(self) -> Sequence[Part]:
        return self._title

    def leave(self) -> bool:
        """Before its first part it can still be given up."""
        if self.given_up:
            return True
        self.given_up = True
        self._lines.lines = (FactLine((), (Part("It is being given up."),)),)
        return False
