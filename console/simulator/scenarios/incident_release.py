"""A release is published and turned back into a draft by a second workflow, while everybody thinks that it is out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job, Repository
from console.simulator.scenarios import Scenario
from console.simulator.scenarios.release_draft_race import drafting, publishing, push
from console.simulator.step_output import in_turn, script
from console.simulator.workflows import JobPlan, WorkflowPlan
from console.simulator.world import World

BEFORE, AFTER = (20.0, 25.0), (90.0, 100.0)
"""When the workflow that drafts ends: before the one that publishes, as it should, or after it."""


class Push(NamedTuple):
    """A version that somebody releases."""

    after: float
    """Seconds from when the world opens."""
    name: str
    tag: str
    drafted: tuple[float, float]


PUSHED = (
    Push(20, "mobile-app", "v5.2.0", BEFORE),
    Push(60, "web", "v2.5.0", AFTER),
    Push(215, "api", "v1.9.0", AFTER),
)
BY_HAND = ("search-service", "v3.1.0", 130)
"""Here a person reads the draft before it is published: nothing is wrong with it."""
ASTRAY = (("acme/web", "v2.5.0"), ("acme/api", "v1.9.0"))
UNFOLDED = timedelta(minutes=6)
"""From the opening on; then all has gone wrong that will."""


def build(clock: WorldClock) -> World:
    """In `web` the drafter makes a draft of what is published; in `api`, later, a second release."""
    world = acme(clock)
    for pushed in PUSHED:
        release_at(world, pushed)
    name, tag, after = BY_HAND
    by_hand = world.repositories[f"acme/{name}"]
    prepares = preparing(world, by_hand, tag)
    world.timeline.at(world.opens_at + timedelta(seconds=after), partial(push, world, by_hand, tag, prepares))
    world.advance()
    return world


def release_at(world: World, pushed: Push) -> None:
    """Both workflows start then."""
    repository = world.repositories[f"acme/{pushed.name}"]
    drafts = drafting(world, repository, pushed.tag, pushed.drafted)
    publishes = publishing_a_package(publishing(world, repository, pushed.tag), pushed.tag)
    at = world.opens_at + timedelta(seconds=pushed.after)
    world.timeline.at(at, partial(push, world, repository, pushed.tag, drafts, publishes))


def publishing_a_package(workflow: WorkflowPlan, tag: str) -> WorkflowPlan:
    """Before it makes the release it gives the package to a registry, which takes each version once."""
    (job,) = workflow.jobs
    releases = job.prints
    assert releases is not None

    def prints(job: Job, step: str) -> Sequence[str] | None:
        if step != "Publish package":
            return releases(job, step)
        begins = script(job, "npm publish --provenance")
        place, version = job.run.repository.name, tag.removeprefix("v")
        if job.outcome == "success":
            notice = "npm notice Publishing to https://npm.acme.example/ with tag latest"
            return in_turn(begins, (notice, f"+ {place}@{version}"))
        url = f"https://npm.acme.example/{place}"
        refused = f"You cannot publish over the previously published versions: {version}."
        return in_turn(
            begins,
            ("npm error code E403", f"npm error 403 403 Forbidden - PUT {url} - {refused}"),
            ("##[error]Process completed with exit code 1.",),
        )

    steps = ("Build", "Publish package", "Publish release")
    again = replace(job, steps=steps, breaks_at="Publish package", fails=lambda job: job.attempt > 1, prints=prints)
    return replace(workflow, jobs=(again,))


def preparing(world: World, repository: Repository, tag: str) -> WorkflowPlan:
    """It leaves a draft, and that is all it is meant to do."""

    def leaves(job: Job) -> None:
        if job.conclusion == "success":
            world.shelf.add_release(repository, tag, world.actors[2], (f"{repository.name}.tar.gz", 18_400_212))

    job = JobPlan("prepare", LINUX, (40, 50), ("Build", "Write notes"), leaves=leaves)
    return replace(on_main("Prepare release", "prepare.yml", job, titles=(f"Prepare {tag}",)), branches=(tag,))


def solved(world: World) -> bool:
    """What was released is published, and there once."""
    if world.timeline.now < world.opens_at + UNFOLDED:
        return False
    found = (world.shelf.of_tag(world.repositories[name], tag) for name, tag in ASTRAY)
    return all([release.draft for release in releases] == [False] for releases in found)


SCENARIO = Scenario(
    "incident-release",
    "A release is turned back into a draft",
    "Minutes after the opening two releases go astray while every run is green; others only look like it.",
    build,
    solved,
)
