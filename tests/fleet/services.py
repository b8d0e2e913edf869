"""A runner's service, as facts that an action can rest on."""

from collections.abc import Mapping
from typing import Any

from console.fleet.evidence import Evidence, Fact, JobNow, PlaceOf, RouteTo, RunnerNow, ServiceOf
from console.fleet.hosts import HostProcess, Located
from console.fleet.models import FleetSnapshot, Runner
from console.fleet.service_state import ServiceState
from tests.fleet.fleets import NOON, ago, fleet, runner

UNIT = "actions.runner.acme.linux-1.service"
PLACE = Located(runner().key, "linux-1.example", "/opt/actions-runner", UNIT, 41, "proved", 1)
WORKER = HostProcess(77)


def service(**changes: Any) -> ServiceState:
    """Up since this morning, idle."""
    given: dict[str, Any] = {
        "located": PLACE,
        "machine": "0123456789abcdef0123456789abcdef",
        "host_time": NOON,
        "load": "loaded",
        "active": "active",
        "sub": "running",
        "user": "runner",
        "invocation": "a" * 32,
        "listeners": (HostProcess(41),),
        "listening_since": ago(600),
        "agent_id": 1,
        "address": "https://github.com/acme",
        "sudo": (("start", "allowed"), ("restart", "allowed"), ("stop", "allowed")),
        "lock": "free",
    }
    return ServiceState(**{**given, **changes})


def evidence(
    state: ServiceState | None = None,
    given: Runner | None = None,
    snapshot: FleetSnapshot | None = None,
    more: Mapping[Fact[Any], object] | None = None,
) -> Evidence:
    """Everything that a service's actions ask for."""
    found, one = state or service(), given or runner()
    seen = snapshot or fleet(runners=(one,))
    known: dict[Fact[Any], object] = {
        RunnerNow(one.key): one,
        PlaceOf(one.key): found.located,
        ServiceOf(found.located): found,
        RouteTo(found.located.host): "ops@10.0.0.7",
        **{JobNow(key): job for key, job in seen.jobs.items()},
        **(more or {}),
    }
    return Evidence(seen, known, now=NOON, operator="alice")
