"""The pretend GitHub: a web application that answers as GitHub's REST API does, out of a world."""

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from email.utils import format_datetime
from functools import partial

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from console.simulator.admission import (
    API_VERSIONS,
    LIMIT_DOCS,
    MOST_CONCURRENT,
    api_version,
    check_limits,
    check_single_sign_on,
    token_of,
)
from console.simulator.calls import DOCS, Answer, Call, NotFoundError, RefusedError
from console.simulator.changes import CHANGES
from console.simulator.endpoints import ANY, ENDPOINTS, Endpoint
from console.simulator.enterprise_questions import ENTERPRISE_ENDPOINTS
from console.simulator.faults import Fault, Kind
from console.simulator.limits import Standing
from console.simulator.pages import NO_USER_AGENT, SECONDARY_LIMIT, UNAVAILABLE, UNICORN
from console.simulator.tokens import ANONYMOUS, Token
from console.simulator.world import World

GHES_PREFIX = "/api/v3"
EVERY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")
EXPOSED = "ETag, Link, Location, Retry-After, X-GitHub-OTP, X-RateLimit-Limit, X-RateLimit-Remaining, X-OAuth-Scopes"


def github_app(world: World, store: str = "https://store.invalid") -> Starlette:
    """Serves the world below `/` and below `/api/v3`; logs are at `store`."""
    front = Front(world, store)
    routes = [
        Route(form, partial(front.respond, endpoint), methods=[endpoint.method])
        for endpoint in (*ENDPOINTS, *ENTERPRISE_ENDPOINTS, *CHANGES)
        for form in endpoint.forms()
    ]
    routes.append(Route("/{rest:path}", partial(front.respond, NOWHERE), methods=EVERY_METHOD))
    return Starlette(routes=[Mount(GHES_PREFIX, routes=routes), *routes])


def nowhere(_call: Call) -> Answer:
    """What is at every other path, and at a known one with a slash at its end."""
    raise NotFoundError


NOWHERE = Endpoint("/", nowhere, ANY, DOCS)


def sent_in(body: bytes) -> dict[str, object]:
    """The body of a request, which is a JSON object or nothing."""
    try:
        sent = json.loads(body or b"{}")
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise RefusedError(400, "Problems parsing JSON")
    return sent


