"""Known lines that were seen in the logs of runners: the last of each runner, and the same on several of them. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

import msgspec

from console.fleet.at_work import ran_by, runner_of
from console.fleet.failure import Failure
from console.fleet.findings import Finding
from console.fleet.log_lines import Shown
from console.fleet.models import Age, FleetSnapshot, Job, JobKey, Name, Phrase, RunnerKey
from console.fleet.sources import Sources
from console.fleet.words import several

WITHIN = timedelta(minutes=15)
"""Between the first and the last of those that are told as one."""
LATELY = timedelta(hours=2)
"""What is older is no sign of what is wrong now."""
SEVERAL = 2
MOST = 2_000
"""So many are kept, the last ones: runners that are made for one job come and go."""
SAME_ON_SEVERAL = "same-on-several"
"""The cause of a finding that rests on logs alone."""


_NOT_OF_THE_RUNNER = frozenset({"tests", "cache", "remote-cache"})
"""Another one would have met the same."""


class Sighting(msgspec.Struct, frozen=True, gc=False):
    """One signature in the logs of one runner, as it was last seen there."""

    runner: RunnerKey
    name: str
    """The runner's."""
    host: str
    """Empty where only the runner is known, as in the log of a job from GitHub."""
    signature: str
    title: str
    remedy: str
    severity: Shown
    at: datetime
    """When the line was written."""
    over: bool = False
    """A later line of that log says so."""


def last_of_each(sightings: Iterable[Sighting]) -> dict[RunnerKey, Sighting]:
    """What was seen last of each runner; of two at the same moment the worse."""
    return {each.runner: each for each in sorted(sightings, key=lambda each: (each.at, each.severity == "error"))}


def the_same_on_several(sightings: Iterable[Sighting], now: datetime) -> tuple[Finding, ...]:
    """Signatures that were seen on several hosts within a short time: then it is hardly any one of them."""
    by_signature: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        if now - sighting.at <= LATELY and sighting.severity != "info":
            by_signature.setdefault(sighting.signature, []).append(sighting)
    findings = (_finding(close_together(seen), now) for seen in by_signature.values())
    return tuple(finding for finding in findings if finding is not None)


def close_together(seen: Iterable[Sighting]) -> tuple[Sighting, ...]:
    """Those that came within `WITHIN` before the last one, oldest first."""
    ordered = sorted(seen, key=lambda each: each.at)
    return tuple(each for each in ordered if ordered[-1].at - each.at <= WITHIN)


def _finding(seen: tuple[Sighting, ...], now: datetime) -> Finding | None:
    places = {each.host or each.name for each in seen}
    if len(places) < SEVERAL:
        return None
    last = seen[-1]
    what = "host" if all(each.host for each in seen) else "runner"
    minutes = max(-((seen[0].at - last.at) // timedelta(minutes=1)), 1)
    return Finding(
        cause=SAME_ON_SEVERAL,
        severity="alert" if last.severity == "error" else "watch",
        certainty="proved",
        subject=(several(len(places), what),),
        summary=(f"the same in their logs within {minutes} min: {last.title}, last ", Age(now - last.at, now), " ago"),
        since=seen[0].at,
        evidence=tuple(_sentence(each, now) for each in reversed(seen)),
        helps=(last.remedy,),
        runners=tuple(dict.fromkeys(each.runner for each in reversed(seen))),
        about=last.signature,
    )


def _sentence(sighting: Sighting, now: datetime) -> Phrase:
    on: Phrase = (" on ", Name(sighting.host)) if sighting.host not in {"", sighting.name} else ()
    return (Name(sighting.name), *on, f": {sighting.title}, ", Age(now - sighting.at, now), " ago")


def of_failures(failures: Mapping[JobKey, Failure], snapshot: FleetSnapshot) -> Iterator[Sighting]:
    """What the logs of failed jobs say of the runners that had them; its own tests and caches say nothing of them."""
    sources = Sources(snapshot)
    for key, failure in failures.items():
        job, cause = snapshot.jobs.get(key), next(iter(failure.causes), None)
        if job is None or cause is None or cause.kind in _NOT_OF_THE_RUNNER or job.completed_at is None:
            continue
        runner = runner_of(snapshot, key, sources)
        if runner is not None:
            name = snapshot.runners[runner].name
            yield Sighting(runner, name, "", cause.signature, cause.title, cause.helps, "warning", job.completed_at)


def jobs_behind(finding: Finding, failures: Mapping[JobKey, Failure], snapshot: FleetSnapshot) -> tuple[JobKey, ...]:
    """The failed jobs whose logs a finding of the same on several rests on, the last one first."""
    if finding.cause != SAME_ON_SEVERAL:
        return ()
    agents = {key.id for key in finding.runners}
    alike = (key for key, why in failures.items() if why.causes and why.causes[0].signature == finding.about)
    ended = {key: job.completed_at for key in alike if (job := snapshot.jobs.get(key)) and job.runner_id in agents}
    return tuple(sorted(ended, key=lambda key: (ended[key] or snapshot.taken_at, key), reverse=True))


def looked_into(
    sightings: Iterable[Sighting], hosts: Iterable[RunnerKey], snapshot: FleetSnapshot
) -> frozenset[RunnerKey]:
    """Runners of which logs can tell: known lines were seen there, their host was asked, or a job of theirs ended."""
    ended: dict[int, list[Job]] = {}
    for job in snapshot.jobs.values():
        if job.completed_at is not None and job.runner_id is not None:
            ended.setdefault(job.runner_id, []).append(job)
    by_jobs = (
        key for key, runner in snapshot.runners.items() if any(ran_by(job, runner) for job in ended.get(key.id, ()))
    )
    return frozenset((*(each.runner for each in sightings), *hosts, *by_jobs))


Sightings = dict[tuple[RunnerKey, str], Sighting]
"""Of each runner and signature the last."""


def kept(known: Sightings, more: Iterable[Sighting]) -> Sightings:
    """With what was seen anew, and without what is seen to be over."""
    all_of_them = dict(known)
    for sighting in more:
        key = (sighting.runner, sighting.signature)
        before = all_of_them.get(key)
        if sighting.over:
            if before is not None and before.at <= sighting.at:
                del all_of_them[key]
        elif before is None or before.at < sighting.at:
            all_of_them[key] = sighting
    if len(all_of_them) <= MOST:
        return all_of_them
    last = sorted(all_of_them, key=lambda key: all_of_them[key].at)[-MOST:]
    return {key: all_of_them[key] for key in last}
