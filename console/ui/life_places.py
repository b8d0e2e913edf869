"""What the operator says of findings: known, not now, or nothing after all. It changes nothing of the fleet."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from textual import on
from textual.worker import Worker, WorkerState

from console.errors import UsageError
from console.fleet.ages import age
from console.fleet.words import several
from console.ui.runbook_places import RunbookPlacesScreen
from console.ui.trouble import told

if TYPE_CHECKING:
    # The first paint does not wait for them.
    from console.operations.finding_lives import FindingLives

USUAL = timedelta(hours=1)
"""So long `h` mutes."""
Said = Callable[["FindingLives", Sequence[str]], Awaitable[None]]


class LifePlacesScreen(RunbookPlacesScreen):
    """About the finding under the cursor, or those that are selected."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing here are not offered."""
        if action in {"acknowledge", "mute"}:
            return self.connection is not None and bool(self.pane.found())
        if action == "unmute":
            return self.connection is not None and self._said_of_one()
        return super().check_action(action, parameters)

    def _said_of_one(self) -> bool:
        """Something was said of one of them that can be taken back."""
        lives = self.look.lives if self.look is not None else {}
        found = (lives.get(key) for key in self.pane.found())
        return any(life is not None and (life.acknowledged_by or life.mute is not None) for life in found)

    def action_acknowledge(self) -> None:
        """`v`."""
        self.acknowledge()

    def action_mute(self) -> None:
        """`h`."""
        self.mute("")

    def action_unmute(self) -> None:
        """`u`."""
        self.unmute()

    def acknowledge(self) -> None:
        """`:acknowledge`."""
        now = self.now
        if now is not None:
            said = self._say("acknowledged", lambda lives, ids: lives.acknowledge(ids, now))
            if said:
                self.pane.answered(self.pane.found())

    def mute(self, words: str) -> None:
        """`:mute 2h`."""
        now, span = self.now, _span(words)
        if now is not None:
            self._say(f"muted for {age(span)}; u takes it back", lambda lives, ids: lives.mute(ids, now, span))

    def unmute(self) -> None:
        """`:unmute`."""
        self._say("new again", lambda lives, ids: lives.unmute(ids))

    def _say(self, what: str, said: Said) -> bool:
        """Whether there was something of which it can be said."""
        keys, look, connection = self.pane.found(), self.look, self.connection
        if not keys or look is None or connection is None:
            raise UsageError("There is no finding under the cursor.", "Go to one on Now (1).")
        ids = [life.id for key in keys if (life := look.lives.get(key)) is not None]
        if not ids:
            # Of very many findings not all are kept.
            self.notify("Nothing is kept of this yet. Wait for the next look.", severity="warning", markup=False)
            return False
        saying = self._said(said, connection.watch.lives, ids, what)
        self.run_worker(saying, name="say", group="lives", exit_on_error=False)
        return True

    async def _said(self, said: Said, lives: "FindingLives", ids: Sequence[str], what: str) -> None:
        await said(lives, ids)
        self.notify(f"{several(len(ids), 'finding')}: {what}.", markup=False)

    @on(Worker.StateChanged)
    def _saying_failed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "lives" and event.state is WorkerState.ERROR and event.worker.error is not None:
            error = told(event.worker.error)
            self.notify(f"{error.message}. {error.hint}", severity="warning", markup=False)


def _span(words: str) -> timedelta:
    if not words:
        return USUAL
    from console.settings.durations import parse_duration

    try:
        return parse_duration(words)
    except ValueError:
        raise UsageError(f'"{words}" is no span of time.', "Write 30m, 2h or 24h.") from None
