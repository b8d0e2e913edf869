"""The scenarios: each file of this folder is one, and holds it as `SCENARIO`."""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache

from console.errors import UsageError
from console.fleet.past import Past
from console.simulator.clock import WorldClock
from console.simulator.world import World

DEFAULT = "idle-while-queued"
HOSTS = {"arc-linux-*": "arc-node", "gpu-lab-*": "gpu-lab", "*": "{name}"}
"""Some share one; all others are named like their host."""


@dataclass(frozen=True, slots=True)
class Context:
    """What the console's context must name to see the scenario's fleet."""

    scopes: tuple[str, ...] = ("org:acme",)
    repositories: tuple[str, ...] = ("acme/*",)
    hosts: Mapping[str, str] = field(default_factory=lambda: dict(HOSTS))
    """Which hosts runners live on, by patterns of their names."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """A starting world, what goes wrong in it, and what counts as solved."""

    id: str
    title: str
    summary: str
    build: Callable[[WorldClock], World]
    solved: Callable[[World], bool]
    context: Context = Context()
    past: Callable[[World], Past] | None = None
    """What a console has kept that has watched it before; None: nobody has."""


@cache
def scenarios() -> dict[str, Scenario]:
    """All of them by id, in the order of their files."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found: list[Scenario] = [importlib.import_module(f"{__name__}.{name}").SCENARIO for name in sorted(names)]
    return {scenario.id: scenario for scenario in found}


def scenario_named(name: str) -> Scenario:
    """By its id."""
    known = scenarios()
    if name not in known:
        near = get_close_matches(name, known, 1)
        hint = f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(known)}."
        raise UsageError(f"There is no scenario '{name}'.", hint)
    return known[name]
