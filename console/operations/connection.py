"""An open context, as the screen and the command line get it: its facts and its watch."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

from console.fleet.models import FleetSnapshot

if TYPE_CHECKING:
    # The first paint does not wait for what looks.
    from console.operations.drill import Drill
    from console.operations.history import History
    from console.operations.logs import HostLogs, Logs
    from console.operations.run_plan import Gate
    from console.operations.runbooks import WalkKeeper
    from console.operations.watch import Watch


class ContextFacts(msgspec.Struct, frozen=True):
    """What the header and `info` say of a context. All of it is the operator's own configuration."""

    name: str
    api_url: str
    theme: str = "dark"
    read_only: bool = True
    scopes: tuple[str, ...] = ()
    token_source: str = ""
    """Where the token comes from, in words: "keyring (SecretService)", "GH_TOKEN", "command gh"; never the token."""
    proxy: str = ""
    """The proxy and certificate settings in use, in words; empty when there are none."""
    demo: str = ""
    """The scenario's name when the fleet is a pretend one."""
    bell: bool = False
    """Ring when a new alert appears."""


def _nothing() -> None:
    return None


class FirstPaint(msgspec.Struct, frozen=True):
    """What is remembered from last time, so that the first paint needs neither settings nor network."""

    context: str = ""
    theme: str = "dark"
    read_only: bool = True
    demo: str = ""
    drill: "Drill | None" = None
    """A pretend incident to practise on."""
    recall: Callable[[], FleetSnapshot | None] = _nothing
    """Reads the last fleet. It is called right after the first paint, which ten thousand runners must not hold up."""


class Connection(Protocol):
    """One open context."""

    @property
    def facts(self) -> ContextFacts: ...

    @property
    def watch(self) -> "Watch": ...

    @property
    def logs(self) -> "Logs": ...

    @property
    def host_logs(self) -> "HostLogs": ...

    @property
    def history(self) -> "History":
        """What was done; of every context. A pretend fleet has one of its own, which goes with it."""
        ...

    @property
    def walks(self) -> "WalkKeeper":
        """Where walks through runbooks are kept; those of a pretend fleet go with it, too."""
        ...

    @property
    def gate(self) -> "Gate": ...

    async def close(self) -> None: ...


class Connector(Protocol):
    """How the screen opens a context; made by `assemble.py`. Raises `ConsoleError` kinds."""

    def contexts(self) -> tuple[str, ...]:
        """Names that `:context NAME` takes, the default first; empty when nothing is configured."""
        ...

    async def open(self, name: str | None) -> Connection:
        """None opens the default context. Raises NoContextError when nothing is configured."""
        ...
