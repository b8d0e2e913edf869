"""Every script that may ever run on a host, with its typed arguments. Nothing is composed from data."""

import re
from collections.abc import Mapping
from typing import Literal

import msgspec

from console.errors import HostError

ArgumentKind = Literal["unit", "directory", "diag-file", "page-file", "guid", "cursor", "number", "diag-kind"]

_FORMS: Mapping[ArgumentKind, re.Pattern[str]] = {
    "unit": re.compile(r"actions\.runner\.[A-Za-z0-9:_.@-]{1,200}\.service"),
    "directory": re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9_.@+:,=-]+){1,40}"),
    "diag-file": re.compile(r"-|(?:Runner|Worker)_\d{8}-\d{6}-utc\.log"),
    "page-file": re.compile(r"-|[0-9a-f-]{36}_[0-9a-f-]{36}[_.]\d{1,6}(?:\.log)?"),
    "guid": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "cursor": re.compile(r"-|[A-Za-z0-9=;_]{1,300}"),
    "number": re.compile(r"\d{1,18}"),
    "diag-kind": re.compile(r"Runner|Worker"),
}
"""None of these has a character that any login shell takes for more than itself."""

_SENT = re.compile(rb"\{ mark=([0-9a-f]{32})\n(.*)\nexit; \}\n", re.DOTALL)


class Script(msgspec.Struct, frozen=True):
    """A shell script that runs in any POSIX shell. Its arguments are `$1` and on, its frames stand behind `$mark`."""

    id: str
    body: str
    arguments: tuple[ArgumentKind, ...] = ()
    stream: bool = False
    """It goes on until its standard input ends or has been silent for a minute."""

    def words(self, *values: str) -> tuple[str, ...]:
        """The values, once each is proved to be of its kind. Raises HostError."""
        for kind, value in zip(self.arguments, values, strict=True):
            if _FORMS[kind].fullmatch(value) is None:
                raise HostError(
                    f"What was found on the host is not sent back to it: it is no {kind.replace('-', ' ')} as we know them",
                    "Only plain letters, digits and .:_@+,=- are sent, so that no shell can take them for a command.",
                )
        return values


def sent(script: Script, mark: str) -> bytes:
    """What goes in on standard input: one block, so that the shell has read all of it before it acts."""
    return f"{{ mark={mark}\n{script.body}\nexit; }}\n".encode()


def recognised(block: bytes) -> tuple[Script, str] | None:
    """The script and the mark of a block that `sent` made; for pretend hosts, which run nothing else."""
    found = _SENT.fullmatch(block)
    if found is None:
        return None
    body = found[2].decode()
    script = next((each for each in SCRIPTS.values() if each.body == body), None)
    return None if script is None else (script, found[1].decode())


SCRIPTS: Mapping[str, Script] = {}
