"""Warnings out of what hosts say, whether or not a job waits for their runners."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from console.fleet.by_hand import PERHAPS_LOST, why_it_ends
from console.fleet.disk_course import LOW, Fall, falling, low, since_when
from console.fleet.findings import Finding
from console.fleet.host_causes import HostCause, causes_on_host
from console.fleet.host_evidence import HostEvidence
from console.fleet.host_rule import RECENT
from console.fleet.host_rules import HOST_RULES
from console.fleet.models import Age, Name, Phrase, RunnerKey
from console.fleet.past import BETWEEN_POINTS, Disk
from console.fleet.takers import PHANTOM_AFTER
from console.fleet.warnings.registry import Signs, warning
from console.fleet.warnings.worth_asking import busy_without_job
from console.fleet.words import sentence, size_in_words

OVERLAP = timedelta(minutes=1)
STARTS = 5
STARTED_WITHIN = timedelta(minutes=30)
LONG_ENOUGH = timedelta(hours=1)
"""A disk that was seen to fall for so long will rather go on."""
_SHOWN = 4
_NOT_TOLD: Phrase = ("GitHub does not say whether it is made for one job each time: then that is as it should be.",)
_ROOM: Phrase = ("Free room on the host: old work folders, unused images, _diag, old bin.* and externals.*.",)


def _told(signs: Signs) -> frozenset[RunnerKey]:
    """Runners of findings that their hosts have explained."""
    by_hosts = {rule.cause for rule in HOST_RULES}
    found = (finding for finding in signs.told if finding.cause in by_hosts)
    return frozenset(key for each in found for key in (*each.runners, *filter(None, (each.suspect,))))


def _about(signs: Signs, cause: str) -> Iterator[tuple[RunnerKey, HostCause, HostEvidence]]:
    told = _told(signs)
    for key, evidence in signs.hosts.items():
        if key not in told:
            for found in causes_on_host(signs.snapshot, key, signs.hosts, waiting=False):
                if found.cause == cause:
                    yield key, found, evidence


def _standing(signs: Signs, key: RunnerKey, found: HostCause, since: datetime | None = None) -> Finding:
    """What holds on a host though no job waits for its runner; from when on, where that is known."""
    return Finding(
        cause=found.cause,
        severity="watch",
        certainty=found.certainty,
        subject=(Name(signs.snapshot.runners[key].name),),
        summary=found.suspicion,
        since=min(since or signs.snapshot.taken_at, signs.snapshot.taken_at),
        evidence=found.evidence,
        helps=found.helps,
        runners=(key,),
        about=key.path,
    )


@warning("disk-full")
def disk_full(signs: Signs) -> Iterator[Finding]:
    """Its next job will fail."""
    for key, found, _ in _about(signs, "disk-full"):
        disk = _fullest(signs, key)
        yield _standing(signs, key, found, None if disk is None else since_when(disk, disk.size // 100))


@warning("session-held")
def two_listeners(signs: Signs) -> Iterator[Finding]:
    """Two listeners on one registration: now one gets the jobs and now the other, or none.

    While one takes the place of another both may be there for a moment.
    """
    for key, found, evidence in _about(signs, "session-held"):
        ages = [each.age for each in evidence.facts.listeners if each.age is not None] if evidence.facts else []
        if len(ages) > 1 and min(ages) < OVERLAP:
            continue
        yield _standing(signs, key, found, signs.snapshot.taken_at - min(ages) if len(ages) > 1 else None)


@warning("orphan-worker")
def orphan_worker(signs: Signs) -> Iterator[Finding]:
    """It works on for a job that has ended."""
    for key, found, evidence in _about(signs, "orphan-worker"):
        ages = [each.age for each in evidence.facts.workers if each.age is not None] if evidence.facts else []
        if evidence.facts is not None and ages and found.certainty == "likely":
            yield _standing(signs, key, found, evidence.facts.taken_at - max(ages))


@warning("phantom-busy")
def phantom_busy(signs: Signs) -> Iterator[Finding]:
    """Between two jobs nothing runs either: only one counts that was busy for long when its host was asked, and with
    no job that anybody saw."""
    lost = frozenset(busy_without_job(signs.snapshot))
    for key, found, evidence in _about(signs, "phantom-busy"):
        since = signs.snapshot.busy_since.get(key)
        if key in lost and since and evidence.facts and evidence.facts.taken_at - since >= PHANTOM_AFTER:
            yield _standing(signs, key, found, since)
    told = _told(signs) | {key for each in signs.told for key in (*each.runners, *filter(None, (each.suspect,)))}
    for key in lost - told:
        since, asked = signs.snapshot.busy_since[key], signs.hosts.get(key)
        if (asked is None or asked.facts is None) and signs.snapshot.taken_at - since >= LONG_ENOUGH:
            yield _perhaps_lost(signs, key, since, asked)


def _perhaps_lost(signs: Signs, key: RunnerKey, since: datetime, asked: HostEvidence | None) -> Finding:
    """By GitHub's lists alone: a job of a repository that this token does not see would look the same."""
    name = Name(signs.snapshot.runners[key].name)
    unknown: Phrase = ("Its host was not asked: whether a Runner.Worker runs there is not known.",)
    if asked is not None and asked.unknown:
        unknown = ("Whether a Runner.Worker runs on its host is not known: ", Name(asked.unknown))
    lists: Phrase = (name, " is busy, and no job of any repository that this token sees names it.")
    return Finding(
        cause="phantom-busy",
        severity="info",
        certainty="possible",
        subject=(name,),
        summary=("busy for ", Age(signs.snapshot.taken_at - since, signs.snapshot.taken_at), " without a job"),
        since=since,
        evidence=(lists, unknown),
        suspicion=("GitHub may count it as busy with a job that is lost",),
        helps=PERHAPS_LOST,
        runners=(key,),
        about=key.path,
    )


