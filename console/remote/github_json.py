"""GitHub's JSON into our models. With `particulars_json.py`, the only file that knows the names of GitHub's API."""

from datetime import datetime

import msgspec

from console.fleet.evidence import Cache
from console.fleet.models import Annotation, Job, Repository, Run, Runner, RunnerGroup, Step
from console.fleet.paths import is_repository_name
from console.fleet.release import Release
from console.remote.json_pages import UNREADABLE, Id, NotUnderstoodError, Reader, Time, usable
from console.remote.sanitize import text


class RunnerWire(msgspec.Struct, gc=False):
    """A runner as GitHub writes it. Labels stay raw: few sets of labels are shared by many runners."""

    id: Id
    name: str
    os: str
    status: str
    busy: bool
    labels: msgspec.Raw
    runner_group_id: Id | None = None
    version: str | None = None
    ephemeral: bool | None = None


class LabelWire(msgspec.Struct, gc=False):
    """A label of a runner."""

    name: str


class GroupWire(msgspec.Struct, gc=False):
    """A runner group."""

    id: Id
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
    pushed_at: Time | None = None
    archived: bool | None = None


class OrganizationWire(msgspec.Struct, gc=False):
    """An organisation that may use a group."""

    login: str


class RunWire(msgspec.Struct, gc=False):
    """A workflow run."""

    id: Id
    created_at: Time
    updated_at: Time
    run_number: Id
    run_attempt: Id | None = 1
    display_title: str | None = ""
    name: str | None = ""
    path: str | None = ""
    head_branch: str | None = ""
    event: str = ""
    status: str | None = ""
    conclusion: str | None = None
    html_url: str = ""
    head_sha: str | None = ""


class StepWire(msgspec.Struct, gc=False):
    """A step of a job."""

    number: Id
    name: str
    status: str
    conclusion: str | None = None
    started_at: Time | None = None
    completed_at: Time | None = None


class JobWire(msgspec.Struct, gc=False):
    """A job. No runner yet is `0` and `""`, or `null` and `null`, or `null` and `""`."""

    id: Id
    run_id: Id
    name: str
    status: str
    created_at: Time
    labels: list[str]
    conclusion: str | None = None
    run_attempt: Id | None = 1
    workflow_name: str | None = ""
    head_branch: str | None = ""
    started_at: Time | None = None
    completed_at: Time | None = None
    runner_id: Id | None = None
    runner_name: str | None = None
    runner_group_id: Id | None = None
    runner_group_name: str | None = None
    html_url: str | None = ""
    steps: list[StepWire] | None = None


class MetaWire(msgspec.Struct):
    """What `/meta` says of the server."""

    installed_version: str | None = None


class GivenWire(msgspec.Struct):
    """What GitHub gives once, under one of two names."""

    encoded_jit_config: str = ""
    token: str = ""


class UserWire(msgspec.Struct):
    """Whose token it is."""

    login: str | None = None


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


def _needed(at: datetime) -> datetime:
    if usable(at) is None:
        raise NotUnderstoodError
    return at


def _repository(wire: RepositoryWire, _place: str) -> Repository:
    if not is_repository_name(wire.full_name):
        raise NotUnderstoodError
    return Repository(wire.full_name, wire.private, usable(wire.pushed_at), wire.archived or False)


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
        sha=wire.head_sha or "",
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
        started_at=usable(wire.started_at) if wire.status in _STARTED else None,
        completed_at=usable(wire.completed_at),
        runner_id=wire.runner_id or None,
        runner_name=wire.runner_name or None,
        group_id=wire.runner_group_id or None,
        group_name=wire.runner_group_name or None,
        url=_web_address(wire.html_url or ""),
        steps=tuple(
            [
                Step(s.number, s.name, s.status, s.conclusion, usable(s.started_at), usable(s.completed_at))
                for s in wire.steps or ()
            ]
        ),
    )


def _web_address(url: str) -> str:
    return url if url.startswith(("https://", "http://")) else ""


def message_of(body: bytes) -> str:
    """What an error answer says, raw; empty when it is not GitHub's JSON."""
    try:
        return msgspec.json.decode(body.decode("utf-8", "replace"), type=RefusalWire).message
    except UNREADABLE:
        return ""


def secret_of(body: bytes) -> str:
    """What an answer gives once, raw; empty when there is none."""
    try:
        given = msgspec.json.decode(body, type=GivenWire)
    except UNREADABLE:
        return ""
    return given.encoded_jit_config or given.token


def is_json(body: bytes) -> bool:
    """Whether it can be an answer of GitHub's at all."""
    try:
        msgspec.json.decode(body, type=msgspec.Raw)
    except UNREADABLE:
        return False
    return True


class AnnotationWire(msgspec.Struct):
    """A check run's annotation; a job is a check run."""

    annotation_level: str | None = None
    message: str | None = None
    title: str | None = None


def _annotation(wire: AnnotationWire, _place: str) -> Annotation:
    return Annotation(wire.annotation_level or "notice", wire.message or "", wire.title or "")


class AuthorWire(msgspec.Struct):
    """Who made something."""

    login: str | None = None


class AssetWire(msgspec.Struct):
    """A file of a release: `uploaded`, or `open` while it is not whole."""

    state: str = "uploaded"


class ReleaseWire(msgspec.Struct):
    """A release, published or not."""

    id: Id
    tag_name: str
    draft: bool
    created_at: Time
    updated_at: Time | None = None
    published_at: Time | None = None
    name: str | None = ""
    author: AuthorWire | None = None
    assets: list[AssetWire] | None = None
    html_url: str = ""


def _release(wire: ReleaseWire, _place: str) -> Release:
    assets = wire.assets or []
    return Release(
        id=wire.id,
        tag=wire.tag_name,
        name=wire.name or "",
        draft=wire.draft,
        created_at=_needed(wire.created_at),
        updated_at=usable(wire.updated_at),
        published_at=usable(wire.published_at),
        author=(wire.author.login or "") if wire.author is not None else "",
        files=len(assets),
        unfinished=sum(1 for asset in assets if asset.state != "uploaded"),
        url=_web_address(wire.html_url),
    )


class CacheWire(msgspec.Struct):
    """An entry of a repository's cache."""

    id: Id
    key: str
    ref: str = ""
    version: str = ""
    size_in_bytes: Id = 0
    created_at: Time | None = None
    last_accessed_at: Time | None = None


def _cache(wire: CacheWire, _place: str) -> Cache:
    times = usable(wire.created_at), usable(wire.last_accessed_at)
    return Cache(wire.id, wire.key, wire.ref, wire.version, wire.size_in_bytes, *times)


RUNNERS = Reader("runners", RunnerWire, _runner)
GROUPS = Reader("runner_groups", GroupWire, _group)
GROUP_REPOSITORIES = Reader("repositories", RepositoryWire, lambda wire, place: _repository(wire, place).name)
GROUP_ORGANIZATIONS = Reader("organizations", OrganizationWire, lambda wire, _place: wire.login)
REPOSITORIES = Reader(None, RepositoryWire, _repository)
RUNS = Reader("workflow_runs", RunWire, _run)
JOBS = Reader("jobs", JobWire, _job)
ANNOTATIONS = Reader(None, AnnotationWire, _annotation)
RELEASES = Reader(None, ReleaseWire, _release)
CACHES = Reader("actions_caches", CacheWire, _cache)
INSTALLED_VERSION = Reader(None, MetaWire, lambda wire, _place: wire.installed_version)
LOGIN = Reader(None, UserWire, lambda wire, _place: wire.login)
