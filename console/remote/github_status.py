"""GitHub's own status page: what it says of Actions. No token is ever sent there."""

import ssl
from typing import TypeVar

import msgspec

from console.errors import ConsoleError, StatusPageError
from console.fleet.github_status import GithubStatus, Incident
from console.remote.exchange import Answer, Exchange
from console.remote.json_pages import Time, usable
from console.remote.sanitize import redact, text

ACTIONS_ID = "br0l2tvcx85d"
ACTIONS_NAMES = frozenset({"actions", "github actions"})
"""What the component is or was called: only where none has its id."""
OVER = frozenset({"resolved", "postmortem", "completed"})
DEADLINE = 5.0
MOST_BYTES = 1024 * 1024
MOST_INCIDENTS = 20
LONGEST = 200
"""Characters of a name that are kept."""
HINT = 'status_url says where it is; status_url = "" does without it.'

T = TypeVar("T")


class ComponentWire(msgspec.Struct):
    """A part of GitHub, as the page lists it."""

    id: str
    name: str = ""
    status: str = ""


class IncidentWire(msgspec.Struct):
    """Something that is or was wrong."""

    name: str
    status: str
    updated_at: Time
    impact: str = ""
    components: list[ComponentWire] = []


class SummaryWire(msgspec.Struct):
    """`/api/v2/summary.json`, as far as it is read. Items stay raw: one that is odd does not spoil the others."""

    components: list[msgspec.Raw]
    incidents: list[msgspec.Raw] = []


class StatusPage:
    """One page of Statuspage's form, at its address. It is asked so seldom that no connection is kept."""

    def __init__(
        self, url: str, *, user_agent: str, verify: ssl.SSLContext | None = None, deadline: float = DEADLINE
    ) -> None:
        self.place = url.partition("://")[2]
        self._url = f"{url}/api/v2/summary.json"
        self._exchange = Exchange(url, verify=verify, deadline=deadline, most_bytes=MOST_BYTES)
        self._headers = {"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "gzip"}
        self._tag = ""
        self._last: GithubStatus | None = None

    async def status(self) -> GithubStatus:
        """What it says now: the very same object where nothing has changed. Raises StatusPageError."""
        known = {"If-None-Match": self._tag} if self._last is not None and self._tag else {}
        try:
            answer = await self._exchange.get(self._url, self._headers | known)
        except ConsoleError as error:
            raise _unread(error.message) from None
        finally:
            await self._exchange.drop()
        if answer.status == 304 and self._last is not None:
            return self._last
        if answer.status != 200:
            raise _unread(f"it answered {answer.status}")
        self._last, self._tag = _read(answer), answer.headers.get("etag", "")
        return self._last


def _read(answer: Answer) -> GithubStatus:
    summary = next(iter(_readable([msgspec.Raw(answer.body)], SummaryWire)), SummaryWire([]))
    components = _readable(summary.components, ComponentWire)
    if not components:
        raise _unread("what answers there is no status page")
    actions = next((each for each in components if each.id == ACTIONS_ID), None) or next(
        (each for each in components if each.name.strip().casefold() in ACTIONS_NAMES), None
    )
    listed = [each for each in _readable(summary.incidents, IncidentWire) if usable(each.updated_at)]
    open_ones = [each for each in listed if each.status not in OVER]
    incidents = [_incident(each, actions.id if actions is not None else ACTIONS_ID) for each in open_ones]
    incidents.sort(key=lambda each: not each.of_actions)
    return GithubStatus(_words(actions.status) if actions is not None else "", tuple(incidents[:MOST_INCIDENTS]))


def _incident(wire: IncidentWire, actions: str) -> Incident:
    touches = any(each.id == actions for each in wire.components)
    return Incident(_words(wire.name), _words(wire.impact), _words(wire.status), wire.updated_at, touches)


def _readable(items: list[msgspec.Raw], shape: type[T]) -> list[T]:
    """Those that can be understood."""
    found = []
    for item in items:
        try:
            found.append(msgspec.json.decode(item, type=shape))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
    return found


def _words(value: str) -> str:
    return text(redact(value[: 10 * LONGEST]))[:LONGEST]


def _unread(why: str) -> StatusPageError:
    return StatusPageError(f"GitHub's status page could not be read: {why}", HINT)
