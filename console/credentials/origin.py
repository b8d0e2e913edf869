"""What makes two addresses the same place for a token. They have been checked when the settings were read."""

from urllib.parse import urlsplit

GITHUB_COM = "https://api.github.com"

_DEFAULT_PORTS = {"https": 443, "http": 80}


def origin_of(url: str) -> str:
    """Scheme, host and port, always spelled the same way: what a token is bound to."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}:{parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)}"


def host_of(url: str) -> str:
    """The host a person knows: `github.com` for its API, else the API's own."""
    host = urlsplit(url).hostname or ""
    return "github.com" if host == "api.github.com" else host
