"""One governor for all requests: when one may be sent, and when it must wait or is refused."""

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from console.errors import BadTokenError, ConsoleError, LimitReachedError
from console.fleet.server import Budget
from console.remote.server_clock import FIRST_TIME, LAST_TIME, Clock, ServerClock, epoch
from console.remote.standing import LONGEST_HOLD, MINUTE, MOST_A_MINUTE, Standing, lately

IN_FLIGHT = 5
"""One of them is always free for the operator's own requests."""
PER_SECOND = 11.0
BURST = 200
"""A minute that begins with a burst stays below what GitHub tolerates."""
RESERVE = 0.15
"""Share of the hourly limit that only the operator's own requests may use."""
LONGEST_GAP = 30.0
LONGEST_WAIT = 90.0
"""A command waits so long for a hold to end; the screen waits for none, and shows it."""
WORTH_SAYING = 2.0
PACE = "To stay within GitHub's 900 requests a minute"
"""The console's own doing, before GitHub has to say anything."""
SECONDARY_HOLD = 60.0
STRIKE_FORGOTTEN = 600.0
LONGEST_BACK_OFF = 20.0
"""Long enough for a server in trouble, and short enough for whoever waits for its end."""
RETRIES = 5.0
MOST_DIGITS = 15

_SECONDARY = re.compile(r"secondary rate|abuse detection", re.IGNORECASE)
_LIMIT = re.compile(r"rate limit", re.IGNORECASE)


class _Account:
    """What is known of one token's limits. Times are `Clock.elapsed()`, `resets` is the server's epoch."""

    def __init__(self) -> None:
        self.limit: int | None = None
        self.remaining: int | None = None
        self.resets = 0.0
        self.held_until = 0.0
        self.held_because = ""
        self.strikes = 0
        self.struck_at = 0.0
        self.next_at = 0.0
        self.charged = 1.0
        """Share of the requests that cost something: a 304 does not."""
        self.used_at = 0.0
        self.told: dict[int, int] = {}
        """How many requests all processes made in each second of the last minute, as far as they have told."""
        self.untold: Counter[int] = Counter()
        """Ours that the others have not been told of."""


