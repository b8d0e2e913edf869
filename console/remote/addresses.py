"""Addresses: which ones may see a token, and where the next page is."""

import re

import httpx
import msgspec

from console.errors import SettingsError
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


def next_url(link: str) -> str | None:
    """The address of the next page out of a `Link` header, exactly as given."""
    for found in _LINK.finditer(link):
        if _REL_NEXT.search(found[2]):
            return found[1]
    return None
