"""Requests that change something: each is sent once, and what is not known of it is said to be unknown."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote

import msgspec

from console.errors import NoTokenError, UsageError
from console.fleet.plans import Call, GivenOnce, Reply
from console.remote.asking import Asking, fingerprint_of
from console.remote.budget import Governor, bad_token
from console.remote.exchange import Answer, Exchange
from console.remote.github_json import is_json, message_of, secret_of
from console.remote.refusals import in_words, refused, unknown_outcome
from console.remote.sanitize import hide
from console.remote.server_clock import Clock
from console.remote.tokens import SecretToken

GAP = 1.0
"""Seconds between two of them, as GitHub asks."""
POINTS = 5
"""What one counts for in GitHub's limit by the minute."""

_OWNER = re.compile(r"/(?:enterprises|repos|orgs)/([^/]+)/")
_SECRET = re.compile(r"[!-~]{8,65536}")


class Sending:
    """Sends to one API. Only a 401, which says that nothing was done, leads to a second request."""

    def __init__(self, base: str, exchange: Exchange, governor: Governor, asking: Asking, clock: Clock) -> None:
        self._base = base
        self._exchange = exchange
        self._governor = governor
        self._asking = asking
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._next_at = 0.0

    async def send(self, call: Call) -> Reply:
        """What GitHub answered. Refusals and all that kept it from being sent are raised as `ConsoleError` kinds.

        Raises UnknownOutcomeError when it was sent and may or may not have been done.
        """
        url, owner = f"{self._base}{call.path}", _owner_of(call.path)
        if not owner:
            raise UsageError("This is no address at GitHub that something can be changed at", "This is our fault.")
        absent = NoTokenError(
            f"There is no token for {in_words(owner)}, so nothing can be changed there",
            f"Store one with `runner-console auth login`. It needs: {call.needs}.",
        )
        answer = await self._asking.with_token(owner, absent, lambda token: self._sent(call, url, owner, token))
        return _reply(call, answer)

    async def _sent(self, call: Call, url: str, owner: str, token: SecretToken | None) -> Answer:
        fingerprint = fingerprint_of(token)
        content = b"" if call.body is None else msgspec.json.encode(call.body)
        headers = self._asking.headers(token)
        if content:
            headers["Content-Type"] = "application/json"
        async with self._turn(fingerprint):
            answer = await self._exchange.send(call.method, url, headers, content)
            # Before the turn ends, so that whoever comes next knows of a limit.
            self._judge(call, owner, fingerprint, answer)
        return answer

    @asynccontextmanager
    async def _turn(self, token: str) -> AsyncIterator[None]:
        async with self._one_at_a_time:
            if (wait := self._next_at - self._clock.elapsed()) > 0:
                await self._clock.sleep(wait)
            async with self._governor.turn(token, own=True, points=POINTS):
                try:
                    yield
                finally:
                    self._next_at = self._clock.elapsed() + GAP

    def _judge(self, call: Call, owner: str, token: str, answer: Answer) -> None:
        good = 200 <= answer.status < 300
        message = "" if good else message_of(answer.body)
        limit = self._governor.heard(token, answer.status, answer.headers, message)
        if limit is not None:
            raise limit
        if answer.status == 401:
            self._governor.refuse(token)
            raise bad_token()
        if answer.status >= 500:
            raise unknown_outcome(f"GitHub is in trouble and answered {answer.status}")
        if not good:
            raise refused(answer.status, answer.headers, message, call, owner)


def _reply(call: Call, answer: Answer) -> Reply:
    if answer.body and not is_json(answer.body):
        raise unknown_outcome("the answer is not GitHub's JSON, a proxy or a sign-in page may stand in between")
    secret = None
    if call.gives is not None:
        given = secret_of(answer.body)
        if _SECRET.fullmatch(given) is None:
            raise unknown_outcome("the answer does not hold what it should have given")
        hide(given)
        secret = GivenOnce(given.encode())
    return Reply(answer.status, secret, in_words(message_of(answer.body)))


def _owner_of(path: str) -> str:
    """Whose token it takes."""
    found = _OWNER.match(path)
    return unquote(found[1]) if found else ""
