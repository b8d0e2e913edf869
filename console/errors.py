"""The errors a person will read: each says what happened, and hints at what to do."""

import codecs
from typing import ClassVar

# Exit codes of every command; documented in docs/json.md.
EXIT_HEALTHY = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_COULD_NOT_LOOK = 3
EXIT_OUR_FAULT = 70


def printable(text: str, limit: int = 400) -> str:
    """Text that cannot steer a terminal: what does not print is shown as its number, and it has an end.

    For the words of libraries, files and programs on this machine inside an error; what comes from GitHub or a host
    goes through `remote/sanitize.py`.
    """
    cut = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(char if char.isprintable() else f"<{ord(char):04X}>" for char in cut)


SPELT = "spelt"
"""How a stream writes what its encoding lacks."""
_ASCII_TWINS = {"“": '"', "”": '"', "„": '"', "‘": "'", "’": "'", "–": "-", "—": "-"}


def _spelt(error: UnicodeError) -> tuple[str | bytes, int]:
    """Quotes and dashes as they are typed, so that a line stays as long as it is; anything else by its number."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_ASCII_TWINS.get(each) or ascii(each)[1:-1] for each in lacking), error.end


codecs.register_error(SPELT, _spelt)


class ConsoleError(Exception):
    """Something a person can act on. `message` says what happened, `hint` what to do about it.

    Both are text that may be shown: whoever raises has sanitised and redacted what came from outside.
    """

    kind: ClassVar[str] = "error"
    exit_code: ClassVar[int] = EXIT_COULD_NOT_LOOK

    def __init__(self, message: str, hint: str = "", *, wait: float = 0.0) -> None:
        """`wait`: for so many seconds nothing of this kind is sent; 0 where nothing is held back."""
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.wait = wait


class SettingsError(ConsoleError):
    """The configuration cannot be used as it is written."""

    kind = "settings"
    exit_code = EXIT_USAGE


class UsageError(ConsoleError):
    """The command line asks for something that does not exist."""

    kind = "usage"
    exit_code = EXIT_USAGE


class NoTokenError(ConsoleError):
    """No token is to be had for this owner or origin."""

    kind = "no-token"


class KeyringError(ConsoleError):
    """The keyring cannot be used: which one, why, and what mends it."""

    kind = "keyring"


class LogError(ConsoleError):
    """A log cannot be read or kept: which, and why."""

    kind = "log"


class HistoryError(ConsoleError):
    """What was done cannot be kept or read: why. Actions are refused then, and reading goes on."""

    kind = "history"


class MemoryUnusableError(ConsoleError):
    """What the operator has said of findings cannot be kept in the state directory."""

    kind = "memory"


class BadTokenError(ConsoleError):
    """GitHub answered 401: the token is wrong, revoked or expired."""

    kind = "bad-token"


class PermissionMissingError(ConsoleError):
    """The token is good but may not read this; the permission is named in the hint."""

    kind = "permission"


class SsoRequiredError(ConsoleError):
    """The organisation wants the token authorised for its single sign-on."""

    kind = "sso"


class LimitReachedError(ConsoleError):
    """A primary or secondary limit holds requests back."""

    kind = "limit"


class TlsError(ConsoleError):
    """The certificate of the server, or of a proxy in between, was refused."""

    kind = "tls"


class NameResolutionError(ConsoleError):
    """The name of the server has no address (DNS)."""

    kind = "dns"


class ProxyError(ConsoleError):
    """The proxy refused or could not be reached."""

    kind = "proxy"


class NotFoundError(ConsoleError):
    """GitHub answered 404: it is not there, or the token may not see it; GitHub does not say which."""

    kind = "not-found"


class ConflictError(ConsoleError):
    """GitHub answered 409: it is another way already; nothing was changed."""

    kind = "conflict"


class NotPossibleError(ConsoleError):
    """GitHub will not do this as things are (422, or 403 for another reason than rights); nothing was changed."""

    kind = "not-possible"


class PartialError(ConsoleError):
    """A list is known to be shorter than it should be: what is on it holds, what is not on it says nothing."""

    kind = "partial"


class ServerTroubleError(ConsoleError):
    """GitHub answered 5xx."""

    kind = "server"


class NotJsonError(ConsoleError):
    """The answer is not GitHub's JSON: a proxy's or an error page, or a body cut short."""

    kind = "not-json"


class UnreachableError(ConsoleError):
    """No connection, or no whole answer within the deadline."""

    kind = "unreachable"


class StatusPageError(ConsoleError):
    """GitHub's status page cannot be read. It is no trouble of the fleet: that page is not the API."""

    kind = "status-page"


class NoContextError(ConsoleError):
    """Nothing is configured yet; the first-run screen leads to `auth login` or `demo`."""

    kind = "no-context"
    exit_code = EXIT_USAGE


class HostError(ConsoleError):
    """A host cannot be asked, or what it was asked cannot be sent."""

    kind = "host"


class NoSshError(HostError):
    """There is no ssh program."""

    kind = "no-ssh"


class UnknownHostKeyError(HostError):
    """The host's key is not among the known ones. It is never accepted from here."""

    kind = "unknown-host-key"


class ChangedHostKeyError(HostError):
    """The host shows another key than the known one: nothing is sent to it any more."""

    kind = "changed-host-key"


class RevokedHostKeyError(ChangedHostKeyError):
    """The host shows a key that was revoked: nothing is sent to it any more."""

    kind = "revoked-host-key"


class SshConfigError(HostError):
    """ssh cannot use its own configuration."""

    kind = "ssh-config"


class HostAuthenticationError(HostError):
    """The host lets nobody in without a person's help."""

    kind = "host-authentication"


class HostUnreachableError(HostError):
    """Refused, not found, or the network does not lead there."""

    kind = "host-unreachable"


class HostTimeoutError(HostError):
    """The host did not answer in time, or went silent."""

    kind = "host-timeout"


class TooManySessionsError(HostError):
    """The host takes no further session on this connection."""

    kind = "too-many-sessions"


class ScriptError(HostError):
    """The script did not run as it should have on that host."""

    kind = "script"


class NoHostError(HostError):
    """No host is configured for this runner."""

    kind = "no-host"


class NotLocatedError(HostError):
    """The runner was not found on the host that its name leads to."""

    kind = "not-located"


class UnknownOutcomeError(ConsoleError):
    """A request or a script was sent, and no answer came: it may have been done."""

    kind = "unknown-outcome"
