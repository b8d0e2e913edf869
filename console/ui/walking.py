"""The walks that are under way: which runbooks there are, and how each walk stands by the last look."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain

from msgspec.structs import replace

from console.fleet.findings import Finding
from console.fleet.history import Entry
from console.fleet.models import RunnerKey
from console.fleet.plans import Target
from console.fleet.runbook_checks import Checked
from console.fleet.runbook_leads import (
    Lead,
    all_leads,
    as_of,
    goes_on,
    lead_of,
    lead_to,
    leads,
    leads_called,
    of_the_same_runner,
    runner_of,
)
from console.fleet.runbooks import Runbook
from console.fleet.walk_state import Unfinished
from console.fleet.walks import Note, Walk, acted, begun, checked, gone_on_with, gone_over, led
from console.operations.connection import ContextFacts
from console.operations.look import Look
from console.operations.runbooks import Library, asked_of_hosts, checks
from console.ui.panes.base import Place
from console.ui.runbook_row import WalkNow

Change = Callable[[Walk], Walk]
LASTS = timedelta(minutes=3)
"""What begins after what a walk was about is over is gone on with once it has lasted so long: the runner that takes the
place of another one idles for a moment."""
_BESIDE = datetime.min.replace(tzinfo=UTC)
"""Since when that counts which was found beside what a walk is about."""


class Walking:
    """One walk for each runbook. It draws nothing, and writes nothing."""

    def __init__(self) -> None:
        self.library: Library | None = None
        self.walks: dict[str, Walk] = {}
        self.left: dict[str, Unfinished] = {}
        """Walks that another console has left without an end, by runbook; of each the newest."""
        self.leads: dict[str, Lead | None] = {}
        """Of each walk, what it is about by now."""
        self.results: dict[str, tuple[Checked | None, ...]] = {}
        self._others: dict[str, dict[str, datetime]] = {}
        """Of each walk, what else leads to its runbook, and since when."""
        self._newest: dict[tuple[str, datetime], Walk] = {}

    def stands(self, name: str) -> WalkNow | None:
        """How the walk through that runbook stands."""
        walk = self.walks.get(name)
        return WalkNow(walk, self.leads.get(name), self.results.get(name, ())) if walk is not None else None

    def fitting(self, lead: Lead) -> list[str]:
        """The runbooks that it leads to."""
        known = self.library.runbooks if self.library is not None else {}
        return [name for name, each in known.items() if lead.cause in each.findings]

    def may_lead(self, lead: Lead, name: str) -> bool:
        """Whether a walk through that runbook may be about it: one without findings may be about anything."""
        of_any = self.library is not None and not self.library.runbooks[name].findings
        return not lead.cause or of_any or name in self.fitting(lead)

    def begin(self, place: Place, look: Look, facts: ContextFacts, now: datetime) -> list[Walk]:
        """A new walk, unless there is one about the same that has not ended; one about something else ends.

        One that was about nothing so far is about this from now on.
        """
        name, lead = place.runbook, place.lead
        runbook = self.library.runbooks.get(name) if self.library is not None else None
        if runbook is None:
            return []
        before = self.walks.get(name)
        if before is not None and before.ended is None:
            if lead is None:
                return []
            if self._is_about(before, lead):
                known = before.lead is not None and lead.key in {"", before.lead.key}
                return [] if known else [self._put(led(before, lead))]
            return [self._put(replace(before, ended=now)), self._begin(runbook, lead, look, facts, now)]
        left = self.left.get(name) if before is None else None
        if left is not None and (lead is None or (left.walk.lead is not None and goes_on(left.walk.lead, lead))):
            return [self._go_on(name, left.walk, now)]
        return [self._begin(runbook, lead, look, facts, now)]

    def _is_about(self, walk: Walk, lead: Lead) -> bool:
        """About that, or about nothing so far."""
        by_now = self.leads.get(walk.runbook.name)
        return walk.lead is None or goes_on(walk.lead, lead) or (by_now is not None and goes_on(by_now, lead))

    def _begin(self, runbook: Runbook, lead: Lead | None, look: Look, facts: ContextFacts, now: datetime) -> Walk:
        name = runbook.name
        lead = lead or next(iter(leads(runbook, look)), None)
        walk = self._put(begun(runbook, lead, facts.name, now, facts.demo))
        self.results.pop(name, None)
        self._others.pop(name, None)
        self.leads[name] = lead
        return walk

    def offer(self, unfinished: Sequence[Unfinished]) -> None:
        """These can go on, the newest first."""
        self.left = {each.walk.runbook.name: each for each in reversed(unfinished)}

    def _go_on(self, name: str, walk: Walk, now: datetime) -> Walk:
        del self.left[name]
        self.leads[name] = walk.lead
        return self._put(gone_on_with(walk, now))

    def asked_of_hosts(self) -> tuple[RunnerKey, ...]:
        """The runners whose hosts the checks of walks under way look at."""
        under_way = [walk for walk in self.walks.values() if walk.ended is None]
        found = (asked_of_hosts(walk.runbook, self.leads.get(walk.runbook.name)) for walk in under_way)
        return tuple(dict.fromkeys(chain.from_iterable(found)))

    def follow(self, look: Look, now: datetime) -> list[Walk]:
        """What the look says of every walk; those that it has changed."""
        before = dict(self.walks)
        for name, walk in before.items():
            if walk.ended is not None:
                continue
            lead = self.leads[name] = self._about(walk, look)
            known = walk if lead is None or _still(walk.lead, lead) else gone_over(walk, lead, now)
            self.results[name] = checks(walk.runbook, lead, look, looked_into=known.looked_into)
            self._put(checked(known, self.results[name], now))
        return [walk for name, walk in self.walks.items() if walk is not before[name]]

    def _about(self, walk: Walk, look: Look) -> Lead | None:
        """As of now. Where what it is about is mended or gone, it is about the next one that leads here, if any.

        A runner that is there is stayed with. What was not found when it began may be found now.
        """
        left = [each for each in leads(walk.runbook, look) if each.key not in _remarks(look)]
        if walk.lead is None:
            return next(iter(left), None) if look.snapshot.whole and not look.remembered else None
        lead = self.leads.get(walk.runbook.name) or walk.lead
        there = runner_of(walk.lead, look.snapshot) is not None
        found = any(each.key == lead.key for each in left)
        lasting = self._lasting(walk.runbook.name, left, look.snapshot.taken_at, beside=there or found)
        if there:
            return _rest_of(walk.lead, walk.runbook, look) or as_of(walk.lead, look)
        unsure = not lead.key or (walk.lead.runner is not None and not look.snapshot.whole)
        return as_of(lead, look) if unsure or found or not lasting else lasting[0]

    def _lasting(self, name: str, left: Sequence[Lead], now: datetime, *, beside: bool) -> list[Lead]:
        """Those that do not pass by themselves, as far as is known. What was found beside once stays so."""
        before = self._others.get(name, {})
        kept = {key: at for key, at in before.items() if at == _BESIDE}
        seen = {each.key: min(each.since or now, before.get(each.key, now)) for each in left}
        since = kept | {key: _BESIDE if beside else kept.get(key, at) for key, at in seen.items()}
        self._others[name] = since
        return [each for each in left if now - since[each.key] >= LASTS]

    def first_about_a_runner(self, look: Look) -> Lead | None:
        """Of what is found, worst first."""
        return next((lead for lead in all_leads(look) if lead.runner is not None), None)

    def change(self, name: str, change: Change) -> Walk | None:
        """What the operator does; None where it changes nothing."""
        before = self.walks.get(name)
        after = change(before) if before is not None else None
        return self._put(after) if after is not None and after is not before else None

    def acted(self, deeds: Sequence[Entry]) -> list[Walk]:
        """Steps whose action was proved are done."""
        before = list(self.walks.values())
        after = [acted(walk, deeds, self.leads.get(walk.runbook.name)) for walk in before]
        return [self._put(new) for old, new in zip(before, after, strict=True) if new is not old]

    def looked_into(self) -> None:
        """An explanation or a log was opened: of what has led to the walks that have not ended."""
        for walk in list(self.walks.values()):
            if walk.ended is None and walk.lead is not None and not walk.looked_into:
                self._put(replace(walk, looked_into=True))

    def remark(self, text: str, now: datetime) -> list[Walk]:
        """What is worth keeping with every walk that has not ended."""
        note = Note(now, text)
        open_ones = [walk for walk in self.walks.values() if walk.ended is None]
        return [self._put(replace(walk, remarks=(*walk.remarks, note))) for walk in open_ones]

    def newest(self, walk: Walk) -> Walk:
        """The same walk as it is now: it may have changed while its record waited to be written."""
        return self._newest[walk.runbook.name, walk.began]

    def _put(self, walk: Walk) -> Walk:
        self.walks[walk.runbook.name] = walk
        self._newest[walk.runbook.name, walk.began] = walk
        return walk


def _rest_of(lead: Lead, runbook: Runbook, look: Look) -> Lead | None:
    """Its runner is mended, and others that were found with it are not: what is found of these."""
    runner = runner_of(lead, look.snapshot)
    if not lead.key or runner is None or not runner.online or leads_called(lead.key, look):
        return None
    if look.remembered or not look.snapshot.whole or of_the_same_runner(lead, look):
        return None
    left = (each for each in leads(runbook, look) if each.key not in _remarks(look) and each.runner is not None)
    rest = next((each for each in left if goes_on(lead, each)), None)
    others = () if rest is None else tuple(each for each in lead.targets if each not in rest.targets)
    return replace(rest, targets=(*rest.targets, *others)) if rest is not None else None


def _remarks(look: Look) -> set[str]:
    """Findings that nobody need act on."""
    return {each.key for each in look.findings if each.severity == "info"}


def _still(before: Lead | None, lead: Lead) -> bool:
    """The same, and of no more jobs and runs than were known of."""
    if before is None or before.key != lead.key:
        return False
    return before.runner is not None or len(lead.targets) <= len(before.targets)


def lead_here(finding: Finding | None, target: Target | None, look: Look) -> Lead | None:
    """What is under the cursor, as the beginning of a walk."""
    if finding is not None:
        return lead_of(finding, look.snapshot)
    if target is None:
        return None
    found = (each for each in all_leads(look) if target in each.targets)
    return next(found, None) or lead_to(target, look.snapshot)
