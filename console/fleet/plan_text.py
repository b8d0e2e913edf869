"""A plan word for word: what the dialog shows, what `--dry-run` prints and what the history keeps."""

import json
from typing import NamedTuple

from console.fleet.ages import age
from console.fleet.plans import Call, OnHost, Part
from console.fleet.scripts import sent


class PartText(NamedTuple):
    """One part: what is done, and exactly what is sent for it."""

    head: str
    """One line: the command on its host, the request, or what is waited for."""
    body: str = ""
    """The script, or the body of the request; several lines."""
    secrets: tuple[str, ...] = ()
    """Kinds of what goes to the script's standard input after it; shown as `***`."""

    @property
    def whole(self) -> str:
        """Everything that is sent, with `***` for each secret."""
        return "\n".join((self.head, *((self.body.rstrip("\n"),) if self.body else ()), *("***" for _ in self.secrets)))


_MARK = "…"
"""Stands for the random mark that each sending has of its own."""


def part_text(part: Part) -> PartText:
    """What the part will do, as it will be sent."""
    if isinstance(part, OnHost):
        arguments = "".join(f" '{value}'" for value in part.script.words(*part.values))
        return PartText(
            f"ssh {part.host} exec sh -s --{arguments}", sent(part.script, _MARK).decode(), tuple(part.takes)
        )
    if isinstance(part, Call):
        body = "" if part.body is None else json.dumps(part.body, indent=2, ensure_ascii=False)
        return PartText(f"{part.method} {part.path}", body)
    return PartText(f"wait, {age(part.within)} at most")
