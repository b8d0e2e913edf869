"""What a request must pass before the pretend GitHub looks anything up: manners, token and limits."""

from collections.abc import Mapping
from datetime import datetime

from console.simulator.calls import DOCS, RefusedError
from console.simulator.faults import Fault, Kind
from console.simulator.limits import Standing
from console.simulator.pages import PRIMARY_LIMIT, SECONDARY_LIMIT, SINGLE_SIGN_ON
from console.simulator.tokens import ANONYMOUS, Token
from console.simulator.world import World

LIMIT_DOCS = f"{DOCS}/using-the-rest-api/rate-limits-for-the-rest-api"
VERSION_DOCS = f"{DOCS}/about-the-rest-api/api-versions"
API_VERSIONS = ("2022-11-28", "2026-03-10")
MOST_CONCURRENT = 100


def api_version(headers: Mapping[str, str], ghes: bool) -> str:
    """The one asked for; Enterprise Server knows the older one only."""
    wanted = headers.get("x-github-api-version", API_VERSIONS[0])
    known = API_VERSIONS[:1] if ghes else API_VERSIONS
    if wanted not in known:
        raise RefusedError(
            400, f"API version {wanted} is not supported. Use one of: {', '.join(known)}", docs=VERSION_DOCS
        )
    return wanted


def token_of(headers: Mapping[str, str], world: World) -> Token:
    """Whoever sends no token is anonymous."""
    sent = headers.get("authorization")
    if sent is None:
        return ANONYMOUS
    kind, _, secret = sent.partition(" ")
    token = world.tokens.get(secret.strip()) if kind.lower() in {"bearer", "token"} else None
    if token is None or (token.expires_at is not None and token.expires_at <= world.timeline.now):
        raise RefusedError(401, "Bad credentials", docs=DOCS)
    return token


def check_limits(
    world: World, token: Token, standing: Standing, faults: Mapping[Kind, Fault], words: dict[str, str], *, points: int
) -> None:
    """Both limits: those that are really reached, and those that are pretended."""
    now = world.timeline.now
    login = token.user.login if token.user else "anonymous"
    pretended = faults.get("secondary-limit")
    if pretended is not None:
        wait = {"Retry-After": str(seconds_until(pretended.ends, now))} if pretended.retry_after else {}
        raise RefusedError(pretended.status, SECONDARY_LIMIT.format(**words), wait, LIMIT_DOCS)
    # While the clock stands still there is no rate that could be too high.
    if not world.clock.frozen and world.ghes_version is None and world.limits.too_fast(login, now, points):
        raise RefusedError(403, SECONDARY_LIMIT.format(**words), {"Retry-After": "60"}, LIMIT_DOCS)
    if standing.remaining == 0:
        status = faults["primary-limit"].status if "primary-limit" in faults else 403
        raise RefusedError(status, PRIMARY_LIMIT.format(**words), docs=LIMIT_DOCS)


def check_single_sign_on(faults: Mapping[Kind, Fault], web: str, path: str) -> None:
    """An organisation may want tokens to be authorised."""
    if "sso" in faults:
        where = f"{web}/orgs/{path.split('/')[2]}/sso?authorization_request=PRETEND"
        raise RefusedError(403, SINGLE_SIGN_ON, {"X-GitHub-SSO": f"required; url={where}"})


def seconds_until(when: datetime, now: datetime) -> int:
    """Whole seconds, at least one."""
    return max(1, -int((now - when).total_seconds() // 1))
