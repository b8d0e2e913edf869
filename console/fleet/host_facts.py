"""What a runner's host is like, out of what the script `host-facts` says."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from console.fleet.frames import Frame
from console.fleet.hosts import DiskSpace, HostFacts, HostProcess, KernelKill, Located, LogFileFact
from console.fleet.locating import newest_settings
from console.fleet.scripts import fits

_AGE = re.compile(r"(?:(\d{1,4})-)?(?:(\d{1,2}):)?(\d{1,2}):(\d{1,2})", re.ASCII)
_VERSION = re.compile(r"Version: (\d[\w.+-]{0,40})", re.ASCII)
_LINKED = re.compile(r"(?:.*/)?bin\.(\d[\w.+-]{0,40})/?", re.ASCII)
_BEGUN = re.compile(r"Runner_(\d{8}-\d{6})-utc\.log", re.ASCII)
_LOAD = re.compile(r"\{? ?\d{1,6}\.\d+ (\d{1,6}\.\d+) \d{1,6}\.\d+", re.ASCII)
_MEMORY = re.compile(r"(MemTotal|MemAvailable): +(\d{1,15}) kB", re.ASCII)
_KERNEL = re.compile(r"(\d{1,11})\.\d+ \S+ (.+)", re.ASCII)
_BOOT = re.compile(r"\bsec = (\d{1,11})\b", re.ASCII)
_UNKNOWN = {
    "no-directory": "Its directory is not there, or this user may not enter it.",
    "no-diag": "Its _diag directory is not there, or this user may not read it.",
}


def facts_from(
    frames: Iterable[Frame], located: Located, asked: datetime, answered: datetime, clean: Callable[[str], str]
) -> HostFacts:
    """`asked` and `answered` are by GitHub's clock; what is between them is how unsure the other clock is."""
    frames = tuple(frames)
    said = {frame.fields[0]: frame.data for frame in frames if frame.word == "fact" and frame.fields}
    text = {key: data.decode("utf-8", "replace").strip() for key, data in said.items()}
    unit = dict(line.partition("=")[::2] for line in text.get("unit", "").splitlines())
    settings = newest_settings({key: data.rstrip(b"\n") for key, data in said.items() if key.startswith(".runner")})
    ahead, unsure = _clock(text.get("now", ""), asked, answered)
    processes = [line.split() for line in text.get("processes", "").splitlines()]
    memory = {found[1]: int(found[2]) * 1024 for found in _MEMORY.finditer(text.get("memory", ""))}
    return HostFacts(
        located=located,
        taken_at=answered,
        system=clean(text.get("system", ""))[:200],
        unit_state=clean(f"{unit['ActiveState']} ({unit.get('SubState', '')})") if unit.get("ActiveState") else "",
        unit_since=_systemd_time(unit.get("StateChangeTimestamp", "")),
        exit_line=_exit_line(clean(text.get("exit-line", "")), unit),
        listeners=processes_of(processes, "listener"),
        workers=processes_of(processes, "worker"),
        version=_version(text),
        flow=None if settings is None else "V2" if settings.v2 else "V1",
        renewed=bool(text.get("renewed")),
        updates_itself=None if settings is None else not settings.update_disabled,
        disks=disks_of(located, text),
        clock_ahead=ahead,
        clock_unsure=unsure,
        uptime=_uptime(text),
        load=float(found[1]) if (found := _LOAD.match(text.get("load", ""))) else None,
        cores=int(text["cores"]) if re.fullmatch(r"[1-9]\d{0,4}", text.get("cores", ""), re.ASCII) else None,
        memory=memory.get("MemTotal"),
        memory_free=memory.get("MemAvailable"),
        kills=tuple(_kills(text.get("kernel", ""), clean)),
        starts=_starts(text.get("listener-starts", "")),
        newest_listener_log=_log(text.get("listener-log", "")),
        newest_worker_log=_log(text.get("worker-log", "")),
        unknown=tuple(
            _UNKNOWN[note] for frame in frames if frame.word == "note" for note in frame.fields if note in _UNKNOWN
        ),
    )


