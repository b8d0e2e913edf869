"""What the exit code says of a look with holes in it."""

import asyncio
from datetime import timedelta

from msgspec.structs import replace

from console.cli.facts_text import heading, now
from console.cli.verdict import coverage, exit_code
from console.errors import UnreachableError
from console.fleet.models import FleetSnapshot, Freshness
from console.operations.connection import ContextFacts
from console.operations.look import Look
from console.operations.watch import Watch
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.operations.test_watch import PLAN, Watcher
from tests.virtual_clock import START


async def look_of_a_command(watcher: Watcher, remembered: FleetSnapshot | None = None) -> Look:
    watcher.github.runner_list = [a_runner(1, status="offline")]
    watcher.github.run_list, watcher.github.job_list = [a_run(7)], [a_job(70, 7)]
    watcher.watch = Watch(PLAN, watcher.github, watcher.clock, remembered)
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(30)
    return await looking


async def test_findings_of_yesterday_are_not_told_as_those_of_today() -> None:
    yesterday = await look_of_a_command(Watcher())
    assert exit_code(yesterday) == 1
    today = Watcher()
    today.clock.jump(86_400)
    today.github.broken["everything"] = UnreachableError("no answer")
    look = await look_of_a_command(today, yesterday.snapshot)
    assert look.findings
    assert exit_code(look) == 3


async def test_findings_count_where_something_else_could_not_be_read() -> None:
    watcher = Watcher()
    watcher.github.broken["repository acme/web"] = UnreachableError("no answer")
    assert exit_code(await look_of_a_command(watcher)) == 1


async def test_healthy_is_not_said_of_facts_that_were_read_minutes_before_the_rest() -> None:
    watcher = Watcher()
    watcher.watch = Watch(PLAN, watcher.github, watcher.clock)
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(5)
    look = await looking
    assert (exit_code(look), coverage(look.snapshot).complete) == (0, True)
    jobs = [replace(each, looked_at=START - timedelta(minutes=3)) for each in look.snapshot.freshness]
    mixed = replace(look, snapshot=replace(look.snapshot, freshness=tuple(jobs)))
    assert (exit_code(mixed), coverage(mixed.snapshot).complete) == (3, False)
    facts = ContextFacts("pretend", "https://api.github.com")
    said = " ".join(heading(mixed, facts))
    assert "READ IN PART" in said
    assert "before the rest, and may not fit it: runners of org:acme; jobs of acme/web" in said


async def test_a_list_of_repositories_that_is_read_seldom_does_not_make_the_look_old() -> None:
    snapshot = (await look_of_a_command(Watcher())).snapshot
    seldom = Freshness("repositories", "acme", timedelta(minutes=15), START - timedelta(minutes=11))
    assert coverage(replace(snapshot, freshness=(*snapshot.freshness, seldom))).as_of == coverage(snapshot).as_of


async def test_busy_runners_without_a_job_that_is_known_are_counted_apart() -> None:
    watcher = Watcher()
    watcher.github.runner_list = [a_runner(1, busy=True), a_runner(2, busy=True), a_runner(3)]
    watcher.github.run_list = [a_run(7, "in_progress")]
    watcher.github.job_list = [a_job(70, 7, "in_progress", runner=a_runner(1))]
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(5)
    first = next(iter(now(await looking, None)))
    assert first.startswith("3 runners: 2 busy (1 without a known job), 1 idle")


async def test_a_list_of_repositories_alone_is_no_look() -> None:
    watcher = Watcher()
    watcher.github.broken |= {"runners": UnreachableError("no answer"), "queued": UnreachableError("no answer")}
    look = await look_of_a_command(watcher)
    assert coverage(look.snapshot).nothing
    assert exit_code(look) == 3
