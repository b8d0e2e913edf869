"""The arguments of every ssh that is started, and what may stand in them."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from console.errors import HostError
from console.remote.sanitize import text

_HOST = re.compile(r"(?!-)[A-Za-z0-9_.:\[\]-]{1,255}")
_USER = re.compile(r"(?!-)[A-Za-z0-9_.@+-]{1,100}")
_SOCKET = re.compile(r"/[A-Za-z0-9_.,@:+/%-]+")

# The operator's configuration is read too; what stands here comes first, and so wins.
_ALWAYS = (
    "StrictHostKeyChecking=yes",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "ForwardX11=no",
    "Tunnel=no",
    "PermitLocalCommand=no",
    "RequestTTY=no",
    "RemoteCommand=none",
    "UpdateHostKeys=no",
    "ControlPersist=no",
    # The failures are told apart by what ssh says.
    "LogLevel=INFO",
)


class Timings(msgspec.Struct, frozen=True):
    """Seconds. Tests have less patience than operators."""

    connect: int = 10
    alive: int = 4
    alive_count: int = 3
    """A host that says nothing is given up after the fourth `alive`; with 5 it is after 20 s, which is too late."""
    log_in: float = 25.0
    """Until the connection stands, jump hosts and authentication included."""
    queue: float = 10.0
    """How long a free session is waited for."""
    answer: float = 20.0
    """How long a script may take to answer."""
    heartbeat: float = 15.0
    silence: float = 0.2
    """After so long without a byte a line's end is known to be the stream's."""
    ending: float = 2.0
    """How long a script that is told to end may take."""


class Client(msgspec.Struct, frozen=True):
    """Which ssh is started, and in whose name."""

    environ: Mapping[str, str]
    """Without tokens."""
    program: str = "ssh"
    config: Path | None = None
    """Read instead of the operator's own configuration: for pretend hosts."""
    user: str = ""
    timings: Timings = Timings()

    @property
    def quiet(self) -> dict[str, str]:
        """The environment for an ssh that asks nobody, not even by a window."""
        return {**self.asking, "SSH_ASKPASS_REQUIRE": "never"}

    @property
    def asking(self) -> dict[str, str]:
        """The environment for one that may ask. It speaks English, by which its failures are told apart."""
        return {**self.environ, "LC_ALL": "C"}

    def configuration(self, host: str) -> list[str]:
        """Prints what ssh would do."""
        return [*self._begin(host), "-G", "--", host]

    def control(self, what: Literal["check", "exit"], host: str, socket: str) -> list[str]:
        """Speaks to an open connection, on this machine alone."""
        return [self.program, "-F", "none", *_options([_socket(socket)]), "-O", what, "--", host]

    def master(self, host: str, socket: str, log: str) -> list[str]:
        """A connection that others go over; it asks nobody anything. Into the log goes what it says itself."""
        return [
            *self._begin(host),
            "-E",
            log,
            "-N",
            "-T",
            *self._connection(socket),
            *_options(["BatchMode=yes"]),
            "--",
            host,
        ]

    def interactive_master(self, host: str, socket: str) -> list[str]:
        """The same, asking on the terminal; it goes to the background once it is authenticated."""
        return [*self._begin(host), "-f", "-N", "-T", *self._connection(socket), "-o", "BatchMode=no", "--", host]

    def host_key(self, host: str) -> list[str]:
        """Connects without logging in, and says which key the host offers."""
        options = [*_ALWAYS, *self._patience(), "BatchMode=yes", "PreferredAuthentications=none", "ControlPath=none"]
        return [*self._begin(host), "-v", "-N", "-T", *_options(options), "--", host]

    def session(self, host: str, socket: str, command: str) -> list[str]:
        """Runs a command over an open connection, and never over one of its own."""
        # The configuration was read for the connection; without a connection there is nothing to fall back to.
        options = [*_ALWAYS, "BatchMode=yes", "ControlMaster=no", _socket(socket), "ProxyCommand=false"]
        return [self.program, "-F", "none", "-T", *_options(options), "--", host, command]

    def by_hand(self, host: str, *more: str) -> list[str]:
        """What a person types to reach the host as we do."""
        return [*self._begin(host), *more, "--", host]

    def _begin(self, host: str) -> list[str]:
        whose = ["-F", str(self.config)] if self.config else []
        return [self.program, *whose, *(["-l", self.user] if self.user else [])]

    def _connection(self, socket: str) -> list[str]:
        return _options([*_ALWAYS, *self._patience(), "ControlMaster=yes", _socket(socket)])

    def _patience(self) -> tuple[str, ...]:
        times = self.timings
        return (
            f"ConnectTimeout={times.connect}",
            f"ServerAliveInterval={times.alive}",
            f"ServerAliveCountMax={times.alive_count}",
        )


class Route(msgspec.Struct, frozen=True):
    """Where ssh goes for a host's name, as its configuration has it."""

    hostname: str
    user: str
    port: str
    jump: str = ""
    own_socket: str = ""
    """Where the operator's own connection would be; empty where there is none to look for."""


def route(printed: str) -> Route:
    """What `ssh -G` printed."""
    found = dict(line.partition(" ")[::2] for line in reversed(printed.splitlines()))
    socket = found.get("controlpath", "")
    return Route(
        text(found.get("hostname", "")),
        text(found.get("user", "")),
        text(found.get("port", "")),
        text(found.get("proxyjump", "")),
        socket if _SOCKET.fullmatch(socket) else "",
    )


def remote_command(words: tuple[str, ...]) -> str:
    """The one command that is ever run. The words have no character that a shell knows, and are quoted all the same."""
    return " ".join(["exec sh -s --", *(f"'{word}'" for word in words)])


def usable_socket(path: Path) -> bool:
    """Whether ssh can listen there: the kernel has room for 104 bytes, and ssh writes 17 behind it at first."""
    return len(str(path)) < 104 - 17 and _SOCKET.fullmatch(str(path)) is not None


def _socket(path: str) -> str:
    # ssh expands what it is given; this must come out as it is.
    return f"ControlPath={path.replace('%', '%%')}"


def check_names(host: str, user: str) -> None:
    """Raises HostError for a host or user that ssh could take for something else."""
    if _HOST.fullmatch(host) is None:
        raise HostError(
            f"{text(host)!r} is not sent to ssh: it is no host's name as we know them",
            "Letters, digits and _.:[]- only, and no - in front. A pattern of `hosts` of its own can name the host.",
        )
    if user and _USER.fullmatch(user) is None:
        raise HostError(
            f"{text(user)!r} is not sent to ssh: it is no user's name as we know them",
            "Set another `user` in the context's ssh settings, or none, and name it in ~/.ssh/config.",
        )


def _options(options: list[str]) -> list[str]:
    return [word for option in options for word in ("-o", option)]
