"""The long identities of pretend things: always the same for the same thing."""

import hashlib


def guid(kind: str, number: int | str) -> str:
    """As GitHub writes them."""
    digest = hashlib.blake2b(f"{kind} {number}".encode(), digest_size=16).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))
