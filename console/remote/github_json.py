"""GitHub's JSON into our models: the only file that knows GitHub's field names.

A page is decoded as a whole. Only when that fails is it taken apart, so that an item which cannot be understood is set
aside and counted while the rest is shown.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

import msgspec

from console.errors import NotJsonError
from console.fleet.models import Job, Page, Repository, Run, Runner, RunnerGroup, Step
from console.remote.sanitize import text

_Id = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_Time = Annotated[datetime, msgspec.Meta(tz=True)]

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
# Half of a surrogate pair; escaped backslashes and whole pairs are passed over.
_HALVES = re.compile(rb"(\\\\|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)|\\u[dD][89a-fA-F]..")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")


class _NotUnderstoodError(Exception):
    """An item that decodes but cannot be used."""


class RunnerWire(msgspec.Struct, gc=False):
    """A runner as GitHub writes it. Labels stay raw: few sets of labels are shared by many runners."""

    id: _Id
    name: str
    os: str
    status: str
    busy: bool
    labels: msgspec.Raw
    runner_group_id: _Id | None = None
    version: str | None = None
    ephemeral: bool | None = None


class LabelWire(msgspec.Struct, gc=False):
    """A label of a runner."""

    name: str


class GroupWire(msgspec.Struct, gc=False):
    """A runner group."""

    id: _Id
    name: str
    visibility: str
    default: bool = False
    inherited: bool = False
    allows_public_repositories: bool = False
    restricted_to_workflows: bool = False
    selected_workflows: list[str] | None = None


class RepositoryWire(msgspec.Struct, gc=False):
    """A repository, whole or minimal."""

    full_name: str
    private: bool | None = None
    pushed_at: _Time | None = None
    archived: bool | None = None


class RunWire(msgspec.Struct, gc=False):
    """A workflow run."""

    id: _Id
    created_at: _Time
    updated_at: _Time
    run_number: _Id
    run_attempt: _Id | None = 1
    display_title: str | None = ""
    name: str | None = ""
    path: str | None = ""
    head_branch: str | None = ""
    event: str = ""
    status: str | None = ""
    conclusion: str | None = None
    html_url: str = ""


class StepWire(msgspec.Struct, gc=False):
    """A step of a job."""

    number: _Id
    name: str
    status: str
    conclusion: str | None = None
    started_at: _Time | None = None
    completed_at: _Time | None = None


class JobWire(msgspec.Struct, gc=False):
    """A job. No runner yet is `0` and `""`, or `null` and `null`, or `null` and `""`."""

    id: _Id
    run_id: _Id
    name: str
    status: str
    created_at: _Time
    labels: list[str]
    conclusion: str | None = None
    run_attempt: _Id | None = 1
    workflow_name: str | None = ""
    head_branch: str | None = ""
    started_at: _Time | None = None
    completed_at: _Time | None = None
    runner_id: _Id | None = None
    runner_name: str | None = None
    runner_group_id: _Id | None = None
    runner_group_name: str | None = None
    html_url: str | None = ""
    steps: list[StepWire] | None = None


class MetaWire(msgspec.Struct):
    """What `/meta` says of the server."""

    installed_version: str | None = None


class UserWire(msgspec.Struct):
    """Whose token it is."""

    login: str | None = None


class IdWire(msgspec.Struct):
    """What nearly everything has."""

    id: _Id


class RefusalWire(msgspec.Struct):
    """The body of an error."""

    message: str = ""


_labels_decoder = msgspec.json.Decoder(list[LabelWire])
_labels_known: dict[bytes, tuple[str, ...]] = {}
_MOST_LABEL_SETS = 20_000


def _labels(raw: msgspec.Raw) -> tuple[str, ...]:
    key = bytes(raw)
    known = _labels_known.get(key)
    if known is None:
        known = tuple([text(label.name) for label in _labels_decoder.decode(raw)])
        if len(_labels_known) >= _MOST_LABEL_SETS:
            _labels_known.clear()
        _labels_known[key] = known
    return known


def _runner(wire: RunnerWire, scope: str) -> Runner:
    return Runner(
        scope,
        wire.id,
        wire.name,
        wire.os,
        wire.status,
        wire.busy,
        _labels(wire.labels),
        wire.runner_group_id,
        wire.version,
        wire.ephemeral,
    )


def _group(wire: GroupWire, scope: str) -> RunnerGroup:
    return RunnerGroup(
        scope=scope,
        id=wire.id,
        name=wire.name,
        visibility=wire.visibility,
        default=wire.default,
        inherited=wire.inherited,
        allows_public_repositories=wire.allows_public_repositories,
        restricted_to_workflows=wire.restricted_to_workflows,
        selected_workflows=tuple(wire.selected_workflows or ()),
    )


def is_repository_name(name: str) -> bool:
    """Whether it is safe to make a path of it."""
    return _REPOSITORY.fullmatch(name) is not None and not {".", ".."} & set(name.split("/"))


def _usable(at: datetime | None) -> datetime | None:
    """A time that can be reckoned with; None for one like the year 1, with which some servers say "never"."""
    return at if at is not None and 1970 <= at.year <= 2200 else None


def _needed(at: datetime) -> datetime:
    if _usable(at) is None:
        raise _NotUnderstoodError
    return at


def _repository(wire: RepositoryWire, _place: str) -> Repository:
    if not is_repository_name(wire.full_name):
        raise _NotUnderstoodError
    return Repository(wire.full_name, wire.private, _usable(wire.pushed_at), wire.archived or False)


def _run(wire: RunWire, repository: str) -> Run:
    return Run(
        repository=repository,
        id=wire.id,
        number=wire.run_number,
        attempt=wire.run_attempt or 1,
        title=wire.display_title or "",
        workflow=wire.name or "",
        path=wire.path or "",
        branch=wire.head_branch or "",
        event=wire.event,
        status=wire.status or "",
        conclusion=wire.conclusion,
        created_at=_needed(wire.created_at),
        updated_at=_needed(wire.updated_at),
        url=_web_address(wire.html_url),
    )


_STARTED = frozenset({"in_progress", "completed"})


def _job(wire: JobWire, repository: str) -> Job:
    return Job(
        repository=repository,
        id=wire.id,
        run_id=wire.run_id,
        attempt=wire.run_attempt or 1,
        name=wire.name,
        workflow=wire.workflow_name or "",
        branch=wire.head_branch or "",
        labels=tuple(wire.labels),
        status=wire.status,
        conclusion=wire.conclusion,
        created_at=_needed(wire.created_at),
        # Until a job starts, GitHub gives the time of its creation here.
        started_at=_usable(wire.started_at) if wire.status in _STARTED else None,
        completed_at=_usable(wire.completed_at),
        runner_id=wire.runner_id or None,
        runner_name=wire.runner_name or None,
        group_id=wire.runner_group_id or None,
        group_name=wire.runner_group_name or None,
        url=_web_address(wire.html_url or ""),
        steps=tuple(
            [
                Step(s.number, s.name, s.status, s.conclusion, _usable(s.started_at), _usable(s.completed_at))
                for s in wire.steps or ()
            ]
        ),
    )


def _web_address(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else ""


def _is_clean(body: bytes) -> bool:
    """No string in this JSON can hold anything but printable ASCII: JSON forbids bare control characters."""
    return body.isascii() and b"\\" not in body and b"\x7f" not in body


def _sanitised(value: object) -> object:
    """Every string of a wire value made harmless, in place; whatever field it is in, so that none can be forgotten."""
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        return [_sanitised(item) for item in value]
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            setattr(value, field, _sanitised(getattr(value, field)))
    return value


W = TypeVar("W", bound=msgspec.Struct)
M = TypeVar("M")


def _page_decoder(key: str | None, wire: type[W]) -> msgspec.json.Decoder[Any]:
    items = list[wire]  # type: ignore[valid-type]  # a type made at run time
    if key is None:
        return msgspec.json.Decoder(items)
    envelope = msgspec.defstruct(
        "Envelope", [("items", items), ("total_count", _Id | None, None)], rename={"items": key}
    )
    return msgspec.json.Decoder(envelope)


class Reader(Generic[W, M]):
    """Reads one kind of thing: alone, or a page of them under `key` (None: the page is a bare list)."""

    def __init__(self, key: str | None, wire: type[W], model: Callable[[W, str], M]) -> None:
        self._key = key
        self._model = model
        self._item = msgspec.json.Decoder(wire)
        self._whole = _page_decoder(key, wire)

    def one(self, body: bytes, place: str) -> M:
        """A single thing. Raises NotJsonError when it is something else."""
        try:
            wire = self._item.decode(body)
            _sanitised(wire)
            return self._model(wire, place)
        except (*_UNREADABLE, _NotUnderstoodError):
            raise not_github(body) from None

    def page(self, body: bytes, place: str) -> Page[M]:
        """A page. Raises NotJsonError when it is no page at all."""
        clean = _is_clean(body)
        try:
            whole = self._whole.decode(body)
            wires, total = (whole, None) if self._key is None else (whole.items, whole.total_count)
            if not clean:
                _sanitised(wires)
            model = self._model
            return Page(tuple([model(wire, place) for wire in wires]), total)
        except (*_UNREADABLE, _NotUnderstoodError):
            return self._item_by_item(body, place)

    def _item_by_item(self, body: bytes, place: str) -> Page[M]:
        total, raws = self._apart(_mended(body))
        models: list[M] = []
        unreadable: list[int] = []
        for raw in raws:
            try:
                wire = self._item.decode(raw)
                _sanitised(wire)
                models.append(self._model(wire, place))
            except (*_UNREADABLE, _NotUnderstoodError):
                unreadable += _id_of(raw)
        return Page(tuple(models), total, set_aside=len(raws) - len(models), unreadable=tuple(unreadable))

    def _apart(self, body: bytes) -> tuple[int | None, list[msgspec.Raw]]:
        try:
            if self._key is None:
                return None, msgspec.json.decode(body, type=list[msgspec.Raw])
            parts = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
            raws = msgspec.json.decode(parts[self._key], type=list[msgspec.Raw])
        except (*_UNREADABLE, KeyError):
            raise not_github(body) from None
        try:
            return msgspec.json.decode(parts.get("total_count", b"null"), type=_Id | None), raws
        except _UNREADABLE:
            return None, raws


def _id_of(raw: msgspec.Raw) -> list[int]:
    """The id of an item that could not be understood, if at least that can be read."""
    try:
        return [msgspec.json.decode(raw, type=IdWire).id]
    except _UNREADABLE:
        return []


def _mended(body: bytes) -> bytes:
    """What is no Unicode becomes replacement characters: it must not cost the whole page."""
    body = body.decode("utf-8", "replace").removeprefix("\ufeff").encode()
    return _HALVES.sub(lambda found: found[1] or rb"\ufffd", body)


def not_github(body: bytes) -> NotJsonError:
    """What to say of a body that is not what GitHub sends."""
    start = body[:200].lstrip().lower()
    if start.startswith(b"<"):
        seen = "a web page"
    elif not start:
        seen = "nothing"
    else:
        seen = "something else, or an answer cut short"
    return NotJsonError(
        f"The answer is not GitHub's JSON but {seen}",
        "A proxy or a sign-in page may stand in between, or the API address is wrong "
        "(GitHub Enterprise Server: https://HOST/api/v3).",
    )


def message_of(body: bytes) -> str:
    """What an error answer says, raw; empty when it is not GitHub's JSON."""
    try:
        return msgspec.json.decode(body.decode("utf-8", "replace"), type=RefusalWire).message
    except _UNREADABLE:
        return ""


RUNNERS = Reader("runners", RunnerWire, _runner)
GROUPS = Reader("runner_groups", GroupWire, _group)
GROUP_REPOSITORIES = Reader("repositories", RepositoryWire, _repository)
REPOSITORIES = Reader(None, RepositoryWire, _repository)
RUNS = Reader("workflow_runs", RunWire, _run)
JOBS = Reader("jobs", JobWire, _job)
INSTALLED_VERSION = Reader(None, MetaWire, lambda wire, _place: wire.installed_version)
LOGIN = Reader(None, UserWire, lambda wire, _place: wire.login)
