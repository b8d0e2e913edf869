"""Proves where on a host a runner lives, out of what the script `find-runners` says."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from console.fleet.frames import Frame
from console.fleet.hosts import Certainty, Located, Registered
from console.fleet.models import Name, Phrase, Runner
from console.fleet.paths import scope_of, web_path
from console.fleet.scripts import fits
from console.fleet.words import several

MOST_TOLD = 8
_TRUE = frozenset({"true", "1"})
_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9._:/-]{1,200}")


class RunnerSettings(msgspec.Struct, frozen=True):
    """What a runner's own file says of it. GitHub writes such files too, in another spelling."""

    agent_id: int | None
    name: str
    github_url: str
    """Empty on runners that were set up just in time."""
    server_url: str
    v2: bool
    update_disabled: bool


class Place(msgspec.Struct):
    """Where a runner may live: a unit, a launch agent, or the process of a listener."""

    kind: Literal["unit", "agent", "process"]
    name: str = ""
    """Of the unit or launch agent."""
    state: str = ""
    pid: int | None = None
    service: str = ""
    """Of a process: the unit that it is in."""
    output: str = ""
    directory: str = ""
    odd: bool = False
    """Its directory has a name that is not sent back."""
    files: dict[str, bytes] = {}
    unreadable: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()


class NotLocated(NamedTuple):
    """The runner is not on that host, as far as this user may see."""

    looked: tuple[Phrase, ...]


def settings_from(raw: bytes) -> RunnerSettings | None:
    """`.runner`, whoever wrote it: with or without byte-order mark, keys in any case, numbers as text."""
    try:
        data = msgspec.json.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(data, dict):
        return None
    known = {str(key).lower(): value for key, value in data.items()}
    text = {key: value if isinstance(value, str) else "" for key, value in known.items()}
    number = str(known.get("agentid", ""))
    return RunnerSettings(
        agent_id=int(number) if re.fullmatch(r"\d{1,18}", number, re.ASCII) else None,
        name=text.get("agentname", ""),
        github_url=text.get("githuburl", ""),
        server_url=text.get("serverurl", ""),
        v2=str(known.get("usev2flow", "")).lower() in _TRUE,
        update_disabled=str(known.get("disableupdate", "")).lower() in _TRUE,
    )


def newest_settings(files: Mapping[str, bytes]) -> RunnerSettings | None:
    """What the server has pushed goes first, as it does in the runner."""
    read = (settings_from(files[name]) for name in (".runner_migrated", ".runner") if name in files)
    return next((each for each in read if each is not None), None)


def places(frames: Iterable[Frame]) -> list[Place]:
    """In the order in which they were said."""
    found: list[Place] = []
    for frame in frames:
        match frame.word, frame.fields:
            case "unit", (name, active, sub, pid):
                found.append(Place("unit", name, f"{active} ({sub})", _number(pid), files={}))
            case "agent", (name, output):
                found.append(Place("agent", name, output=output if fits("stdout-file", output) else "", files={}))
            case "process", (pid,):
                found.append(Place("process", pid=_number(pid), files={}))
            case "looked", _:
                pass
            case word, fields if found:
                _describe(found[-1], word, fields, frame.data)
    return found


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[1-9]\d{0,17}", text, re.ASCII) else None


def _describe(place: Place, word: str, fields: tuple[str, ...], data: bytes) -> None:
    match word, fields:
        case "directory", (path,) if fits("directory", path.rstrip("/")):
            place.directory = path.rstrip("/")
        case (("directory" | "odd-directory"), _):
            place.odd = True
        case "service", (name,) if fits("service", name):
            place.service = name
        case "file", (name,):
            place.files[name] = data.rstrip(b"\n")
        case "unreadable", (name,):
            place.unreadable += (name,)
        case "refused", (name,):
            place.refused += (name,)


def locate(runner: Runner, web: str, host: str, frames: Iterable[Frame]) -> Located | NotLocated:
    """Agent id and GitHub address decide, never the name alone. `web` is GitHub's address in a browser."""
    frames = tuple(frames)
    every = places(frames)
    judged = [(place, certainty_of(place, runner, web)) for place in every if place.directory]
    proved = [(place, certainty) for place, certainty in judged if certainty is not None]
    looked = _looked(frames, every, runner, web)
    if not proved:
        return NotLocated(looked)
    # A unit that runs before one that does not, and before a process alone.
    best, certainty = min(proved, key=_preference)
    same = [place for place, _ in proved if place.directory == best.directory]
    unit = next((each.name for each in same if each.kind == "unit" and fits("unit", each.name)), None)
    # A copy whose unit does not run is told from one that does.
    likes = [each for each, _ in proved if each.kind == "unit" and _runs(each) == _runs(best)]
    twins = dict.fromkeys(each.directory for each in likes if each not in same)
    return Located(
        runner=runner.key,
        host=host,
        directory=best.directory,
        unit=unit,
        pid=next((each.pid for each in same if each.kind == "process"), None),
        certainty=certainty,
        agent_id=runner.id,
        looked=looked,
        output=next((each.output for each in same if each.output), ""),
        address=settings.github_url if (settings := newest_settings(best.files)) is not None else "",
        twins=tuple(twins),
        at_work=frozenset(_at_work(every)),
        service=next((each.service for each in same if each.service), "") if unit is None else "",
    )


