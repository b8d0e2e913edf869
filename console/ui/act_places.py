"""How guided actions come onto the screen: what they are asked about, and what goes on behind the dialog."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from textual import on
from textual.reactive import var
from textual.worker import Worker, WorkerState

from console.errors import UsageError
from console.fleet.failure import FAILED_FOR_CACHES, failure_of
from console.fleet.failure_words import KIND_WORDS
from console.fleet.findings import Finding
from console.fleet.models import JobKey, Phrase, RunnerKey, plain
from console.fleet.remedies import remedy_of
from console.fleet.words import sentence
from console.operations.interfaces import Clock
from console.ui.history_places import HistoryPlacesScreen
from console.ui.panes.base import Target
from console.ui.stand_ins import why_these
from console.ui.trouble import told

if TYPE_CHECKING:
    from console.operations.run_plan import Proposal
    from console.operations.several import Several
    from console.ui.dialogs.act import ActDialog
    from console.ui.works import SeveralWork, Work


CACHE_FAILED = "cache-failed"
"""`:act` does something about all jobs that failed for a cache lately."""
_TOLD_SECONDS = 30


class ActPlacesScreen(HistoryPlacesScreen):
    """Asks what can be done, and keeps what is being done. The dialogs are loaded when they are opened."""

    works: var[tuple["Work", ...]] = var((), init=False)
    """What is being carried out."""
    _clock: Clock

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that do nothing here are not offered."""
        if action == "act":
            return self.connection is not None and bool(self.pane.targets())
        return super().check_action(action, parameters)

    def action_act(self) -> None:
        """`a`."""
        self.ask_to_act()

    def act_names(self) -> tuple[str, ...]:
        """What `:act` takes."""
        return (*self._act_names(), CACHE_FAILED)

    def _act_names(self) -> tuple[str, ...]:
        """Actions on what is under the cursor, by their ids; those on its run are among a job's."""
        from console.fleet.guided_actions import GUIDED_ACTIONS, about  # the first paint does not wait for it

        kinds = {about(target) for target in self.pane.targets()}
        kinds |= {"run"} if "job" in kinds else set()
        return tuple(name for name, action in GUIDED_ACTIONS.items() if action.about in kinds)

    def act(self, name: str) -> None:
        """`:act NAME`; `:act cache-failed` is about jobs wherever the cursor is."""
        if name == CACHE_FAILED:
            self._ask_for_cache_failed()
            return
        names = self._act_names()
        if name not in names:
            there = f"There are: {', '.join(names)}" if names else "Go to a runner or a job first."
            raise UsageError(f'There is no action "{name}" for this.', there)
        self.ask_to_act(name)

    def _ask_for_cache_failed(self) -> None:
        from console.fleet.cache_trouble import cache_failed_lately

        look = self.look
        targets = cache_failed_lately(look.snapshot, look.failures, look.snapshot.taken_at) if look is not None else ()
        if not targets:
            raise UsageError(
                "No job is known to have failed for a cache within the last hour.",
                "Of each run that has ended only jobs whose logs were read count; their class is among the jobs.",
            )
        self.ask_to_act("rerun-cache-failed", targets)

    def ask_to_act(self, action: str = "", others: Sequence[Target] = ()) -> None:
        """The dialog of actions, or of what is under way already. `others`: not what is under the cursor."""
        targets, connection = others or self.pane.targets(), self.connection
        if connection is None or not targets:
            return
        from console.ui.dialogs.act import ActDialog
        from console.ui.plan_lines import called

        names = {target: called(self.look, target) for target in targets}
        under_way = next((each for each in self.works if _does(each, targets)), None)
        findings = self._findings(targets, own=not others)
        with self._context():
            dialog = ActDialog(
                connection.gate,
                self,
                names,
                which=self._which() if not others else (),
                found=self._found(findings, targets),
                causes=[*(each.remedied_as for each in findings), *self._causes(targets, findings)],
                action=action,
                work=under_way,
            ).data_bind(ActPlacesScreen.look)
        self.app.push_screen(dialog)

    def _findings(self, targets: Sequence[Target], *, own: bool) -> list[Finding]:
        here = self.pane.finding() if own else None
        if here is not None:
            return [here]
        findings = self.look.findings if self.look is not None else ()
        return [each for each in findings if any(_is_about(each, target) for target in targets)]

    def _which(self) -> Phrase:
        """Where the finding under the cursor is about more than that."""
        finding = self.pane.finding()
        return why_these(finding, self.look) if finding is not None and self.look is not None else ()

    def _found(self, findings: Sequence[Finding], targets: Sequence[Target]) -> list[Phrase]:
        """What was found about the one target, in words; of several only that all of it has to wait."""
        waits = [_to_wait(each) for each in findings if each.waits]
        if len(targets) > 1:
            return list(dict.fromkeys(waits))
        target = targets[0]
        job = self.look.snapshot.jobs.get(target) if self.look is not None and isinstance(target, JobKey) else None
        failure = failure_of(job, self.look.failures) if self.look is not None and job is not None else None
        why = [f"{KIND_WORDS[each.kind]}: {each.title}" for each in failure.causes[:1]] if failure is not None else []
        by_hand = [each.helps for each in findings if not each.waits and each.helps and not _helps_now(each, target)]
        return [*(each.summary for each in findings), *waits, *((each,) for each in why), *by_hand]

    def _causes(self, targets: Sequence[Target], findings: Sequence[Finding]) -> list[str]:
        """What is known of them without a finding; what one says of a job that failed says more than its log alone."""
        if self.look is None:
            return []
        told = {key for each in findings if each.waits or each.cause in FAILED_FOR_CACHES for key in each.jobs}
        jobs = [each for each in targets if isinstance(each, JobKey) and each not in told]
        from console.fleet.cache_trouble import failed_as  # the first paint does not wait for it

        failed = failed_as(jobs, self.look.failures, self.look.snapshot)
        return [*failed, *(["drained"] if self.look.drained.intersection(targets) else [])]

    # What is being carried out.

    def begin(self, dialog: "ActDialog", proposal: "Proposal", typed: str) -> None:
        """It goes on when the dialog has been left."""
        carrying = self._carry_out(dialog, proposal, typed)
        self.run_worker(carrying, name="carry out", group="carry out", exit_on_error=False)

    async def _carry_out(self, dialog: "ActDialog", proposal: "Proposal", typed: str) -> None:
        from console.fleet.plans import Refusal
        from console.ui.works import OneWork

        begun = await dialog.gate.carry_out(proposal, typed)
        if isinstance(begun, Refusal):
            await dialog.begun(begun)
            if not dialog.is_attached:
                words = f"{plain(proposal.plan.title)}. Refused. {plain(begun.reason)}"
                self.notify(words, severity="warning", timeout=_TOLD_SECONDS, markup=False)
            return
        work = OneWork(begun, self._clock)
        with self._at_work(work):
            await dialog.begun(work)
            said, well = work.end(await begun.end())
        self._tell_end(work, said, well)

    def begin_several(self, sequence: "Several") -> "SeveralWork":
        """One after the other."""
        from console.ui.works import SeveralWork

        work = SeveralWork(sequence, self._clock)
        self.run_worker(self._carry_out_several(work), name="carry out", group="carry out", exit_on_error=False)
        return work

    async def _carry_out_several(self, work: "SeveralWork") -> None:
        with self._at_work(work):
            await work.sequence.carry_out(self._clock)
        self._tell_end(work, *work.end())

    @contextmanager
    def _at_work(self, work: "Work") -> Iterator[None]:
        self.works = (*self.works, work)
        try:
            yield
        finally:
            self.works = tuple(each for each in self.works if each is not work)

    def _tell_end(self, work: "Work", said: Phrase, well: bool) -> None:
        if not work.looked_at:
            words = f"{plain(work.title)}. {plain(said)}"
            self.notify(words, severity="information" if well else "warning", timeout=_TOLD_SECONDS, markup=False)

    @on(Worker.StateChanged)
    def _carrying_failed(self, event: Worker.StateChanged) -> None:
        if event.worker.group == "carry out" and event.state is WorkerState.ERROR and event.worker.error is not None:
            error = told(event.worker.error)
            words = f"{error.message} {error.hint} What was done before it is in the history."
            self.notify(words, severity="error", timeout=_TOLD_SECONDS, markup=False)


def _helps_now(finding: Finding, target: Target) -> bool:
    """Whether an action of the target's menu does. Where none does it says what does."""
    from console.fleet.guided_actions import GUIDED_ACTIONS, about  # the first paint does not wait for it

    remedy = remedy_of(finding.remedied_as)
    kinds = {about(target), "run"} if isinstance(target, JobKey) else {about(target)}
    return bool(remedy.action) and not remedy.later and GUIDED_ACTIONS[remedy.action].about in kinds


def _to_wait(finding: Finding) -> Phrase:
    """No action of the menu ends GitHub's trouble."""
    return sentence(finding.suspicion, ". ", finding.helps) if finding.suspicion else finding.helps


def _does(work: "Work", targets: Sequence[Target]) -> bool:
    from console.ui.works import OneWork

    return isinstance(work, OneWork) and (work.undertaking.plan.target,) == tuple(targets)


def _is_about(finding: Finding, target: Target) -> bool:
    if isinstance(target, RunnerKey):
        return target in finding.runners or target == finding.suspect
    return target in (finding.jobs if isinstance(target, JobKey) else finding.runs)
