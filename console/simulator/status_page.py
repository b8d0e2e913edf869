"""The pretend GitHub's status page: a web application that answers as Statuspage does, out of a world."""

import hashlib
import json
from email.utils import format_datetime
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.simulator.places import timestamp
from console.simulator.world import World

PAGE = {
    "id": "kctbh9vrtdwd",
    "name": "GitHub",
    "url": "https://www.githubstatus.com",
    "time_zone": "Etc/UTC",
}
ACTIONS = "br0l2tvcx85d"
COMPONENTS = {
    "8l4ygp009s5s": "Git Operations",
    "4230lsnqdsld": "Webhooks",
    "0l2p9nhqnxpd": "Visit www.githubstatus.com for more information",
    "brv1bkgrwx7q": "API Requests",
    ACTIONS: "Actions",
}
"""Some of the real ones, by their ids."""
INDICATORS = {"operational": ("none", "All Systems Operational")}
TROUBLE = ("minor", "Partially Degraded Service")


def status_app(world: World) -> Starlette:
    """Serves the summary; nobody needs a token for it."""

    def summary(request: Request) -> Response:
        with world.lock:
            world.advance()
            return _answer(world, request)

    return Starlette(routes=[Route("/api/v2/summary.json", summary, methods=["GET", "HEAD"])])


def _answer(world: World, request: Request) -> Response:
    body = json.dumps(_summary(world)).encode()
    etag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {
        "Date": format_datetime(world.timeline.now.replace(microsecond=0), usegmt=True),
        "ETag": etag,
        "Cache-Control": "max-age=10, public",
    }
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json; charset=utf-8")


def _summary(world: World) -> dict[str, Any]:
    standing = world.standing
    components = [_component(world, component) for component in COMPONENTS]
    indicator, description = INDICATORS.get(standing.actions, TROUBLE)
    return {
        "page": {**PAGE, "updated_at": timestamp(world.opens_at)},
        "components": components,
        "incidents": [
            {
                "id": hashlib.sha256(f"{each.name} {each.began}".encode()).hexdigest()[:12],
                "name": each.name,
                "status": each.status,
                "created_at": timestamp(each.began),
                "updated_at": timestamp(each.updated or each.began),
                "impact": each.impact,
                "components": [_component(world, ACTIONS)],
            }
            for each in standing.open
        ],
        "scheduled_maintenances": [],
        "status": {"indicator": indicator, "description": description},
    }


def _component(world: World, component: str) -> dict[str, Any]:
    return {
        "id": component,
        "name": COMPONENTS[component],
        "status": world.standing.actions if component == ACTIONS else "operational",
        "position": list(COMPONENTS).index(component) + 1,
        "group": False,
        "page_id": PAGE["id"],
    }
