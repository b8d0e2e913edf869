"""What the exit code says of a look with holes in it."""

import asyncio

from console.cli.verdict import exit_code
from console.errors import UnreachableError
from console.fleet.models import FleetSnapshot
from console.operations.look import Look
from console.operations.watch import Watch
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.operations.test_watch import PLAN, Watcher


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
