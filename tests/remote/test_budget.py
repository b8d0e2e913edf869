"""When a request may be sent, and when it must wait: limits in all their forms, on a clock that the test moves."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime

import pytest

from console.errors import BadTokenError, LimitReachedError, ServerTroubleError
from console.remote.budget import BURST, IN_FLIGHT, Governor
from console.remote.server_clock import ServerClock
from tests.remote.fault_server import NOON
from tests.virtual_clock import VirtualClock, settle

RESET = int(NOON.timestamp()) + 2_400
DATE = format_datetime(NOON, usegmt=True)


def limits(remaining: int, limit: int = 5_000, reset: int = RESET) -> dict[str, str]:
    return {
        "date": DATE,
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(reset),
        "x-ratelimit-resource": "core",
    }


class Station:
    """A governor, its clock, and who has been let through."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.server = ServerClock(self.clock)
        self.governor = Governor(self.clock, self.server, chance=lambda: 0.5)
        self.sent: list[float] = []
        self.at_once = 0
        self.most_at_once = 0

    async def send(self, token: str = "a", *, own: bool = False, takes: float = 0.0) -> None:
        async with self.governor.turn(token, own=own):
            self.sent.append(self.clock.elapsed())
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            try:
                if takes:
                    await self.clock.sleep(takes)
            finally:
                self.at_once -= 1

    async def refused(self, token: str = "a", *, own: bool = False) -> LimitReachedError:
        with pytest.raises(LimitReachedError) as caught:
            await self.send(token, own=own)
        return caught.value


@pytest.fixture
def station() -> Station:
    return Station()


async def test_a_limit_with_retry_after_holds_everything_back_that_long(station: Station) -> None:
    for status in (403, 429):
        error = station.governor.heard("a", status, {"date": DATE, "retry-after": "30"}, "You have exceeded")
        assert error is not None
        assert 30 <= error.wait <= 35
        assert 30 <= (await station.refused()).wait <= 35
        assert (await station.refused(own=True)).wait >= 30
        await station.clock.advance(29.9)
        await station.refused()
        await station.clock.advance(6)
        task = asyncio.create_task(station.send())
        await station.clock.advance(1)
        await task


@pytest.mark.parametrize("status", [403, 429])
async def test_a_secondary_limit_without_retry_after_holds_a_minute_then_two(station: Station, status: int) -> None:
    said = "You have exceeded a secondary rate limit. Please wait a few minutes."
    waits = []
    for _ in range(3):
        error = station.governor.heard("a", status, limits(4_000), said)
        assert error is not None
        waits.append(error.wait)
        await station.clock.advance(error.wait + 1)
    assert [round(wait / 60) for wait in waits] == [1, 2, 4]
    assert waits[0] >= 60


@pytest.mark.parametrize("status", [403, 429])
async def test_a_used_up_hour_waits_for_the_reset_by_the_servers_clock(station: Station, status: int) -> None:
    error = station.governor.heard("a", status, limits(0), "API rate limit exceeded for user ID 1.")
    assert error is not None
    assert 2_401 <= error.wait <= 2_410
    assert station.clock.wall() > NOON + timedelta(hours=10)
    assert "40 min" in error.message


async def test_a_missing_permission_is_no_limit(station: Station) -> None:
    said = "Resource not accessible by personal access token"
    assert station.governor.heard("a", 403, limits(4_000), said) is None
    await station.send()


async def test_without_limit_headers_there_is_no_limit(station: Station) -> None:
    station.governor.heard("a", 200, {"date": DATE}, "")
    await station.send()
    assert station.governor.budget.limit is None
    assert station.governor.budget.held_until is None


async def test_a_share_of_the_hour_is_kept_for_the_operator(station: Station) -> None:
    station.governor.heard("a", 200, limits(700), "")
    assert "your own" in (await station.refused()).message
    await station.send(own=True)
    station.governor.heard("a", 200, limits(0), "")
    await station.refused(own=True)


