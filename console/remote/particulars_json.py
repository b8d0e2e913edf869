"""GitHub's JSON about single things, into our models: with `github_json.py` what knows GitHub's field names."""

import re
from datetime import datetime
from typing import Annotated, NamedTuple

import msgspec

from console.fleet.versions import version_of
from console.remote.json_pages import NotUnderstoodError, Reader

_Time = Annotated[datetime, msgspec.Meta(tz=True)]
_VERSION_IN_NAME = re.compile(r"-(\d{1,4}\.\d{1,5}\.\d{1,5})\.(?:tar\.gz|zip)$", re.ASCII)


class Published(NamedTuple):
    """A version of the runner, and since when there is one."""

    version: str
    published_at: datetime | None


class RunnerReleaseWire(msgspec.Struct):
    """The newest release of the runner."""

    tag_name: str
    published_at: _Time | None = None


def _published(wire: RunnerReleaseWire, _place: str) -> Published:
    version = version_of(wire.tag_name)
    if version is None:
        raise NotUnderstoodError
    return Published(str(version), wire.published_at)


class DownloadWire(msgspec.Struct):
    """A file that holds a runner. Its name tells the version, and nothing else does."""

    filename: str


def _version_of_file(wire: DownloadWire, _place: str) -> str:
    found = _VERSION_IN_NAME.search(wire.filename)
    if found is None:
        raise NotUnderstoodError
    return found[1]


RUNNER_RELEASE = Reader(None, RunnerReleaseWire, _published)
DOWNLOADS = Reader(None, DownloadWire, _version_of_file)
