"""What ssh says when it fails (LC_ALL=C), as a kind of error with a hint."""

import base64
import binascii
import hashlib
import re
import shlex
from pathlib import Path

import msgspec

from console.errors import (
    ChangedHostKeyError,
    HostAuthenticationError,
    HostError,
    HostTimeoutError,
    HostUnreachableError,
    RevokedHostKeyError,
    SshConfigError,
    TooManySessionsError,
    UnknownHostKeyError,
)
from console.remote.sanitize import redact, text


class _Failure(msgspec.Struct, frozen=True):
    words: str
    """A pattern, found in any line without regard to case."""
    kind: type[HostError]
    message: str
    hint: str


_NOT_LET_IN = _Failure(
    r"permission denied \(|permission denied, please|too many authentication failures|no supported authentication"
    r"|no more authentication methods|authentication failed|agent refused operation",
    HostAuthenticationError,
    "{host} lets nobody in without a person's help",
    "A on its runner lets ssh ask you; or load the key into the agent (`ssh-add`) and look again.",
)

# The first that is found. What is further down the page of ssh's words is often only a consequence.
_FAILURES = (
    _Failure(
        r"bad configuration option|unsupported option|extra arguments at end of line|bad owner or permissions"
        r"|missing .*argument|can't open user config file|^\S+:? line \d+: ",
        SshConfigError,
        "ssh cannot use its configuration for {host}",
        "Mend what it names; `ssh -G {host}` reads the same configuration.",
    ),
    _Failure(
        r"remote host identification has changed|host key for \S+ has changed",
        ChangedHostKeyError,
        "{name} shows another host key than the one that is known",
        "It may be another machine. Ask whoever runs it whether its key was changed, and only then remove the old one"
        "{remove}. Until the console is started again nothing is sent to this host.",
    ),
    _Failure(
        r"revoked by file|revoked host key|marked as revoked|host key .*revoked",
        RevokedHostKeyError,
        "{name} shows a host key that was revoked",
        "It may be another machine. Until the console is started again nothing is sent to this host.",
    ),
    _Failure(
        r"host key is known for|host key verification failed|no \S+ host key",
        UnknownHostKeyError,
        "The host key of {name} is not known",
        "Compare its fingerprint with what the host's owner says, then accept it by hand: {by_hand}",
    ),
    _Failure(
        r"session request failed|session open refused|open failed: administratively prohibited|no more sessions",
        TooManySessionsError,
        "{host} takes no further session on its connection",
        "Close a log pane of this host, or raise MaxSessions in its sshd_config.",
    ),
    _NOT_LET_IN,
    _Failure(
        r"could not resolve hostname|name or service not known|nodename nor servname",
        HostUnreachableError,
        "The name {host} has no address",
        "Look at the `hosts` pattern of the context's ssh settings, at HostName in ~/.ssh/config, and at the DNS.",
    ),
    _Failure(
        r"connection refused",
        HostUnreachableError,
        "{host} refused the connection",
        "Does sshd run there, on this port? `ssh -G {host}` shows which address and port are used.",
    ),
    _Failure(
        r"timed? ?out|timeout, server|connection timed",
        HostTimeoutError,
        "{host} did not answer in time",
        "It may be down, frozen, or behind a firewall that drops what comes.",
    ),
    _Failure(
        r"no route to host|network is unreachable|host is down|cannot assign requested address",
        HostUnreachableError,
        "No network leads to {host}",
        "Is the VPN up? `ssh -G {host}` shows which address is used.",
    ),
    _Failure(
        r"unable to negotiate|no matching .* found",
        HostUnreachableError,
        "{host} and this ssh have no method in common",
        "One of the two is too old, or its configuration too strict.",
    ),
    _Failure(
        r"connection (?:to \S+ )?(?:closed|reset)|received disconnect from|broken pipe"
        r"|kex_exchange_identification|ssh_exchange_identification",
        HostUnreachableError,
        "{host} closed the connection",
        "It may be restarting, or its sshd takes no more connections (MaxStartups).",
    ),
)
_COMPILED = tuple((re.compile(each.words, re.IGNORECASE | re.MULTILINE), each) for each in _FAILURES)

