"""Finds out what a token may do, by one cheap read for each feature."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import httpx
import msgspec

from console.errors import (
    BadTokenError,
    ConsoleError,
    NotFoundError,
    NoTokenError,
    PermissionMissingError,
    SsoRequiredError,
)
from console.fleet.access import Ability, TokenReport
from console.fleet.models import JobKey, Scope
from console.fleet.paths import is_repository_name
from console.fleet.permissions import (
    READ_CHECKS,
    READ_REPOSITORIES,
    WRITE_ACTIONS,
    WRITE_CONTENTS,
    Needs,
    to_write_runners,
)
from console.remote.asking import Asking
from console.remote.exchange import Answer
from console.remote.github_json import JOBS, LOGIN, REPOSITORIES, RUNS
from console.remote.questions import Question, Questions, owner_of, spoken
from console.remote.sanitize import text
from console.remote.tokens import SecretToken

_REFUSED = (PermissionMissingError, NotFoundError, SsoRequiredError)
_KINDS = {
    "ghp_": "classic",
    "github_pat_": "fine-grained",
    "gho_": "OAuth",
    "ghu_": "app user",
    "ghs_": "app installation",
}


async def report_on(
    asking: Asking, questions: Questions, owner: str, scopes: Sequence[Scope], repositories: Sequence[str]
) -> TokenReport:
    """What the owner's token may do. Raises when the token as a whole is refused or GitHub cannot be reached."""
    beside_enterprise = any(scope.kind == "enterprise" for scope in scopes)
    scopes = [scope for scope in scopes if scope.owner.lower() == owner.lower()]
    repositories = [name for name in repositories if owner_of(name).lower() == owner.lower()]
    names = [name for name in repositories if is_repository_name(name)]
    login, headers = await _whose(asking, questions.user(owner))
    reads = []
    for question in _tries(questions, scopes):
        ability, answer = await _tried(asking, question)
        reads.append(ability)
        if headers is None and answer is not None:
            headers = answer.headers
        if answer and question.needs is READ_REPOSITORIES:
            names += [repository.name for repository in REPOSITORIES.page(answer.body, owner).items]
    if beside_enterprise and repositories and not any(scope.kind == "org" for scope in scopes):
        # They alone tell how it shares its enterprise's runners.
        shares, _ = await _tried(asking, questions.groups(Scope("org", owner), per_page=1))
        reads.append(msgspec.structs.replace(shares, needed=False))
    names += [scope.name for scope in scopes if scope.kind == "repo"]
    if names:
        reads += await _of_a_repository(asking, questions, names[0])
    kind = _kind(await asking.token(owner))
    classic = _classic_scopes(headers) if kind in {"classic", "OAuth", "unknown"} else None
    return TokenReport(
        owner=owner,
        login=login,
        kind=kind,
        classic_scopes=classic,
        expires_at=_expiry(headers),
        reads=tuple(reads),
        writes=tuple([_write(what, needs, classic) for what, needs in _writes(scopes, repositories)]),
    )


async def _whose(asking: Asking, question: Question) -> tuple[str | None, httpx.Headers | None]:
    try:
        answer, _ = await asking.answer(question)
    except _REFUSED:
        return None, None
    return LOGIN.one(answer.body, ""), answer.headers


def _tries(questions: Questions, scopes: Sequence[Scope]) -> Iterator[Question]:
    for scope in scopes:
        yield questions.runners(scope, per_page=1)
        if scope.kind != "repo":
            yield questions.groups(scope, per_page=1)
        if scope.kind == "org":
            yield questions.repositories(scope.name, per_page=1)


async def _of_a_repository(asking: Asking, questions: Questions, name: str) -> list[Ability]:
    """Its runs; and what adds to them: releases, and GitHub's notes, which can only be tried on a job."""
    runs, answer = await _tried(asking, questions.runs(name, "completed", per_page=1))
    releases, _ = await _tried(asking, questions.releases(name, per_page=1))
    job = None if answer is None else await _a_job(asking, questions, name, answer)
    if job is None:
        detail = f"no job of {name} has ended to try it on, needs {READ_CHECKS}"
        notes = Ability(f"read GitHub's notes on jobs of {name}", "unknown", detail)
    else:
        notes, _ = await _tried(asking, questions.annotations(job, per_page=1))
    return [runs, *(msgspec.structs.replace(each, needed=False) for each in (releases, notes))]


async def _a_job(asking: Asking, questions: Questions, name: str, runs: Answer) -> JobKey | None:
    """Of the newest of these runs."""
    for run in RUNS.page(runs.body, name).items:
        _, answer = await _tried(asking, questions.jobs(run.key, per_page=1))
        if answer is not None:
            return next((job.key for job in JOBS.page(answer.body, name).items), None)
    return None


async def _tried(asking: Asking, question: Question) -> tuple[Ability, Answer | None]:
    what = f"read {question.what}"
    try:
        answer, _ = await asking.answer(msgspec.structs.replace(question, own=True))
    except _REFUSED as error:
        return Ability(what, "refused", f"{error.message}. {error.hint}"), None
    except (BadTokenError, NoTokenError):
        raise
    except ConsoleError as error:
        return Ability(what, "unknown", error.message), None
    return Ability(what, "allowed"), answer


def _writes(scopes: Sequence[Scope], repositories: Sequence[str]) -> Iterator[tuple[str, Needs]]:
    for scope in scopes:
        yield f"register, label and remove runners of {spoken(scope)}", to_write_runners(scope)
    if repositories or any(scope.kind != "enterprise" for scope in scopes):
        yield "re-run and cancel jobs, delete caches", WRITE_ACTIONS
        yield "publish and delete releases", WRITE_CONTENTS


def _write(what: str, needs: Needs, classic: tuple[str, ...] | None) -> Ability:
    if classic is None and not needs.fine_grained:
        return Ability(what, "refused", f"needs {needs}")
    if classic is None:
        return Ability(what, "unknown", f"unknown until tried, needs {needs}")
    if set(needs.classic) & set(classic):
        return Ability(what, "allowed", "as far as its owner may")
    return Ability(what, "refused", f"needs {needs}")


def _kind(token: SecretToken | None) -> str:
    secret = "" if token is None else token.reveal()
    return next((kind for prefix, kind in _KINDS.items() if secret.startswith(prefix)), "unknown")


def _classic_scopes(headers: httpx.Headers | None) -> tuple[str, ...] | None:
    if headers is None or "x-oauth-scopes" not in headers:
        return None
    return tuple([text(scope.strip()) for scope in headers["x-oauth-scopes"].split(",") if scope.strip()])


def _expiry(headers: httpx.Headers | None) -> datetime | None:
    """The header's time is spelled `2027-01-31 12:00:00 UTC` or `… +0100`."""
    written = "" if headers is None else headers.get("github-authentication-token-expiration", "")
    try:
        return datetime.strptime(written.replace("UTC", "+0000"), "%Y-%m-%d %H:%M:%S %z").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