async def test_after_the_reset_the_hour_is_full_again(station: Station) -> None:
    station.governor.heard("a", 200, limits(10), "")
    await station.refused()
    await station.clock.advance(2_402)
    await station.send()
    assert station.governor.budget.remaining == 5_000


async def test_answers_that_overtake_one_another_do_not_raise_what_is_left(station: Station) -> None:
    station.governor.heard("a", 200, limits(3_000), "")
    station.governor.heard("a", 200, limits(3_004), "")
    assert station.governor.budget.remaining == 3_000
    station.governor.heard("a", 200, limits(4_999, reset=RESET + 3_600), "")
    assert station.governor.budget.remaining == 4_999


async def test_limits_are_each_tokens_own(station: Station) -> None:
    station.governor.heard("a", 429, {"date": DATE, "retry-after": "30"}, "")
    await station.refused("a")
    await station.send("b")
    assert station.governor.budget.held_because


async def test_the_budget_is_that_of_the_token_that_is_worst_off(station: Station) -> None:
    station.governor.heard("a", 200, limits(4_000), "")
    station.governor.heard("b", 200, limits(900), "")
    assert station.governor.budget.remaining == 900


async def test_other_resources_do_not_count(station: Station) -> None:
    station.governor.heard("a", 200, limits(0) | {"x-ratelimit-resource": "search"}, "")
    assert station.governor.budget.limit is None


async def test_never_more_in_flight_than_allowed_and_one_place_is_the_operators(station: Station) -> None:
    tasks = [asyncio.create_task(station.send(takes=60)) for _ in range(20)]
    await station.clock.advance(5)
    assert station.most_at_once == IN_FLIGHT - 1
    tasks.append(asyncio.create_task(station.send(own=True, takes=60)))
    await station.clock.advance(1)
    assert station.most_at_once == IN_FLIGHT
    await station.clock.advance(3_600)
    await asyncio.gather(*tasks)


async def test_no_minute_ever_holds_more_requests_than_github_allows(station: Station) -> None:
    tasks = [asyncio.create_task(station.send()) for _ in range(2000)]
    await station.clock.advance(300)
    await asyncio.gather(*tasks)
    busiest = max(sum(1 for at in station.sent if start <= at < start + 60) for start in set(station.sent))
    assert 600 <= busiest <= 900
    assert len([at for at in station.sent if at - station.sent[0] < 1]) <= BURST + 20


async def test_a_budget_spent_too_fast_is_made_to_last(station: Station) -> None:
    station.governor.heard("a", 200, limits(1_200), "")
    tasks = [asyncio.create_task(station.send()) for _ in range(40)]
    await station.clock.advance(60)
    assert 8 <= len(station.sent) <= 20
    await station.clock.advance(600)
    await asyncio.gather(*tasks)


async def test_after_a_secondary_limit_requests_go_one_by_one(station: Station) -> None:
    station.governor.heard("a", 429, {"date": DATE, "retry-after": "1"}, "secondary rate limit")
    await station.clock.advance(3)
    tasks = [asyncio.create_task(station.send()) for _ in range(10)]
    await settle()
    assert len(station.sent) == 1
    await station.clock.advance(10)
    await asyncio.gather(*tasks)


async def test_a_limit_that_arrives_meanwhile_stops_those_who_wait_for_their_turn(station: Station) -> None:
    tasks = [asyncio.create_task(station.send()) for _ in range(100)]
    await settle()
    before = len(station.sent)
    station.governor.heard("a", 429, {"date": DATE, "retry-after": "600"}, "")
    await station.clock.advance(60)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(station.sent) == before
    assert len([result for result in results if isinstance(result, LimitReachedError)]) == 100 - before


async def outage(station: Station, seconds: float, every: float) -> int:
    """How many requests are sent when all of them fail and each is wished for anew."""
    sent = 0
    until = station.clock.elapsed() + seconds
    while station.clock.elapsed() < until:
        try:
            async with station.governor.turn("a", own=False):
                sent += 1
                station.governor.failed(ServerTroubleError("502", "wait"))
        except ServerTroubleError:
            pass
        await station.clock.advance(every)
    return sent


