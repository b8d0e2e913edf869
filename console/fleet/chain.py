"""The conditions that must hold for a job to run, one after the other, and what was found of each."""

from collections.abc import Callable
from typing import NamedTuple

from console.fleet.ages import in_seconds
from console.fleet.findings import Condition, Found
from console.fleet.group_in_file import group_asked_for, no_other_group
from console.fleet.held import has_ended, held_by
from console.fleet.inquiry import Case
from console.fleet.models import Name, Phrase
from console.fleet.near_miss import shortfall
from console.fleet.particulars import WorkflowText
from console.fleet.policy import may_run
from console.fleet.rules_of_jobs import matrix_limit, queued_past_limit
from console.fleet.takers import outdated_idlers, siblings_at_work
from console.fleet.words import count, named, sentence, several


class _Link(NamedTuple):
    """What must hold, and how to find out. None: it does not matter here."""

    text: str
    """`{grace}` in it is how long GitHub may need."""
    brief: str
    find: Callable[[Case], Found | None]
    goes_on: tuple[bool | None, ...] = (True,)
    """What may be found of it, and the others are looked at all the same."""


def chain_of(case: Case) -> tuple[Condition, ...]:
    """All conditions, in order. After the first that does not hold nobody has looked at the others."""
    chain: list[Condition] = []
    over, grace = False, in_seconds(case.inquiry.thresholds.queued_watch)
    for link in _LINKS:
        text = link.text.format(grace=grace)
        if over:
            chain.append(Condition(text, ("not looked at",), None, asked=False, brief=link.brief))
        elif (found := link.find(case)) is not None:
            chain.append(Condition(text, *found))
            over = found[1] not in link.goes_on
    return tuple(chain)


