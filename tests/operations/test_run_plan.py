"""The gate: what is proposed is what is done, once, and everything that may go wrong on the way is told as it is."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from msgspec.structs import replace

from console.errors import HostTimeoutError, HostUnreachableError
from console.fleet.evidence import Fact, RunnerNow, ServiceOf
from console.fleet.frames import Frame
from console.fleet.guided_actions import GUIDED_ACTIONS, GuidedAction
from console.fleet.models import RunnerKey, plain
from console.fleet.plans import Refusal, Target
from console.operations.history import History
from console.operations.run_plan import Gate, Proposal
from console.operations.several import Several
from console.operations.undertaking import Ended, Said, Undertaking
from tests.fleet.fleets import fleet, job, runner
from tests.fleet.services import PLACE, WORKER, service
from tests.operations.gate import DONE, KEY, World, gate_to
from tests.virtual_clock import VirtualClock, settle, turns


@pytest.fixture
def world() -> World:
    return World(VirtualClock())


@pytest.fixture
async def gate(world: World, tmp_path: Path) -> AsyncIterator[Gate]:
    made, _ = gate_to(world, tmp_path)
    yield made
    await made.close()


def history_in(world: World, place: Path) -> History:
    return gate_to(world, place)[1]


async def proposed(gate: Gate, action: str = "restart-service") -> Proposal:
    found = await gate.propose(GUIDED_ACTIONS[action], KEY)
    assert isinstance(found, Proposal), plain(found.reason)
    return found


async def ended(world: World, begun: Undertaking | Refusal) -> Ended:
    assert isinstance(begun, Undertaking), plain(begun.reason)
    end = asyncio.create_task(begun.end())
    async with asyncio.timeout(60):
        while not end.done():
            # The history waits for the disk in a thread, which the test's clock does not know of.
            await asyncio.sleep(0.002)
            await world.clock.advance(2)
    return end.result()


def reason(found: object) -> str:
    assert isinstance(found, Refusal), found
    return plain(found.reason)


async def test_what_is_agreed_to_is_sent_once_proved_and_recorded(gate: Gate, world: World, tmp_path: Path) -> None:
    end = await ended(world, await gate.carry_out(await proposed(gate)))
    assert end.outcome == "proved"
    assert [each[:3] for each in world.sent] == [("linux-1.example", "service-act", "restart")]
    assert world.told == [KEY]
    (entry,) = history_in(world, tmp_path).entries()
    assert entry.state == "proved"
    assert (entry.deed.operator.login, entry.deed.operator.github) == ("alice", "alice-dev")
    assert "exec sh -s -- 'restart'" in entry.deed.parts[0].text
    assert [result.outcome for result in entry.results if result] == ["done", "done"]


async def test_read_only_mode_refuses_in_the_gate_whoever_asks(world: World, tmp_path: Path) -> None:
    closed, _ = gate_to(world, tmp_path, read_only=True)
    proposal = await proposed(closed)
    assert "read-only" in reason(await closed.carry_out(proposal))
    assert all(offer.refusal is not None for offer in closed.menu(KEY))
    assert not world.sent


async def test_what_is_older_than_five_seconds_is_read_again_before_anything_is_sent(gate: Gate, world: World) -> None:
    proposal = await proposed(gate)
    await world.clock.advance(6)
    world.facts_now[ServiceOf(PLACE)] = service(workers=(WORKER,))
    assert "works on a job" in reason(await gate.carry_out(proposal))
    assert not world.sent


async def test_a_service_that_somebody_else_restarted_meanwhile_is_not_restarted_again(
    gate: Gate, world: World
) -> None:
    proposal = await proposed(gate)
    await world.clock.advance(6)
    world.facts_now[ServiceOf(PLACE)] = service(invocation="c" * 32)
    assert "has changed" in reason(await gate.carry_out(proposal))
    assert not world.sent


async def test_an_open_question_is_withdrawn_when_its_runner_takes_a_job(gate: Gate, world: World) -> None:
    proposal = await proposed(gate)
    assert gate.withdrawn(proposal) == ()
    world.snapshot = fleet(runners=(runner(busy=True),))
    assert "runs a job" in plain(gate.withdrawn(proposal))


async def test_an_open_question_stays_open_when_only_the_jobs_that_wait_change(gate: Gate, world: World) -> None:
    proposal = await proposed(gate)
    world.snapshot = fleet(runners=(runner(),), jobs=(job(7, minutes=20),))
    assert gate.withdrawn(proposal) == ()


async def test_an_open_question_is_withdrawn_when_the_machine_slept(gate: Gate, world: World) -> None:
    proposal = await proposed(gate)
    for _ in range(3):
        world.clock.jump(1)
        assert gate.withdrawn(proposal) == ()
    world.clock.jump(60)
    assert "slept" in plain(gate.withdrawn(proposal))


async def test_what_must_be_typed_must_be_typed(gate: Gate, world: World) -> None:
    likely = replace(PLACE, certainty="likely")
    for fact, value in list(world.facts_now.items()):
        if value is PLACE:
            world.facts_now[fact] = likely
    world.facts_now[ServiceOf(likely)] = service(located=likely, address="")
    proposal = await proposed(gate)
    assert "not the name" in reason(await gate.carry_out(proposal))
    assert "not the name" in reason(await gate.carry_out(proposal, "linux-2"))
    assert not world.sent
    assert isinstance(await gate.carry_out(proposal, "linux-1"), Undertaking)


async def test_two_presses_at_the_same_moment_act_once(gate: Gate, world: World) -> None:
    proposal = await proposed(gate)
    both = await asyncio.gather(gate.carry_out(proposal), gate.carry_out(proposal))
    refused = [each for each in both if isinstance(each, Refusal)]
    (begun,) = (each for each in both if isinstance(each, Undertaking))
    assert "under way" in reason(refused[0])
    await ended(world, begun)
    assert len(world.sent) == 1


async def test_a_script_that_found_a_job_did_nothing_and_that_is_what_is_told(gate: Gate, world: World) -> None:
    world.says = (Frame("ready"), Frame("refused", ("busy", "1772366400")), Frame("end", ("75",)))
    end = await ended(world, await gate.carry_out(await proposed(gate)))
    assert end.outcome == "refused"
    assert plain(end.words) == "It is busy with a job since 12:00:00Z: nothing was done."


async def test_a_lost_connection_after_the_act_is_followed_by_a_look_and_not_by_another_act(
    gate: Gate, world: World
) -> None:
    world.says = (*DONE[:3], HostUnreachableError("The connection broke", "Check the network."))
    begun = await gate.carry_out(await proposed(gate))
    world.facts_now[ServiceOf(PLACE)] = service(
        invocation="b" * 32, host_time=world.clock.wall(), listening_since=world.clock.wall()
    )
    assert (await ended(world, begun)).outcome == "proved"
    assert len(world.sent) == 1


async def test_a_lost_connection_after_which_nothing_was_done_ends_as_not_done(gate: Gate, world: World) -> None:
    world.says = (*DONE[:3], HostUnreachableError("The connection broke", "Check the network."))
    end = await ended(world, await gate.carry_out(await proposed(gate)))
    assert end.outcome == "failed"
    assert plain(end.words) == ("The connection broke. It was not done: The service has not been started anew.")
    assert len(world.sent) == 1


async def test_a_lost_connection_whose_deed_cannot_be_seen_ends_as_unknown(gate: Gate, world: World) -> None:
    world.says = (*DONE[:3], HostUnreachableError("The connection broke", "Check the network."))
    proposal = await proposed(gate)
    world.facts_now[ServiceOf(PLACE)] = HostUnreachableError("No route to it", "Check the network.")
    end = await ended(world, await gate.carry_out(proposal))
    assert end.outcome == "unknown"
    assert "connection broke" in plain(end.words)
    assert len(world.sent) == 1


async def test_a_host_that_was_never_reached_did_nothing(gate: Gate, world: World) -> None:
    world.says = (HostTimeoutError("It did not answer", "Try ssh."),)
    end = await ended(world, await gate.carry_out(await proposed(gate)))
    assert end.outcome == "failed"
    assert plain(end.helps) == "Try ssh."


async def test_a_restart_after_which_nothing_listens_is_not_proved_and_says_what_is_missing(
    gate: Gate, world: World
) -> None:
    proposal = await proposed(gate)
    world.facts_now[RunnerNow(KEY)] = runner(status="offline")
    end = await ended(world, await gate.carry_out(proposal))
    assert end.outcome == "not-proved"
    assert "online" in plain(end.words)


async def test_while_the_end_of_a_job_is_waited_for_it_can_be_given_up_and_nothing_was_done(
    gate: Gate, world: World, tmp_path: Path
) -> None:
    busy = runner(busy=True)
    world.snapshot, world.facts_now[RunnerNow(KEY)] = fleet(runners=(busy,)), busy
    begun = await gate.carry_out(await proposed(gate, "restart-when-idle"))
    assert isinstance(begun, Undertaking)
    await world.clock.advance(60)
    assert any(isinstance(event, Said) for event in begun.events)
    begun.stop()
    assert (await ended(world, begun)).outcome == "stopped"
    assert not world.sent
    assert history_in(world, tmp_path).entries()[0].state == "stopped"


async def test_a_restart_that_waited_for_the_job_acts_once_it_has_ended(gate: Gate, world: World) -> None:
    busy = runner(busy=True)
    world.snapshot, world.facts_now[RunnerNow(KEY)] = fleet(runners=(busy,)), busy
    begun = await gate.carry_out(await proposed(gate, "restart-when-idle"))
    await world.clock.advance(600)
    assert not world.sent
    world.facts_now[RunnerNow(KEY)] = runner()
    assert (await ended(world, begun)).outcome == "proved"
    assert len(world.sent) == 1


async def test_nothing_that_waited_is_done_after_the_machine_slept(gate: Gate, world: World, tmp_path: Path) -> None:
    busy = runner(busy=True)
    world.snapshot, world.facts_now[RunnerNow(KEY)] = fleet(runners=(busy,)), busy
    begun = await gate.carry_out(await proposed(gate, "restart-when-idle"))
    await world.clock.advance(60)
    world.clock.jump(8 * 3600)
    world.facts_now[RunnerNow(KEY)] = runner()
    end = await ended(world, begun)
    assert end.outcome == "refused"
    assert "slept" in plain(end.words)
    assert "Nothing was changed" in plain(end.words)
    assert not world.sent


async def test_a_proof_is_looked_for_after_the_machine_slept_too(gate: Gate, world: World) -> None:
    proposal = await proposed(gate)
    world.facts_now[RunnerNow(KEY)] = runner(status="offline")
    begun = await gate.carry_out(proposal)
    assert isinstance(begun, Undertaking)
    async for event in begun.follow():
        if isinstance(event, Said) and "GitHub does not see it online" in plain(event.words):
            break
    world.clock.jump(8 * 3600)
    world.facts_now[RunnerNow(KEY)] = runner()
    assert (await ended(world, begun)).outcome == "proved"


async def test_the_first_fact_that_is_old_makes_all_of_it_old(gate: Gate, world: World) -> None:
    """A host that takes its time is asked after GitHub: by then a job may have begun."""
    gathered = world.gather

    async def slowly(fact: Fact[Any]) -> object:
        found = await gathered(fact)
        if isinstance(fact, ServiceOf):
            world.clock.jump(8)
        return found

    world.gather = slowly  # type: ignore[method-assign]
    proposal = await proposed(gate)
    world.facts_now[RunnerNow(KEY)] = runner(busy=True)
    assert "runs a job" in reason(await gate.carry_out(proposal))
    assert not world.sent


async def test_a_question_is_not_said_to_have_slept_for_one_that_was_left(gate: Gate, world: World) -> None:
    for _ in range(20):
        proposal = await proposed(gate)
        assert gate.withdrawn(proposal) == ()
        del proposal
        world.clock.jump(30)


async def test_what_was_asked_long_ago_is_not_done_whoever_agrees(gate: Gate, world: World) -> None:
    proposal = await proposed(gate)
    world.clock.jump(3600)
    assert "ten minutes ago" in reason(await gate.carry_out(proposal))
    assert not world.sent


async def test_of_several_no_further_one_is_begun_after_the_machine_slept(gate: Gate, world: World) -> None:
    class Sent:
        """Each ends once the test says so."""

        def __init__(self) -> None:
            self.under_way: list[Undertaking] = []

        menu, propose = gate.menu, gate.propose

        async def carry_out(self, proposal: Proposal, typed: str = "") -> Undertaking | Refusal:
            self.under_way.append(Undertaking(proposal.plan))
            return self.under_way[-1]

    sent = Sent()
    several = Several(sent, GUIDED_ACTIONS["restart-service"], (KEY, KEY, KEY))
    carrying = asyncio.create_task(several.carry_out(world.clock))
    await world.clock.advance(30)
    sent.under_way[0].tell(Ended("proved", ()))
    await world.clock.advance(30)
    assert len(sent.under_way) == 2
    world.clock.jump(8 * 3600)
    sent.under_way[1].tell(Ended("proved", ()))
    await asyncio.wait_for(carrying, 60)
    assert len(sent.under_way) == 2
    assert several.slept
    assert several.proved == 1


async def test_of_several_what_wants_its_name_typed_is_passed_over(gate: Gate, world: World) -> None:
    class Typed:
        """The first wants its name typed."""

        menu = gate.menu
        done: ClassVar[list[Target]] = []

        async def propose(self, action: GuidedAction, target: Target, given: str = "") -> Proposal | Refusal:
            found = await gate.propose(action, KEY, given)
            assert isinstance(found, Proposal)
            return replace(found, plan=replace(found.plan, target=target, typed="linux-1" if target == KEY else ""))

        async def carry_out(self, proposal: Proposal, typed: str = "") -> Undertaking | Refusal:
            self.done.append(proposal.plan.target)
            undertaking = Undertaking(proposal.plan)
            undertaking.tell(Ended("proved", ()))
            return undertaking

    other = RunnerKey(KEY.scope, 99)
    several = Several(Typed(), GUIDED_ACTIONS["restart-service"], (KEY, other))
    carrying = asyncio.create_task(several.carry_out(world.clock))
    await world.clock.advance(30)
    await asyncio.wait_for(carrying, 60)
    assert (Typed.done, several.passed_over, several.proved) == ([other], (KEY,), 1)
    assert several.came[KEY].outcome == "refused"


async def test_a_context_that_was_closed_begins_nothing(gate: Gate, world: World, tmp_path: Path) -> None:
    proposal = await proposed(gate)
    await gate.close()
    assert "closed" in reason(await gate.carry_out(proposal))
    assert not world.sent
    assert history_in(world, tmp_path).entries()[0].state == "stopped"


async def test_where_the_history_cannot_be_written_nothing_is_done(world: World, tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").mkdir()
    gate, _ = gate_to(world, tmp_path)
    found = await gate.carry_out(await proposed(gate))
    assert "history" in reason(found)
    assert not world.sent


async def test_a_console_that_is_left_in_the_middle_says_that_the_end_is_not_known(
    gate: Gate, world: World, tmp_path: Path
) -> None:
    busy = runner(busy=True)
    world.snapshot, world.facts_now[RunnerNow(KEY)] = fleet(runners=(busy,)), busy
    begun = await gate.carry_out(await proposed(gate, "restart-when-idle"))
    assert isinstance(begun, Undertaking)
    await settle()
    await gate.close()
    (entry,) = history_in(world, tmp_path).entries()
    assert entry.state == "unknown"
    assert entry.end is not None
    assert "was left" in entry.end.words


async def test_a_fault_of_the_console_in_the_middle_is_told_as_one(gate: Gate, world: World, tmp_path: Path) -> None:
    world.says = (*DONE[:3], None)  # type: ignore[assignment] # no frame is like that
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _what: None)
    end = await ended(world, await gate.carry_out(await proposed(gate)))
    assert end.outcome == "unknown"
    assert "fault of the console" in plain(end.words)
    assert history_in(world, tmp_path).entries()[0].state == "unknown"
    assert world.told == [KEY]


def slow_disk(monkeypatch: pytest.MonkeyPatch, write: str, stopped: threading.Event, goes_on: threading.Event) -> None:
    """It stands still before a line of that kind, until it is told to go on."""
    writing = getattr(History, write)

    def slowly(history: History, *what: object, **more: object) -> None:
        stopped.set()
        assert goes_on.wait(60), "nothing else went on while the disk was waited for"
        writing(history, *what, **more)

    monkeypatch.setattr(History, write, slowly)


@pytest.mark.parametrize("write", ["part", "end"])
async def test_the_console_goes_on_while_the_history_waits_for_the_disk(
    gate: Gate, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    stopped, goes_on = threading.Event(), threading.Event()
    slow_disk(monkeypatch, write, stopped, goes_on)
    begun = await gate.carry_out(await proposed(gate))
    asyncio.get_running_loop().call_later(0.2, goes_on.set)
    assert (await ended(world, begun)).outcome == "proved"
    assert stopped.is_set()
    (entry,) = history_in(world, tmp_path).entries()
    assert [result.outcome for result in entry.results if result] == ["done", "done"]


async def test_what_is_being_written_is_on_the_disk_before_the_end_of_who_is_left(
    gate: Gate, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, goes_on = threading.Event(), threading.Event()
    slow_disk(monkeypatch, "part", stopped, goes_on)
    begun = await gate.carry_out(await proposed(gate))
    assert isinstance(begun, Undertaking)
    await asyncio.to_thread(stopped.wait, 60)
    leaving = asyncio.create_task(gate.close())
    await turns()
    assert not leaving.done()
    goes_on.set()
    await leaving
    lines = (tmp_path / "history.jsonl").read_text("ascii").splitlines()
    assert [json.loads(line)["what"] for line in lines] == ["intent", "part", "end"]
    assert begun.ended is not None
    assert "was left" in plain(begun.ended.words)
