"""Addresses of GitHub's API and of its status page: which ones are used at all."""

from urllib.parse import SplitResult, urlsplit

GITHUB_COM = "https://api.github.com"
GITHUB_STATUS = "https://www.githubstatus.com"

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS = {"https": 443, "http": 80}


def checked_api_url(value: str) -> str:
    """The address without its closing slash. ValueError says what is wrong with it."""
    return _checked(value, "https://api.github.com or https://HOST/api/v3", "a token would be readable on the way")


def checked_status_url(value: str) -> str:
    """The same of a status page; empty: there is none."""
    return _checked(value, GITHUB_STATUS, "on the way anybody could change what it says") if value else ""


def _checked(value: str, like: str, danger: str) -> str:
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("must be plain ASCII without spaces")
    parts = _split(value)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError(f"must be like {like}")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    if parts.query or parts.fragment or value.endswith(("?", "#")):
        raise ValueError("must not have a query or a fragment")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError(f"must be https: {danger} (http is for loopback only)")
    return value.rstrip("/")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address that can be read") from None
    return parts
