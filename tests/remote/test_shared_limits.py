"""The limits between processes: what one has used the next one knows, and a command says on what it waits."""

import asyncio

import pytest

from console.errors import LimitReachedError
from console.remote.budget import BURST, Governor
from console.remote.server_clock import ServerClock
from console.remote.standing import MOST_A_MINUTE, Standing, read, written
from tests.remote.fault_server import NOON
from tests.remote.test_budget import DATE, limits
from tests.virtual_clock import VirtualClock


class Process:
    """One governor of several that share a clock and what they keep."""

    def __init__(self, clock: VirtualClock, *, command: bool = True) -> None:
        self.said: list[str] = []
        self.clock = clock
        self.governor = Governor(clock, ServerClock(clock), lambda: 0.5, self.said.append if command else None)
        self.sent: list[float] = []

    async def send(self, token: str = "a") -> None:
        async with self.governor.turn(token, own=False):
            self.sent.append(self.clock.elapsed())

    async def send_many(self, number: int, seconds: float) -> None:
        tasks = [asyncio.create_task(self.send()) for _ in range(number)]
        await self.clock.advance(seconds)
        await asyncio.gather(*tasks)

    def starts_from(self, kept: bytes | None) -> None:
        self.governor.adopt(read(kept))

    def leaves(self, kept: bytes | None) -> bytes:
        return written(kept, self.governor.news(), self.clock.wall().timestamp())


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(NOON)


async def test_commands_one_after_the_other_never_send_more_in_a_minute_than_github_allows(clock: VirtualClock) -> None:
    kept: bytes | None = None
    sent: list[float] = []
    for _ in range(12):
        process = Process(clock)
        process.starts_from(kept)
        tasks = [asyncio.create_task(process.send()) for _ in range(BURST - 20)]
        while not all(task.done() for task in tasks):
            await clock.advance(1)
        kept = process.leaves(kept)
        sent += process.sent
    busiest = max(sum(1 for at in sent if start <= at < start + 60) for start in set(sent))
    assert MOST_A_MINUTE / 2 < busiest <= 900
    assert clock.elapsed() < 1_000 + 4 * 60


async def test_a_few_commands_in_a_row_do_not_wait_at_all(clock: VirtualClock) -> None:
    kept: bytes | None = None
    for _ in range(4):
        process = Process(clock)
        process.starts_from(kept)
        await process.send_many(BURST - 20, 0)
        kept = process.leaves(kept)
        assert process.said == []


async def test_a_command_that_finds_the_minute_full_says_how_long_it_waits(clock: VirtualClock) -> None:
    process = Process(clock)
    process.governor.adopt({"a": Standing({int(clock.wall().timestamp()) - 20: MOST_A_MINUTE + 1})})
    task = asyncio.create_task(process.send())
    await clock.advance(40)
    assert process.sent == []
    assert process.said == ["To stay within GitHub's 900 requests a minute: waits 41 s"]
    await clock.advance(2)
    await task


async def test_a_console_leaves_room_for_what_commands_have_used(clock: VirtualClock) -> None:
    console = Process(clock, command=False)
    console.governor.adopt({"a": Standing({int(clock.wall().timestamp()): MOST_A_MINUTE + 1})})
    task = asyncio.create_task(console.send())
    await clock.advance(59)
    assert console.sent == []
    await clock.advance(3)
    await task


async def test_a_pause_that_github_asked_one_process_for_holds_for_the_next(clock: VirtualClock) -> None:
    first = Process(clock)
    first.governor.heard("a", 429, {"date": DATE, "retry-after": "40"}, "secondary rate limit")
    kept = first.leaves(None)
    console = Process(clock, command=False)
    console.starts_from(kept)
    with pytest.raises(LimitReachedError, match="secondary"):
        await console.send()
    command = Process(clock)
    command.starts_from(kept)
    task = asyncio.create_task(command.send())
    await clock.advance(38)
    assert command.sent == []
    assert command.said == ["GitHub's limit: waits 41 s"]
    await clock.advance(5)
    await task


async def test_a_used_up_hour_is_remembered_and_no_command_waits_it_out(clock: VirtualClock) -> None:
    first = Process(clock)
    first.governor.heard("a", 429, limits(0), "API rate limit exceeded")
    second = Process(clock)
    second.starts_from(first.leaves(None))
    with pytest.raises(LimitReachedError, match="used up"):
        await second.send()
    assert second.governor.budget.remaining == 0


async def test_the_limits_of_a_token_that_is_not_in_use_here_are_not_shown(clock: VirtualClock) -> None:
    other = Process(clock)
    await other.send("other")
    other.governor.heard("other", 200, limits(10), "")
    console = Process(clock, command=False)
    console.starts_from(other.leaves(None))
    await console.send("mine")
    assert console.governor.budget.limit is None


async def test_a_command_uses_the_reserve_and_does_not_make_it_last(clock: VirtualClock) -> None:
    command = Process(clock)
    command.governor.heard("a", 200, limits(300), "")
    await command.send_many(100, 0)
    console = Process(clock, command=False)
    console.governor.heard("a", 200, limits(300), "")
    with pytest.raises(LimitReachedError, match="your own"):
        await console.send()


async def test_a_command_that_has_much_to_ask_for_says_that_it_takes_longer(clock: VirtualClock) -> None:
    command = Process(clock)
    await command.send_many(BURST + 100, 20)
    assert command.said == [
        "To stay within GitHub's 900 requests a minute: asks for the rest more slowly, 11 times a second"
    ]


async def test_nothing_that_is_kept_tells_the_token_or_outlives_its_use(clock: VirtualClock) -> None:
    process = Process(clock)
    await process.send("fingerprint")
    kept = process.leaves(None)
    assert set(read(kept)) == {"fingerprint"}
    clock.jump(4_000)
    assert read(Process(clock).leaves(kept)) == {}


@pytest.mark.parametrize("damaged", [b"", b"\xff\xff", b"\x93\x01\x02\x03", b"\x81\xa1a\x05"])
def test_what_cannot_be_understood_counts_as_nothing(damaged: bytes, clock: VirtualClock) -> None:
    assert read(damaged) == {}
    assert read(Process(clock).leaves(damaged)) == {}


async def test_a_clock_that_was_set_back_holds_nobody_up(clock: VirtualClock) -> None:
    process = Process(clock, command=False)
    later = clock.wall().timestamp() + 86_400
    process.governor.adopt({"a": Standing({int(later): MOST_A_MINUTE + 1}, struck_at=later, strikes=3)})
    await process.send()
    assert len(process.sent) == 1
