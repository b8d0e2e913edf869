"""Which lines of a workflow file name a runner group. Its text is searched, as a log is, and not understood as YAML."""

import re

from console.fleet.particulars import NamedGroup, WorkflowText
from console.remote.sanitize import text

MOST_BYTES = 256_000
"""Characters of a file that are searched."""
_MOST_GROUPS = 20
_RUNS_ON = re.compile(
    r"^(?P<indent> *)runs-on:(?P<rest>[^\n]*)(?P<below>(?:\n(?P=indent) +[^\n]*|\n *(?=\n))*)", re.MULTILINE
)
_GROUP = re.compile(r"(?:^|[{,\n])[ ]*group:[ ]*(?P<name>\"[^\"\n]*\"|'[^'\n]*'|[^\n,}#]+)")
_FROM_ELSEWHERE = re.compile(r"^ +uses: [^\n]*\.github/workflows/", re.MULTILINE)


def workflow_text(written: str, file: str, sha: str) -> WorkflowText:
    """What is found in it; `written` is foreign."""
    groups: list[NamedGroup] = []
    others = False
    open_ends = _FROM_ELSEWHERE.search(written) is not None
    for found in _RUNS_ON.finditer(written):
        value = found["rest"] + found["below"]
        open_ends = open_ends or "${{" in value
        named = _GROUP.search(value)
        others = others or named is None
        if named is None or "${{" in named["name"] or len(groups) == _MOST_GROUPS:
            continue
        line = written.count("\n", 0, found.start("rest") + named.start("name")) + 1
        groups.append(NamedGroup(text(named["name"].strip().strip("'\"").strip()), line))
    return WorkflowText(text(file), text(sha), tuple(groups), others, open_ends)
