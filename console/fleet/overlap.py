"""Whether each signature is given its own example lines, or another one goes before it."""

from collections.abc import Iterator

from console.fleet.scanner import Scanner
from console.fleet.signatures import Catalogue, Signature


def overshadowed(catalogue: Catalogue, signature: Signature) -> Iterator[str]:
    """The examples of this signature that another one of the catalogue takes, or that no scan looks at."""
    for number, example in enumerate(signature.examples, 1):
        if "\n" in example or not signature.describes(example.encode()):
            continue
        scanner = Scanner(catalogue)
        scanner.feed(example.encode())
        winner = next((match.signature for match in scanner.end()), None)
        if winner is None:
            yield f"example {number} is never found: a scan passes over a script's own lines, and tests that passed"
        elif winner is not signature:
            yield f"example {number} is taken by {winner.id}: the lower priority wins, then the longer fixed text"
