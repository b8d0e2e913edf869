"""One request and its whole answer over HTTP, within a deadline, a size and one origin."""

import asyncio
import logging
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx
import msgspec

from console.errors import ConsoleError, NotJsonError, ProxyError, TlsError, UnreachableError
from console.remote.addresses import Origin, origin_of
from console.remote.refusals import in_words, lost, unknown_outcome
from console.remote.sanitize import redact, text
from console.remote.surroundings import is_loopback, proxy_for

DEADLINE = 15.0
MOST_BYTES = 50 * 1024 * 1024
MOST_REDIRECTS = 3

_log = logging.getLogger("console.remote")
_REDIRECTS = frozenset({301, 302, 307, 308})


class Answer(msgspec.Struct, frozen=True):
    """A whole answer; `url` is where it came from in the end."""

    status: int
    headers: httpx.Headers
    body: bytes
    url: str


class CutShortError(NotJsonError):
    """The connection broke in the middle; asking once more may help."""


class Exchange:
    """Sends requests to one API. It knows no token: headers are handed in for each request."""

    def __init__(self, base: str, *, verify: ssl.SSLContext | None, deadline: float, most_bytes: int) -> None:
        self._origin = origin_of(httpx.URL(base))
        self._proxy = proxy_for(base)
        self._verify = verify
        self._deadline = deadline
        self._most_bytes = most_bytes
        self._client: httpx.AsyncClient | None = None
        self._opening = asyncio.Lock()
        self._under_way: dict[httpx.AsyncClient, set[asyncio.Timeout]] = {}
        self._over = False
        # They write requests and answers down; what they know may be secret.
        for name in ("httpx", "httpcore"):
            logging.getLogger(name).setLevel(logging.WARNING)

    @property
    def origin(self) -> Origin:
        return self._origin

    async def get(self, url: str, headers: Mapping[str, str], *, redirected: bool = False) -> Answer:
        """The answer, redirects within the origin followed by hand. Raises `ConsoleError` kinds when there is none.

        With `redirected` a 302 is the answer, wherever it points to: nothing is sent there.
        """
        started = time.monotonic()
        async with self._in_time() as deadline, self._lent(deadline) as client:
            answer = await self._followed(client, url, headers, redirected=redirected)
        _note("GET", url, answer, started)
        return answer

    async def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes) -> Answer:
        """Whatever the answer is to a request that changes something: it is sent once, and no redirect is followed.

        Raises UnknownOutcomeError from the moment on when its first byte may have left.
        """
        started = time.monotonic()
        left = False

        async def watch(event: str, about: Mapping[str, Any]) -> None:
            nonlocal left
            # A proxy is asked to connect first; that is not the request.
            left |= event.endswith("send_request_headers.started") and about["request"].method != b"CONNECT"

        try:
            async with self._in_time(), await self._new() as client:
                request = client.build_request(method, url, headers=headers, content=content)
                request.extensions["trace"] = watch
                answer = await self._answered(client, request)
        except ConsoleError as error:
            raise unknown_outcome(error.message) if left else error from None
        _note(method, url, answer, started)
        return answer

    @asynccontextmanager
    async def _in_time(self) -> AsyncIterator[asyncio.Timeout]:
        """Within the deadline; what the HTTP library raises, in words of ours."""
        try:
            async with asyncio.timeout(self._deadline) as deadline:
                yield deadline
        except TimeoutError:
            raise UnreachableError(
                f"No whole answer from {self._origin.host} within {self._deadline:.0f} s",
                "Check the network, VPN and firewall.",
            ) from None
        except (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError) as error:
            problem = lost(error, self._origin.host, self._proxy)
            if isinstance(problem, NotJsonError):
                problem = CutShortError(problem.message, problem.hint)
            raise problem from None

    async def drop(self) -> None:
        """Close every connection, also of what is under way; the next request opens new ones."""
        client, self._client = self._client, None
        if client is None:
            return
        # A connection that is being made would stand when its client is closed already, and stay open for ever. So
        # who uses it is out of time, and the last of them closes it.
        for deadline in self._under_way.get(client, ()):
            if not deadline.expired():
                deadline.reschedule(asyncio.get_running_loop().time())
        if client not in self._under_way:
            await client.aclose()

    async def close(self) -> None:
        """The same; from now on no connection outlives the request that it is opened for."""
        self._over = True
        await self.drop()

    @asynccontextmanager
    async def _lent(self, deadline: asyncio.Timeout) -> AsyncIterator[httpx.AsyncClient]:
        client = await self._opened()
        users = self._under_way.setdefault(client, set())
        users.add(deadline)
        try:
            yield client
        finally:
            users.discard(deadline)
            if not users:
                del self._under_way[client]
                if self._over:
                    self._client = None
                if client is not self._client:
                    await client.aclose()

    async def _followed(
        self, client: httpx.AsyncClient, url: str, headers: Mapping[str, str], *, redirected: bool
    ) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._answered(client, client.build_request("GET", url, headers=headers))
            if answer.status not in _REDIRECTS or (redirected and answer.status == 302):
                return answer
            url = _joined(url, answer.headers.get("location", ""))
            if not self._origin.has(url):
                raise elsewhere(url)
        raise NotJsonError("The API sends us from one address to the next without end", "Check the API address.")

    async def _answered(self, client: httpx.AsyncClient, request: httpx.Request) -> Answer:
        try:
            response = await client.send(request, stream=True)
        except UnicodeError:  # the library reads `Location` even where it does not follow it
            raise elsewhere("a host name that is none") from None
        try:
            body = await self._body(response)
        finally:
            await response.aclose()
        return Answer(response.status_code, response.headers, body, str(request.url))

    async def _body(self, response: httpx.Response) -> bytes:
        """Unpacked by hand, so that a small body cannot become a huge one before anybody counts."""
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in {"", "identity", "gzip"}:
            raise NotJsonError(
                f"The answer is packed in a way nobody asked for: {in_words(encoding)}", "Is it a proxy?"
            )
        unpack = zlib.decompressobj(wbits=31) if encoding == "gzip" else None
        parts: list[bytes] = []
        size = 0
        async for chunk in response.aiter_raw():
            try:
                part = unpack.decompress(chunk, self._most_bytes - size + 1) if unpack else chunk
            except zlib.error:
                raise CutShortError("The answer cannot be unpacked", "A line or a proxy broke it.") from None
            size += len(part)
            if size > self._most_bytes:
                raise NotJsonError(
                    f"The answer is larger than {self._most_bytes // 1024 // 1024} MiB; it was not read",
                    "GitHub's pages are far smaller: something else answers at the API address.",
                )
            parts.append(part)
        if unpack and size and not unpack.eof:
            raise CutShortError("The answer was cut short", "A line or a proxy broke.")
        return b"".join(parts)

    async def trust(self) -> ssl.SSLContext:
        """The certificates that are trusted, for another connection that belongs to this one."""
        return self._verify or await self._trust()

    async def _opened(self) -> httpx.AsyncClient:
        async with self._opening:
            if self._client is None:
                self._client = await self._new()
            return self._client

    async def _new(self) -> httpx.AsyncClient:
        """With connections of its own: of one that is as good as closed nobody could tell whether a request arrived."""
        try:
            return _new_client(
                await self.trust(), trust_env=not is_loopback(self._origin.host), connect=self._deadline / 2
            )
        except (ValueError, ImportError) as error:
            raise ProxyError(
                f"The proxy {in_words(self._proxy)} cannot be used: {in_words(str(error))}",
                "Check the proxy variables: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY.",
            ) from None

    async def _trust(self) -> ssl.SSLContext:
        """SSL_CERT_FILE and SSL_CERT_DIR; without them the known authorities and those of this machine."""
        if self._origin.scheme != "https":
            return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            return await asyncio.to_thread(_trusted_authorities)
        except OSError as error:
            raise TlsError(
                f"The file of trusted certificates cannot be used: {in_words(error.strerror or str(error))}",
                "Check SSL_CERT_FILE and SSL_CERT_DIR.",
            ) from None


