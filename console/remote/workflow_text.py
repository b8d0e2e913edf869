"""Which runner groups a workflow file names. It is read as YAML, and nothing is made of it: no tag has an effect."""

from collections.abc import Iterator

import yaml

from console.fleet.particulars import NamedGroup, WorkflowText
from console.remote.sanitize import redact, text

MOST_CHARACTERS = 128_000
"""Of a larger file nothing is read: reading YAML takes its time."""
_MOST_GROUPS = 20
_NULL = "tag:yaml.org,2002:null"
_UNREADABLE = (yaml.YAMLError, ValueError, OverflowError, RecursionError)
"""Numbers of characters that there are none of are no errors of YAML to PyYAML."""


def workflow_text(written: str, file: str, sha: str) -> WorkflowText:
    """What is found in it; `written` is foreign. Reads for up to some seconds: for a thread.

    Where a job's runners cannot be told from the file it has open ends: an expression, a reusable workflow, a file
    that is no workflow or cannot be read.
    """
    found = _Found()
    for key, job in _jobs(written):
        found.add(key, job)
    open_ends = found.open_ends or found.jobs == 0
    unlimited = found.jobs > 0 and not found.limits
    return WorkflowText(text(file), text(sha), tuple(found.groups), found.others, open_ends, unlimited)


class _Found:
    """What the jobs that were looked at so far name."""

    def __init__(self) -> None:
        self.jobs = 0
        self.groups: list[NamedGroup] = []
        self.others = False
        """A job names no group."""
        self.open_ends = False
        self.limits = False
        """Some matrix has, or may have, a limit of jobs at once."""

    def add(self, key: yaml.Node, job: yaml.Node) -> None:
        """One more."""
        self.jobs += 1
        asked = _value(job, "runs-on")
        self.limits = self.limits or asked is None or _has_limit(_value(job, "strategy"))
        if asked is None or _worked_out(asked):
            # A job without runs-on is made of another workflow file.
            self.open_ends = True
            return
        group = _value(asked, "group")
        if group is None:
            self.others = True
        elif _is_name(group) and len(self.groups) < _MOST_GROUPS:
            called = _value(job, "name") or key
            name = text(redact(called.value)) if _is_name(called) else ""
            self.groups.append(NamedGroup(text(redact(group.value)), group.start_mark.line + 1, name))
        else:
            self.open_ends = True


def _jobs(written: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
    """Each with its key."""
    if len(written) > MOST_CHARACTERS:
        return
    try:
        jobs = _value(yaml.compose(written, yaml.SafeLoader), "jobs")
    except _UNREADABLE:
        return
    if isinstance(jobs, yaml.MappingNode):
        yield from jobs.value


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """None where it is no mapping, or has no such key."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _has_limit(strategy: yaml.Node | None) -> bool:
    """Of a strategy that is worked out when the run starts nobody knows."""
    if isinstance(strategy, yaml.MappingNode):
        return _value(strategy, "max-parallel") is not None
    return strategy is not None


def _worked_out(node: yaml.Node) -> bool:
    """When the run starts, and not in the file."""
    parts = node.value if isinstance(node, yaml.SequenceNode) else [node]
    return any(isinstance(part, yaml.ScalarNode) and "${{" in part.value for part in parts)


def _is_name(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag != _NULL and node.value != "" and "${{" not in node.value