def _at_work(every: Iterable[Place]) -> Iterator[Registered]:
    for place in every:
        settings = newest_settings(place.files) if place.kind == "unit" and _runs(place) else None
        if settings is not None and settings.agent_id is not None and settings.github_url:
            yield Registered(settings.agent_id, folded(settings.github_url))


def folded(address: str) -> str:
    """Of GitHub, so that two spellings of one are the same."""
    return "".join(_address(address))


def _preference(judged: tuple[Place, Certainty]) -> tuple[bool, bool, bool]:
    place, certainty = judged
    return certainty != "proved", not _runs(place), place.kind == "process"


def _runs(place: Place) -> bool:
    return place.state.startswith("active")


def certainty_of(place: Place, runner: Runner, web: str) -> Certainty | None:
    """None: another runner lives there, or who does cannot be read."""
    settings = newest_settings(place.files)
    if settings is None or settings.agent_id != runner.id:
        return None
    if settings.github_url:
        return "proved" if _same_address(settings.github_url, f"{web}/{web_path(scope_of(runner.scope))}") else None
    same_name = settings.name.lower() == runner.name.lower()
    return "likely" if same_name and _server_of(settings.server_url, web) else None


def _address(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url.strip().lower())
        return parts.netloc if parts.scheme in {"http", "https"} else "", parts.path.rstrip("/")
    except ValueError:
        return "", ""


def _same_address(one: str, other: str) -> bool:
    return _address(one) == _address(other) != ("", "")


def _server_of(server: str, web: str) -> bool:
    """Whether runners of that GitHub talk to that server: it has no other sign of where it belongs."""
    host, ours = _address(server)[0].partition(":")[0], _address(web)[0].partition(":")[0]
    own = host == ours or host.endswith(f".{ours}")
    # The pretend GitHub is on this machine, and its runners say what those of github.com say.
    return bool(host) and (
        own or (ours in {"github.com", "127.0.0.1"} and host.endswith(".actions.githubusercontent.com"))
    )


def web_address(api_url: str) -> str:
    """Where a browser goes for the GitHub whose API that is."""
    parts = urlsplit(api_url)
    if parts.netloc == "api.github.com" or parts.netloc.endswith(".ghe.com"):
        return f"{parts.scheme}://{parts.netloc.removeprefix('api.')}"
    return f"{parts.scheme}://{parts.netloc}{parts.path.removesuffix('/api/v3')}"


def _looked(frames: Iterable[Frame], every: list[Place], runner: Runner, web: str) -> tuple[Phrase, ...]:
    """What there was to look at, and why it was not the runner."""
    kinds = {frame.fields[0] for frame in frames if frame.word == "looked" and frame.fields}
    units = [place for place in every if place.kind == "unit"]
    listeners = [place for place in every if place.kind == "process"]
    first: list[Phrase] = [
        (f"{several(len(units), 'unit')} actions.runner.*.service",) if "units" in kinds else ("no systemd there",),
        (several(len(listeners), "process", "processes") + " Runner.Listener",),
    ]
    told = [(_what(place), *_why_not(place, runner, web)) for place in every]
    more = [(f"and {len(told) - MOST_TOLD} more",)] if len(told) > MOST_TOLD else []
    return (*first, *told[:MOST_TOLD], *more)


def _what(place: Place) -> str | Name:
    return f"process {place.pid}" if place.kind == "process" else Name(place.name)


def _why_not(place: Place, runner: Runner, web: str) -> Phrase:
    if place.odd:
        return (": the name of its directory is not one that is sent back to a host",)
    if not place.directory:
        return (": no directory is named",)
    where: Phrase = (" in ", Name(place.directory))
    if "." in place.unreadable:
        return (*where, ", which is not there or may not be entered by this user")
    settings = newest_settings(place.files)
    if settings is None:
        return (*where, f", {_no_settings(place)}")
    if certainty_of(place, runner, web):
        return (*where, ": it is this runner's")
    whose = f"agent id {settings.agent_id}" if settings.agent_id is not None else "no agent id"
    return (*where, f": {whose}", *_of_address(settings.github_url))


def _of_address(written: str) -> Phrase:
    if _PLAIN_ADDRESS.fullmatch(written):
        return (" of ", Name(written))
    return (
        ", of an address that cannot be shown" if written else ", set up just in time: no address is written there",
    )


def _no_settings(place: Place) -> str:
    unreadable = [name for name in place.unreadable if name.startswith(".runner")]
    if unreadable:
        return f"whose {unreadable[0]} this user may not read"
    if any(name.startswith(".runner") for name in place.refused):
        return "whose .runner is a link, which is not followed"
    return "whose .runner cannot be understood" if place.files.keys() - {".service"} else "where no .runner is"
