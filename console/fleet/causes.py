"""Every id of a cause that a finding, or a job that failed, can have."""

from typing import get_args

from console.fleet.failure import KINDS
from console.fleet.host_rules import HOST_RULES
from console.fleet.offline import OFFLINE
from console.fleet.releases import State
from console.fleet.rules import RULES
from console.fleet.sightings import SAME_ON_SEVERAL
from console.fleet.warnings import WARNINGS


def known_causes() -> frozenset[str]:
    """All of them: what a runbook may say that it is for."""
    return frozenset(
        {
            *(rule.cause for rule in RULES),
            *(rule.cause for rule in HOST_RULES),
            *(rule.cause for rule in WARNINGS),
            *(f"failed-{kind}" for kind in KINDS),
            *(f"release-{state}" for state in get_args(State)),
            SAME_ON_SEVERAL,
            OFFLINE,
        }
    )
