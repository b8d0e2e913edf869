"""Logs: one at a time, side by side or stacked."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.message import Message
from textual.reactive import var
from textual.widget import Widget

from console.errors import ConsoleError
from console.fleet.models import Job, JobKey, Phrase, RunnerKey, Step
from console.fleet.sightings import Sighting
from console.operations.look import Look
from console.ui import signs
from console.ui.columns import Part, phrase_parts
from console.ui.job_row import state_of
from console.ui.log_sources import JobOutput, LogKey, RunnerLog, in_words, target_of
from console.ui.panes.base import Pane, Target
from console.ui.panes.facts import fact, owner_facts, runner_owner_facts
from console.ui.panes.lists import job_rows, runner_rows
from console.ui.widgets.fact_lines import FactLine, FactLines

if TYPE_CHECKING:
    # The first paint does not wait for what reads logs.
    from console.operations.logs import MergedSource, OpenLog
    from console.ui.widgets.log_panel import LogPanel
    from console.ui.widgets.log_view import LogView
    from console.ui.widgets.time_axis import TimeAxis

Arrangement = Literal["one", "beside", "stacked"]
_ARRANGEMENTS: tuple[Arrangement, ...] = ("one", "beside", "stacked")
_NEXT = Binding.Group("To the next log, to the one before")
_NOTHING: Phrase = ("No log is open. Go to a job and press l, or to a runner and press L.",)
MOST_OPEN = 6
"""Logs that are open at once; one more closes the one that was opened first."""


class LogsPane(Pane):
    """The logs that are open. They stay open while the operator is elsewhere."""

    DEFAULT_CSS = """
    LogsPane {
        #logs { height: 1fr; layout: vertical; }
        #logs.-beside { layout: horizontal; }
        #logs.-beside LogPanel.-right { border-left: solid $border-blurred; }
        .logs-empty { height: auto; padding: 1 2; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("vertical_line", "arrange", "arrange", key_display="|", tooltip="One log, side by side, or stacked"),
        Binding("M", "merge", "merge", show=False, tooltip="All open logs as one, by time, each line with its source"),
        Binding(
            "equals_sign",
            "in_time",
            "in time",
            show=False,
            key_display="=",
            tooltip="Let the others follow in time, or not",
        ),
        Binding("f", "full", "full screen", tooltip="Nothing but logs, or all of the console again"),
        Binding("tab", "next(1)", "next log", show=False, tooltip="To the next log", group=_NEXT),
        Binding("shift+tab", "next(-1)", "log before", show=False, tooltip="To the log before", group=_NEXT),
        Binding("X", "close", "close", show=False, tooltip="Close this log"),
    ]

    arrangement: var[Arrangement] = var("one", init=False)

    class FullScreen(Message):
        """Nothing but logs is to be seen, or all again."""

    class Ended(Message):
        """A job whose log was waited for has ended."""

        def __init__(self, key: JobKey) -> None:
            super().__init__()
            self.key = key

    class MergeAsked(Message):
        """All of these are to be one log, opened at that time."""

        def __init__(self, sources: "Sequence[MergedSource]", at: datetime | None) -> None:
            super().__init__()
            self.sources = sources
            self.at = at

    class Sighted(Message):
        """Known lines were seen in the log of a runner."""

        def __init__(self, sightings: Sequence[Sighting]) -> None:
            super().__init__()
            self.sightings = sightings

    def __init__(self) -> None:
        super().__init__()
        self._panels: list[LogPanel] = []
        self._keys: dict[LogKey, LogPanel] = {}
        self._merged: LogPanel | None = None
        """All that were open then, as one."""
        self._axis: TimeAxis | None = None
        self._in_time = True
        """Where several are shown they go through time together."""
        self._awaited: JobKey | None = None
        """Its log is shown once it has ended."""
        self._asked: LogKey | None = None
        """The log that was asked for last."""
        self._refused = False
        """It could not be opened."""

    def compose(self) -> ComposeResult:
        """What is said without a log; the logs."""
        yield FactLines(classes="logs-empty")
        yield Container(id="logs")

    def on_mount(self) -> None:
        """Nothing is open yet."""
        super().on_mount()
        self.say(_NOTHING)

    def say(self, words: Phrase) -> None:
        """What is under way, or why there is nothing; empty: the logs speak for themselves."""
        self._tell([FactLine((), phrase_parts(words, "muted"))] if words else [])

    def _tell(self, lines: Sequence[FactLine]) -> None:
        said = self.query_one(FactLines)
        said.lines = tuple(lines)
        said.display = bool(lines)

    @property
    def refused_key(self) -> LogKey | None:
        """What was asked for last, where it could not be opened; or the log in view, where its host was given up."""
        if self._refused:
            return self._asked
        current = self._current()
        return next((key for key, panel in self._keys.items() if panel is current and _given_up(panel)), None)

    def fetching(self, key: LogKey) -> None:
        """It is asked for."""
        self.forget()
        self._asked, self._refused = key, False
        how = "It is being fetched." if isinstance(key, JobKey) else "Its host is being asked."
        self._tell([*self._owner(key), fact(in_words(key), Part(how, "muted"))])

    def wait_for(self, key: JobKey) -> None:
        """That job is still at work: its steps are shown, and its log when it ends."""
        self._awaited = key
        if self.look is not None:
            self.draw(self.look)

    def refused(self, error: ConsoleError) -> None:
        """Why there is no log."""
        self.forget()
        asked, self._refused = self._asked, True
        owner = self._owner(asked) if asked is not None else []
        helps = [fact("helps" if not at else "", Part(line)) for at, line in enumerate(error.hint.splitlines())]
        what = in_words(asked) if asked is not None else "log"
        self._tell([*owner, fact(what, Part(error.message, "warning")), *helps])

    def _owner(self, key: LogKey) -> list[FactLine]:
        """Whose log it is; of what is no longer listed only this is known."""
        if isinstance(key, RunnerLog):
            return self._owning_runner(key.runner)
        if isinstance(key, JobOutput):
            return self._owner(key.job)
        row = job_rows(self.look, [key]).get(key) if self.look is not None else None
        if row is None or self.look is None:
            return [fact("job", Part(key.repository, "foreign"), Part(f" {key.id}"))]
        return owner_facts(row, self.look, self.now or self.look.snapshot.taken_at)

    def _owning_runner(self, key: RunnerKey) -> list[FactLine]:
        row = runner_rows(self.look, [key]).get(key) if self.look is not None else None
        if row is None or self.look is None:
            return [fact("runner", Part(f"{key.id} in ", "muted"), Part(key.scope, "foreign"))]
        return runner_owner_facts(row, self.now or self.look.snapshot.taken_at)

    def forget(self) -> None:
        """Nothing is waited for any more."""
        self._awaited = None

    def wait_no_longer(self) -> None:
        """As it was before a log was asked for."""
        self.forget()
        self._asked = None
        self.say(() if self._panels else _NOTHING)

    def has(self, key: LogKey) -> bool:
        """Whether that log is open already; then it gets the keys. One whose host was given up is asked for anew."""
        panel = self._keys.get(key)
        if panel is None or _given_up(panel):
            return False
        self._show(panel)
        if self._awaited is None:
            self.say(())
        return True

    async def add(self, opened: "OpenLog", key: LogKey, now: datetime) -> "LogPanel":
        """Show one more log."""
        from console.ui.widgets.log_panel import LogPanel

        panel, before = LogPanel(opened, now), self._keys.get(key)
        if before is not None:
            await self._remove(before)
        self._keys[key] = panel
        await self._add(panel)
        return panel

    async def add_merged(self, opened: "OpenLog", now: datetime) -> None:
        """Show it alone, in the place of the last one: it needs the width."""
        from console.ui.widgets.log_panel import LogPanel

        if self._merged is not None:
            await self._remove(self._merged)
        self._merged = LogPanel(opened, now)
        self.arrangement = "one"
        await self._add(self._merged)

    async def _add(self, panel: "LogPanel") -> None:
        self._panels.append(panel)
        # From here on it closes its log itself, whatever comes between.
        await self.query_one("#logs").mount(panel)
        if len(self._keys) > MOST_OPEN:
            await self._remove(next(iter(self._keys.values())))
        self.forget()
        self.say(())
        self._show(panel)

    async def _remove(self, panel: "LogPanel") -> None:
        self._panels.remove(panel)
        if panel is self._merged:
            self._merged = None
        self._keys = {key: each for key, each in self._keys.items() if each is not panel}
        await panel.remove()

    def _show(self, panel: "LogPanel") -> None:
        self._arrange(panel)
        if self.shown:
            self.screen.set_focus(panel.view)

    def _current(self) -> "LogPanel | None":
        seen = [panel for panel in self._panels if panel.display]
        return next((panel for panel in self._panels if panel.has_focus_within), seen[-1] if seen else None)

    def _arrange(self, current: "LogPanel | None") -> None:
        self.query_one("#logs").set_class(self.arrangement == "beside", "-beside")
        for place, panel in enumerate(self._panels):
            panel.set_class(place > 0, "-right")
            panel.display = self.arrangement != "one" or panel is current

    def watch_arrangement(self) -> None:
        self._arrange(self._current())

    def action_arrange(self) -> None:
        """`|`."""
        self.arrangement = _ARRANGEMENTS[(_ARRANGEMENTS.index(self.arrangement) + 1) % len(_ARRANGEMENTS)]

    def action_in_time(self) -> None:
        """`=`."""
        self._in_time = not self._in_time
        go = "go" if self._in_time else "no longer go"
        self.notify(f"Logs shown together {go} through time together.", markup=False)

    def on_log_view_moved(self, event: "LogView.Moved") -> None:
        """Those beside it follow."""
        event.stop()
        if not self._in_time or self.arrangement == "one":
            return
        from console.ui.widgets.time_axis import TimeAxis

        if self._axis is None:
            self._axis = TimeAxis(lambda: [panel.view for panel in self._panels if panel.display])
        if self._axis.lead(event.view):
            self.run_worker(self._axis.follow(), name="in time", group="in time", exit_on_error=False)

    def action_merge(self) -> None:
        """`M`."""
        from console.operations.logs import MergedSource
        from console.ui.log_labels import labels

        if len(self._keys) < 2:
            self.notify("Two logs are needed to be merged; open another one first.", severity="warning", markup=False)
            return
        called = labels(list(self._keys), self.look.snapshot if self.look is not None else None)
        sources = [MergedSource(label, panel.opened) for label, panel in zip(called, self._keys.values(), strict=True)]
        current = self._current()
        at = current.view.time_here() if current is not None and not current.view.following else None
        self.post_message(self.MergeAsked(sources, at))

    def action_full(self) -> None:
        """`f`."""
        self.post_message(self.FullScreen())

    def action_next(self, step: int) -> None:
        """Tab."""
        current = self._current()
        if current is not None:
            self._show(self._panels[(self._panels.index(current) + step) % len(self._panels)])

    async def action_close(self) -> None:
        """`X`: first what is said above the logs goes."""
        current = self._current()
        if current is None or self.query_one(FactLines).display:
            self.wait_no_longer()
            return
        await self._remove(current)
        if self._panels:
            self._show(self._panels[-1])
        else:
            self.say(_NOTHING)

    def on_log_panel_known(self, event: "LogPanel.Known") -> None:
        """Which runner it says something of."""
        event.stop()
        key = next((key for key, panel in self._keys.items() if panel is event.panel), None)
        if key is None or self.look is None:
            return
        from console.fleet.at_work import runner_of  # the first paint does not wait for it
        from console.operations.sightings import sightings_in

        about, snapshot = target_of(key), self.look.snapshot
        runner_key = runner_of(snapshot, about) if isinstance(about, JobKey) else about
        runner = snapshot.runners.get(runner_key) if runner_key is not None else None
        if runner is not None:
            opened = event.panel.opened
            self.post_message(self.Sighted(sightings_in(event.reading, opened.text, runner, opened.host)))

    # What every pane has.

    def draw(self, look: Look) -> None:
        """Logs do not come with looks; the steps of a job whose log is waited for do."""
        if self._awaited is None:
            return
        job = look.snapshot.jobs.get(self._awaited)
        if job is not None and job.status == "completed":
            key, self._awaited = self._awaited, None
            self.post_message(self.Ended(key))
            return
        self._draw_awaited(self._awaited, job, self.now or look.snapshot.taken_at)

    def _draw_awaited(self, key: JobKey, job: Job | None, now: datetime) -> None:
        begun = "" if job is None or job.status == "in_progress" else "It has not begun. "
        now_seen = "" if begun else " O shows what it prints now, from its runner's host."
        words = Part(f"{begun}GitHub gives the log of a job when it has ended: it opens here then.{now_seen}", "muted")
        steps = [_progress(step, now) for step in (job.steps if job is not None else ())]
        gap = [FactLine((), (Part(" "),))] if steps else []
        self._tell([*self._owner(key), fact("log", words), *gap, *steps])

    def draw_ages(self, now: datetime) -> None:
        """Ages of lines, and of a job that is waited for, count on."""
        if self._awaited is not None and self.look is not None:
            self._draw_awaited(self._awaited, self.look.snapshot.jobs.get(self._awaited), now)
        for panel in self._panels:
            panel.set_now(now)

    def main_widget(self) -> Widget | None:
        """The lines of the log in view."""
        current = self._current()
        return current.view if current is not None else None

    def target(self) -> Target | None:
        """The job or runner whose log is shown, or is asked for."""
        if self.query_one(FactLines).display:
            return target_of(self._asked) if self._asked is not None else None
        current = self._current()
        return next((target_of(key) for key, panel in self._keys.items() if panel is current), None)

    def trail(self) -> list[Part]:
        """It has a tab of its own, unless one came from a job."""
        drilled_in = self.place is not None and self.place.target is not None
        return [Part(f" {signs.sign('into')} log", "muted")] if drilled_in else []


def _progress(step: Step, now: datetime) -> FactLine:
    """How a step is, and how long it took or has been going on."""
    word, name, style = state_of(step.status, step.conclusion)
    took = [Part(f"  {signs.age((step.completed_at or now) - step.started_at)}", "muted")] if step.started_at else []
    return FactLine((Part(f"{signs.sign(name)} {word}", style),), (Part(step.name, "foreign"), *took))


def _given_up(panel: "LogPanel") -> bool:
    state = panel.opened.state
    return state is not None and state.given_up
