"""Which of the jobs that ended are read: the same ones however often one looks."""

import asyncio

from console.fleet.lately import RUNS_THAT_ENDED
from console.fleet.models import Scope
from console.operations.schedule import WatchPlan
from console.operations.watch import Watch
from tests.operations.pretend_github import PretendGitHub, a_job, a_run
from tests.virtual_clock import VirtualClock


async def test_looking_again_brings_up_no_more_of_what_ended_before() -> None:
    clock = VirtualClock()
    github = PretendGitHub(clock)
    numbers = range(1, 40)
    github.run_list = [a_run(number, "completed", conclusion="success", ago=60 * number) for number in numbers]
    github.job_list = [a_job(100 + number, number, "completed", ended=60.0 * number) for number in numbers]
    watch = Watch(WatchPlan("acme-prod", (Scope("org", "acme"),), ("acme/web",)), github, clock)
    shown: set[int] = set()

    async def consume() -> None:
        async for look in watch.looks():
            shown.clear()
            shown.update(key.id for key in look.snapshot.jobs)

    task = asyncio.create_task(consume())
    for _ in range(4):
        await clock.advance(30)
        watch.look_again()
    await clock.advance(30)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert shown == {101 + number for number in range(RUNS_THAT_ENDED)}