def in_short(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
    """For a screen: those that nobody looked at in one line, and so of one host those that hold, or are not known."""
    kept = [each for each in conditions if each.asked]
    well = [each for each in kept if each.brief and each.met]
    kept = _in_one(kept, well, "on its host all is well with", ())
    for found in dict.fromkeys(each.found for each in kept if each.brief and each.met is None):
        unknown = [each for each in kept if each.brief and each.met is None and each.found == found]
        kept = _in_one(kept, unknown, "on its host is not known", found)
    rest = [each.brief for each in conditions if not each.asked]
    return (*kept, Condition("not looked at", (", ".join(rest),), None, asked=False)) if rest else tuple(kept)


def _in_one(kept: list[Condition], alike: list[Condition], text: str, found: Phrase) -> list[Condition]:
    if len(alike) < 2:
        return kept
    place, words = kept.index(alike[0]), ", ".join(each.brief for each in alike)
    line = Condition(text, sentence(words, ": ", found) if found else (words,), alike[0].met)
    rest = [each for each in kept if each not in alike]
    return [*rest[:place], line, *rest[place:]]


def _unheld(case: Case) -> Found:
    job, snapshot = case.job, case.inquiry.snapshot
    run = snapshot.runs.get(job.run_key)
    if run is not None and run.conclusion == "action_required":
        return ("GitHub calls its run action_required",), False
    if run is not None and has_ended(run, job):
        return sentence("its run has ended as ", Name(run.conclusion or run.status)), False
    if job.status == "waiting":
        return sentence("status waiting; ", held_by(snapshot, job.run_key).text), False
    return ("status ", Name(job.status)), job.queued


def _grace(case: Case) -> Found:
    waited = case.inquiry.wait_of(case.job, exact=True)
    return (waited,), waited.span >= case.inquiry.thresholds.queued_watch


def _in_time(case: Case) -> Found | None:
    """What keeps a job for so long is worth knowing all the same."""
    if queued_past_limit(case) is None:
        return None
    return (case.inquiry.wait_of(case.job),), False


def _may_run(case: Case) -> Found | None:
    repository = case.inquiry.pool.repository(case.request.repository)
    if repository is not None and repository.archived:
        return ("that is archived",), False
    return may_run(case.inquiry.snapshot, case.job.repository)


def _in_its_matrix(case: Case) -> Found | None:
    siblings = siblings_at_work(case)
    file = case.inquiry.workflow_of(case.job.run_key) if siblings else None
    if isinstance(file, WorkflowText) and file.unlimited:
        return (Name(file.file), " at ", Name(file.sha[:7]), " sets no max-parallel"), True
    if matrix_limit(case) is None:
        return None
    return (f"{count(len(siblings))} of it run, and max-parallel may allow no more",), None


def _none_is(case: Case) -> bool | None:
    """None found means there is none, if all was seen; otherwise it could not be told."""
    whole = case.inquiry.snapshot.whole and case.own_watched and not case.inquiry.sources.unread(case.scopes)
    return False if whole else None


def _covered(case: Case) -> Found:
    number = case.match.covered.bit_count()
    if not case.scopes:
        return ("no scope that serves it is watched",), None
    found = sentence(several(number, "runner"), " of ", named(case.scopes))
    return found, True if number else _none_is(case)


def _labelled(case: Case) -> Found:
    match = case.match
    if match.labelled:
        return (f"{count(match.labelled.bit_count())} of {count(match.covered.bit_count())}",), True
    short = shortfall(case)
    found: Phrase = ("none of ", count(match.covered.bit_count()))
    if short.label:
        found = sentence(found, f"; {count(len(short.runners))} lack only ", Name(short.label))
    elif short.absent:
        found = sentence(found, "; none has ", named(short.absent))
    return found, _none_is(case)


def _online(case: Case) -> Found | None:
    if case.match.shut_out:
        return None
    up, all_of_them = case.match.online.bit_count(), case.match.labelled.bit_count()
    return (f"{count(up)} of {count(all_of_them)}",), True if up else _none_is(case)


def _admitted(case: Case) -> Found | None:
    match = case.match
    yes, unclear = match.admitted.bit_count(), match.uncertain.bit_count()
    found = f"{count(yes)} of {count((match.labelled if match.shut_out else match.online).bit_count())}"
    if unclear:
        found += f", {count(unclear)} could not be told"
    elif not yes and match.would_take:
        found += f"; {several(match.would_take.bit_count(), 'offline runner')} would be"
    if not case.request.labels:
        if group_asked_for(case) is not None:
            return None
        return ("the job names a group, which GitHub does not tell",), None
    return (found,), True if yes else None if unclear else False


def _idle(case: Case) -> Found:
    match, inquiry = case.match, case.inquiry
    free, settled = match.idle.bit_count(), (match.idle & inquiry.settled).bit_count()
    found = f"{count(free)} of {count(match.admitted.bit_count())}"
    if free and not settled:
        found += ", since a moment ago"
    return (found,), bool(free)


def _answered(case: Case) -> Found:
    """GitHub's own errors, before any runner is suspected."""
    trouble = case.inquiry.sources.server_trouble
    found = f"it fails for {several(len(trouble), 'source')}" if trouble else "it does"
    return (found,), not trouble


def _new_enough(case: Case) -> Found | None:
    """Of the idle runners that could take it one, at least."""
    newest, old = case.inquiry.newest_version, outdated_idlers(case)
    if old.runners:
        told = named([f"{each.name} ({each.version})" for each in old.runners], most=2)
        return sentence(told, f"; the newest is {newest}"), False
    runners = case.inquiry.pool.members(case.match.idle, 1)
    version = runners[0].version if runners else None
    if not version or newest is None:
        return None
    return (Name(version), f"; the newest is {newest}"), True


_LINKS = (
    _Link("it waits for a runner, and for nothing else", "status", _unheld),
    _Link("Actions is on in its repository", "Actions", _may_run, goes_on=(True, None)),
    _Link("it has waited longer than {grace}", "age", _grace, goes_on=(True, False)),
    _Link("it has waited less than 24 h", "limit", _in_time, goes_on=(False,)),
    _Link("its matrix lets it begin", "matrix", _in_its_matrix, goes_on=(True, None)),
    _Link("a runner's scope serves the repository", "scope", _covered),
    _Link("a runner has all labels", "labels", _labelled),
    _Link("one of them is online", "online", _online),
    _Link("its group admits the job", "group", _admitted),
    _Link("its workflow names no other group", "workflow file", no_other_group, goes_on=(True, None)),
    _Link("and is idle", "idle", _idle),
    _Link("GitHub answers this console", "GitHub", _answered),
    _Link("its version is new enough", "version", _new_enough),
)
