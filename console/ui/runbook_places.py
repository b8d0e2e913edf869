"""How runbooks come onto the screen: which fits, the walks that are under way, and their records."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace
from textual import on
from textual.worker import Worker, WorkerState

from console.errors import ConsoleError
from console.fleet.ages import age
from console.fleet.models import plain
from console.operations.connection import Connection
from console.operations.look import Look
from console.ui.act_places import ActPlacesScreen
from console.ui.commands import known_value
from console.ui.log_sources import LogKey
from console.ui.panes.base import Place
from console.ui.trouble import told
from console.ui.widgets.tabs import TabLine

if TYPE_CHECKING:
    # The first paint does not wait for what runbooks are made of.
    from console.fleet.runbook_leads import Lead
    from console.fleet.walks import Walk
    from console.operations.drill import Drill
    from console.operations.runbooks import Library
    from console.ui.panes.walk import WalkPane
    from console.ui.walking import Change, Walking

_TOLD_SECONDS = 60
_OFFERED_SECONDS = 15
_ASKED_EVERY = 1.0


class RunbookPlacesScreen(ActPlacesScreen):
    """Leads to a runbook, and lets its steps follow every look."""

    _drill: "Drill | None" = None

    def __init__(self) -> None:
        super().__init__()
        self._walking: Walking | None = None
        self._unkept: set[str] = set()

    def on_mount(self) -> None:
        """Every look is held against the walks; of a drill it is asked whether it is over."""
        self.watch(self, "look", self._walk_on, init=False)
        self.watch(self, "works", self._follow_deeds, init=False)
        if self._drill is not None:
            self.set_interval(_ASKED_EVERY, self._ask_about_drill)

    def connected(self, connection: Connection) -> None:
        """The user's own runbooks are read, and a drill begins."""
        super().connected(connection)
        if self._drill is not None and self._drill.records is not None:
            connection.walks.leave_in(self._drill.records)
        self._read_library()

    def start_anew(self) -> None:
        """Walks belong to their context."""
        self._walking = self._drill = None
        super().start_anew()

    def _read_library(self) -> None:
        self.run_worker(self._take_library(), name="runbooks", group="runbooks", exclusive=True, exit_on_error=False)

    async def _take_library(self) -> None:
        walking = await self._walking_now()
        first = walking.library is None
        walking.library = await asyncio.to_thread(_library)
        if first:
            await self._offer_unfinished(walking, walking.library)
        drill = self._drill
        if first and drill is not None:
            self.leave_for([Place("runbooks"), Place("walk", runbook=drill.runbook)])
        if self.trail_here[-1].pane == "walk":
            self._begin(self.trail_here[-1])
        self._show_walks()

    async def _offer_unfinished(self, walking: "Walking", known: "Library") -> None:
        """A console that was left, or has crashed, in the midst of a walk: it can go on, and one is told so."""
        if self.connection is None:
            return
        context = self.connection.facts.name
        walking.offer(await asyncio.to_thread(self.connection.walks.unfinished, known.runbooks, context))
        for left in walking.left.values():
            ago = age(self._clock.wall() - left.changed_at)
            words = f"Unfinished, {ago} ago: {left.walk.runbook.title}. 6 goes on with it."
            self.notify(words, timeout=_OFFERED_SECONDS, markup=False)

    async def _walking_now(self) -> "Walking":
        if self._walking is None:
            made = await asyncio.to_thread(_walking)
            self._walking = self._walking or made
        return self._walking

    # Where one goes.

    def show_place(self) -> None:
        """The list is read anew when one comes to it."""
        self._show_walks()
        super().show_place()
        place = self.trail_here[-1]
        if place.pane == "runbooks" and self.connection is not None:
            self._read_library()

    def leave_for(self, trail: list[Place]) -> None:
        """What one comes to from elsewhere begins, and what has ended begins anew."""
        if trail[-1].pane == "walk" and trail[-1] != self.trail_here[-1] and len(trail) >= len(self.trail_here):
            self._begin(trail[-1])
        if trail[-1].target is not None:
            self.looked_into()
        super().leave_for(trail)

    def _begin(self, place: Place) -> None:
        walking, connection, look = self._walking, self.connection, self.look
        if walking is None or connection is None or look is None:
            return
        walks = walking.begin(place, look, connection.facts, self._clock.wall())
        for walk in walks:
            self._keep(walk)
        if walks:
            self._walk_on(look)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing here are not offered."""
        if action == "runbook":
            elsewhere = self.trail_here[-1].pane not in {"runbooks", "walk"}
            return elsewhere and (self.pane.target() is not None or self.pane.finding() is not None)
        return super().check_action(action, parameters)

    def action_runbook(self) -> None:
        """`R`: to the one that fits, or to the list with those that do in front."""
        lead = self._lead_here()
        fitting = self._walking.fitting(lead) if self._walking is not None and lead is not None else []
        if len(fitting) == 1:
            self.leave_for([*self.trail_here, Place("walk", runbook=fitting[0], lead=lead)])
        elif lead is not None:
            self.leave_for([*self.trail_here, Place("runbooks", lead=lead)])

    def runbook_names(self) -> tuple[str, ...]:
        """What `:runbook` takes."""
        library = self._walking.library if self._walking is not None else None
        return tuple(library.runbooks) if library is not None else ()

    def show_runbook(self, name: str) -> None:
        """`:runbook NAME`: about what is under the cursor where that leads to it, or nothing does; else what does."""
        name = known_value(name, self.runbook_names(), "runbook")
        lead, walking = self._lead_here(), self._walking
        if walking is not None and lead is not None and not walking.may_lead(lead, name):
            lead = None
        self.leave_for([*self.trail_here, Place("walk", runbook=name, lead=lead)])

    def _lead_here(self) -> "Lead | None":
        if self.look is None or self.trail_here[-1].pane == "walk":
            return None
        from console.ui.walking import lead_here

        return lead_here(self.pane.finding(), self.pane.target(), self.look)

    # What a look says, and what the operator does.

    def _walk_on(self, look: Look | None) -> None:
        if look is None:
            return
        if self._walking is not None:
            now = self._clock.wall()
            for walk in self._walking.follow(look, now):
                self._keep(walk)
                self._tell_next(walk, now)
            if self.connection is not None:
                self.connection.watch.walked = self._walking.asked_of_hosts()
            self._show_walks()
        if self._drill is not None and look.snapshot.whole and not look.remembered:
            self._see_in_drill(self._drill, look)

    def _tell_next(self, walk: "Walk", now: datetime) -> None:
        """One is told that the steps begin anew."""
        acts = any(step.action for step in walk.runbook.steps)
        if acts and walk.before and walk.before[-1].until == now and walk.lead is not None:
            words = f"{walk.runbook.title}: about {plain(walk.lead.subject)} now."
            self.notify(words, timeout=_OFFERED_SECONDS, markup=False)

    def _follow_deeds(self) -> None:
        """What was done may be what a step asked for."""
        if self._walking is not None and self._walking.walks and self.connection is not None:
            reading = self._take_deeds(self.connection, self._walking)
            self.run_worker(reading, name="deeds", group="walks", exit_on_error=False)

    async def _take_deeds(self, connection: Connection, walking: "Walking") -> None:
        try:
            deeds = await asyncio.to_thread(connection.history.entries)
        except ConsoleError:
            return  # the history says so itself, and actions are refused
        for walk in walking.acted(deeds):
            self._keep(walk)
        self._show_walks()

    def _show_walks(self) -> None:
        walking = self._walking
        if walking is None:
            return
        from console.ui.panes.runbooks import RunbooksPane
        from console.ui.panes.walk import WalkPane

        place = self.trail_here[-1]
        for pane in self.panes.values():
            if isinstance(pane, RunbooksPane):
                pane.library, pane.walks, pane.left = walking.library, dict(walking.walks), dict(walking.left)
            elif isinstance(pane, WalkPane) and place.pane == "walk":
                pane.stands = walking.stands(place.runbook)
                self.query_one(TabLine).trail = tuple(self.pane.trail())
                self.refresh_bindings()

    def action_act(self) -> None:
        """`a` on a step: its action on whom the walk is about; where it has none, all that can be done."""
        pane = self.panes.get("walk")
        if pane is None or self.pane is not pane:
            super().action_act()
            return
        from console.ui.panes.walk import WalkPane

        targets = pane.targets_of_step() if isinstance(pane, WalkPane) else ()
        if not targets or not isinstance(pane, WalkPane) or pane.step is None:
            super().action_act()
        else:
            self.ask_to_act(pane.step.action, targets)

    def open_log(self, key: LogKey) -> None:
        """Whoever reads a log looks into it."""
        self.looked_into()
        super().open_log(key)

    def looked_into(self) -> None:
        """An explanation, a log, or all that is known of a runner or a job was opened."""
        if self._drill is not None:
            self._drill.looked_into()
        if self._walking is not None:
            self._walking.looked_into()
            self._walk_on(self.look)

    def on_walk_pane_ticked(self, event: "WalkPane.Ticked") -> None:
        """By hand."""
        from console.fleet.walks import ticked

        now = self._clock.wall()
        self._change(lambda walk: ticked(walk, event.index, now))

    def on_walk_pane_noted(self, event: "WalkPane.Noted") -> None:
        """A note to a step."""
        from console.fleet.walks import noted

        now = self._clock.wall()
        text = self.connection.walks.clean(event.text) if self.connection is not None else event.text
        self._change(lambda walk: noted(walk, event.index, text, now))

    def on_walk_pane_end_asked(self) -> None:
        """The record has an end now."""
        now = self._clock.wall()
        self._change(lambda walk: replace(walk, ended=now))

    def _change(self, change: "Change") -> None:
        walking, name = self._walking, self.trail_here[-1].runbook
        walk = walking.change(name, change) if walking is not None else None
        if walk is not None:
            self._keep(walk)
            self._show_walks()
            if walk.ended is not None:
                self._tell_place(walk)

    # Records.

    def _keep(self, walk: "Walk") -> None:
        if self.connection is not None:
            keeping = self._write(self.connection, walk)
            self.run_worker(keeping, name="keep walk", group="walks", exit_on_error=False)

    async def _write(self, connection: Connection, walk: "Walk") -> None:
        walking = self._walking
        if walking is None:
            return
        try:
            path = await asyncio.to_thread(connection.walks.keep, lambda: walking.newest(walk))
            if self._drill is not None:
                self._drill.kept(path)
        except ConsoleError as error:
            if walk.runbook.name not in self._unkept:
                self._unkept.add(walk.runbook.name)
                self.notify(f"{error.message}. {error.hint}", severity="warning", markup=False)

    def _tell_place(self, walk: "Walk") -> None:
        if self.connection is not None:
            # The path has a line of its own: it is copied from there.
            goes = self.connection.facts.demo and (self._drill is None or self._drill.records is None)
            how = ", and goes with this demo; ctrl+s copies it" if goes else ""
            words = f"The walk has ended. Its record is in\n{self.connection.walks.place(walk)}{how}"
            self.notify(words, timeout=_TOLD_SECONDS, markup=False)

    def on_walk_pane_copy_asked(self, event: "WalkPane.CopyAsked") -> None:
        """ctrl+s."""
        walking, connection = self._walking, self.connection
        walk = walking.walks.get(self.trail_here[-1].runbook) if walking is not None else None
        if walk is not None and connection is not None:
            copying = self._copy(connection, walk, event.name)
            self.run_worker(copying, name="copy walk", group="walks", exit_on_error=False)

    async def _copy(self, connection: Connection, walk: "Walk", name: str) -> None:
        from console.ui.widgets.log_saving import place_of

        to = place_of(name)
        await asyncio.to_thread(connection.walks.copy, walk, to)
        self.notify(f"The record was copied to\n{to}", markup=False)

    @on(Worker.StateChanged)
    def _walk_worker_failed(self, event: Worker.StateChanged) -> None:
        groups = {"walks", "runbooks", "drill"}
        if event.worker.group in groups and event.state is WorkerState.ERROR and event.worker.error is not None:
            error = told(event.worker.error)
            self.notify(f"{error.message}. {error.hint}".strip(), severity="warning", markup=False)

    # A drill.

    def _see_in_drill(self, drill: "Drill", look: Look) -> None:
        """Whom a runbook without findings is about, a drill chooses: whoever is on Now first."""
        walking = self._walking
        walk = walking.walks.get(drill.runbook) if walking is not None else None
        if walking is None or walk is None:
            drill.seen(found=False)
            return
        if walk.lead is None and walk.ended is None and not walk.runbook.findings:
            lead = walking.first_about_a_runner(look)
            if lead is not None:
                self._begin(Place("walk", runbook=drill.runbook, lead=lead))
        drill.seen(found=walking.leads.get(drill.runbook) is not None)

    def _ask_about_drill(self) -> None:
        if self._drill is not None and not self._drill.over:
            asking = self._follow_drill(self._drill)
            self.run_worker(asking, name="drill", group="drill", exclusive=True, exit_on_error=False)

    async def _follow_drill(self, drill: "Drill") -> None:
        walking = self._walking
        walk = walking.walks.get(drill.runbook) if walking is not None else None
        walked = walk is not None and walk.whole
        if not await asyncio.to_thread(drill.ask_whether_solved, walked=walked) or walking is None:
            return
        for each in walking.remark(drill.told(), self._clock.wall()):
            self._keep(each)
        self._show_walks()
        self.notify(drill.told(), severity="information", timeout=_TOLD_SECONDS, markup=False)


def _library() -> "Library":
    """Reads files, and loads what they are read by: for a thread."""
    from console.operations.runbooks import library

    return library()


def _walking() -> "Walking":
    from console.ui.walking import Walking

    return Walking()