_WHILE_CONNECTING = frozenset(
    {SshConfigError, ChangedHostKeyError, RevokedHostKeyError, UnknownHostKeyError, HostAuthenticationError}
)
_DISCONNECTED = re.compile(r"^Received disconnect from \S+ port \d+:\d+: ", re.MULTILINE)
_TOO_MANY = re.compile(r"Too many authentication failures", re.IGNORECASE)
_NEVER_THERE = re.compile(
    r"^(?:kex_exchange_identification|ssh_exchange_identification|banner exchange):?", re.MULTILINE
)
_NAME = re.compile(r"(?:host key is known for|Host key for) (\S+) (?:and|has)|The \S+ host key for (\S+) (?:is|has)")
_OFFERED = re.compile(r"(?:Server host key: \S+|sent by the remote host is|Host key \S+)\s+(SHA256:[A-Za-z0-9+/=]+)")
_OFFENDING = re.compile(r"^Offending .*?key in (.+):(\d+)\s*$", re.MULTILINE)
_DECORATION = re.compile(r"^(?:debug\d:|@|Host key verification failed|\*\*)|UNKNOWN port 65535")
_KEY = re.compile(rb"\s(AAAA[A-Za-z0-9+/=]+)")


class Tried(msgspec.Struct, frozen=True):
    """Which way ssh was sent."""

    host: str
    by_hand: list[str]
    """What a person types to go there, and be asked."""
    jump: str = ""


def failure(words: str, tried: Tried, *, connects: bool = True) -> HostError | None:
    """What kind of failure the words tell of; None where they tell of none that is known.

    `connects`: they may tell of keys and of who is let in. Over a connection that stands they cannot be ssh's then.
    """
    disconnected = _DISCONNECTED.search(words)
    # What follows is the host's own reason: it may say anything, on as many lines as it likes.
    own = words[: disconnected.end()] if disconnected else words
    if disconnected and (found := _TOO_MANY.match(words, disconnected.end())):
        return _told(_NOT_LET_IN, words, tried, found)
    for pattern, known in _COMPILED:
        if (connects or known.kind not in _WHILE_CONNECTING) and (found := pattern.search(own)):
            return _told(known, words, tried, found)
    return None


def never_there(words: str) -> bool:
    """No sshd answered: what else was printed is of a program on the way there, as a jump host's ssh."""
    return not words or _NEVER_THERE.search(words) is not None


def unexplained(words: str, host: str) -> HostError:
    """For what is in no table: it is repeated as ssh said it."""
    return HostUnreachableError(
        f"The connection to {host} ended{_quoted(last_words(words))}", "Try it by hand with ssh."
    )


def last_words(words: str) -> str:
    """The last line that says something, harmless."""
    lines = [line.strip() for line in words.splitlines()]
    telling = [line for line in lines if line and not _DECORATION.search(line)]
    return text(redact(telling[-1][:400])) if telling else ""


def harmless_lines(raw: bytes) -> str:
    """Some lines of a host, harmless and without secrets."""
    return "\n".join(text(redact(line)) for line in raw.decode("utf-8", "replace").splitlines())


def _told(known: _Failure, words: str, tried: Tried, found: re.Match[str]) -> HostError:
    way = f"{tried.host} (through {tried.jump})" if tried.jump else tried.host
    named = _NAME.search(words)
    # We make ssh name a host whose key it does not know; a jump host's ssh does so only when its configuration says so.
    name = text(named[1] or named[2])[:200] if named else tried.jump or tried.host
    message = known.message.format(host=way, name=name)
    if known.kind in {UnknownHostKeyError, ChangedHostKeyError, RevokedHostKeyError}:
        message += _keys(words)
    else:
        message += _quoted(_line_of(words, found))
    offending = _OFFENDING.search(words)
    remove = f": {shlex.join(['ssh-keygen', '-f', text(offending[1]), '-R', name])}" if offending else ""
    hint = known.hint.format(host=tried.host, by_hand=shlex.join(tried.by_hand), remove=remove)
    return known.kind(message, hint)


def _quoted(line: str) -> str:
    return f": {line}" if line else ""


def _line_of(words: str, found: re.Match[str]) -> str:
    """The whole line in which it was found."""
    begins = words.rfind("\n", 0, found.start()) + 1
    return text(redact(words[begins:].splitlines()[0].strip()[:400]))


def _keys(words: str) -> str:
    """The fingerprint that the host offers, and the known one with its place, as far as they are told."""
    # Of several hosts on the way the last one is meant: the one before it was accepted.
    offered = _OFFERED.findall(words)
    told = f"; it offers {offered[-1].rstrip('.')}" if offered else ""
    offending = _OFFENDING.search(words)
    if offending is None:
        return told
    place = text(f"{offending[1]}:{offending[2]}")
    known = _fingerprint(Path(offending[1]), int(offending[2]))
    return f"{told}, known is {known} ({place})" if known else f"{told}, another is known ({place})"


def _fingerprint(file: Path, line: int) -> str:
    try:
        written = file.read_bytes().split(b"\n")[line - 1]
        key = _KEY.search(written)
        blob = base64.b64decode(key[1], validate=True) if key else b""
    except (OSError, IndexError, binascii.Error):
        return ""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=") if blob else ""
