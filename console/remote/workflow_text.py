"""Which lines of a workflow file name a runner group. Its text is searched, as a log is, and not understood as YAML."""

import re

from console.fleet.particulars import NamedGroup, WorkflowText
from console.remote.sanitize import redact, text

MOST_CHARACTERS = 256_000
"""Of a file that are searched."""
_MOST_GROUPS = 20
_RUNS_ON = re.compile(
    r"^(?P<indent> *)runs-on:(?P<rest>[^\n]*)(?P<below>(?:\n(?P=indent) +[^\n]*|\n *(?=\n))*)", re.MULTILINE
)
_NAMED_ANYHOW = re.compile(r"^[^#\n]*\bruns-on[\"']?[ \t]*:", re.MULTILINE)
_GROUP = re.compile(r"(?:^|[{,\n])[ ]*group:[ ]*(?P<name>\"[^\"\\\n]*\"|'[^'\n]*'(?!')|(?:[^\n,}#]|(?<=\S)#)+)")
_FROM_ELSEWHERE = re.compile(r"^ +uses: [^\n]*\.github/workflows/", re.MULTILINE)
_WORKED_OUT = re.compile(r"\$\{\{|(?:^|[\s\[{,])\*")
"""An expression, or what stands elsewhere in the file."""
_NO_PLAIN_NAME = re.compile(r"[>|&*!]|.*\\|.*''|\s*\Z")


def workflow_text(written: str, file: str, sha: str) -> WorkflowText:
    """What is found in it; `written` is foreign. Where a line may say more than is found, it has open ends."""
    open_ends = len(written) > MOST_CHARACTERS
    written = written[:MOST_CHARACTERS]
    groups: list[NamedGroup] = []
    others = False
    found = list(_RUNS_ON.finditer(written))
    open_ends |= not found or len(_NAMED_ANYHOW.findall(written)) > len(found)
    open_ends |= _FROM_ELSEWHERE.search(written) is not None
    for each in found:
        value = each["rest"] + each["below"]
        open_ends |= _WORKED_OUT.search(value) is not None
        named = _GROUP.search(value)
        others = others or named is None
        if named is None or "${{" in named["name"] or len(groups) == _MOST_GROUPS:
            continue
        name = named["name"].strip().strip("'\"").strip()
        if _NO_PLAIN_NAME.match(name):
            open_ends = True
            continue
        line = written.count("\n", 0, each.start("rest") + named.start("name")) + 1
        groups.append(NamedGroup(text(redact(name)), line))
    return WorkflowText(text(file), text(sha), tuple(groups), others, open_ends)
