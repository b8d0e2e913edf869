"""What a token may do, as lines and as JSON."""

from dataclasses import dataclass
from typing import Any

from console.cli.json_values import as_error
from console.errors import ConsoleError
from console.fleet.access import Ability, TokenReport

_SIGNS = {"allowed": "yes", "refused": "NO", "unknown": "?"}


@dataclass(frozen=True)
class OwnersToken:
    """One owner's token: where it comes from, and what came out of asking about it."""

    owner: str
    source: str
    found: bool
    report: TokenReport | None = None
    problem: ConsoleError | None = None

    @property
    def good(self) -> bool:
        """Everything that the console reads can be read with it."""
        return self.report is not None and self.report.reads_all


def lines(token: OwnersToken) -> list[str]:
    """The report for a person."""
    told = [f"{token.owner}: {_heading(token)}"]
    if token.problem is not None:
        told += [f"  problem: {token.problem.message}"]
        told += [f"           {line}" for line in token.problem.hint.split("\n") if line]
    if token.report is not None:
        told += [_ability(ability) for ability in token.report.reads + token.report.writes]
    return told


def _heading(token: OwnersToken) -> str:
    if not token.found:
        return f"no token (asked: {token.source})"
    parts = [f"token from {token.source}"]
    report = token.report
    if report is not None:
        parts.append(report.kind if report.login is None else f"{report.kind}, of {report.login}")
        if report.classic_scopes is not None:
            parts.append(f"scopes {', '.join(report.classic_scopes) or 'none'}")
        if report.expires_at is not None:
            parts.append(f"expires {report.expires_at:%Y-%m-%d}")
    return "; ".join(parts)


def _ability(ability: Ability) -> str:
    sign, detail = _SIGNS[ability.verdict], ability.detail
    if not ability.needed and ability.verdict != "allowed":
        sign, detail = sign.lower(), f"{detail.removesuffix('.')}; the rest works without it"
    return f"  {sign:<3} {ability.what}{f': {detail}' if detail else ''}"


def as_json(token: OwnersToken) -> dict[str, Any]:
    """The report for a program."""
    report, problem = token.report, token.problem
    return {
        "owner": token.owner,
        "source": token.source,
        "token": token.found,
        "problem": problem and as_error(problem),
        "login": report.login if report else None,
        "kind": report.kind if report else None,
        "classic_scopes": list(report.classic_scopes) if report and report.classic_scopes is not None else None,
        "expires_at": report.expires_at.isoformat() if report and report.expires_at else None,
        "reads": [_ability_json(ability) for ability in report.reads] if report else [],
        "writes": [_ability_json(ability) for ability in report.writes] if report else [],
    }


def _ability_json(ability: Ability) -> dict[str, Any]:
    return {
        "what": ability.what,
        "verdict": ability.verdict,
        "detail": ability.detail or None,
        "needed": ability.needed,
    }
