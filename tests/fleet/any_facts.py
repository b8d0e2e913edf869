"""Worlds in which every fact that an action may ask for has an answer."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from console.fleet.evidence import (
    Cache,
    CachesOf,
    DirectoryOf,
    DirectorySizesOf,
    Evidence,
    Fact,
    FailureOf,
    GroupsOf,
    JobNow,
    JobsOf,
    PlaceOf,
    ReleasesOf,
    RouteTo,
    RunnerNamed,
    RunnerNow,
    RunNow,
    ServiceOf,
)
from console.fleet.failure import Cause, Failure
from console.fleet.hosts import DirectorySize, DiskSpace, DiskUse
from console.fleet.models import Job, Run, Runner, RunnerGroup
from console.fleet.release import Release
from console.fleet.service_state import DirectoryState, ServiceState
from tests.fleet.fleets import NOON, ago, fleet, group, runner
from tests.fleet.runs_and_jobs import ended_job, failed_run
from tests.fleet.services import PLACE, service

KEY = "npm-7be1"
HOME = DirectoryState("runner", "allowed")
DISK = DiskUse((DiskSpace("/opt/actions-runner", 5, 9),), (DirectorySize("_work/web", 4),))
_MISSED = Cause("cache", "proved", "cache.fail-on-miss", "Missing", "Save it.", "the line", 80, key=KEY)
_HELD = Cause("cache", "proved", "cache.create-409", "Held", "Delete it.", "another line", 70)


class AnyFacts(Mapping[Fact[Any], object]):
    """Answers by the kind of fact; `gone` has nothing of what it is asked for, `held` lists no cache."""

    def __init__(
        self,
        *,
        the_runner: Runner | None = None,
        the_service: ServiceState | None = None,
        the_run: Run | None = None,
        jobs: tuple[Job, ...] = (),
        releases: tuple[Release, ...] = (),
        failure: Failure | None = None,
        held: bool = False,
        gone: bool = False,
        other: Runner | None = None,
        given: str = "+gpu",
    ) -> None:
        self.runner = the_runner or runner()
        self.run = the_run or failed_run()
        self.jobs = jobs or (ended_job(1, name="build"),)
        self.held = held
        self.given = given
        self.other = other
        self.service = found = the_service or service()
        entry = Cache(5, failure.causes[0].key if failure else KEY, f"refs/heads/{self.run.branch}", "v1", 9, ago(90))
        groups: tuple[RunnerGroup, ...] = (group(),)
        self._answers: dict[type[Fact[Any]], Callable[[Any], object]] = {
            RunnerNow: lambda fact: other if other is not None and fact.key == other.key else self.runner,
            RunnerNamed: lambda fact: other if other is not None and fact.name == other.name else None,
            JobNow: lambda fact: next((job for job in self.jobs if job.key == fact.key), None),
            RunNow: lambda fact: self.run,
            JobsOf: lambda fact: self.jobs,
            PlaceOf: lambda fact: found.located,
            ServiceOf: lambda fact: found,
            DirectoryOf: lambda fact: HOME if fact.directory == found.located.directory else DirectoryState(),
            DirectorySizesOf: lambda fact: DISK,
            RouteTo: lambda fact: "ops@10.0.0.7",
            GroupsOf: lambda fact: groups,
            FailureOf: lambda fact: failure or Failure(1, (_MISSED, _HELD)),
            CachesOf: lambda fact: () if held else (entry,),
            ReleasesOf: lambda fact: releases,
        }
        if gone:
            self._answers.update({kind: lambda fact: None for kind in (RunnerNow, JobNow, RunNow, FailureOf)})

    def __contains__(self, fact: object) -> bool:
        return type(fact) in self._answers

    def __getitem__(self, fact: Fact[Any]) -> object:
        return self._answers[type(fact)](fact)

    def __iter__(self) -> Iterator[Fact[Any]]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def evidence(self) -> Evidence:
        snapshot = fleet(runners=(self.runner,), jobs=self.jobs, runs=(self.run,))
        return Evidence(snapshot, self, now=NOON, given=self.given, operator="alice")


_RELEASE = failed_run(workflow="Publish", path="publish.yml", branch="v2.4", updated_at=ago(5), conclusion="success")
_DRAFT = Release(2, "v2.4", "v2.4", True, ago(5), ago(5), files=2)
_STOPPED = service(active="inactive", sub="dead", listeners=(), invocation="")
_BY_HAND = service(located=replace(PLACE, unit=None, certainty="likely"), address="", load="", active="")
_GOING = failed_run(status="in_progress", conclusion=None)


def worlds() -> dict[str, AnyFacts]:
    """One at least for each action."""
    return {
        "idle": AnyFacts(),
        "full disk": AnyFacts(given="_work/web"),
        "held key": AnyFacts(held=True),
        "for one job": AnyFacts(the_runner=runner(ephemeral=True), the_service=_BY_HAND, given="self-hosted linux x64"),
        "for one job, beside another": AnyFacts(
            the_runner=runner(ephemeral=True), other=runner(5, name="other"), given="other"
        ),
        "busy": AnyFacts(the_runner=runner(busy=True)),
        "dead": AnyFacts(the_runner=runner(status="offline"), the_service=_STOPPED),
        "run in progress": AnyFacts(the_run=_GOING),
        "release": AnyFacts(the_run=_RELEASE, releases=(_DRAFT,)),
        "half a release": AnyFacts(the_run=replace(_RELEASE, conclusion="failure"), releases=(_DRAFT,)),
    }


def hostile_worlds(name: str) -> dict[str, AnyFacts]:
    """The same ones, where everything that has a name is called that."""
    tagged = {"branch": name, "event": "release"}
    return {
        title: AnyFacts(
            the_runner=replace(each.runner, name=name, labels=(name, "self-hosted"), os="linux"),
            the_service=each.service,
            held=each.held,
            given=each.given,
            other=each.other,
            the_run=replace(each.run, workflow=name, title=name, path=name, **(tagged if "release" in title else {})),
            jobs=tuple(replace(job, name=name, workflow=name, branch=name) for job in each.jobs),
            releases=(replace(_DRAFT, tag=name, name=name),),
            failure=Failure(1, (replace(_MISSED, key=name, words=name), replace(_HELD, words=name))),
        )
        for title, each in worlds().items()
    }
