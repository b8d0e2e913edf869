"""The dialog of actions: what can be done, what it would be word for word, consent, and what becomes of it."""

from collections.abc import Mapping, Sequence
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.events import Key
from textual.reactive import var
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import Worker, WorkerState

from console.errors import ConsoleError
from console.fleet.guided_actions import about, refused_by
from console.fleet.models import Phrase
from console.fleet.plans import Refusal, Target, Unanswered
from console.fleet.words import several
from console.operations.look import Look
from console.operations.run_plan import Proposal
from console.operations.several import MOST, WANTS_ITS_NAME, Choice, Several, choices
from console.ui import cells
from console.ui.columns import Part
from console.ui.dialogs.act_menu import MenuPage
from console.ui.dialogs.act_page import ActPage, AskPage, LookingPage, RefusalPage
from console.ui.dialogs.act_progress import ProgressPage
from console.ui.dialogs.act_question import QUIET, BeginningPage, QuestionPage
from console.ui.dialogs.act_several import SeveralPage, SeveralQuestionPage
from console.ui.plan_lines import called
from console.ui.trouble import told
from console.ui.widgets.scroll import Scroll
from console.ui.widgets.too_small import TooSmall
from console.ui.works import OneWork, SeveralWork, Work

if TYPE_CHECKING:
    from console.operations.run_plan import Gate


class Works(Protocol):
    """Who carries out what was agreed to, and goes on with it when the dialog has been left."""

    def begin(self, dialog: "ActDialog", proposal: Proposal, typed: str) -> None:
        """The dialog hears `begun`."""

    def begin_several(self, sequence: Several) -> SeveralWork:
        """One after the other."""


_LOOKING = "What it rests on is being looked at: GitHub, the host, the service. Nothing is changed."


