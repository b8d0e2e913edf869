"""Whether each signature is given its own example lines, or another one goes before it."""

from collections.abc import Iterable, Iterator

from console.fleet.scanner import Scanner
from console.fleet.signatures import Catalogue, Complaint, Signature


def overshadowed(catalogue: Catalogue, signatures: Iterable[Signature]) -> Iterator[Complaint]:
    """The examples of these signatures that another one of the catalogue takes."""
    for signature in signatures:
        for number, example in enumerate(signature.examples, 1):
            scanner = Scanner(catalogue)
            scanner.feed(example.encode())
            winner = next((match.signature for match in scanner.end()), None)
            if winner is not signature:
                taker = winner.id if winner else "none"
                yield Complaint(
                    "",
                    signature.id,
                    f"example {number} is taken by {taker}: the lower priority wins, then the longer fixed text",
                )
