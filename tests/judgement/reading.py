"""Cases as data: a fleet as GitHub tells of it, what the hosts of suspected runners say, and what must be concluded."""

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from console.fleet.frames import Frame
from console.fleet.github_status import GithubStatus, Incident
from console.fleet.host_evidence import HostEvidence, ListenerLog
from console.fleet.hosts import DiskSpace, HostFacts, HostProcess, KernelKill, Located
from console.fleet.listener_log import listener_log, service_lines
from console.fleet.models import FleetSnapshot, Freshness, Problem, Repository, RunKey, RunnerKey
from console.fleet.particulars import ActionsPolicy, Environment, Holder, Particulars, Unread, WorkflowText
from console.fleet.server import Meta
from console.fleet.signatures import Catalogue, shipped_catalogue
from console.fleet.versions import RunnerRelease
from tests.fleet.fleets import NOON, ago, fleet, group, job, run, runner

FOLDER = Path(__file__).parent / "cases"
GIGABYTE = 1_000_000_000
_TIMES = ("started_at", "completed_at", "let_go_at")
_LINE = re.compile(r"([\d.]+)(?:\.\.([\d.]+)/([\d.]+))? (ERR|INFO|WARN) (\w+) (.*)", re.DOTALL)


class Host(msgspec.Struct, forbid_unknown_fields=True):
    """What one runner's host says."""

    runner: int
    name: str = ""
    flow: str = "V2"
    listeners: int = 1
    workers: list[float] = []
    """Minutes for which each has run."""
    unit: str = "active (running)"
    exit: str = ""
    renewed: bool = False
    free_mb: int = 40_000
    clock_minutes: float = 0
    load: float = 0.5
    """On 8 cores."""
    memory_mb: int = 12_000
    """What is free of 16 GB."""
    killed: list[float] = []
    """Minutes since the kernel killed something for memory."""
    log: list[str] = []
    """`MINUTES-AGO LEVEL SOURCE TEXT`, or `FROM..TO/EVERY LEVEL SOURCE TEXT` for what was written again and again."""
    unknown: str = ""


class Case(msgspec.Struct, forbid_unknown_fields=True):
    """One entry of a file."""

    name: str
    runners: list[dict[str, Any]] = msgspec.field(default_factory=lambda: [{}])
    jobs: list[dict[str, Any]] = msgspec.field(default_factory=lambda: [{}])
    runs: list[dict[str, Any]] = []
    groups: list[dict[str, Any]] | None = None
    private: bool | None = True
    archived: bool = False
    idle_minutes: float = 30
    busy_minutes: float | None = None
    whole: bool = True
    github: str = "github.com"
    sources: list[dict[str, Any]] = []
    hosts: list[Host] = []
    missed: list[int] = []
    """Runners that the last list lacked, by their numbers."""
    went: list[float] = []
    """Minutes since each of the first runners was seen to go offline."""
    page: str | None = None
    """What GitHub's status page says of Actions; None: it is not asked."""
    page_minutes: float = 1
    """How long ago."""
    open: list[str] = []
    """The incidents that it tells of."""
    latest: str = ""
    """The newest version of the runner, as GitHub says; empty: that is not known."""
    ends: dict[str, float] = {}
    """By version, in how many days GitHub gives it no jobs any more; below 0 it gives none now."""
    environments: list[dict[str, Any]] | str | None = None
    """Of every run; a text: the permission that is missing, as of the others. None: it was not asked."""
    holders: list[dict[str, Any]] | str | None = None
    policy: dict[str, Any] | None = None
    """Of acme/web."""
    workflow: dict[str, Any] | str | None = None
    causes: list[str] = []
    """Of the findings, worst first; empty: none."""
    because: list[str] = []
    """Of each job that waits, where that is not the causes of the findings."""
    because_says: str = ""
    """The few words for the first of these jobs."""
    certainty: str = ""
    """Of the first finding."""
    starts: list[str] = []
    """What is offered of all that starts a service or starts it anew."""
    says: list[str] = []
    """Words of the first finding."""


def cases(kind: str) -> list[Case]:
    """Of one file."""
    text = (FOLDER / f"{kind}.toml").read_text(encoding="utf-8")
    return [msgspec.convert(entry, Case) for entry in tomllib.loads(text)["case"]]


def snapshot_of(case: Case) -> FleetSnapshot:
    """A whole look at noon."""
    runners = [runner(**_tuples({"id": number, **given})) for number, given in enumerate(case.runners, 1)]
    return fleet(
        runners=[msgspec.structs.replace(each, name=f"linux-{each.id}") for each in runners],
        jobs=[job(number, **_job(given)) for number, given in enumerate(case.jobs, 1)],
        runs=[run(given.pop("id", 101), **given) for given in map(dict, case.runs)],
        groups=None if case.groups is None else [group(**_group(given)) for given in case.groups],
        idle_minutes=case.idle_minutes,
        whole=case.whole,
        missing=frozenset(each.key for each in runners if each.id in case.missed),
        repositories={"acme/web": Repository("acme/web", case.private, archived=case.archived)},
        busy_since={each.key: ago(case.busy_minutes) for each in runners if each.busy and case.busy_minutes},
        server=Meta(None if case.github == "github.com" else case.github),
        freshness=tuple(_source(**given) for given in case.sources),
        particulars=_particulars(case),
        latest_runner=_latest(case),
        went_offline={each.key: ago(minutes) for each, minutes in zip(runners, case.went, strict=False)},
        **_page(case),
    )