class ActDialog(ModalScreen[None]):
    """One page after the other. It decides nothing: the gate does."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "enter", "choose", tooltip="Choose, or answer the question"),
        Binding(
            "escape,q", "leave", "leave", key_display="esc", tooltip="Leave it undone; what is being changed goes on"
        ),
        Binding("r", "again", "look again", tooltip="Look once more, and ask anew"),
        Binding("y", "copy", "copy", tooltip="Copy what helps"),
        Binding("tab", "app.focus_next", "next part", tooltip="To the next script or request"),
        Binding("shift+tab", "app.focus_previous", "part before", tooltip="To the script or request before"),
        Binding("down", "scroll(1)", "down", tooltip="A line down"),
        Binding("up", "scroll(-1)", "up", tooltip="A line up"),
        Binding("pagedown", "scroll(10)", "page down", tooltip="Ten lines down"),
        Binding("pageup", "scroll(-10)", "page up", tooltip="Ten lines up"),
    ]

    look: var[Look | None] = var(None, init=False)

    def __init__(
        self,
        gate: "Gate",
        works: Works,
        targets: Mapping[Target, Phrase],
        *,
        which: Phrase = (),
        found: Sequence[Phrase] = (),
        causes: Sequence[str] = (),
        action: str = "",
        work: Work | None = None,
    ) -> None:
        """`targets` with what they are called; `which` of how many they are, where there are others; `action` goes
        before the menu; `work` is under way already."""
        super().__init__()
        self.gate = gate
        self._works = works
        self._targets = targets
        self._which = which
        self._found = found
        self._causes = tuple(causes)
        self._action = action
        self._given = ""
        self._work = work
        self._ended_at: float | None = None
        self.page: ActPage = LookingPage((), "")

    def compose(self) -> ComposeResult:
        """Title, page, the way out."""
        with Vertical(classes="dialog act"):
            yield Static(classes="dialog-title")
            yield Vertical(classes="act-page")
        yield TooSmall()

    async def on_mount(self) -> None:
        """The first page, and a look each second at what is asked."""
        self.set_interval(1.0, self._tick)
        if isinstance(self._work, OneWork):
            await self._turn_to(ProgressPage(self._work))
        elif self._action:
            await self._choose(self._choice())
        else:
            await self._turn_to(MenuPage(self._subject(), self._found, self._choices(), self._which))

    async def _turn_to(self, page: ActPage) -> None:
        self.page = page
        holder = self.query_one(".act-page")
        await holder.remove_children()
        await holder.mount(page)
        if page is not self.page:
            return
        self.query_one(".dialog-title", Static).update(cells.content(tuple(page.title_parts())))
        self.query_one(".dialog").border_subtitle = page.way_out
        self.set_focus(page.main_widget())

    def _tick(self) -> None:
        """A page that is not there yet, or no more, is not looked at."""
        if self.page.is_mounted and self.page.is_attached:
            self.page.tick()

    def watch_look(self) -> None:
        self._tick()

    def _subject(self) -> Phrase:
        if len(self._targets) == 1:
            return next(iter(self._targets.values()))
        kinds = {about(target) for target in self._targets}
        what = next(iter(kinds)) if len(kinds) == 1 else "selected row"
        return (several(len(self._targets), what),)

    # From the menu to the question.

    def _choices(self) -> tuple[Choice, ...]:
        return choices(self.gate, tuple(self._targets), self._causes)

    def _choice(self) -> Choice | None:
        return next((each for each in self._choices() if each.action.id == self._action), None)

    @on(MenuPage.Chosen)
    async def _chosen(self, event: MenuPage.Chosen) -> None:
        if event.page is self.page:
            self._action = event.choice.action.id
            await self._choose(event.choice)

    async def _choose(self, choice: Choice | None) -> None:
        if choice is None:
            await self._turn_to(RefusalPage((), Refusal(("There is no such action for this any more.",))))
        elif choice.refusal is not None:
            await self._turn_to(RefusalPage(self._title(choice), choice.refusal))
        else:
            await self._propose(choice)

    @on(AskPage.Written)
    async def _written(self, event: AskPage.Written) -> None:
        choice = self._choice()
        if event.page is self.page:
            self._given = event.text
            await self._choose(choice)

    @on(ActPage.Again)
    async def _look_again(self, event: ActPage.Again) -> None:
        choice = self._choice()
        if event.page is not self.page:
            return
        if choice is not None and self._given and isinstance(event.page, RefusalPage):
            await self._turn_to(AskPage(self._title(choice), choice.action.asks, self._given))
        else:
            await self._choose(choice)

    def _title(self, choice: Choice) -> tuple[Part, ...]:
        return (Part(f"{choice.action.title}: ", "strong"), *cells.phrase_parts(self._subject()))

    async def _propose(self, choice: Choice) -> None:
        if len(choice.can) > MOST:
            many = f"These are {len(choice.can)}. At most {MOST} are acted on in one go."
            await self._turn_to(RefusalPage(self._title(choice), Refusal((many,), ("Select fewer.",))))
            return
        await self._turn_to(LookingPage(self._title(choice), _LOOKING))
        self.run_worker(self._look(choice), name="plan", group="plan", exclusive=True, exit_on_error=False)

    async def _look(self, choice: Choice) -> None:
        """Of several, at the first: the others are looked at when it is their turn."""
        found = await self.gate.propose(choice.action, choice.can[0], self._given)
        try:
            await self._turn_to(self._question(choice, found))
        except ConsoleError as error:
            await self._turn_to(RefusalPage(self._title(choice), refused_by(error)))

    def _question(self, choice: Choice, found: Proposal | Refusal) -> ActPage:
        if isinstance(found, Unanswered):
            return AskPage(self._title(choice), choice.action.asks, known=found.helps)
        if isinstance(found, Refusal):
            return RefusalPage(self._title(choice), found)
        if len(self._targets) == 1:
            return QuestionPage(found, self.gate.withdrawn)
        if found.plan.typed:
            return RefusalPage(cells.phrase_parts(found.plan.title, "strong"), WANTS_ITS_NAME)
        return SeveralQuestionPage(choice, self._names(choice), found, self.gate.withdrawn)

    @on(Worker.StateChanged)
    async def _looking_failed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "plan" and event.state is WorkerState.ERROR and event.worker.error is not None:
            await self._turn_to(RefusalPage((), refused_by(told(event.worker.error))))

    # From consent to the end.

    @on(QuestionPage.Agreed)
    async def _agreed(self, event: QuestionPage.Agreed) -> None:
        if event.page is not self.page:
            return
        if isinstance(event.page, QuestionPage):
            proposal = event.page.proposal
            await self._turn_to(BeginningPage(proposal))
            self._works.begin(self, proposal, event.typed)
        elif isinstance(event.page, SeveralQuestionPage):
            choice = event.page.choice
            work = self._works.begin_several(Several(self.gate, choice.action, choice.can, self._given))
            await self._turn_to(SeveralPage(work, self._names(choice)))

    async def begun(self, found: OneWork | Refusal) -> None:
        """What came of it, once it was looked at for the last time."""
        page = self.page
        if isinstance(page, BeginningPage) and page.given_up and isinstance(found, OneWork):
            found.undertaking.stop()
        if not self.is_attached:
            return
        if isinstance(found, Refusal):
            await self._turn_to(RefusalPage(page.title_parts(), found))
        else:
            await self._turn_to(ProgressPage(found))

    @on(ActPage.Over)
    def _over(self, event: ActPage.Over) -> None:
        if event.page is self.page:
            self.query_one(".dialog").border_subtitle = "any key closes"
            self._ended_at = monotonic()

    def _names(self, choice: Choice) -> dict[Target, Phrase]:
        """Of what is acted on, which may be the runs of the jobs that were selected."""
        return {each: self._targets.get(each) or called(self.look, each) for each in (*choice.can, *choice.cannot)}

    # Keys.

    def on_key(self, event: Key) -> None:
        """What is bound to nothing here, once it has ended: it was seen, and the dialog goes."""
        if self._ended_at is not None and event.time - self._ended_at >= QUIET:
            event.stop()
            self.dismiss(None)

    def action_enter(self) -> None:
        """Enter."""
        if self._ended_at is None:
            self.page.enter()
        elif monotonic() - self._ended_at >= QUIET:
            self.dismiss(None)

    def action_leave(self) -> None:
        """Escape."""
        if self.page.leave():
            self.dismiss(None)

    def action_again(self) -> None:
        """`r`."""
        self.page.again()

    def action_copy(self) -> None:
        """`y`."""
        if text := self.page.copied():
            self.app.copy_to_clipboard(text)
            self.notify("Copied what helps.", markup=False)

    def action_scroll(self, lines: int) -> None:
        """Where a line is typed into, the arrows move what is above it."""
        for above in self.page.query(Scroll)[:1]:
            above.scroll_relative(y=lines, animate=False)
