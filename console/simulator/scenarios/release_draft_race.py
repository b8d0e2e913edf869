"""Two workflows write one release. All runs are green, and what was published is a draft again, or there twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from console.simulator.acme import LINUX, acme, on_main
from console.simulator.clock import WorldClock
from console.simulator.inhabitants import Job, Release, Repository
from console.simulator.scenarios import Scenario
from console.simulator.step_output import action, in_turn
from console.simulator.workflows import JobPlan, WorkflowPlan
from console.simulator.world import World

RELEASED = {"web": (2, 5), "api": (1, 9), "mobile-app": (5, 2)}
"""The next version of each. In `web` the drafter comes last and makes a draft of it again, in `api` it makes a second
one; in `mobile-app` it is done before the publisher begins, which is how it should be."""
EVERY = timedelta(minutes=25)
TAKES = timedelta(minutes=3)
"""Until both workflows are done."""
PUBLISHING = (50.0, 55.0)
DRAFTING = {"web": (90.0, 100.0), "api": (90.0, 100.0), "mobile-app": (20.0, 25.0)}


def build(clock: WorldClock) -> World:
    """One version of each has been released when the world opens; the next ones follow."""
    world = acme(clock)
    for number, name in enumerate(RELEASED):
        first = world.opens_at - timedelta(minutes=33 - 7 * number)
        world.timeline.at(first, partial(release, world, name, 0))
    world.advance()
    return world


def release(world: World, name: str, patch: int) -> None:
    """A version, and after some time the next."""
    repository = world.repositories[f"acme/{name}"]
    tag = "v{}.{}.{}".format(*RELEASED[name], patch)
    push(world, repository, tag, drafting(world, repository, tag), publishing(world, repository, tag))
    world.timeline.after(EVERY.total_seconds(), partial(release, world, name, patch + 1))


def push(world: World, repository: Repository, tag: str, *workflows: WorkflowPlan) -> None:
    """Somebody merges and pushes a tag: the workflows start."""
    world.shelf.push_tag(repository, tag)
    for workflow in workflows:
        world.start_run(repository.full_name, workflow)


def publishing(world: World, repository: Repository, tag: str) -> WorkflowPlan:
    """Runs for the tag: makes the release, or publishes the draft that there is."""

    def leaves(job: Job) -> None:
        if job.conclusion == "success":
            found = world.shelf.of_tag(repository, tag)
            world.shelf.publish(found[0] if found else _add(world, repository, tag))

    def prints(_job: Job, step: str) -> Sequence[str] | None:
        if step != "Publish release":
            return None
        page = f"https://github.com/{repository.full_name}/releases/tag/{tag}"
        return in_turn(
            action("softprops/action-gh-release@v2", tag_name=tag, files="dist/*.tar.gz", draft=False),
            (f"👩‍🏭 Creating new GitHub release for tag {tag}...", f"⬆️ Uploading {repository.name}.tar.gz..."),
            (f"🎉 Release ready at {page}",),
        )

    job = JobPlan("publish", LINUX, PUBLISHING, ("Build", "Publish release"), prints=prints, leaves=leaves)
    return replace(on_main("Publish", "publish.yml", job, titles=(f"Release {tag}",)), branches=(tag,))


def drafting(
    world: World, repository: Repository, tag: str, seconds: tuple[float, float] | None = None
) -> WorkflowPlan:
    """Runs for the branch: writes a draft of what comes next, and takes the newest release for it."""

    def leaves(job: Job) -> None:
        if job.conclusion == "success":
            _draft(world, repository, tag)

    def prints(_job: Job, step: str) -> Sequence[str] | None:
        if step != "Draft release":
            return None
        updates = repository.name == "web"
        return in_turn(
            action("release-drafter/release-drafter@v6", config_name="release-drafter.yml"),
            ("Fetching commits since the last release", "Found 14 pull requests"),
            ("Updating existing release..." if updates else "Creating new release...",),
            ("  draft:                 true", f"  tag_name:              {tag}"),
        )

    job = JobPlan(
        "draft",
        LINUX,
        seconds or DRAFTING[repository.name],
        ("Collect changes", "Draft release"),
        prints=prints,
        leaves=leaves,
    )
    return on_main("Draft release", "draft.yml", job, titles=(f"Prepare {tag}",))


def _draft(world: World, repository: Repository, tag: str) -> None:
    found: list[Release] = world.shelf.of_tag(repository, tag)
    if found and repository.name == "web":
        world.shelf.withdraw(found[0])
    else:
        _add(world, repository, tag)


def _add(world: World, repository: Repository, tag: str) -> Release:
    return world.shelf.add_release(repository, tag, world.actors[2], (f"{repository.name}.tar.gz", 18_400_212))


def astray(world: World, repository: Repository) -> list[str]:
    """Tags that were pushed a while ago and do not have one release that is published."""
    return [
        tag
        for tag, pushed_at in world.shelf.tags(repository).items()
        if pushed_at < world.timeline.now - TAKES
        and [found.draft for found in world.shelf.of_tag(repository, tag)] != [False]
    ]


def solved(world: World) -> bool:
    """What was released is published, once."""
    return not any(astray(world, repository) for repository in world.repositories.values())


SCENARIO = Scenario(
    "release-draft-race",
    "A release that is a draft again",
    "All runs are green: in acme/web the release is a draft again, in acme/api there twice; acme/mobile-app is well.",
    build,
    solved,
)
