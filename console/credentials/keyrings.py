"""The system's keyring, with a policy: which kinds are allowed, what each needs, and how long it may take.

A kind is instantiated by its class. The library's own choice is never asked: it can be told by a variable or by what
happens to be installed to store nothing, or to store in the clear.
"""

import asyncio
import contextlib
import os
import secrets
import shlex
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeVar

from console.credentials.origin import host_of, origin_of
from console.credentials.secret import Secret
from console.errors import KeyringError, printable

T = TypeVar("T")

DEADLINE = 5.0
PROMPT_DEADLINE = 30.0
"""Where a desktop may ask a person to unlock it."""


class Backend(Protocol):
    """What a kind of keyring does."""

    def get_password(self, service: str, username: str, /) -> str | None: ...

    def set_password(self, service: str, username: str, password: str, /) -> None: ...

    def delete_password(self, service: str, username: str, /) -> None: ...


class Kind(NamedTuple):
    """One allowed kind of keyring."""

    words: str
    module: str
    class_name: str
    platforms: tuple[str, ...]
    on_bus: bool = False


ALLOWED = (
    Kind("macOS keychain", "keyring.backends.macOS", "Keyring", ("darwin",)),
    Kind("Windows Credential Locker", "keyring.backends.Windows", "WinVaultKeyring", ("win32",)),
    Kind("SecretService", "keyring.backends.SecretService", "Keyring", ("linux",), on_bus=True),
    Kind("KWallet", "keyring.backends.kwallet", "DBusKeyring", ("linux",), on_bus=True),
    Kind("pass", "keyring_pass", "PasswordStoreBackend", ("linux", "darwin")),
)


class _UnusableError(Exception):
    """Why a keyring cannot be used, in words of ours."""


class _Failed(NamedTuple):
    why: str


class _Opened(NamedTuple):
    words: str
    backend: Backend
    check: Callable[[], None]


class Keyring:
    """The tokens of one API origin, in the one keyring that this machine has."""

    def __init__(
        self,
        api_url: str,
        environ: Mapping[str, str] | None = None,
        *,
        backend: Backend | None = None,
        deadline: float | None = None,
    ) -> None:
        """`backend` takes the place of the system's keyring."""
        self._api_url = api_url
        self._service = f"runner-console {origin_of(api_url)}"
        self._environ = dict(os.environ if environ is None else environ)
        self._opened = None if backend is None else _Opened(type(backend).__name__, backend, lambda: None)
        self._deadline = deadline or (PROMPT_DEADLINE if _has_display(self._environ) else DEADLINE)
        self._unanswered = False

    @property
    def words(self) -> str:
        """Which keyring it is; empty until it was asked for something."""
        return self._opened.words if self._opened else ""

    async def get(self, owner: str) -> Secret | None:
        """The token that is kept for this owner."""
        value = await self._ask("read", lambda opened: opened.backend.get_password(self._service, owner.lower()))
        return None if value is None else Secret(value)

    async def set(self, owner: str, secret: Secret) -> None:
        """Keep a token for this owner."""
        await self._ask(
            "written", lambda opened: opened.backend.set_password(self._service, owner.lower(), secret.reveal()), secret
        )

    async def delete(self, owner: str) -> bool:
        """False: there was none."""

        def work(opened: _Opened) -> bool:
            if opened.backend.get_password(self._service, owner.lower()) is None:
                return False
            opened.backend.delete_password(self._service, owner.lower())
            return True

        return await self._ask("deleted from", work)

    async def find(self) -> str:
        """Which keyring it is, in words."""
        return await self._ask("used", lambda opened: opened.words)

    async def prove(self) -> str:
        """Write a random value, read it back, delete it. Which keyring did so, in words."""
        service, name, value = "runner-console proof", secrets.token_hex(8), secrets.token_hex(16)

        def work(opened: _Opened) -> str:
            opened.backend.set_password(service, name, value)
            try:
                if opened.backend.get_password(service, name) != value:
                    raise _UnusableError("it does not give back what it was given")
            finally:
                opened.backend.delete_password(service, name)
            return opened.words

        return await self._ask("used", work)

    async def _ask(self, what: str, work: Callable[[_Opened], T], secret: Secret | None = None) -> T:
        """In a thread of its own: a keyring that hangs must hold up neither the loop nor the end of the program."""
        if self._unanswered:
            raise self._failure(what, "an earlier request is still without an answer")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T | _Failed] = loop.create_future()

        def deliver(value: T | _Failed) -> None:
            if not answer.done():
                answer.set_result(value)

        def run() -> None:
            value = self._answer(work)
            self._unanswered = False
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(deliver, value)

        self._unanswered = True
        threading.Thread(target=run, name="keyring", daemon=True).start()
        try:
            async with asyncio.timeout(self._deadline):
                value = await answer
        except TimeoutError:
            raise self._failure(what, f"no answer within {self._deadline:g} s") from None
        if isinstance(value, _Failed):
            raise self._failure(what, value.why.replace(secret.reveal(), "***") if secret else value.why)
        return value

    def _answer(self, work: Callable[[_Opened], T]) -> T | _Failed:
        def asked() -> T:
            self._opened = self._opened or _open(self._environ)
            self._opened.check()
            return work(self._opened)

        return _attempted(asked)

    def _failure(self, what: str, why: str) -> KeyringError:
        which = f"The keyring ({self.words})" if self.words else "The keyring"
        return KeyringError(f"{which} could not be {what}: {printable(why, 300)}", mending(self._api_url))


