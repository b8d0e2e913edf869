"""What a script on a host is: its text, and arguments that no shell takes for more than themselves."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from console.errors import HostError

ArgumentKind = Literal[
    "unit",
    "service",
    "directory",
    "stdout-file",
    "diag-file",
    "page-file",
    "guid",
    "cursor",
    "number",
    "diag-kind",
    "verb",
    "address",
    "invocation",
    "who",
    "agent",
    "user",
    "runner-name",
    "group-name",
    "labels",
    "local",
    "below",
]

_PART = r"/(?!\.\.?(?:/|$))[A-Za-z0-9_.@+:,=-]+"
_NAME = r"[A-Za-z0-9_][A-Za-z0-9_.@+:=/-]{0,99}"
_UNIT_NAME = r"actions\.runner\.[A-Za-z0-9:_.@-]{1,200}"
_FORMS: Mapping[ArgumentKind, re.Pattern[str]] = {
    "unit": re.compile(rf"-|{_UNIT_NAME}\.service"),
    "service": re.compile(r"-|[A-Za-z0-9_][A-Za-z0-9:_.@-]{0,220}\.service"),
    "directory": re.compile(rf"(?:{_PART}){{1,40}}"),
    "stdout-file": re.compile(rf"(?:{_PART}){{1,40}}/Library/Logs/{_UNIT_NAME}/stdout\.log"),
    "diag-file": re.compile(r"-|(?:Runner|Worker)_\d{8}-\d{6}-utc\.log", re.ASCII),
    "page-file": re.compile(r"-|[0-9a-f-]{36}_[0-9a-f-]{36}[_.]\d{1,6}(?:\.log)?", re.ASCII),
    "guid": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "cursor": re.compile(r"-|[a-z]=[0-9a-f]{1,40}(?:;[a-z]=[0-9a-f]{1,40}){0,9}"),
    "number": re.compile(r"\d{1,18}", re.ASCII),
    "diag-kind": re.compile(r"Runner|Worker"),
    "verb": re.compile(r"start|restart|stop"),
    "address": re.compile(
        r"-|https?://(?!-)[A-Za-z0-9.-]{1,200}(?::\d{1,5})?(?:/(?![.-])[A-Za-z0-9._-]{1,100}){1,3}", re.ASCII
    ),
    "invocation": re.compile(r"-|[0-9a-f]{32}"),
    "who": re.compile(r"-|(?![-.])[A-Za-z0-9_.@+:,=/-]{1,100}"),
    "agent": re.compile(r"-|\d{1,18}", re.ASCII),
    "user": re.compile(r"-|[A-Za-z_][A-Za-z0-9_.@-]{0,63}"),
    "runner-name": re.compile(_NAME),
    "group-name": re.compile(rf"-|{_NAME}(?: {_NAME}){{0,9}}"),
    "labels": re.compile(rf"-|{_NAME}(?:,{_NAME}){{0,99}}"),
    "local": re.compile(r"local|-"),
    "below": re.compile(
        r"_work/(?![.-])[A-Za-z0-9_.@+-]{1,200}|_diag|(?:bin|externals)\.\d[A-Za-z0-9.]{0,40}", re.ASCII
    ),
}
"""A `service` is a unit of any name: only what looks takes it, what acts takes a `unit`.
`-` is nothing: no unit, no file yet, no cursor yet. But for a cursor's semicolons nothing in these means anything to
any login shell, and every value goes in single quotes."""
_LONGEST = 400


class Script(msgspec.Struct, frozen=True):
    """A shell script that runs in any POSIX shell. Its arguments are `$1` and on, its frames stand behind `$mark`."""

    id: str
    body: str
    arguments: tuple[ArgumentKind, ...] = ()
    stream: bool = False
    """It goes on until its standard input ends or has been silent for a minute."""
    acts: bool = False
    """It does something: it is run once, where a person has agreed to it."""

    def words(self, *values: str) -> tuple[str, ...]:
        """The values, once each is proved to be of its kind. Raises HostError."""
        for kind, value in zip(self.arguments, values, strict=True):
            if not fits(kind, value):
                what = kind.replace("-", " ")
                raise HostError(
                    f"What was found on the host is not sent back to it: it is no {what} as we know them",
                    "Only plain letters, digits and .:_@+,=- are sent, so that no shell can take them for a command.",
                )
        return values


def fits(kind: ArgumentKind, value: str) -> bool:
    """Whether the value is one of that kind, and could be sent."""
    return len(value) <= _LONGEST and _FORMS[kind].fullmatch(value) is not None
