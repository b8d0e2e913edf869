"""Which of two signatures is given a line that both mean: each is held against the example lines of all."""

from collections.abc import Iterator

from console.fleet.scanner import Scanner
from console.fleet.signatures import Catalogue, Signature


def overshadowed(catalogue: Catalogue, signature: Signature) -> Iterator[str]:
    """The examples of this signature that another one of the catalogue takes, or that no scan looks at."""
    for number, example in enumerate(signature.examples, 1):
        if "\n" in example or not signature.describes(example.encode()):
            continue
        winner = _winner(catalogue, example)
        if winner is None:
            yield f"example {number} is never found: a scan passes over a script's own lines, and tests that passed"
        elif winner is not signature:
            yield f"example {number} is taken by {winner.id}: the lower priority wins, then the longer fixed text"


def takes_from(catalogue: Catalogue, signature: Signature) -> Iterator[str]:
    """The ids of others whose example lines this signature takes: it may well be meant to."""
    for other in catalogue.signatures:
        meant = (each for each in other.examples if other is not signature and signature.describes(each.encode()))
        if any(_winner(catalogue, example) is signature for example in meant):
            yield other.id


def _winner(catalogue: Catalogue, line: str) -> Signature | None:
    scanner = Scanner(catalogue)
    scanner.feed(line.encode())
    return next((match.signature for match in scanner.end()), None)