class Governor:
    """Limits are per token, by fingerprint; what is in flight and what fails is counted together.

    With `say`, every request is the operator's own, as a command's are: it may use the reserve, what is left is not
    made to last, and short holds are waited out. `say` is told why, in words.
    """

    def __init__(
        self,
        clock: Clock,
        server: ServerClock,
        chance: Callable[[], float] = random.random,
        say: Callable[[str], None] | None = None,
    ) -> None:
        self._say = say
        self._said_until = 0.0
        self._paced = 0.0
        self._clock = clock
        self._server = server
        self._chance = chance
        self._accounts: dict[str, _Account] = {}
        self._standings: Mapping[str, Standing] = {}
        self._refused: set[str] = set()
        self._all = asyncio.Semaphore(IN_FLIGHT)
        self._polls = asyncio.Semaphore(IN_FLIGHT - 1)
        self._failures = 0
        self._failing_until = 0.0
        self._failing: ConsoleError | None = None
        self._retries = RETRIES

    @asynccontextmanager
    async def turn(self, token: str, *, own: bool, points: int = 1) -> AsyncIterator[None]:
        """Room for one request. Polls wait for their pace; the operator's own requests go first and use the reserve.

        Raises at once while the token is refused or held back, or (polls) the server does not answer.
        """
        account = self._account(token)
        await self.waited_out(token)
        self._raise_if_held(token, account, own=own)
        if own:
            self._next_wait(account)
            self._book(account, points)
            async with self._all:
                self._raise_if_held(token, account, own=True)
                yield
            return
        async with self._polls:
            if (wait := self._next_wait(account)) > 0:
                self._tell_of_pace(wait)
                await self._clock.sleep(wait)
            while (wait := self._minute_is_full(account)) > 0:
                self._tell_of_wait(wait, PACE)
                await self._clock.sleep(wait)
            self._book(account, points)
            async with self._all:
                self._raise_if_held(token, account, own=False)
                yield

    async def waited_out(self, token: str) -> bool:
        """For a command: wait until the token is not held back any more, if that is soon."""
        account, now = self._account(token), self._clock.elapsed()
        wait = account.held_until - now
        if self._say is None or not 0 < wait <= LONGEST_WAIT:
            return False
        self._tell_of_wait(wait)
        await self._clock.sleep(wait)
        return True

    def _tell_of_wait(self, wait: float, because: str = "GitHub's limit") -> None:
        until = self._clock.elapsed() + wait
        if self._say is not None and wait > WORTH_SAYING and until > self._said_until + WORTH_SAYING:
            self._said_until = until
            self._say(f"{because}: waits {wait:.0f} s")

    def _tell_of_pace(self, wait: float) -> None:
        before, self._paced = self._paced, self._paced + min(wait, 1 / PER_SECOND)
        if self._say is not None and before <= WORTH_SAYING < self._paced:
            self._say(f"{PACE}: asks for the rest more slowly, {PER_SECOND:.0f} times a second")

    def refuse(self, token: str) -> None:
        """GitHub answered 401: send nothing with this token again."""
        self._refused.add(token)

    def refused(self, token: str) -> bool:
        return token in self._refused

    def heard(self, token: str, status: int, headers: Mapping[str, str], message: str) -> LimitReachedError | None:
        """Take in what an answer says about limits; what to raise when it is a limit."""
        self._server.heard(headers.get("date", ""))
        account = self._account(token)
        account.charged += 0.05 * ((status != 304) - account.charged)
        self._count(account, headers)
        if status < 500:
            self._failures = 0
            self._failing_until = 0.0
            self._retries = min(self._retries + 0.1, RETRIES)
        if status not in {403, 429}:
            if account.strikes and self._clock.elapsed() - account.struck_at > STRIKE_FORGOTTEN:
                account.strikes = 0
            return None
        return self._limited(account, status, headers, message)

    def failed(self, error: ConsoleError, retry_after: str = "") -> None:
        """No answer, or a 5xx. After three in a row polls pause, longer each time."""
        now = self._clock.elapsed()
        asked = self._seconds(retry_after)
        self._failing = error
        if now < self._failing_until and asked is None:
            return
        self._failures += 1
        back_off = 0.0
        if self._failures >= 3:
            back_off = min(LONGEST_BACK_OFF, 2.0 ** min(self._failures - 2, 10)) * (0.5 + self._chance() / 2)
        self._failing_until = max(self._failing_until, now + max(back_off, min(asked or 0.0, LONGEST_HOLD)))

    def end_pause(self) -> None:
        """Polls need not wait for the end of a pause that was made for want of answers."""
        self._failing_until = 0.0

    async def may_try_again(self) -> bool:
        """Whether a failed read may be sent once more, after a moment. Answers earn retries, an outage uses them up."""
        if self._retries < 1 or self._clock.elapsed() < self._failing_until:
            return False
        self._retries -= 1
        await self._clock.sleep(0.5 + self._chance())
        return True

    @property
    def budget(self) -> Budget:
        """Of the token that is worst off."""
        now = self._clock.elapsed()
        accounts = [account for account in self._accounts.values() if account.limit or account.held_until > now]
        if not accounts:
            return Budget()
        worst = min(accounts, key=lambda a: (a.held_until <= now, self._left(a) / (a.limit or 1)))
        held = worst.held_until > now
        return Budget(
            limit=worst.limit,
            remaining=None if worst.limit is None else int(self._left(worst)),
            resets_at=datetime.fromtimestamp(worst.resets, UTC) if worst.resets else None,
            held_until=self._server.now() + timedelta(seconds=worst.held_until - now) if held else None,
            held_because=worst.held_because if held else "",
        )

    def news(self) -> dict[str, Standing]:
        """What other processes should know of each token; what has been told is not told again."""
        now, wall = self._clock.elapsed(), self._clock.wall().timestamp()
        news = {}
        for token, each in self._accounts.items():
            held = wall + each.held_until - now if each.held_until > now else 0.0
            struck = wall + each.struck_at - now if each.strikes else 0.0
            if each.untold or held:
                minute = dict(each.untold)
                hour = (each.limit, each.remaining, each.resets)
                news[token] = Standing(minute, held, each.held_because, each.strikes, struck, *hour)
                each.told = dict(Counter(each.told) + each.untold)
                each.untold.clear()
        return news

    def adopt(self, standings: Mapping[str, Standing]) -> None:
        """Go on from where other processes have come to; tokens that this one has not used are none of its own."""
        self._standings = standings
        for token in self._accounts.keys() & standings.keys():
            self._take_over(self._accounts[token], standings[token])

    def _take_over(self, account: _Account, standing: Standing) -> None:
        now, wall = self._clock.elapsed(), self._clock.wall().timestamp()
        account.told = standing.minute
        held = now + min(standing.held_until - wall, LONGEST_HOLD)
        if held > max(account.held_until, now):
            account.held_until, account.held_because = held, standing.held_because
        if standing.strikes and 0 <= wall - standing.struck_at < STRIKE_FORGOTTEN and not account.strikes:
            account.strikes, account.struck_at = min(standing.strikes, 5), now - (wall - standing.struck_at)
        if standing.limit and max(account.resets, wall) < standing.resets < wall + LONGEST_HOLD:
            account.limit, account.remaining, account.resets = standing.limit, standing.remaining, standing.resets

    def _account(self, token: str) -> _Account:
        now = self._clock.elapsed()
        account = self._accounts.get(token)
        if account is None:
            # Tokens that live an hour leave their accounts behind.
            self._accounts = {t: a for t, a in self._accounts.items() if now - a.used_at < LONGEST_HOLD}
            account = self._accounts[token] = _Account()
            if token in self._standings:
                self._take_over(account, self._standings[token])
        account.used_at = now
        return account

    def _raise_if_held(self, token: str, account: _Account, *, own: bool) -> None:
        if token in self._refused:
            raise bad_token()
        now = self._clock.elapsed()
        if account.held_until > now:
            raise limit_reached(account.held_because, account.held_until - now)
        kept = 0.0 if own or self._say is not None else RESERVE
        if account.limit is not None and self._left(account) <= account.limit * kept:
            because = "The hourly limit of this token is used up"
            if self._left(account) > 0:
                because = "What is left of the hourly limit is kept for your own requests"
            raise limit_reached(because, max(account.resets - self._server.now().timestamp() + 1, 1.0))
        if own:
            return
        if self._failing is not None and self._failing_until > now:
            wait = self._failing_until - now
            raise type(self._failing)(self._failing.message, self._failing.hint, wait=wait)

    def _left(self, account: _Account) -> float:
        """Requests left in this hour, as far as the server has said."""
        if account.limit is None or account.remaining is None:
            return float("inf")
        return account.limit if self._server.now().timestamp() > account.resets else account.remaining

    def _next_wait(self, account: _Account) -> float:
        """Take the next place in the token's line; how long until it comes up."""
        now = self._clock.elapsed()
        rate, burst = self._pace(account)
        gap = min(1.0 / rate, LONGEST_GAP)
        start = max(account.next_at, now - (burst - 1) * gap)
        account.next_at = start + gap * (0.75 + self._chance() / 2)
        return start - now

    def _minute_is_full(self, account: _Account) -> float:
        """How long until all processes together have made few enough requests in a minute; 0: now."""
        now = self._clock.wall().timestamp()
        minute = Counter(lately(Counter(account.told) + account.untold, now))
        over = minute.total() - MOST_A_MINUTE
        for second in sorted(minute):
            if over < 0:
                break
            over -= minute[second]
            if over < 0:
                return second + MINUTE + 1 - now
        return 0.0

    def _book(self, account: _Account, points: int) -> None:
        now = self._clock.wall().timestamp()
        account.untold = Counter(lately(account.untold, now))
        account.untold[int(now)] += points

    def _pace(self, account: _Account) -> tuple[float, int]:
        """Requests a second, and how many may go without a gap.

        Free at first; when more than half of the budget's fair share is gone, what is left is made to last.
        """
        if account.strikes:
            return PER_SECOND / 2**account.strikes, 1
        left_of_hour = account.resets - self._server.now().timestamp()
        if account.limit is None or left_of_hour <= 0 or self._say is not None:
            return PER_SECOND, BURST
        usable = account.limit * (1 - RESERVE)
        left = max(self._left(account) - account.limit * RESERVE, 1.0)
        if left / usable >= min(left_of_hour / 3_600, 1.0) / 2:
            return PER_SECOND, BURST
        return min(left / left_of_hour / max(account.charged, 0.05), PER_SECOND), 1

    def _count(self, account: _Account, headers: Mapping[str, str]) -> None:
        if headers.get("x-ratelimit-resource", "core") != "core":
            return
        try:
            limit = _number(headers["x-ratelimit-limit"])
            remaining = _number(headers["x-ratelimit-remaining"])
            resets = float(_number(headers["x-ratelimit-reset"]))
        except (KeyError, ValueError):
            return
        if limit <= 0 or not FIRST_TIME <= resets <= LAST_TIME:
            return
        same_hour = account.remaining is not None and abs(resets - account.resets) <= 5
        over = self._server.now().timestamp() > account.resets
        if same_hour and account.remaining is not None:
            # Answers overtake one another; within the hour what is left only falls.
            account.remaining = min(account.remaining, remaining)
        elif over or resets > account.resets:
            account.remaining, account.resets = remaining, resets
        account.limit = limit

    def _limited(
        self, account: _Account, status: int, headers: Mapping[str, str], message: str
    ) -> LimitReachedError | None:
        asked = self._seconds(headers.get("retry-after", ""))
        used_up = headers.get("x-ratelimit-remaining") == "0"
        secondary = bool(_SECONDARY.search(message)) or asked is not None
        if used_up and not secondary:
            wait = self._until_reset(headers)
            return self._hold(account, "The hourly limit of this token is used up", wait)
        if not secondary and status == 403 and not _LIMIT.search(message):
            return None
        now = self._clock.elapsed()
        if account.held_until <= now:
            account.strikes = min(account.strikes + 1, 5)
        account.struck_at = now
        wait = SECONDARY_HOLD * 2 ** (account.strikes - 1) if asked is None else max(asked, 1.0)
        return self._hold(account, "GitHub asks for a pause (secondary rate limit)", wait)

    def _hold(self, account: _Account, because: str, wait: float) -> LimitReachedError:
        wait = min(wait, LONGEST_HOLD)
        until = self._clock.elapsed() + wait + min(wait * 0.05, 5.0) * self._chance()
        if until > account.held_until:
            account.held_until, account.held_because = until, because
        return limit_reached(account.held_because, account.held_until - self._clock.elapsed())

    def _until_reset(self, headers: Mapping[str, str]) -> float:
        try:
            resets = _number(headers.get("x-ratelimit-reset", ""))
        except ValueError:
            return SECONDARY_HOLD
        return max(resets - self._server.now().timestamp() + 1, 1.0)

    def _seconds(self, retry_after: str) -> float | None:
        """`Retry-After` in its two spellings; None when there is none that can be read."""
        if retry_after.isascii() and retry_after.isdigit():
            return float(retry_after[:9])
        at = epoch(retry_after)
        return None if at is None else max(at - self._server.now().timestamp(), 0.0)


def _number(written: str) -> int:
    """A whole number of a header. Raises ValueError for anything else."""
    if len(written) > MOST_DIGITS:
        raise ValueError("longer than any number in these headers")
    return int(written)


def bad_token() -> BadTokenError:
    """What to say when GitHub does not accept the token."""
    return BadTokenError(
        "GitHub does not accept the token: it is wrong, expired or revoked. Nothing more is asked with it",
        "Store a new one with `runner-console auth login`, or mend its source; an open console takes it with `r`.",
    )


def limit_reached(because: str, wait: float) -> LimitReachedError:
    """What to say while requests are held back."""
    left = f"{wait:.0f} s" if wait < 120 else f"{wait / 60:.0f} min"
    return LimitReachedError(f"{because}; {left} to wait", "It passes by itself.", wait=wait)
