"""Addresses: which ones may see a token, and how paths are made of names."""

import re
from urllib.parse import quote

import httpx
import msgspec

from console.errors import SettingsError, UsageError
from console.fleet.models import Scope
from console.remote.github_json import is_repository_name
from console.remote.sanitize import text
from console.remote.surroundings import is_loopback

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[^\s/@\[\]\\%?#]+")
_LINK = re.compile(r'<([^<>]*)>((?:\s*;\s*[a-z*]+\s*=\s*(?:"[^"]*"|[^",;\s]*))*)', re.IGNORECASE)
_REL_NEXT = re.compile(r';\s*rel\s*=\s*(?:next\b|"(?:[^"]*\s)?next(?:\s[^"]*)?")', re.IGNORECASE)


class Origin(msgspec.Struct, frozen=True):
    """The one place that may see the token."""

    scheme: str
    host: str
    port: int

    def has(self, url: str) -> bool:
        """Whether an address lies here, with no other login in it."""
        try:
            parsed = httpx.URL(url)
            # Host names that IDNA does not allow are only found out about when they are asked for.
            return origin_of(parsed) == self and not parsed.userinfo
        except (httpx.InvalidURL, UnicodeError):
            return False


def origin_of(url: httpx.URL) -> Origin:
    """Scheme, host and port, the port spelled out."""
    return Origin(url.scheme, url.host, url.port or _PORTS.get(url.scheme, 0))


def api_base(api_url: str) -> str:
    """The address before every path. Raises SettingsError for one that a token must not be sent to."""
    try:
        url = httpx.URL(api_url)
    except (httpx.InvalidURL, UnicodeError):
        raise SettingsError("The API address cannot be read", "It looks like https://api.github.com") from None
    if url.scheme not in _PORTS or not _HOST.fullmatch(url.host) or url.query or url.fragment:
        raise SettingsError("The API address is not one", "It looks like https://api.github.com or https://HOST/api/v3")
    if url.userinfo:
        raise SettingsError("The API address holds a login", "Take it out; the token is kept by `auth login`.")
    if url.scheme == "http" and not is_loopback(url.host):
        raise SettingsError("The API address is not https", "A token would cross the network for all to read.")
    return str(url).rstrip("/")


def path_of(*segments: str) -> str:
    """A path of names that stay single segments, whatever is in them."""
    if {"", ".", ".."} & set(segments):
        raise UsageError("An empty name, `.` or `..` names nothing on GitHub", "Check the scopes and repositories.")
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


def repository_path(name: str, *tail: str) -> str:
    """The path of something in a repository."""
    if not is_repository_name(name):
        raise UsageError(f"{text(name)} is not the name of a repository", "It looks like owner/name.")
    return path_of("repos", *name.split("/"), *tail)


def scope_path(scope: Scope, *tail: str) -> str:
    """The path of something in a scope."""
    if scope.kind == "repo":
        return repository_path(scope.name, *tail)
    return path_of("orgs", scope.name, *tail)


def next_url(link: str) -> str | None:
    """The address of the next page out of a `Link` header, exactly as given."""
    for found in _LINK.finditer(link):
        if _REL_NEXT.search(found[2]):
            return found[1]
    return None
