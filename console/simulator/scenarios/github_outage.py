"""GitHub itself is in trouble: it hands out no jobs; errors, pages of HTML and limits come and go, again and again."""

from datetime import datetime, timedelta
from functools import partial

from console.simulator.acme import RELEASES, acme
from console.simulator.clock import WorldClock
from console.simulator.listener_trouble import UNAVAILABLE
from console.simulator.scenarios import Context, Scenario
from console.simulator.world import World

CYCLE = timedelta(minutes=8)
LASTS = timedelta(minutes=6.9)
"""From the opening on; then it pauses."""
BEFORE = timedelta(minutes=4)
"""The last trouble before the world opened."""
REFUSED = timedelta(seconds=40)


def build(clock: WorldClock) -> World:
    """The fleet is healthy: its jobs wait for GitHub, and what its listeners have met is in their journals."""
    world = acme(clock)
    for stream in RELEASES:
        world.add_stream(stream)
    world.timeline.at(world.opens_at - BEFORE, partial(refuse_listeners, world))

    def trouble() -> None:
        plan_trouble(world)
        world.timeline.after(CYCLE.total_seconds(), trouble)

    world.timeline.at(world.opens_at, trouble)
    world.advance()
    return world


def plan_trouble(world: World) -> None:
    """Eight minutes. For most of them no job is handed out; at their beginning and end calls meet trouble, too."""
    now, faults = world.timeline.now, world.faults

    def after(minutes: float) -> timedelta:
        return timedelta(minutes=minutes)

    world.timeline.at(now + after(0.5), world.dispatch.halt)
    world.timeline.at(now + after(6.0), world.dispatch.resume)
    tell_of_it(world, now + after(0.5), now + after(2.5), now + after(6.2))
    faults.outage(now + after(0.5), after(0.8), 502, share=0.4)
    faults.outage(now + after(1.3), after(0.5), 503)
    world.timeline.at(now + after(1.3), partial(refuse_listeners, world))
    faults.secondary_limit(now + after(4.2), after(0.5), 403)
    faults.secondary_limit(now + after(4.9), after(0.4), 429, retry_after=False, path="/actions/runs")
    faults.primary_limit(now + after(5.4), after(0.5), 429)
    faults.slow(now + after(6.2), after(0.4), delay=2.0, path="/actions/runners")
    faults.cut_bodies(now + after(6.6), after(0.3), path="/actions/runs")


def tell_of_it(world: World, begins: datetime, known: datetime, ends: datetime) -> None:
    """What the status page says meanwhile."""
    standing = world.standing
    incident = ("degraded_performance", "Incident with Actions and API Requests", "minor")
    world.timeline.at(begins, partial(standing.begin, begins, *incident))
    world.timeline.at(known, partial(standing.update, known, "identified"))
    world.timeline.at(ends, standing.end)


def refuse_listeners(world: World) -> None:
    """Whoever asks for work is told that the service is not available; by itself each goes on when that is over."""
    now = world.timeline.now
    for fleet in world.runners.values():
        for runner in fleet.values():
            if runner.diary.running:
                runner.diary.note(UNAVAILABLE, now).ends = now + REFUSED


def solved(world: World) -> bool:
    """The trouble has come and gone: GitHub calls it over, and nothing strikes. There is nothing to do but wait."""
    now = world.timeline.now
    striking = world.faults.striking("/orgs/acme/actions/runners", now, 0)
    return now - world.opens_at >= LASTS and not world.standing.open and not striking


SCENARIO = Scenario(
    "github-outage",
    "GitHub in trouble",
    "No job is handed out; 5xx, HTML where JSON should be, and limits of every form, coming and going within minutes; "
    "the journals of several hosts and GitHub's status page tell of it too.",
    build,
    solved,
    Context(("org:acme", "repo:acme-labs/gpu-tests"), ("acme/*", "acme-labs/gpu-tests")),
)
