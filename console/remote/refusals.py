"""What went wrong with a request, as an error that an operator can act on."""

import os
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from http import HTTPStatus

import httpx

from console.errors import (
    BadTokenError,
    ConflictError,
    ConsoleError,
    NameResolutionError,
    NotFoundError,
    NotJsonError,
    NotPossibleError,
    PermissionMissingError,
    ProxyError,
    ServerTroubleError,
    SsoRequiredError,
    TlsError,
    UnknownOutcomeError,
    UnreachableError,
)
from console.fleet.plans import Call
from console.remote.permissions import named
from console.remote.questions import Question
from console.remote.sanitize import redact, text

MOST_SEARCHED = 4_000
"""Of a message's characters: looking for secrets in megabytes would hold everything up."""

_KINDS: dict[int, type[ConsoleError]] = {
    403: PermissionMissingError,
    404: NotFoundError,
    409: ConflictError,
    410: NotFoundError,
    422: NotPossibleError,
    451: PermissionMissingError,
}
_AS_THINGS_ARE = re.compile(r"already running|unable to re|cannot be re|over a month ago", re.IGNORECASE)
"""403 is also what GitHub answers where no token could do it."""
_SSO_ADDRESS = re.compile(r"required;\s*url=(https://\S+)")


def in_words(foreign: str) -> str:
    """A message of GitHub's or of a library's, made fit to stand in a sentence of ours."""
    shown = text(redact(foreign[:MOST_SEARCHED])).strip()
    return shown if len(shown) <= 200 else f"{shown[:199]}…"


def refusal(status: int, headers: Mapping[str, str], message: str, question: Question) -> ConsoleError:
    """Why GitHub did not answer the question. Limits and 401 are dealt with before."""
    what = question.what
    said = f" GitHub says: {in_words(message)}" if message else ""
    if status in {403, 404, 451}:
        return _not_allowed(status, headers, message, question)
    if status >= 500:
        return ServerTroubleError(
            f"GitHub is in trouble: it answered {_status(status)}",
            "https://www.githubstatus.com tells whether it is known.",
        )
    if status == 410:
        return NotFoundError(f"GitHub no longer has {what} (410).{said}", "It has expired or was deleted.")
    if status == 407:
        return ProxyError(
            "The proxy wants a login (407)", "Put it into the proxy variable: http://USER:PASSWORD@HOST:PORT"
        )
    return ConsoleError(
        f"GitHub did not answer for {what}: {_status(status)}.{said}", "See whether the API address is right."
    )


def _not_allowed(status: int, headers: Mapping[str, str], message: str, question: Question) -> ConsoleError:
    trouble = _token_trouble(headers, "" if status == 404 else message, question.owner)
    if trouble is not None:
        return trouble
    what, needs = question.what, question.needs
    if status == 404:
        return NotFoundError(
            f"GitHub does not find {what}, or this token may not see it; it does not say which",
            f"Check the name. The token needs: {needs}.",
        )
    said = f" GitHub says: {in_words(message)}" if message else ""
    return PermissionMissingError(
        f"This token may not read {what}.{said}", f"The token needs: {_asked(headers) or needs}."
    )


def refused(status: int, headers: Mapping[str, str], message: str, call: Call, owner: str) -> ConsoleError:
    """Why GitHub did not do what it was asked to. Limits, 401 and 5xx are dealt with before."""
    if 300 <= status < 400:
        return NotFoundError(
            f"GitHub says that this has moved ({_status(status)}); nothing was changed",
            "It was renamed: put its new name where the old one is configured.",
        )
    trouble = _token_trouble(headers, message if status == 403 else "", owner)
    if trouble is not None:
        return trouble
    kind = _KINDS.get(status, ConsoleError)
    if status == 403 and _AS_THINGS_ARE.search(message):
        kind = NotPossibleError
    hidden = ", or does not show it to this token" if status == 404 else ""
    said = f" GitHub says: {in_words(message)}" if message else ""
    needs = (_asked(headers) if kind is PermissionMissingError else "") or call.needs
    look = "" if kind is PermissionMissingError else "See how things are now. "
    if status in call.means:
        look = f"{call.means[status]} "
    return kind(
        f"GitHub did not do it: {_status(status)}{hidden}; nothing was changed.{said}",
        f"{look}The token needs: {needs}.",
    )


def unknown_outcome(why: str) -> UnknownOutcomeError:
    """What to say of a request that has left, and of which nobody knows what became of it."""
    return UnknownOutcomeError(
        f"The request was sent, and what became of it is not known, it may have been done: {why}",
        "See how things are before it is asked for again.",
    )


def _token_trouble(headers: Mapping[str, str], message: str, owner: str) -> ConsoleError | None:
    """What keeps a token from doing anything here."""
    sso = headers.get("x-github-sso", "")
    if sso.startswith("required"):
        address = _SSO_ADDRESS.match(sso)
        open_it = (
            f"Open {in_words(address[1])} within the hour" if address else "Authorise it in GitHub's token settings"
        )
        return SsoRequiredError(
            f"Organization {owner} wants this token authorised for its single sign-on", f"{open_it}, then look again."
        )
    lower = message.lower()
    if "login attempts" in lower:
        return BadTokenError(
            "GitHub has locked logins from here for a while, after too many bad tokens",
            "Wait some minutes, mend the token (`runner-console auth status`), then look again.",
        )
    if "ip allow list" in lower:
        return PermissionMissingError(
            f"{owner} has an IP allow list and this machine is not on it", "Connect from an allowed address or network."
        )
    return None


def _asked(headers: Mapping[str, str]) -> str:
    return in_words(named(headers.get("x-accepted-github-permissions", ""), headers.get("x-accepted-oauth-scopes", "")))


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def lost(error: Exception, host: str, proxy: str) -> ConsoleError:
    """Why no answer came from `host`, from what the HTTP library raised."""
    if isinstance(error, httpx.TimeoutException):
        return UnreachableError(f"No answer from {host} in time", "Check the network.")
    causes = list(_causes(error))
    for cause in causes:
        if isinstance(cause, ssl.SSLError):
            return _no_tls(cause, host)
    if isinstance(error, httpx.ProxyError) or (proxy and isinstance(error, httpx.ConnectError)):
        return ProxyError(
            f"The proxy {in_words(proxy)} cannot be used: {in_words(str(error))}",
            "Check the proxy variables: HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY.",
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return NameResolutionError(f"The name {host} has no address (DNS)", "Check the network, VPN and the spelling.")
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.DecodingError):
        return NotJsonError(f"The answer of {host} was cut short", "A line or a proxy broke.")
    # Python's own words for it name addresses as it writes them.
    reason = next((os.strerror(c.errno) for c in causes if isinstance(c, OSError) and c.errno), type(error).__name__)
    return UnreachableError(f"No connection to {host}: {reason}", "Check the network, VPN and firewall.")


def _no_tls(error: ssl.SSLError, host: str) -> TlsError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return TlsError(
            f"The certificate of {host} was refused: {in_words(error.verify_message)}",
            "An authority of your own: SSL_CERT_FILE=/path/to/ca.pem. Expired: check this machine's clock.",
        )
    return TlsError(
        f"No secure connection to {host}: {in_words((error.reason or 'no TLS').replace('_', ' ').lower())}",
        "Check the port and the proxy: something there does not speak TLS as GitHub does.",
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(10):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
