"""The log of a finished job: where GitHub keeps it is asked with the token, and fetched without."""

import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack
from ipaddress import ip_address

import httpx

from console.errors import ConsoleError, LogError
from console.remote.addresses import Origin, origin_of
from console.remote.exchange import MOST_REDIRECTS
from console.remote.refusals import in_words, lost
from console.remote.surroundings import is_loopback, proxy_for

SILENCE = 30.0
"""Seconds without a byte after which a store counts as dead; a log as a whole may take as long as it needs."""
CONNECT = 10.0
LAST_PORT = 65_535

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AGAIN = "Close it with X, and press l on its job: it is fetched again."
_BLOCKED = "A proxy or a firewall may let the API through and not the store: allow its host."


class LogStore:
    """Fetches from the place an API points to. It has never seen a token, and sends no header of ours but who asks."""

    def __init__(self, api: Origin, user_agent: str, trust: Callable[[], Awaitable[ssl.SSLContext]]) -> None:
        self._api = api
        self._user_agent = user_agent
        self._trust = trust

    async def open(self, address: str, where_again: Callable[[], Awaitable[str]]) -> AsyncGenerator[bytes]:
        """The log's bytes, once the store has begun to send them. Raises `ConsoleError` kinds before that.

        An address is good for a minute: one that the store refuses is asked for once more with `where_again`.
        What breaks later is raised while reading.
        """
        try:
            return await self._opened(address)
        except _RefusedError:
            return await self._opened(await where_again())

    async def _opened(self, address: str) -> AsyncGenerator[bytes]:
        for _ in range(MOST_REDIRECTS):
            url = self._allowed(address)
            # Whoever leaves before the log comes leaves no connection open either.
            async with AsyncExitStack() as in_vain:
                client = await in_vain.enter_async_context(self._client(url, await self._trust()))
                try:
                    response = await client.send(client.build_request("GET", url), stream=True)
                except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
                    raise self._unreachable(error, url) from None
                if response.status_code == 200 and not response.headers.get("content-encoding"):
                    body = _body(client, response)
                    await anext(body)  # one that has not begun does not clean up when it is closed
                    in_vain.pop_all()
                    return body
            if response.status_code not in _REDIRECTS:
                raise _refused(response.status_code, url.host)
            address = str(url.join(response.headers.get("location", "")))
        raise LogError("The log's store sends us from one address to the next without end", "Try again later.")

    def _client(self, url: httpx.URL, trust: ssl.SSLContext) -> httpx.AsyncClient:
        return httpx.AsyncClient(
            verify=trust,
            trust_env=not is_loopback(url.host),
            follow_redirects=False,
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "identity"},
            timeout=httpx.Timeout(SILENCE, connect=CONNECT),
        )

    def _allowed(self, address: str) -> httpx.URL:
        """Only https; plain http, and this machine, only when the API itself is on this machine."""
        try:
            url = httpx.URL(address)
            host = origin_of(url).host
        except (httpx.InvalidURL, UnicodeError):
            raise _elsewhere("an address that is none") from None
        local = is_loopback(self._api.host)
        if url.scheme != "https" and not (url.scheme == "http" and local and is_loopback(host)):
            raise _elsewhere(f"{url.scheme}://{host}")
        if _inside(host) and not local and host != self._api.host:
            raise _elsewhere(host)
        if not host or url.userinfo or (url.port or 0) > LAST_PORT:
            raise _elsewhere(host)
        return url

    def _unreachable(self, error: Exception, url: httpx.URL) -> ConsoleError:
        problem = lost(error, url.host, proxy_for(str(url)))
        return LogError(f"The store of logs cannot be reached: {problem.message}", f"{_BLOCKED} {problem.hint}")


class _RefusedError(LogError):
    """The store does not take this address: it was good for a minute only."""


def _inside(host: str) -> bool:
    """An address of this machine or of its own network, however it is spelt."""
    name = host.strip("[]").rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        # Networks take `127.1` and `2130706433` for addresses too.
        return not ip_address(socket.inet_aton(name)).is_global
    except OSError:
        pass
    try:
        return not ip_address(name).is_global
    except ValueError:
        return False


def _elsewhere(place: str) -> LogError:
    return LogError(
        f"GitHub points to {in_words(place)} for the log, which was not followed",
        "Nothing was sent there. A proxy may stand in between.",
    )


def _refused(status: int, host: str) -> LogError:
    shown = in_words(host)
    if status == 404:
        return LogError(
            f"The store {shown} has no log of this job (404)",
            "A job that was cancelled before it began never has one; that of a job that has just ended takes a moment.",
        )
    if status in {401, 403}:
        return _RefusedError(f"The store {shown} refuses the address of the log ({status})", _BLOCKED)
    if status == 200:
        return LogError(f"The store {shown} sends the log packed, which nobody asked for", "Is it a proxy?")
    if status == 410:
        return LogError(f"The store {shown} no longer has the log (410)", "It has expired or was deleted.")
    return LogError(f"The store {shown} did not send the log: it answered {status}", "Try again later.")


async def _body(client: httpx.AsyncClient, response: httpx.Response) -> AsyncGenerator[bytes]:
    taken = 0
    try:
        yield b""
        async for chunk in response.aiter_raw():
            taken += len(chunk)
            yield chunk
    except (httpx.HTTPError, httpx.StreamError, OSError) as error:
        why = "nothing came for too long" if isinstance(error, httpx.TimeoutException) else "the connection broke"
        raise LogError(f"The log ended early, at byte {taken}: {why}.", _AGAIN) from None
    finally:
        await client.aclose()
