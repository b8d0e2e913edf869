"""The official description of GitHub's API, as something answers can be held against."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator, FormatChecker

FILE = Path(__file__).parent / "openapi" / "actions-subset.json"
_ALLOWED = {"type": "string", "enum": ["all", "local_only", "selected"]}
_ADDRESS = {"type": "string", "format": "uri"}
_TEXTS = ("encoding", "name", "path", "content", "sha", "target", "submodule_git_url")
_ADDRESSES = ("url", "git_url", "html_url", "download_url")
LEFT_OUT: dict[str, Any] = {
    "/repos/{owner}/{repo}/actions/permissions": {
        "type": "object",
        "properties": {
            "enabled": {"type": "boolean"},
            "allowed_actions": _ALLOWED,
            "selected_actions_url": {"type": "string"},
            "sha_pinning_required": {"type": "boolean"},
        },
        "required": ["enabled"],
    },
    "/orgs/{org}/actions/permissions": {
        "type": "object",
        "properties": {
            "enabled_repositories": {"type": "string", "enum": ["all", "none", "selected"]},
            "selected_repositories_url": {"type": "string"},
            "allowed_actions": _ALLOWED,
            "selected_actions_url": {"type": "string"},
            "sha_pinning_required": {"type": "boolean"},
        },
        "required": ["enabled_repositories"],
    },
    "/repos/{owner}/{repo}/contents/{path}": {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["file"]},
            **{name: {"type": "string"} for name in _TEXTS},
            "size": {"type": "integer"},
            **dict.fromkeys(_ADDRESSES, _ADDRESS),
            "_links": {
                "type": "object",
                "properties": dict.fromkeys(("git", "html", "self"), _ADDRESS),
                "required": ["git", "html", "self"],
            },
        },
        "required": ["_links", "content", "encoding", "name", "path", "sha", "size", "type", *_ADDRESSES],
    },
}
"""Said by GitHub's documentation of paths that the part of the description which is kept here leaves out."""
FORMATS = FormatChecker(formats=["email"])


@FORMATS.checks("date-time", raises=ValueError)
def is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("uri")
def is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme and urlsplit(value).netloc)


def as_json_schema(schema: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: `nullable` spelt out, and nothing allowed that is not described."""
    if isinstance(schema, list):
        return [as_json_schema(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: as_json_schema(value) for key, value in schema.items() if key not in {"nullable", "example"}}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") is True else made


@cache
def description() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FILE.read_bytes())
    # It exists, and the part of the description that is kept here leaves it out.
    loaded["paths"]["/repos/{owner}/{repo}/releases/{release_id}"]["delete"] = {"responses": {"204": {}}}
    for path, schema in LEFT_OUT.items():
        loaded["paths"][path] = {"get": {"responses": {"200": {"content": {"application/json": {"schema": schema}}}}}}
    return loaded


@cache
def components() -> Any:
    schemas = as_json_schema(description()["components"]["schemas"])
    # Both exist, and the description does not know them.
    schemas["job"]["properties"]["conclusion"]["anyOf"][0]["enum"] += ["startup_failure", "stale"]
    # GitHub Enterprise Server tells its version here.
    schemas["api-overview"]["properties"]["installed_version"] = {"type": "string"}
    return {"schemas": schemas}


@cache
def _validator(name: str, method: str, status: int) -> Draft202012Validator:
    if name.startswith("#"):
        schema = {"$ref": name}
    else:
        schema = as_json_schema(described(name, method, status)["content"]["application/json"]["schema"])
    return Draft202012Validator({**schema, "components": components()}, format_checker=FORMATS)


def described(path: str, method: str, status: int) -> Any:
    """What is said of an answer; without `content` it has no body. Raises KeyError for one that does not exist."""
    answer = description()["paths"][path][method.lower()]["responses"][str(status)]
    named = answer.get("$ref", "").removeprefix("#/components/responses/")
    return description()["components"]["responses"][named] if named else answer


def faults_of(path: str, answer: object, *, method: str = "get", status: int = 200) -> list[str]:
    """What the description of a path (`/orgs/{org}/…`) or of a schema (`#/components/…`) has against an answer."""
    found = _validator(path, method, status).iter_errors(answer)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]
