"""The state of a runner's service, out of what the script `service-state` says."""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import cast, get_args

from console.fleet.frames import Frame
from console.fleet.host_facts import processes_of, seconds
from console.fleet.hosts import HostProcess, Located
from console.fleet.locating import newest_settings
from console.fleet.service_state import AtWork, DirectoryState, Lock, ServiceState, Sudo

_STAMP = re.compile(r"\[(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)Z ", re.ASCII)
_NOTE = re.compile(r"(\S{1,100}): (.{1,100}), since ([0-9TZ:-]{20})", re.ASCII)
_INVOCATION = re.compile(r"[0-9a-f]{32}")


def service_state(frames: Iterable[Frame], located: Located, clean: Callable[[str], str]) -> ServiceState:
    """`clean` makes foreign text harmless to draw."""
    frames = tuple(frames)
    said = {frame.fields[0]: frame.data for frame in frames if frame.word == "fact" and frame.fields}
    text = {key: data.decode("utf-8", "replace").strip() for key, data in said.items()}
    unit = {key: clean(value)[:200] for key, value in _pairs(text.get("unit", ""))}
    settings = newest_settings({key: data.rstrip(b"\n") for key, data in said.items() if key.startswith(".runner")})
    known, hidden, worker = _group(frames)
    lines = [line.split() for line in text.get("processes", "").splitlines()]
    listed = any(line[:1] == ["self"] for line in lines)
    lock = _lock(frames)
    return ServiceState(
        located,
        machine=clean(text.get("machine", ""))[:64],
        host_time=seconds(text.get("now", "")),
        load=unit.get("LoadState", ""),
        active=unit.get("ActiveState", ""),
        sub=unit.get("SubState", ""),
        result=unit.get("Result", ""),
        user=unit.get("User", ""),
        invocation=unit.get("InvocationID", "") if _INVOCATION.fullmatch(unit.get("InvocationID", "")) else "",
        listeners=processes_of(lines, "listener"),
        workers=_workers(processes_of(lines, "worker"), worker),
        unreadable=hidden,
        group_known=known and listed,
        updating=any(frame.word == "updating" for frame in frames),
        listening_since=_stamp(text.get("listening", "")),
        agent_id=None if settings is None else settings.agent_id,
        address="" if settings is None else clean(settings.github_url),
        sudo=_sudo(frames),
        lock=lock,
        at_work=_at_work(text.get("note", ""), clean) if lock == "held" else None,
    )


def _pairs(shown: str) -> Iterable[tuple[str, str]]:
    for line in shown.splitlines():
        key, _, value = line.partition("=")
        yield key, value


def _group(frames: Iterable[Frame]) -> tuple[bool, int, int]:
    """Whether its processes could be listed, how many could not be looked at, and a worker among them."""
    for frame in frames:
        if frame.word == "group" and len(frame.fields) == 3 and all(map(_is_number, frame.fields)):
            known, hidden, worker = map(int, frame.fields)
            return known == 1, hidden, worker
    return False, 0, 0


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,9}", text, re.ASCII) is not None


def _workers(listed: tuple[HostProcess, ...], inside: int) -> tuple[HostProcess, ...]:
    """Those of that root, and the one in the unit's control group where it is another."""
    if not inside or any(worker.pid == inside for worker in listed):
        return listed
    return (*listed, HostProcess(inside))


def _stamp(line: str) -> datetime | None:
    found = _STAMP.match(line)
    if found is None:
        return None
    try:
        return datetime.strptime(found[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _sudo(frames: Iterable[Frame]) -> tuple[tuple[str, Sudo], ...]:
    told: dict[str, Sudo] = {}
    for frame in frames:
        if frame.word == "sudo" and len(frame.fields) == 2:
            verb, word = frame.fields
            told[verb] = cast(Sudo, word) if word in get_args(Sudo) else "unknown"
    return tuple(told.items())


def _lock(frames: Iterable[Frame]) -> Lock:
    words = [frame.fields[0] for frame in frames if frame.word == "lock" and len(frame.fields) == 1]
    return cast(Lock, words[0]) if words and words[0] in get_args(Lock) else "none"


def _at_work(note: str, clean: Callable[[str], str]) -> AtWork | None:
    found = _NOTE.fullmatch(note.strip())
    if found is None:
        return None
    try:
        since = datetime.strptime(found[3], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        since = None
    return AtWork(clean(found[1]), clean(found[2]), since)


def directory_state(frames: Iterable[Frame], clean: Callable[[str], str]) -> DirectoryState:
    """Out of what the script `directory-state` says."""
    frames = tuple(frames)
    owner = next((frame.data for frame in frames if (frame.word, frame.fields) == ("fact", ("owner",))), b"")
    name = clean(owner.decode("utf-8", "replace").strip())[:64]
    return DirectoryState(name, dict(_sudo(frames)).get("as-owner", "unknown"))