def _attempted(work: Callable[[], T]) -> T | _Failed:
    """The one place that stands between us and the libraries of other people's keyrings.

    What they raise has no common base and no end: keyring's, SecretStorage's, jeepney's and dbus's own errors, those of
    `subprocess` and `configparser`, an IndexError for an empty entry of pass, whatever a file of settings or a service
    on the bus makes them stumble over. A thread that died of it would leave its asker waiting, and one kind that fails
    would hide the others.
    """
    try:
        return work()
    except _UnusableError as error:
        return _Failed(str(error))
    except Exception as error:  # noqa: BLE001 - see above; none of it gets lost
        return _Failed(f"{type(error).__name__}: {error}")


def mending(api_url: str) -> str:
    """The two commands that make the console independent of the keyring."""
    host = host_of(api_url)
    elsewhere = host != "github.com"
    there = f" --hostname {host}" if elsewhere else ""
    # Without a context yet, the address must not fall back to github.com: another server's token would go there.
    address = f" --api-url {shlex.quote(api_url)}" if elsewhere else ""
    return (
        "These two commands mend it, with gh as the keeper of the token:\n"
        f"  gh auth login{there}\n"
        f'  runner-console auth login --token-command "gh auth token{there}"{address}\n'
        "Or use pass as the keyring: `pass init GPG-ID`, then `pipx inject runner-console keyring-pass`."
    )


def _open(environ: Mapping[str, str]) -> _Opened:
    """The best of the allowed kinds that can work here. What speaks over the desktop's bus needs a bus."""
    bus = _bus_address(environ)
    found: list[tuple[float, Callable[[], Backend], Kind]] = []
    reasons: list[str] = []
    for kind in ALLOWED:
        if not sys.platform.startswith(kind.platforms):
            continue
        if kind.on_bus and not bus:
            reasons.append(f"{kind.words}: no desktop bus")
            continue
        if kind.on_bus:
            os.environ.setdefault("DBUS_SESSION_BUS_ADDRESS", bus)
        backend = _attempted(partial(_ranked, kind))
        if isinstance(backend, _Failed):
            reasons.append(f"{kind.words}: {backend.why}")
        else:
            found.append((*backend, kind))
    if not found:
        raise _UnusableError("there is none on this machine – " + "; ".join(reasons))
    _, backend_class, kind = max(found, key=lambda entry: entry[0])
    silent = kind.words == "SecretService" and not _has_display(environ)
    return _Opened(kind.words, backend_class(), _unlocked_collection if silent else lambda: None)


def _ranked(kind: Kind) -> tuple[float, Callable[[], Backend]]:
    """How good this kind says it is here, and its class."""
    try:
        library: Any = import_module(kind.module)
    except ImportError:
        raise _UnusableError(f"{kind.module} is not installed") from None
    if kind.words == "pass":  # else its complaints go straight to the terminal, across the screen
        library.command = partial(library.command, stderr=subprocess.DEVNULL)
    backend_class = getattr(library, kind.class_name)
    try:
        return float(backend_class.priority), backend_class
    except RuntimeError as error:  # the library's way to say that this kind cannot work here
        raise _UnusableError(str(error)) from None


def _unlocked_collection() -> None:
    """Without a display nobody can answer a prompt: so none is caused."""
    secretstorage = import_module("keyring.backends.SecretService").secretstorage
    with closing(secretstorage.dbus_init()) as bus:
        try:
            locked = secretstorage.get_collection_by_alias(bus, "default").is_locked()
        except secretstorage.ItemNotFoundException:
            raise _UnusableError("it has no collection yet, and no display to ask for a new one's password") from None
    if locked:
        raise _UnusableError("it is locked, and there is no display to ask for its password")


def _has_display(environ: Mapping[str, str]) -> bool:
    return sys.platform == "darwin" or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _bus_address(environ: Mapping[str, str]) -> str:
    """The session bus, where there is one already: asking for it elsewhere may start one for each request."""
    if given := environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return given
    runtime = environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.geteuid()}"
    socket = Path(runtime) / "bus"
    try:
        return f"unix:path={socket}" if socket.is_socket() else ""
    except OSError:  # after `su` the variable still names the directory of somebody else
        return ""