def hosts_of(case: Case, snapshot: FleetSnapshot) -> dict[RunnerKey, HostEvidence]:
    """By runner."""
    keys = {key.id: key for key in snapshot.runners}
    return {keys[host.runner]: _evidence(host, keys[host.runner]) for host in case.hosts}


@cache
def catalogue() -> Catalogue:
    return shipped_catalogue()


def _tuples(given: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in given.items()}


def _job(given: dict[str, Any]) -> dict[str, Any]:
    times: dict[str, Any] = {key: ago(given[key]) for key in _TIMES if key in given}
    return {**_tuples(given), **times}


def _group(given: dict[str, Any]) -> dict[str, Any]:
    named: dict[str, Any] = {
        "number": given.get("id", 1),
        **{key: value for key, value in given.items() if key != "id"},
    }
    sets: dict[str, Any] = {key: frozenset(named[key]) for key in ("repositories", "organizations") if key in named}
    lent: dict[str, Any] = {"lent": frozenset(map(frozenset, named["lent"]))} if "lent" in named else {}
    return {**_tuples(named), **sets, **lent}


def _source(kind: Any, place: str, minutes: float = 0, trouble: str = "", since: float = 5) -> Freshness:
    problem = Problem(trouble, "GitHub answered 503", "Wait.", ago(since)) if trouble else None
    return Freshness(kind, place, timedelta(seconds=15), ago(minutes), problem)


def _latest(case: Case) -> RunnerRelease | None:
    ends = {version: NOON + timedelta(days=days) for version, days in case.ends.items()}
    return RunnerRelease(case.latest, NOON, ends=ends) if case.latest else None


def _particulars(case: Case) -> Particulars:
    runs = [RunKey("acme/web", given.get("id", 101)) for given in case.runs]
    environments = _asked(case.environments, list[Environment])
    holders, workflow = _asked(case.holders, list[Holder]), _asked(case.workflow, WorkflowText)
    policy = None if case.policy is None else msgspec.convert(case.policy, ActionsPolicy)
    return Particulars(
        {} if environments is None else dict.fromkeys(runs, environments),
        {} if holders is None else dict.fromkeys(runs, holders),
        {} if policy is None else {"acme/web": policy},
        {} if workflow is None else dict.fromkeys(runs, workflow),
    )


def _asked(given: Any, shape: Any) -> Any:
    if given is None or isinstance(given, str):
        return given if given is None else Unread(given)
    found = msgspec.convert(_minutes(given), shape)
    return tuple(found) if isinstance(found, list) else found


def _minutes(given: Any) -> Any:
    """A timer is written in minutes."""
    if isinstance(given, list):
        return [_minutes(each) for each in given]
    times: dict[str, Any] = {"wait_timer": f"PT{given['wait_timer']}M"} if "wait_timer" in given else {}
    began: dict[str, Any] = {"wait_began": ago(given["wait_began"])} if "wait_began" in given else {}
    return {**given, **times, **began}


def _page(case: Case) -> dict[str, Any]:
    if case.page is None:
        return {}
    known = tuple(Incident(name, "major", "investigating", ago(5), of_actions=True) for name in case.open)
    asked = Freshness("status", "www.githubstatus.com", timedelta(minutes=2), ago(case.page_minutes))
    return {"github_status": GithubStatus(case.page, known), "status_page": asked}


def _evidence(host: Host, key: RunnerKey) -> HostEvidence:
    name = host.name or f"host-{key.id}"
    if host.unknown:
        return HostEvidence(key, name, unknown=host.unknown)
    ahead = timedelta(minutes=host.clock_minutes)
    text = "".join(f"[{at:%Y-%m-%d %H:%M:%S}Z {said}\n" for at, said in sorted(_lines(host), key=lambda each: each[0]))
    log = listener_log([Frame("listener", ("Runner.log", "0"), text.encode())], catalogue(), str, NOON + ahead)
    down = service_lines(host.exit, catalogue()) if host.exit and not host.listeners else ()
    facts = HostFacts(
        Located(key, name, "/opt/runner", "actions.runner.acme.linux.service", None, "proved", key.id),
        NOON,
        unit_state=host.unit,
        exit_line=host.exit,
        listeners=tuple(HostProcess(100 + number, timedelta(days=2)) for number in range(host.listeners)),
        workers=tuple(HostProcess(200, timedelta(minutes=minutes)) for minutes in host.workers),
        flow="V1" if host.flow == "V1" else "V2",
        renewed=host.renewed,
        disks=(DiskSpace("/opt/runner", host.free_mb * 1_000_000, 100 * GIGABYTE),),
        clock_ahead=ahead,
        load=host.load,
        cores=8,
        memory=16 * GIGABYTE,
        memory_free=host.memory_mb * 1_000_000,
        kills=tuple(KernelKill("kernel: Out of memory: Killed process 7 (java)", ago(each)) for each in host.killed),
    )
    return HostEvidence(key, name, facts, ListenerLog((*log.lines, *down), log.alive_at, log.written_at, log.updates))


def _lines(host: Host) -> Iterator[tuple[Any, str]]:
    """Times are by the host's clock."""
    for written in host.log:
        found = _LINE.fullmatch(written)
        assert found is not None, written
        begins, ends, every, level, source, text = found.groups()
        minutes = float(begins)
        while minutes >= float(ends or begins):
            yield ago(minutes) + timedelta(minutes=host.clock_minutes), f"{level:<4} {source}] {text}"
            minutes -= float(every or 1)
