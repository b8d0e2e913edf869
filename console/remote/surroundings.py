"""The proxy and certificate settings of the environment that are in effect."""

import os
from ipaddress import ip_address
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from console.remote.sanitize import redact, text


def is_loopback(host: str) -> bool:
    """Whether this is the machine itself: no proxy stands in between, and plain HTTP is no danger."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def proxy_for(api_url: str) -> str:
    """The proxy through which this address is reached, as the environment says; empty when there is none."""
    parts = urlsplit(api_url)
    host = parts.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return ""
    proxies = getproxies()
    return proxies.get(parts.scheme) or proxies.get("all") or ""


def proxy_in_words(api_url: str) -> str:
    """Which proxy and certificate variables are in effect for this address; empty when none is."""
    proxy = proxy_for(api_url)
    found = [_spelled(urlsplit(api_url).scheme, proxy)] if proxy else []
    if api_url.startswith("https:"):
        found += [f"{name}={os.environ[name]}" for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)]
    return text(redact(", ".join(found)))


def _spelled(scheme: str, proxy: str) -> str:
    names = [f"{scheme}_proxy", f"{scheme}_proxy".upper(), "all_proxy", "ALL_PROXY"]
    name = next((name for name in names if os.environ.get(name) == proxy), "system proxy")
    return f"{name}={proxy}"
