"""One action on all that is selected: the question, and what becomes of each."""

from collections.abc import Mapping, Sequence

from textual.app import ComposeResult

from console.fleet.models import Phrase
from console.fleet.plans import Refusal, Target
from console.fleet.words import several
from console.operations.several import Choice, Several
from console.ui import cells, signs
from console.ui.columns import Part
from console.ui.dialogs.act_page import ActPage
from console.ui.dialogs.act_question import ConsentPage
from console.ui.plan_lines import end_lines, fact, last_words, outcome_part, outcome_word
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.scroll import Scroll

Names = Mapping[Target, Phrase]
_HOW: Phrase = (
    "Each is looked at when its turn comes, and its plan is carried out without another question. It stops at the first"
    " that is not proved, and where a plan wants a name typed.",
)


class SeveralQuestionPage(ConsentPage):
    """Who is meant, and who is left out; their number is typed."""

    keys = "Esc leave"

    def __init__(self, choice: Choice, names: Names) -> None:
        super().__init__(str(len(choice.can)))
        self.choice = choice
        self._names = names

    def compose(self) -> ComposeResult:
        """What, how, on whom, and on whom not."""
        with Scroll():
            yield FactLines([fact("does", (self.choice.action.says,)), fact("how", _HOW)], classes="act-head")
            yield FactLines(self._lines())
        yield from self.compose_question()

    def title_parts(self) -> Sequence[Part]:
        return several_title(self.choice, len(self.choice.can))

    def question(self) -> tuple[Part, ...]:
        what = Part("To do it, type how many they are and press ")
        return (what, Part("Enter", "key"), Part("."))

    def _lines(self) -> list[FactLine]:
        meant = [fact(f"{index}.", self._names[target]) for index, target in enumerate(self.choice.can, 1)]
        return [*meant, *(_left_out(self._names[each], why) for each, why in self.choice.cannot.items())]


def several_title(choice: Choice, number: int) -> tuple[Part, ...]:
    """`Restart service: 3 runners`."""
    return (Part(f"{choice.action.title}: {several(number, choice.action.about)}", "strong"),)


def _left_out(name: Phrase, why: Refusal) -> FactLine:
    said = (*cells.phrase_parts(name), Part("  left out: ", "warning"), *cells.phrase_parts(why.reason, "muted"))
    return FactLine((Part(signs.sign("failed"), "warning"),), said)


class SeveralPage(ActPage):
    """A line for each, in the order of their turns."""

    keys = "Esc stop before the next"

    def __init__(self, choice: Choice, work: Several, names: Names) -> None:
        super().__init__()
        self.work = work
        self._choice = choice
        self._names = names
        self._lines = FactLines()
        self._end = FactLines(classes="act-question")

    def compose(self) -> ComposeResult:
        """The list; below it how it stands."""
        with Scroll():
            yield self._lines
        yield self._end

    def on_mount(self) -> None:
        """Looked at a few times each second."""
        self.tick()
        self.set_interval(0.2, self.tick)

    def title_parts(self) -> Sequence[Part]:
        return several_title(self._choice, len(self.work.targets))

    def tick(self) -> None:
        lines = [line for target in self.work.targets for line in self._of(target)]
        if tuple(lines) != self._lines.lines:
            self._lines.lines = tuple(lines)
        end = self._how_it_stands()
        if end != self._end.lines:
            self._end.lines = end

    def leave(self) -> bool:
        """Escape, once: no further one is begun. Once more: it is no longer looked at."""
        if self.work.over or self.work.stopping:
            return True
        self.work.stop()
        self.tick()
        return False

    def _of(self, target: Target) -> list[FactLine]:
        name = cells.phrase_parts(self._names[target])
        ended = self.work.came.get(target)
        if ended is not None:
            line = FactLine((outcome_part(ended),), (*name, Part(f"  {outcome_word(ended).casefold()}", "muted")))
            return [line, *([] if ended.outcome == "proved" else end_lines(ended)[1:])]
        if target != self.work.at:
            word = "not begun" if self.work.over else "to come"
            return [FactLine((Part(signs.sign("queued"), "muted"),), (*name, Part(f"  {word}", "muted")))]
        undertaking = self.work.undertaking
        words = ("It is being looked at.",) if undertaking is None else last_words(undertaking)
        line = FactLine((Part(signs.sign("running"), "accent"),), (*name, Part("  under way", "accent")))
        return [line, FactLine((Part(" "),), cells.phrase_parts(words, "muted"))]

    def _how_it_stands(self) -> tuple[FactLine, ...]:
        work = self.work
        proved = sum(each.outcome == "proved" for each in work.came.values())
        rest: tuple[Part, ...] = ()
        told = f"{proved} of {len(work.targets)} proved.  "
        if not work.over and work.stopping:
            rest = (Part("It stops before the next one.  "), Part("Escape", "key"), Part(" leaves it alone."))
        elif not work.over:
            rest = (Part("Escape", "key"), Part(" stops before the next one."))
        else:
            last = [ended for ended in work.came.values() if ended.outcome != "proved"]
            if last:
                return (FactLine((), (Part(told, "strong"), Part("The rest was not begun."))), *end_lines(last[0]))
            if proved < len(work.targets):
                rest = (Part("Stopped before the next one."),)
        return (FactLine((), (Part(told, "strong"), *rest)),)
