"""Jobs that are offered around the consent to a restart: each is either seen by the last look, and nothing is done, or
left to the listener that comes after. `make race` plays a thousand; the variable RACES says how many.

Between the last look and the signal lie sudo, systemctl and systemd: some 40 ms. A job that is offered meanwhile is not
lost because a listener has to ask for it first, which takes longer, and gives that up when it is told to end.
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable

import pytest

from console.remote.ssh import SshHosts
from tests.host.acts import acting, drop_in, order, refused
from tests.host.conftest import Host
from tests.host.operator import begin_job, diary, until

RACES = int(os.environ.get("RACES", "25"))
_HOSTS = 1 if RACES <= 25 else 2
_EARLIEST, _LATEST = -0.3, 0.35
"""Seconds from the consent on: from a worker that runs already to a restart that is over."""


@pytest.mark.parametrize("share", range(_HOSTS))
async def test_no_job_is_lost_that_starts_around_the_consent(
    own_host: Host, share: int, record_property: Callable[[str, object], None]
) -> None:
    begun, told = time.monotonic(), Counter[str]()
    times = RACES // _HOSTS + (share < RACES % _HOSTS)
    chance = random.Random(share)
    whens = [_EARLIEST + (_LATEST - _EARLIEST) * (number + chance.random()) / times for number in range(times)]
    chance.shuffle(whens)
    drop_in(own_host, "[Unit]\nStartLimitIntervalSec=0")
    async with own_host.ssh.hosts() as hosts:
        for number, when in enumerate(whens):
            await until(lambda: _ready(own_host))
            told[await _race(own_host, hosts, f"race-{number}", when)] += 1
    record_property("races", (times, time.monotonic() - begun, dict(told)))


async def _race(host: Host, hosts: SshHosts, name: str, when: float) -> str:
    """What came of the consent."""
    loop = asyncio.get_running_loop()
    offered = loop.time() + max(when, 0)
    loop.call_at(offered, lambda: begin_job(host.runner, name=name, uploading=0))
    await asyncio.sleep(max(-when, 0))
    async with acting(hosts, *order(host)) as frames:
        said = [frame async for frame in frames]
    acted = any((frame.word, frame.fields) == ("did", ("0",)) for frame in said)
    word = "restarted" if acted else f"refused as {refused(said)}"
    assert acted or refused(said) == "busy", said
    await until(lambda: offered < loop.time() and host.machine.pids("Runner.Worker"))
    host.runner.order_worker(do="end", result="Succeeded")
    await until(lambda: _result(host, name))
    assert _result(host, name) == "Succeeded", f"{name}, begun {when:.3f} s after the consent, which {word}"
    return word


def _ready(host: Host) -> bool:
    """A listener that has just begun may not hear that it is to end."""
    lines = [line for line in diary(host) if "WRITE LINE" in line]
    return "Listening for Jobs" in lines[-1] or "completed with result" in lines[-1]


def _result(host: Host, name: str) -> str:
    ends = f"Job {name} completed with result: "
    return next((line.partition(ends)[2] for line in diary(host) if ends in line), "")