@warning("restart-loop")
def restart_loop(signs: Signs) -> Iterator[Finding]:
    """Its listener ends and is started again and again. One made for a job ends after each."""
    told = _told(signs)
    for key, evidence in signs.hosts.items():
        runner, now = signs.snapshot.runners.get(key), evidence.now
        if runner is None or runner.ephemeral or now is None or evidence.facts is None or key in told:
            continue
        starts = [at for at in evidence.facts.starts if timedelta() <= now - at <= STARTED_WITHIN]
        if len(starts) < STARTS or now - starts[-1] > RECENT:
            continue
        exit_line = evidence.facts.exit_line
        told_of_it = ((("Its last words: ", Name(exit_line)),) if exit_line else ()) + (
            (_NOT_TOLD,) if runner.ephemeral is None else ()
        )
        lines = tuple(sentence("On ", Name(evidence.host), ": ", Name(line.text)) for line in evidence.log.lines)
        yield Finding(
            cause="restart-loop",
            severity="watch",
            certainty="possible" if runner.ephemeral is None else "proved",
            subject=(Name(runner.name),),
            summary=(f"started {len(starts)} times within ", Age(now - starts[0])),
            since=signs.snapshot.taken_at - (now - starts[0]),
            evidence=(*told_of_it, *lines[-_SHOWN:]),
            suspicion=("its listener ends soon after each start",),
            helps=why_it_ends(evidence.facts),
            runners=(key,),
            about=key.path,
        )


def _fullest(signs: Signs, key: RunnerKey) -> Disk | None:
    """Of the disks of a runner whose host says how much room they have now."""
    evidence = signs.hosts.get(key)
    if evidence is None or evidence.facts is None:
        return None
    oldest = evidence.facts.taken_at - BETWEEN_POINTS
    disks = (disk for disk in signs.past.disks.values() if disk.runner == key and disk.rooms[-1].at >= oldest)
    return min(disks, key=lambda disk: disk.rooms[-1].free, default=None)


def _disks(signs: Signs) -> Iterator[tuple[RunnerKey, Disk]]:
    """The fullest of each runner that nothing was said of yet."""
    said = {key for key, _, _ in _about(signs, "disk-full")} | _told(signs)
    for key in signs.hosts:
        disk = _fullest(signs, key) if key not in said and key in signs.snapshot.runners else None
        if disk is not None:
            yield key, disk


def _room(disk: Disk) -> Phrase:
    free, size = size_in_words(disk.rooms[-1].free), size_in_words(disk.size)
    return sentence("Room on ", Name(disk.host), " in ", Name(disk.directory), f": {free} of {size}.")


@warning("disk-filling")
def disk_filling(signs: Signs) -> Iterator[Finding]:
    """At the pace of the last measurements it is full within a day."""
    for key, disk in _disks(signs):
        fall = falling(disk)
        if fall is not None:
            yield _filling(signs, key, disk, fall)


def _filling(signs: Signs, key: RunnerKey, disk: Disk, fall: Fall) -> Finding:
    pace = sentence(
        f"It lost {size_in_words(fall.per_hour)} an hour, measured {len(disk.rooms)} times within ",
        Age(fall.seen_for),
        ".",
    )
    return Finding(
        cause="disk-filling",
        severity="watch",
        certainty="likely" if fall.seen_for >= LONG_ENOUGH else "possible",
        subject=(Name(signs.snapshot.runners[key].name),),
        summary=("its disk is full in ", Age(fall.full_in), " at this pace"),
        since=signs.snapshot.taken_at - fall.seen_for,
        evidence=(_room(disk), pace),
        helps=_ROOM,
        runners=(key,),
        about=key.path,
    )


@warning("disk-low")
def disk_low(signs: Signs) -> Iterator[Finding]:
    """Little room, which one job may take."""
    for key, disk in _disks(signs):
        if low(disk) and falling(disk) is None:
            yield Finding(
                cause="disk-low",
                severity="info",
                certainty="proved",
                subject=(Name(signs.snapshot.runners[key].name),),
                summary=(f"only {size_in_words(disk.rooms[-1].free)} of room left",),
                since=min(since_when(disk, LOW), signs.snapshot.taken_at),
                evidence=(_room(disk),),
                helps=_ROOM,
                runners=(key,),
                about=key.path,
            )