class CutResponse(Response):
    """Promises a whole body and breaks off in the middle."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


@dataclass(slots=True)
class Visit:
    """One request while it is being answered."""

    request: Request
    endpoint: Endpoint
    path: str
    """Without the prefix."""
    base: str
    web: str
    request_id: str
    token: Token = ANONYMOUS
    version: str = API_VERSIONS[0]
    standing: Standing | None = None
    faults: dict[Kind, Fault] = field(default_factory=dict)
    body: bytes = b""

    @property
    def changes(self) -> bool:
        """Whether it wants something done."""
        return self.endpoint.method != "GET"


class Front:
    """Takes requests and gives answers with everything around them that makes GitHub's answers GitHub's."""

    def __init__(self, world: World, store: str) -> None:
        self.world = world
        self.store = store
        self.in_flight = 0

    async def respond(self, endpoint: Endpoint, request: Request) -> Response:
        """One request, faults and limits included."""
        self.in_flight += 1
        try:
            body = await request.body()
            with self.world.lock:
                self.world.advance()
                visit = self._visit(endpoint, request)
                visit.body = body
            if "slow" in visit.faults:
                await asyncio.sleep(visit.faults["slow"].delay)
            with self.world.lock:
                self.world.advance()
                return self._answered(visit)
        finally:
            self.in_flight -= 1

    def _visit(self, endpoint: Endpoint, request: Request) -> Visit:
        world = self.world
        world.requests += 1
        path = request.url.path
        prefix = GHES_PREFIX if path.startswith(f"{GHES_PREFIX}/") else ""
        web = f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"
        serial = world.requests
        mark = hashlib.blake2b(f"{serial} {world.timeline.now}".encode(), digest_size=10).hexdigest().upper()
        request_id = f"{mark[:4]}:{mark[4:10]}:{serial:X}:{mark[10:]}:{int(world.timeline.now.timestamp()):X}"
        visit = Visit(request, endpoint, path.removeprefix(prefix), web + prefix, web, request_id)
        visit.faults = world.faults.striking(visit.path, world.timeline.now, serial)
        return visit

    def _answered(self, visit: Visit) -> Response:
        outage = visit.faults.get("outage")
        if outage is not None:
            page = UNAVAILABLE if outage.status == 503 else UNICORN
            return self._page(visit, outage.status, page)
        if not visit.request.headers.get("user-agent"):
            return self._page(visit, 403, NO_USER_AGENT)
        try:
            answer = self._admitted(visit)
        except RefusedError as refused:
            return self._refusal(visit, refused)
        return self._answer(visit, answer)

    def _admitted(self, visit: Visit) -> Answer:
        world, headers = self.world, visit.request.headers
        visit.version = api_version(headers, world.ghes_version is not None)
        visit.token = token_of(headers, world)
        visit.standing = self._standing(visit)
        words = self._words(visit)
        if self.in_flight > MOST_CONCURRENT:
            raise RefusedError(429, SECONDARY_LIMIT.format(**words), {"Retry-After": "60"}, LIMIT_DOCS)
        if visit.path != "/rate_limit":
            check_limits(world, visit.token, visit.standing, visit.faults, words, points=5 if visit.changes else 1)
        check_single_sign_on(visit.faults, visit.web, visit.path)
        if visit.endpoint.cloud_only and world.ghes_version is not None:
            raise NotFoundError
        call = Call(
            world=world,
            token=visit.token,
            access=visit.endpoint.access,
            base=visit.base,
            web=visit.web,
            store=self.store,
            path=visit.path,
            parameters=visit.request.path_params,
            query=dict(visit.request.query_params),
            api_version=visit.version,
            method=visit.endpoint.method,
            sent=sent_in(visit.body),
        )
        return visit.endpoint.answer(call)

    def _standing(self, visit: Visit) -> Standing:
        standing = self.world.limits.standing(self._login(visit), visit.token.hourly_limit, self.world.timeline.now)
        fault = visit.faults.get("primary-limit")
        return standing if fault is None else Standing(standing.limit, standing.limit, fault.ends)

    def _login(self, visit: Visit) -> str:
        return visit.token.user.login if visit.token.user else "anonymous"

    def _words(self, visit: Visit) -> dict[str, str]:
        user = visit.token.user.id if visit.token.user else 0
        now = f"{self.world.timeline.now:%Y-%m-%d %H:%M:%S} UTC"
        return {"user": str(user), "request": visit.request_id, "time": now}

    def _answer(self, visit: Visit, answer: Answer) -> Response:
        if visit.changes and "lost-answer" in visit.faults:
            return CutResponse(b"{}", headers=self._headers(visit))
        if visit.changes or answer.status != 200:
            self._charge(visit)
            kind = {"Content-Type": "application/json; charset=utf-8"} if answer.body else {}
            return Response(answer.body, answer.status, self._headers(visit) | kind | dict(answer.headers))
        etag = self._etag(visit, answer.body)
        asked = {tag.strip() for tag in visit.request.headers.get("if-none-match", "").split(",")}
        unchanged = etag in asked
        if answer.charged and not unchanged:
            self._charge(visit)
        headers = self._headers(visit) | dict(answer.headers) | {"ETag": etag}
        headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
        headers["Vary"] = "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With"
        if unchanged:
            return Response(status_code=304, headers=headers)
        headers["Content-Type"] = "application/json; charset=utf-8"
        cut = "cut-body" in visit.faults
        return (CutResponse if cut else Response)(answer.body, headers=headers)

    def _refusal(self, visit: Visit, refused: RefusedError) -> Response:
        if visit.standing is not None and visit.standing.remaining and refused.status != 401:
            self._charge(visit)
        headers = self._headers(visit) | refused.headers | {"Content-Type": "application/json; charset=utf-8"}
        return Response(refused.body(visit.endpoint.docs), refused.status, headers)

    def _page(self, visit: Visit, status: int, page: str) -> Response:
        headers = {"Date": self._date(), "Server": "github.com", "X-GitHub-Request-Id": visit.request_id}
        return Response(page, status, headers | {"Content-Type": "text/html; charset=utf-8"})

    def _charge(self, visit: Visit) -> None:
        self.world.limits.count(self._login(visit), self.world.timeline.now)
        visit.standing = self._standing(visit)

    def _etag(self, visit: Visit, body: bytes) -> str:
        headers = visit.request.headers
        salt = f"{headers.get('accept', '')}:{headers.get('authorization', '')}:{visit.version}:"
        return f'W/"{hashlib.sha256(salt.encode() + body).hexdigest()}"'

    def _date(self) -> str:
        return format_datetime(self.world.timeline.now.replace(microsecond=0), usegmt=True)

    def _headers(self, visit: Visit) -> dict[str, str]:
        access = visit.endpoint.access
        headers = {
            "Date": self._date(),
            "Server": "github.com",
            "X-GitHub-Media-Type": "github.v3; format=json",
            "x-github-api-version-selected": visit.version,
            "Access-Control-Expose-Headers": EXPOSED,
            "Access-Control-Allow-Origin": "*",
            "Strict-Transport-Security": "max-age=31536000; includeSubdomains; preload",
            "X-Content-Type-Options": "nosniff",
            "X-GitHub-Request-Id": visit.request_id,
        }
        if not access.classic_only:
            headers["x-accepted-github-permissions"] = access.permission or "allows_permissionless_access=true"
        if visit.token.kind == "classic":
            headers["x-oauth-scopes"] = ", ".join(visit.token.scopes)
            headers["x-accepted-oauth-scopes"] = ", ".join(access.scopes)
        if visit.token.expires_at is not None:
            headers["github-authentication-token-expiration"] = f"{visit.token.expires_at:%Y-%m-%d %H:%M:%S} UTC"
        if self.world.ghes_version is not None:
            headers["X-GitHub-Enterprise-Version"] = self.world.ghes_version
        elif visit.standing is not None:
            headers |= self._limit_headers(visit.standing)
        return headers

    def _limit_headers(self, standing: Standing) -> dict[str, str]:
        return {
            "x-ratelimit-limit": str(standing.limit),
            "x-ratelimit-remaining": str(standing.remaining),
            "x-ratelimit-reset": str(int(standing.resets_at.timestamp())),
            "x-ratelimit-used": str(min(standing.used, standing.limit)),
            "x-ratelimit-resource": "core",
        }
