"""One action on all that is selected: the question, and what becomes of each."""

from collections.abc import Callable, Mapping, Sequence

from textual.app import ComposeResult

from console.fleet.models import Phrase, RunnerKey
from console.fleet.plans import Refusal, Target
from console.fleet.words import several
from console.operations.run_plan import Proposal
from console.operations.several import Choice, Several
from console.ui import cells, signs
from console.ui.columns import Part
from console.ui.dialogs.act_page import ActPage
from console.ui.dialogs.act_question import ConsentPage, word_for_word
from console.ui.plan_lines import about_lines, end_lines, fact, hurt_lines, last_words, outcome_part, outcome_word
from console.ui.widgets.fact_lines import FactLine, FactLines
from console.ui.widgets.scroll import Scroll
from console.ui.works import SeveralWork

Names = Mapping[Target, Phrase]
_HOW: Phrase = (
    "Each is looked at when its turn comes, and its plan is carried out without another question. It stops at the first"
    " that is not proved. What wants its name typed is passed over.",
)


class SeveralQuestionPage(ConsentPage):
    """Who is meant, who is left out, and what is done to the first; their number is typed."""

    way_out = "tab next part  Esc leave"

    def __init__(
        self, choice: Choice, names: Names, proposal: Proposal, withdrawn: Callable[[Proposal], Phrase]
    ) -> None:
        """`proposal` is for the first of them."""
        super().__init__(proposal, str(len(choice.can)), withdrawn)
        self.choice = choice
        self._names = names

    def compose(self) -> ComposeResult:
        """What could be hurt, how, on whom, on whom not; the first word for word."""
        plan = self.proposal.plan
        with Scroll():
            yield FactLines([*hurt_lines(plan), fact("how", _HOW)], classes="act-head")
            yield FactLines(self._lines(), classes="act-head")
            first = (Part("Of the first, word for word; of the others it is alike: ", "strong"),)
            yield FactLines([FactLine((), (*first, *cells.phrase_parts(self._names[plan.target])))], classes="act-head")
            yield FactLines(about_lines(plan), classes="act-head")
            yield from word_for_word(plan, self.sent)
        yield from self.compose_question()

    def title_parts(self) -> Sequence[Part]:
        return several_title(self.choice, len(self.choice.can))

    def question(self) -> tuple[Part, ...]:
        what = Part("To do it, type how many they are and press ")
        return (what, Part("Enter", "key"), Part("."))

    def _lines(self) -> list[FactLine]:
        meant = [_meant(index, target, self._names[target]) for index, target in enumerate(self.choice.can, 1)]
        return [*meant, *(_left_out(self._names[each], why) for each, why in self.choice.cannot.items())]


def several_title(choice: Choice, number: int) -> tuple[Part, ...]:
    """`Restart service: 3 runners`."""
    return (Part(f"{choice.action.title}: {several(number, choice.action.about)}", "strong"),)


def _meant(index: int, target: Target, name: Phrase) -> FactLine:
    where = f"  id {target.id}" + (f" of {target.scope}" if isinstance(target, RunnerKey) else "")
    return FactLine((Part(f"{index}.", "muted"),), (*cells.phrase_parts(name), Part(where, "muted")))


def _left_out(name: Phrase, why: Refusal) -> FactLine:
    said = (*cells.phrase_parts(name), Part("  left out: ", "warning"), *cells.phrase_parts(why.reason, "muted"))
    return FactLine((Part(signs.sign("failed"), "warning"),), said)


class SeveralPage(ActPage):
    """A line for each, in the order of their turns."""

    way_out = "Esc stop before the next"

    def __init__(self, work: SeveralWork, names: Names) -> None:
        super().__init__()
        self.work = work
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
        self.work.looked_at = True
        self.tick()
        self.set_interval(0.2, self.tick)

    def on_unmount(self) -> None:
        """From now on a notification says how it ends."""
        self.work.looked_at = False

    @property
    def _sequence(self) -> Several:
        return self.work.sequence

    def title_parts(self) -> Sequence[Part]:
        return cells.phrase_parts(self.work.title, "strong")

    def tick(self) -> None:
        lines = [line for target in self._sequence.targets for line in self._of(target)]
        if tuple(lines) != self._lines.lines:
            self._lines.lines = tuple(lines)
        end = self._how_it_stands()
        if end != self._end.lines:
            self._end.lines = end
            if self._sequence.over:
                self.post_message(self.Over(self))

    def leave(self) -> bool:
        """Escape, once: no further one is begun. Once more: it is no longer looked at."""
        if self._sequence.over or self._sequence.stopping:
            return True
        self._sequence.stop()
        self.tick()
        return False

    def _of(self, target: Target) -> list[FactLine]:
        name = cells.phrase_parts(self._names[target])
        ended = self._sequence.came.get(target)
        if ended is not None:
            line = FactLine((outcome_part(ended),), (*name, Part(f"  {outcome_word(ended).casefold()}", "muted")))
            return [line, *([] if ended.outcome == "proved" else end_lines(ended)[1:])]
        if target != self._sequence.at:
            word = "not begun" if self._sequence.over else "to come"
            return [FactLine((Part(signs.sign("queued"), "muted"),), (*name, Part(f"  {word}", "muted")))]
        undertaking = self._sequence.undertaking
        words = ("It is being looked at.",) if undertaking is None else last_words(undertaking)
        line = FactLine((Part(signs.sign("running"), "accent"),), (*name, Part("  under way", "accent")))
        return [line, FactLine((Part(" "),), cells.phrase_parts(words, "muted"))]

    def _how_it_stands(self) -> tuple[FactLine, ...]:
        work = self._sequence
        rest: tuple[Part, ...] = ()
        told = f"{self.work.score()}  "
        if not work.over and work.stopping:
            rest = (Part("It stops before the next one.  "), Part("Escape", "key"), Part(" leaves it alone."))
        elif not work.over:
            rest = (Part("Escape", "key"), Part(" stops before the next one."))
        else:
            ended = {target: how for target, how in work.came.items() if target not in work.passed_over}
            last = [how for how in ended.values() if how.outcome != "proved"]
            if last:
                return (FactLine((), (Part(told, "strong"), Part("The rest was not begun."))), *end_lines(last[0]))
            if len(work.came) == len(work.targets) and work.passed_over:
                rest = (Part("What wants its name typed was passed over."),)
            elif work.proved < len(work.targets):
                why = " The machine slept, or the console was stopped." if work.slept else ""
                rest = (Part(f"Stopped before the next one.{why}"),)
        return (FactLine((), (Part(told, "strong"), *rest)),)
