"""What logs are called within a merged one: in few cells, and told apart."""

from collections import Counter
from collections.abc import Sequence

from console.fleet.models import FleetSnapshot
from console.ui import signs
from console.ui.columns import Part, fit
from console.ui.log_sources import JobOutput, LogKey, RunnerLog

LONGEST = 20
"""Cells."""


def labels(keys: Sequence[LogKey], snapshot: FleetSnapshot | None) -> list[str]:
    """`job`, `journal`; where several are of that kind, with the name of the job or runner, else with its id."""
    kinds = Counter(map(_kind, keys))
    short = [_kind(key) if kinds[_kind(key)] == 1 else _cut(_kind(key), _name(key, snapshot)) for key in keys]
    same = Counter(short)
    return [label if same[label] == 1 else f"{_kind(key)} {_id(key)}" for key, label in zip(keys, short, strict=True)]


def _kind(key: LogKey) -> str:
    if isinstance(key, RunnerLog):
        return key.kind
    return "output" if isinstance(key, JobOutput) else "job"


def _name(key: LogKey, snapshot: FleetSnapshot | None) -> str:
    if isinstance(key, RunnerLog):
        runner = snapshot.runners.get(key.runner) if snapshot is not None else None
        return runner.name if runner is not None else str(_id(key))
    job = snapshot.jobs.get(key.job if isinstance(key, JobOutput) else key) if snapshot is not None else None
    return job.name if job is not None else str(_id(key))


def _id(key: LogKey) -> int:
    if isinstance(key, RunnerLog):
        return key.runner.id
    return key.job.id if isinstance(key, JobOutput) else key.id


def _cut(kind: str, name: str) -> str:
    parts, _ = fit((Part(f"{kind} "), Part(name, "foreign")), LONGEST, "middle", signs.sign("cut"))
    return "".join(part.text for part in parts)