async def test_an_outage_sees_fewer_and_fewer_of_our_requests(station: Station) -> None:
    assert await outage(station, 120, every=0.5) <= 15
    assert 1 <= await outage(station, 600, every=0.5) <= 45


async def test_the_operator_may_ask_in_an_outage_and_an_answer_ends_it(station: Station) -> None:
    await outage(station, 60, every=0.5)
    with pytest.raises(ServerTroubleError):
        await station.send()
    await station.send(own=True)
    station.governor.heard("a", 200, {"date": DATE}, "")
    await station.send()


async def test_retries_are_earned_so_that_failures_cannot_double_the_load(station: Station) -> None:
    retries = 0
    for _ in range(200):
        station.governor.failed(ServerTroubleError("502"))
        task = asyncio.create_task(station.governor.may_try_again())
        await station.clock.advance(2)
        retries += await task
        station.governor.heard("a", 200, {"date": DATE}, "")
    assert 5 <= retries <= 25


async def test_a_server_that_is_overloaded_says_when_to_come_back(station: Station) -> None:
    station.governor.failed(ServerTroubleError("503"), "90")
    await station.clock.advance(89)
    with pytest.raises(ServerTroubleError):
        await station.send()
    await station.clock.advance(2)
    await station.send()


async def test_nothing_is_sent_with_a_refused_token(station: Station) -> None:
    station.governor.refuse("a")
    for own in (True, False):
        with pytest.raises(BadTokenError):
            await station.send("a", own=own)
    await station.send("b")


def test_the_time_is_the_servers_whatever_this_machine_thinks() -> None:
    clock = VirtualClock()
    server = ServerClock(clock)
    assert server.now() == clock.wall()
    server.heard(DATE)
    assert server.now() == NOON
    clock.jump(90)
    assert server.now() == NOON + timedelta(seconds=90)


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 99 Nov 2026 12:00:00 GMT", "Fri, 20 Nov 99999 12:00:00 GMT"])
def test_a_date_that_cannot_be_read_changes_nothing(date: str) -> None:
    server = ServerClock(VirtualClock())
    server.heard(DATE)
    server.heard(date)
    assert server.now() == NOON


def test_whole_seconds_in_dates_do_not_make_the_time_step_back() -> None:
    clock = VirtualClock()
    server = ServerClock(clock)
    server.heard(DATE)
    clock.jump(0.9)
    before = server.now()
    server.heard(DATE)
    assert server.now() == before


@pytest.mark.parametrize(
    "spelling",
    [lambda: "120", lambda: format_datetime(NOON + timedelta(seconds=120), usegmt=True)],
)
async def test_retry_after_is_read_in_both_its_spellings(station: Station, spelling: Callable[[], str]) -> None:
    error = station.governor.heard("a", 429, {"date": DATE, "retry-after": spelling()}, "")
    assert error is not None
    assert 120 <= error.wait <= 126


@pytest.mark.parametrize("status", [200, 403, 429])
@pytest.mark.parametrize(
    "strange",
    [
        {"x-ratelimit-reset": "1700000000000"},
        {"x-ratelimit-reset": "9" * 400},
        {"x-ratelimit-reset": "-99999999999999"},
        {"x-ratelimit-limit": "9" * 400, "x-ratelimit-remaining": "9" * 400},
        {"date": "Fri, 31 Dec 9999 23:59:59 GMT"},
        {"date": "Thu, 01 Jan 1970 00:00:00 GMT"},
        {"retry-after": "9" * 400},
        {"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"},
    ],
)
async def test_headers_beyond_all_reckoning_end_nothing(station: Station, status: int, strange: dict[str, str]) -> None:
    station.governor.heard("a", status, {**limits(0), **strange}, "rate limit")
    assert station.governor.budget.resets_at is None or station.governor.budget.resets_at.year == NOON.year
    assert abs(station.server.now().year - NOON.year) <= 1
    assert station.server.now() - timedelta(days=400) < station.server.now() + timedelta(days=400)
    try:
        await station.send()
    except LimitReachedError as error:
        assert 0 < error.wait <= 3_800  # noqa: PT017 - there may be no limit at all
