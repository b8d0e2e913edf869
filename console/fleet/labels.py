"""Which labels tell runners apart."""

from collections.abc import Iterable

COMMON_LABELS = frozenset({"self-hosted", "linux", "macos", "windows", "x64", "x86", "arm", "arm64"})
"""The labels that a runner gets by itself."""


def telling_first(labels: Iterable[str]) -> tuple[str, ...]:
    """The order in which a person sees labels: those that tell runners apart before those that nearly all have."""
    return tuple(sorted(labels, key=lambda label: label.casefold() in COMMON_LABELS))
