"""GitHub's JSON about single things, into our models; see `github_json.py`."""

import re
from base64 import b64decode
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from console.fleet.particulars import Environment, Holder
from console.fleet.versions import version_of
from console.remote.json_pages import Id, NotUnderstoodError, Reader, Time, usable
from console.remote.sanitize import text

_VERSION_IN_NAME = re.compile(r"-(\d{1,4}\.\d{1,5}\.\d{1,5})\.(?:tar\.gz|zip)$", re.ASCII)


class Published(NamedTuple):
    """A version of the runner, and since when there is one."""

    version: str
    published_at: datetime | None


class RunnerReleaseWire(msgspec.Struct):
    """The newest release of the runner."""

    tag_name: str
    published_at: Time | None = None


def _published(wire: RunnerReleaseWire, _place: str) -> Published:
    version = version_of(wire.tag_name)
    if version is None:
        raise NotUnderstoodError
    return Published(str(version), usable(wire.published_at))


class DeprecationWire(msgspec.Struct):
    """Until when a version of the runner gets jobs; nothing of the newest."""

    runtime_deprecates_at: Time | None = None


class DownloadWire(msgspec.Struct):
    """A file that holds a runner. Its name tells the version, and nothing else does."""

    filename: str


def _version_of_file(wire: DownloadWire, _place: str) -> str:
    found = _VERSION_IN_NAME.search(wire.filename)
    if found is None:
        raise NotUnderstoodError
    return found[1]


class EnvironmentWire(msgspec.Struct):
    """A deployment environment."""

    name: str


class ReviewerWire(msgspec.Struct):
    """A user, or a team."""

    login: str = ""
    slug: str = ""


class ReviewersWire(msgspec.Struct):
    """One of those who may approve."""

    reviewer: ReviewerWire | None = None


class PendingWire(msgspec.Struct):
    """An environment whose rules a run waits for."""

    environment: EnvironmentWire
    wait_timer: Id = 0
    wait_timer_started_at: Time | None = None
    reviewers: list[ReviewersWire] | None = None


_LONGEST_TIMER = 30 * 24 * 60
"""Minutes; GitHub allows no longer one."""


def _environment(wire: PendingWire, _place: str) -> Environment:
    people = [each.reviewer for each in wire.reviewers or () if each.reviewer is not None]
    minutes = min(wire.wait_timer, _LONGEST_TIMER)
    names = tuple(each.login or each.slug for each in people if each.login or each.slug)
    return Environment(wire.environment.name, timedelta(minutes=minutes), usable(wire.wait_timer_started_at), names)


class MemberWire(msgspec.Struct):
    """A run, or a job of it, in a concurrency group."""

    run_id: Id
    run_name: str = ""
    job_id: Id | None = None
    job_name: str | None = ""
    status: str = ""


class ConcurrencyWire(msgspec.Struct):
    """A concurrency group, and who is in it: of a run only the run itself and its jobs."""

    group_name: msgspec.Raw
    """As it came: it is asked about."""
    group_members: list[MemberWire] = []


class Pending(NamedTuple):
    """A run, or a job of it, waits in a group."""

    group: str
    """As it came."""
    job_id: int | None


def _as_it_came(raw: msgspec.Raw) -> str:
    return msgspec.json.decode(raw, type=str)


def _pending(wire: ConcurrencyWire, _place: str) -> Pending | None:
    waits = next((each for each in wire.group_members if each.status == "pending"), None)
    return None if waits is None else Pending(_as_it_came(wire.group_name), waits.job_id)


def _holders(wire: ConcurrencyWire, _place: str) -> tuple[Holder, ...]:
    group = text(_as_it_came(wire.group_name))
    return tuple(
        Holder(group, each.run_id, each.run_name, each.job_name or "", each.status == "in_progress")
        for each in wire.group_members
    )


class RepositoryPolicyWire(msgspec.Struct):
    """Whether Actions is on in a repository."""

    enabled: bool


class OrganizationPolicyWire(msgspec.Struct):
    """For which of its repositories an organisation lets Actions run."""

    enabled_repositories: str


class FileWire(msgspec.Struct):
    """A file of a repository at some commit."""

    content: msgspec.Raw
    """A text, which is longer than any that is shown: it is left as it came."""
    encoding: str = ""


def _text_of(wire: FileWire, _place: str) -> str:
    """Foreign text: for patterns, not for a screen."""
    if wire.encoding != "base64":
        raise NotUnderstoodError
    try:
        return b64decode(_as_it_came(wire.content)).decode("utf-8", "replace")
    except ValueError:  # no base64, or not even ASCII
        raise NotUnderstoodError from None


PENDING = Reader(None, PendingWire, _environment)
CONCURRENCY = Reader("concurrency_groups", ConcurrencyWire, _pending)
AHEAD = Reader(None, ConcurrencyWire, _holders)
REPOSITORY_POLICY = Reader(None, RepositoryPolicyWire, lambda wire, _place: wire.enabled)
ORGANIZATION_POLICY = Reader(None, OrganizationPolicyWire, lambda wire, _place: wire.enabled_repositories)
FILE = Reader(None, FileWire, _text_of)
RUNNER_RELEASE = Reader(None, RunnerReleaseWire, _published)
DEPRECATION = Reader(None, DeprecationWire, lambda wire, _place: usable(wire.runtime_deprecates_at))
DOWNLOADS = Reader(None, DownloadWire, _version_of_file)