def _clock(now: str, asked: datetime, answered: datetime) -> tuple[timedelta | None, timedelta]:
    """It was some moment of that second, at some moment between question and answer."""
    theirs = seconds(now)
    if theirs is None:
        return None, timedelta()
    least, most = theirs - answered, theirs + timedelta(seconds=1) - asked
    return (least + most) / 2, (most - least) / 2


def seconds(text: str) -> datetime | None:
    """Since 1970."""
    if re.fullmatch(r"\d{1,11}", text, re.ASCII) is None:
        return None
    return datetime.fromtimestamp(int(text), UTC)


def _systemd_time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        return None


def _exit_line(said: str, unit: Mapping[str, str]) -> str:
    """What the service itself said, and what systemd says where that was no plain end."""
    result, status = unit.get("Result", ""), unit.get("ExecMainStatus", "")
    words = [said] if said else []
    if result not in {"", "success"} and re.fullmatch(r"[a-z-]{1,40}", result):
        words.append(f"systemd: {result}" + (f", status {status}" if re.fullmatch(r"\d{1,5}", status) else ""))
    return "; ".join(words)


def processes_of(lines: Iterable[list[str]], kind: str) -> tuple[HostProcess, ...]:
    """Of lines `KIND PID ETIME`, those of that kind."""
    found = {int(line[1]): line[2] for line in lines if len(line) == 3 and line[0] == kind and fits("number", line[1])}
    return tuple(HostProcess(pid, _age(age)) for pid, age in found.items())


def _age(written: str) -> timedelta | None:
    found = _AGE.fullmatch(written)
    if found is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def _version(text: Mapping[str, str]) -> str:
    """What its listener says it is; before it has said so, where `bin` leads."""
    found = _VERSION.search(text.get("version-line", "")) or _LINKED.fullmatch(text.get("bin", ""))
    return found[1] if found else ""


def disks_of(located: Located, text: Mapping[str, str]) -> tuple[DiskSpace, ...]:
    """Of its directory and of `_work`, where `df` could tell."""
    named = (("disk", located.directory), ("work-disk", f"{located.directory}/_work"))
    spaces = [_disk(directory, text.get(key, "")) for key, directory in named]
    return tuple(space for space in spaces if space is not None)


def _disk(directory: str, shown: str) -> DiskSpace | None:
    """`df -Pk`: sizes of 1024 bytes; a device's name may hold spaces."""
    found = re.search(
        r"\s(\d{1,18})\s+(\d{1,18})\s+(-?\d{1,18})\s+\d{1,3}%\s", f"{shown.rpartition(chr(10))[2]} ", re.ASCII
    )
    return None if found is None else DiskSpace(directory, max(int(found[3]), 0) * 1024, int(found[1]) * 1024)


def _uptime(text: Mapping[str, str]) -> timedelta | None:
    if found := re.match(r"\d{1,10}(?:\.\d{1,9})? ", text.get("uptime", "") + " ", re.ASCII):
        return timedelta(seconds=float(found[0]))
    booted, now = _BOOT.search(text.get("boot", "")), seconds(text.get("now", ""))
    return None if booted is None or now is None else now - datetime.fromtimestamp(int(booted[1]), UTC)


def _starts(names: str) -> tuple[datetime, ...]:
    """Names of logs say when they were begun."""
    found = (_BEGUN.fullmatch(name) for name in names.split())
    return tuple(at for each in found if each is not None and (at := _moment(each[1])) is not None)


def _moment(digits: str) -> datetime | None:
    try:
        return datetime.strptime(digits, "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _kills(said: str, clean: Callable[[str], str]) -> Iterator[KernelKill]:
    for line in said.splitlines():
        found = _KERNEL.fullmatch(line)
        at = seconds(found[1]) if found else None
        if found and at is not None:
            yield KernelKill(clean(found[2])[:200], at)


def _log(line: str) -> LogFileFact | None:
    match line.split():
        case [name, _, size, written] if fits("diag-file", name) and fits("number", size):
            at = seconds(written)
            return None if at is None else LogFileFact(name, at, int(size))
    return None
