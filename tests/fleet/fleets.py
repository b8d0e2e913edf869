"""Small fleets to hold rules against: noon, one organisation, one repository, linux runners."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from console.fleet.models import FleetSnapshot, Job, Repository, Run, Runner, RunnerGroup

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LINUX = ("self-hosted", "Linux", "X64")


def ago(minutes: float) -> datetime:
    return NOON - timedelta(minutes=minutes)


def runner(number: int = 1, **changes: Any) -> Runner:
    given: dict[str, Any] = {
        "scope": "org:acme",
        "id": number,
        "name": f"linux-{number}",
        "os": "linux",
        "status": "online",
        "busy": False,
        "labels": LINUX,
        "group_id": 1,
    }
    return Runner(**{**given, **changes})


def group(number: int = 1, **changes: Any) -> RunnerGroup:
    given: dict[str, Any] = {"scope": "org:acme", "id": number, "name": f"group-{number}", "visibility": "all"}
    return RunnerGroup(**{**given, **changes})


def job(number: int = 1, minutes: float = 10, **changes: Any) -> Job:
    """A job that has been queued for so many minutes."""
    given: dict[str, Any] = {
        "repository": "acme/web",
        "id": number,
        "run_id": 100 + number,
        "attempt": 1,
        "name": f"build ({number})",
        "workflow": "ci",
        "branch": "main",
        "labels": ("self-hosted", "linux"),
        "status": "queued",
        "conclusion": None,
        "created_at": ago(minutes),
    }
    return Job(**{**given, **changes})


def run(given_id: int = 101, /, **changes: Any) -> Run:
    given: dict[str, Any] = {
        "repository": "acme/web",
        "id": given_id,
        "number": given_id - 100,
        "attempt": 1,
        "title": "Change a thing",
        "workflow": "ci",
        "path": ".github/workflows/ci.yml",
        "branch": "main",
        "event": "push",
        "status": "queued",
        "conclusion": None,
        "created_at": ago(10),
        "updated_at": ago(10),
        "url": "https://github.com/acme/web/actions/runs/101",
    }
    return Run(**{**given, **changes})


def fleet(
    *,
    runners: Iterable[Runner] = (),
    jobs: Iterable[Job] = (),
    groups: Iterable[RunnerGroup] | None = None,
    runs: Iterable[Run] = (),
    private: bool | None = True,
    idle_minutes: float = 30,
    **changes: Any,
) -> FleetSnapshot:
    """A whole look at noon; every idle runner was seen to become idle."""
    known = {each.key: each for each in runners}
    given: dict[str, Any] = {
        "taken_at": NOON,
        "runners": known,
        "jobs": {each.key: each for each in jobs},
        "groups": {each.key: each for each in ((group(),) if groups is None else groups)},
        "runs": {each.key: each for each in runs},
        "repositories": {"acme/web": Repository("acme/web", private)},
        "idle_since": {key: ago(idle_minutes) for key, each in known.items() if each.idle},
        "whole": True,
    }
    return FleetSnapshot(**{**given, **changes})
