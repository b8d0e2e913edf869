"""What hosts say of suspected runners: who is asked, how many at once, how often, and what a failure is."""

import asyncio
from datetime import timedelta

import pytest

from console.errors import HostUnreachableError, NoHostError
from console.fleet.explain import explain_runner
from console.fleet.frames import Frame
from console.fleet.hosts import HostFacts, HostProcess, Located
from console.fleet.models import RunnerKey
from console.fleet.past import Absence, Past
from console.fleet.signatures import shipped_catalogue
from console.operations import suspects as module
from console.operations.annals import Annals
from console.operations.suspects import AT_ONCE, EVERY, IN_ALL, SOONEST, Suspects
from tests.fleet.fleets import NOON
from tests.operations.pretend_github import a_job, a_run, a_runner
from tests.operations.test_watch import PLAN, Watcher
from tests.virtual_clock import VirtualClock, settle

HANGS = b"[2026-03-01 11:50:00Z INFO BrokerMessageListener] Acknowledging runner request '7d6a6f19'.\n"


def key(number: int) -> RunnerKey:
    return RunnerKey("org:acme", number)


class HostsInMemory:
    """Answers when it may; counts who asks at once."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.at_once = self.most = 0
        self.without: set[int] = set()
        self.listeners = 1
        self.broken: dict[int, NoHostError | HostUnreachableError] = {}
        self.may = asyncio.Event()
        self.may.set()

    def has_host(self, runner: RunnerKey) -> bool:
        return runner.id not in self.without

    async def facts(self, runner: RunnerKey, *, anew: bool = False) -> HostFacts:
        self.asked.append(runner.id)
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        try:
            await self.may.wait()
        finally:
            self.at_once -= 1
        if runner.id in self.broken:
            raise self.broken[runner.id]
        located = Located(runner, f"host-{runner.id}", "/opt/runner", None, None, "proved", runner.id)
        return HostFacts(
            located,
            NOON,
            listeners=tuple(HostProcess(1 + each) for each in range(self.listeners)),
            flow="V2",
            clock_ahead=timedelta(),
        )

    async def listener_tail(self, runner: RunnerKey) -> tuple[Frame, ...]:
        return (Frame("listener", ("Runner.log", "0"), HANGS),)


def asking(hosts: HostsInMemory, clock: VirtualClock) -> Suspects:
    return Suspects(hosts, shipped_catalogue, str, clock)


async def answered(suspects: Suspects, number: int) -> None:
    """The log is looked at in a thread."""
    async with asyncio.timeout(60):
        while len(suspects.frozen()) < number:
            await asyncio.sleep(0.01)


async def test_runners_that_a_walk_is_about_are_asked_first_and_without_a_host_it_is_told_so() -> None:
    hosts, clock = HostsInMemory(), VirtualClock()
    hosts.without = {99}
    hosts.broken = {99: NoHostError("No host of the runner “x” is configured", "")}
    suspects = asking(hosts, clock)
    suspects.start_due([key(number) for number in range(1, IN_ALL + 5)], [key(99), key(50)])
    await answered(suspects, IN_ALL)
    assert set(hosts.asked) >= {50, 99}
    assert len(suspects.frozen()) == IN_ALL
    assert suspects.frozen()[key(99)].unknown == "No host of the runner “x” is configured"
    assert suspects.frozen()[key(50)].host == "host-50"
    suspects.start_due([])
    assert suspects.frozen() == {}


async def test_what_a_host_says_is_known_and_told() -> None:
    hosts, clock = HostsInMemory(), VirtualClock()
    suspects = asking(hosts, clock)
    told: list[bool] = []
    suspects.arrived = lambda: told.append(True)
    suspects.start_due([key(1)])
    await answered(suspects, 1)
    evidence = suspects.frozen()[key(1)]
    assert (evidence.host, evidence.unknown) == ("host-1", "")
    assert [(line.signature, line.followed) for line in evidence.log.lines] == [("broker.acknowledge", False)]
    assert told == [True]
    assert suspects.frozen() is suspects.frozen()


async def test_a_few_are_asked_at_once_and_not_all_of_very_many() -> None:
    hosts, clock = HostsInMemory(), VirtualClock()
    suspects = asking(hosts, clock)
    hosts.may.clear()
    suspects.start_due([key(number) for number in range(40)])
    await settle()
    assert (hosts.at_once, len(hosts.asked)) == (AT_ONCE, AT_ONCE)
    hosts.may.set()
    await answered(suspects, IN_ALL)
    assert (hosts.most, sorted(hosts.asked)) == (AT_ONCE, list(range(IN_ALL)))


async def test_nobody_is_asked_about_again_within_two_minutes() -> None:
    hosts, clock = HostsInMemory(), VirtualClock()
    suspects = asking(hosts, clock)
    for _ in range(4):
        suspects.start_due([key(1)])
        await answered(suspects, 1)
        await clock.advance(EVERY / 4)
    assert hosts.asked == [1]
    suspects.start_due([key(1)])
    await settle()
    assert hosts.asked == [1, 1]
    await suspects.stop()


async def test_a_host_is_asked_again_once_github_says_something_else_of_the_runner() -> None:
    hosts, clock, status = HostsInMemory(), VirtualClock(), ["online"]
    suspects = asking(hosts, clock)
    suspects.github_says = lambda _key: status[0]
    suspects.start_due([key(1)])
    await answered(suspects, 1)
    status[0] = "offline"
    suspects.start_due([key(1)])
    assert hosts.asked == [1], "a runner that comes and goes is not asked about at every look"
    await clock.advance(SOONEST)
    suspects.start_due([key(1)])
    await settle()
    assert hosts.asked == [1, 1]
    await suspects.stop()


async def test_a_host_is_asked_again_once_something_was_done_there() -> None:
    hosts, clock = HostsInMemory(), VirtualClock()
    suspects = asking(hosts, clock)
    suspects.start_due([key(1)])
    await answered(suspects, 1)
    suspects.ask_again(key(1))
    suspects.start_due([key(1)])
    await settle()
    assert hosts.asked == [1, 1]
    await suspects.stop()


async def test_a_host_that_cannot_be_asked_leaves_a_reason_and_nothing_else() -> None:
    hosts, clock = HostsInMemory(), VirtualClock()
    hosts.broken[1] = HostUnreachableError("The host did not answer", "Is it up?")
    suspects = asking(hosts, clock)
    await suspects.read([key(1)], 5)
    evidence = suspects.frozen()[key(1)]
    assert (evidence.unknown, evidence.facts) == ("The host did not answer", None)


async def test_where_no_host_is_configured_nothing_is_asked() -> None:
    hosts, clock = HostsInMemory(), VirtualClock()
    hosts.without = {1}
    suspects = asking(hosts, clock)
    await suspects.read([key(1)], 5)
    assert (hosts.asked, dict(suspects.frozen())) == ([], {})


async def test_who_is_suspected_no_more_is_forgotten() -> None:
    hosts, clock = HostsInMemory(), VirtualClock()
    suspects = asking(hosts, clock)
    suspects.start_due([key(1)])
    await answered(suspects, 1)
    suspects.start_due([])
    assert dict(suspects.frozen()) == {}


async def test_of_runners_for_one_job_that_come_and_go_nothing_is_kept() -> None:
    clock, hosts = VirtualClock(), HostsInMemory()
    suspects = asking(hosts, clock)
    for number in range(20):
        suspects.start_due([key(number)])
        await settle()
        await clock.advance(EVERY)
    suspects.start_due([])
    assert not suspects._asked
    await suspects.stop()


async def test_a_host_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 0.05)
    hosts, clock = HostsInMemory(), VirtualClock()
    hosts.may.clear()
    suspects = asking(hosts, clock)
    suspects.start_due([key(1)])
    await answered(suspects, 1)
    assert "did not answer" in suspects.frozen()[key(1)].unknown


async def test_a_command_waits_for_hosts_no_longer_than_it_may() -> None:
    hosts, clock = HostsInMemory(), VirtualClock()
    hosts.may.clear()
    suspects = asking(hosts, clock)
    await suspects.read([key(1)], 0.05)
    assert "did not answer" in suspects.frozen()[key(1)].unknown
    assert hosts.at_once == 0


def a_stuck_fleet() -> Watcher:
    watcher = Watcher(PLAN)
    watcher.github.runner_list = [a_runner(1)]
    watcher.github.run_list, watcher.github.job_list = [a_run(7)], [a_job(70, 7)]
    return watcher


async def test_what_its_host_says_becomes_the_cause_and_the_finding_stays_the_same_one() -> None:
    watcher, hosts = a_stuck_fleet(), HostsInMemory()
    watcher.watch.ask_hosts(asking(hosts, watcher.clock))
    hosts.may.clear()
    await watcher.start()
    (before,) = watcher.last.findings
    assert before.cause == "idle-while-queued"
    hosts.may.set()
    async with asyncio.timeout(60):
        while not watcher.last.hosts:
            await asyncio.sleep(0.01)
            await watcher.clock.advance(1)
    (after,) = watcher.last.findings
    await watcher.stop()
    assert (after.cause, after.found_as, after.certainty) == ("hung-after-acknowledge", before.cause, "likely")
    assert after.key == before.key
    assert hosts.asked == [1]


async def test_a_command_asks_hosts_only_where_it_has_use_for_them() -> None:
    watcher, hosts = a_stuck_fleet(), HostsInMemory()
    watcher.watch.ask_hosts(asking(hosts, watcher.clock))
    looking = asyncio.create_task(watcher.watch.first_whole_look())
    await watcher.clock.advance(60)
    look = await looking
    assert (hosts.asked, [finding.cause for finding in look.findings]) == ([], ["idle-while-queued"])
    told = await watcher.watch.with_hosts(look)
    assert [finding.cause for finding in told.findings] == ["hung-after-acknowledge"]
    explained = explain_runner(told.snapshot, key(1), told.thresholds, told.hosts)
    assert explained.cause == "hung-after-acknowledge"
    first = explained.first_unmet
    assert first is not None
    assert (first.text, first.met) == ("no old job is in its way", False)


async def test_what_is_odd_is_asked_about_though_no_job_waits_and_warned_of_while_it_lasts() -> None:
    watcher, hosts = Watcher(PLAN), HostsInMemory()
    watcher.github.runner_list = [a_runner(1), a_runner(2)]
    watcher.watch.ask_hosts(asking(hosts, watcher.clock))
    now = watcher.github.now()
    returns = (now - timedelta(minutes=30), now - timedelta(minutes=9))
    watcher.watch.annals = Annals(past=Past({key(1): Absence(returns=returns)}))
    hosts.listeners = 2
    await watcher.start()
    async with asyncio.timeout(60):
        while not watcher.last.hosts:
            await asyncio.sleep(0.01)
            await watcher.clock.advance(1)
    (finding,) = watcher.last.findings
    assert (finding.cause, finding.severity, finding.runners) == ("session-held", "watch", (key(1),))
    assert hosts.asked == [1]
    await watcher.clock.advance(3600)
    assert [each.cause for each in watcher.last.findings] == ["session-held"], "what was warned of is looked at again"
    hosts.listeners = 1
    async with asyncio.timeout(60):
        while watcher.last.findings:
            await asyncio.sleep(0.01)
            await watcher.clock.advance(30)
    await watcher.stop()


async def test_a_fault_of_the_console_is_seen_by_the_command_that_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_fault(_runner: RunnerKey, *, anew: bool = False) -> HostFacts:
        raise ValueError("a fault of the console")

    hosts = HostsInMemory()
    monkeypatch.setattr(hosts, "facts", at_fault)
    with pytest.raises(ValueError, match="a fault of the console"):
        await asking(hosts, VirtualClock()).read([key(1)], 30)
