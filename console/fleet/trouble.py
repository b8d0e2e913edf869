"""Sources that could not be read, grouped by what is in the way of them."""

from console.fleet.models import FleetSnapshot, Freshness, Problem

WIDE = frozenset({"server", "unreachable", "not-json", "limit", "bad-token", "keyring", "tls", "dns", "proxy"})
"""Kinds that are about the way to GitHub, not about a place: however they are worded, they are one trouble."""


def wording(kind: str, message: str, hint: str) -> tuple[str, str]:
    """What tells two problems of a kind apart: of missing permissions it is which one, as the hint says."""
    if kind in WIDE:
        return ("", "")
    return ("", hint) if kind == "permission" and hint else (message, hint)


def alike(snapshot: FleetSnapshot) -> list[tuple[Problem, list[Freshness]]]:
    """Each trouble in the words of its newest problem, and its sources; the others of its kind are older news."""
    grouped: dict[tuple[str, str, str], list[Freshness]] = {}
    newest: dict[tuple[str, str, str], Problem] = {}
    for source in snapshot.freshness:
        problem = source.problem
        if problem is None:
            continue
        trouble = (problem.kind, *wording(problem.kind, problem.message, problem.hint))
        grouped.setdefault(trouble, []).append(source)
        if trouble not in newest or problem.since > newest[trouble].since:
            newest[trouble] = problem
    return [(newest[trouble], sources) for trouble, sources in grouped.items()]
