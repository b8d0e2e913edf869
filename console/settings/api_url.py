"""Addresses of GitHub's API: which ones are used at all."""

from urllib.parse import SplitResult, urlsplit

GITHUB_COM = "https://api.github.com"

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS = {"https": 443, "http": 80}


def checked_api_url(value: str) -> str:
    """The address without its closing slash. ValueError says what is wrong with it."""
    if not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("must be plain ASCII without spaces")
    parts = _split(value)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ValueError("must be like https://api.github.com or https://HOST/api/v3")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    if parts.query or parts.fragment or value.endswith(("?", "#")):
        raise ValueError("must not have a query or a fragment")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise ValueError("must be https: a token would be readable on the way (http is for loopback only)")
    return value.rstrip("/")


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is no address that can be read") from None
    return parts