def _note(method: str, url: str, answer: Answer, started: float) -> None:
    """In the debug log, without a word of what was sent or answered."""
    _log.debug(
        "%s %s -> %d, %d bytes in %.0f ms%s",
        method,
        text(redact(httpx.URL(url).raw_path.decode("ascii", "replace"))),
        answer.status,
        len(answer.body),
        (time.monotonic() - started) * 1_000,
        ", not changed" if answer.status == 304 else "",
    )


def _joined(url: str, location: str) -> str:
    try:
        return str(httpx.URL(url).join(location))
    except (httpx.InvalidURL, ValueError):  # the latter for host names that IDNA does not allow
        raise elsewhere(location) from None


def elsewhere(url: str) -> NotJsonError:
    """What to say when an answer points to another origin. Nothing was sent there."""
    return NotJsonError(
        f"The API points to another place, which was not followed: {in_words(url)}",
        "Check the API address; a proxy or a sign-in page may stand in between.",
    )


def _trusted_authorities() -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    context.load_default_certs()
    return context


def _new_client(verify: ssl.SSLContext, *, trust_env: bool, connect: float) -> httpx.AsyncClient:
    # A handshake must end by the library's own timeout: one that is cancelled leaves its socket open.
    return httpx.AsyncClient(
        verify=verify,
        trust_env=trust_env,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        timeout=httpx.Timeout(30.0, connect=connect, pool=None),
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=8, keepalive_expiry=60.0),
    )
