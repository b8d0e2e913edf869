"""The store that pretend logs are fetched from: not the API's place, and its addresses are signed and soon expire."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import parse_qs, quote, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from console.simulator.guids import guid
from console.simulator.inhabitants import Job
from console.simulator.job_logs import log_of
from console.simulator.places import timestamp
from console.simulator.world import World

GOOD_FOR = timedelta(minutes=1)
_KEY = b"signs addresses of the pretend store, and guards nothing"
_VERSION = "2025-11-05"


def address_of(job: Job, store: str, now: datetime) -> str:
    """Where the log of a job is for the next minute, whether there is one or not: as GitHub does it."""
    path = f"/actions-results/{guid('run', job.run.id)}/workflow-job-run-{guid('job', job.id)}/logs/job/job-logs.txt"
    query = {
        "rsct": "text/plain",
        "se": timestamp(now + GOOD_FOR) or "",
        "sp": "r",
        "spr": "https",
        "sr": "b",
        "sv": _VERSION,
    }
    return f"{store}{path}?{urlencode({**query, 'sig': _signature(path, query['se'])}, quote_via=quote)}"


def store_app(world: World) -> Starlette:
    """Serves the logs of a world."""

    def blob(request: Request) -> Response:
        with world.lock:
            world.advance()
            return _answer(world, request)

    return Starlette(routes=[Route("/{rest:path}", blob, methods=["GET", "HEAD"])])


def _answer(world: World, request: Request) -> Response:
    now, path = world.timeline.now, request.url.path
    asked = {name: values[0] for name, values in parse_qs(request.url.query).items()}
    ends = asked.get("se", "")
    if "authorization" in request.headers:
        return _refused(403, "AuthenticationFailed", "A signed address and Authorization exclude one another.", now)
    if not hmac.compare_digest(asked.get("sig", "").encode(), _signature(path, ends).encode()):
        return _refused(403, "AuthenticationFailed", "Signature did not match.", now)
    if (timestamp(now) or "") >= ends:
        words = f"Signature not valid in the specified time frame: Expiry [{ends}] - Current [{timestamp(now)}]"
        return _refused(403, "AuthenticationFailed", words, now)
    job = next((job for job in world.runs.jobs.values() if f"-{guid('job', job.id)}/" in path), None)
    log = None if job is None else log_of(job)
    if log is None:
        return _refused(404, "BlobNotFound", "The specified blob does not exist.", now)
    return Response(log, headers={**_headers(now), "x-ms-blob-type": "AppendBlob"}, media_type="text/plain")


def _refused(status: int, code: str, words: str, now: datetime) -> Response:
    body = (
        '\ufeff<?xml version="1.0" encoding="utf-8"?>'
        f"<Error><Code>{code}</Code><Message>{words}\nTime:{now.astimezone(UTC).isoformat()}</Message></Error>"
    )
    return Response(body, status, {**_headers(now), "x-ms-error-code": code}, "application/xml")


def _headers(now: datetime) -> dict[str, str]:
    return {
        "Date": format_datetime(now.replace(microsecond=0), usegmt=True),
        "Server": "Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0",
        "x-ms-version": _VERSION,
    }


def _signature(path: str, ends: str) -> str:
    return hmac.new(_KEY, f"{path} {ends}".encode(), hashlib.sha256).hexdigest()
