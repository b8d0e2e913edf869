"""The commands that do what helps against a finding, as a person types them."""

import shlex
from collections.abc import Iterator

from console.fleet.failure import FAILED_FOR_CACHES
from console.fleet.findings import Finding
from console.fleet.guided_actions import GUIDED_ACTIONS
from console.fleet.models import FleetSnapshot, plain
from console.fleet.newest_runs import one_of_each_run
from console.fleet.remedies import remedy_of


def commands(finding: Finding, snapshot: FleetSnapshot) -> Iterator[str]:
    """What is to be looked at first, so that all of them only print the plan; none while waiting is what helps."""
    remedy = remedy_of(finding.remedied_as)
    if remedy.action:
        for target in _targets(finding, snapshot, GUIDED_ACTIONS[remedy.action].about):
            yield f"{remedy.later or 'plan'}: runner-console act {remedy.action} {target} --dry-run"


def _targets(finding: Finding, snapshot: FleetSnapshot, about: str) -> Iterator[str]:
    """One, but of jobs that failed for the same one of each run."""
    if about == "job" and finding.cause in FAILED_FOR_CACHES:
        yield from (str(key.id) for key in one_of_each_run(finding.jobs, snapshot))
    elif about == "job":
        yield from (str(key.id) for key in finding.jobs[:1])
    elif about == "run":
        of_jobs = (snapshot.jobs[key].run_key for key in finding.jobs if key in snapshot.jobs)
        yield from (str(key.id) for key in (*finding.runs, *of_jobs)[:1])
    else:
        keys = (*finding.runners, *((finding.suspect,) if finding.suspect is not None else ()))[:1]
        yield from (shlex.quote(plain((snapshot.runners[key].name,))) for key in keys if key in snapshot.runners)
