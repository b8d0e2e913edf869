"""Reads the settings: the file, above it the environment, and what is said when they are wrong."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from console.errors import printable
from console.settings.api_url import GITHUB_COM
from console.settings.complaints import Complaint, InvalidSettingsError, Location, complaints_from, named, nearest
from console.settings.environment import from_environment, unknown_variables, variable_of
from console.settings.file import read_config
from console.settings.paths import paths
from console.settings.schema import Context, Reading, Settings


def load(path: Path | None = None, environ: Mapping[str, str] | None = None, context: str | None = None) -> Settings:
    """Read the file and the environment. `context` is the chosen one, which the environment's settings are for.

    Raises InvalidSettingsError with everything that is wrong. A missing file is no error.
    """
    where = paths().config_file if path is None else path
    variables = os.environ if environ is None else environ
    config = read_config(where)
    complaints = unknown_variables(variables, Settings, Context)
    merged = _deep_merged(config.data, from_environment(variables, Settings))
    chosen = context or _default_name(merged)
    merged, chosen = _with_context_from(variables, merged, chosen)
    try:
        settings = Settings(**merged)
    except ValidationError as error:
        complaints += complaints_from(error, Settings, lambda location: variable_of(location, chosen, variables))
    complaints += _about_the_default(merged, variable_of(("default_context",), chosen, variables))
    if complaints:
        by_place = {each.place: each for each in reversed(complaints)}
        raise InvalidSettingsError(where, _in_order_of_mention(by_place.values(), config.data))
    reading = Reading(file=where if config.exists else None, distrust=config.distrust, chosen=context or "")
    written = _table(config.data, "contexts")
    return settings.came_from(reading, {name: table.get("api_url", GITHUB_COM) for name, table in written.items()})


def _default_name(merged: Mapping[str, Any]) -> str:
    named = merged.get("default_context") or next(iter(_table(merged, "contexts")), "")
    return named if isinstance(named, str) else ""


def _about_the_default(merged: Mapping[str, Any], variable: str | None) -> list[Complaint]:
    """Apart from all else, so that it is told beside whatever else is wrong."""
    name, contexts = merged.get("default_context"), merged.get("contexts", {})
    if not isinstance(name, str) or not isinstance(contexts, Mapping) or name in contexts:
        return []
    hint = nearest(name, map(printable, contexts), all_of_them=True) if contexts else "there is none yet"
    words = f"there is no context {named(name)}"
    return [Complaint(variable or "default_context", words, hint, ("default_context",), in_file=variable is None)]


def _in_order_of_mention(complaints: Iterable[Complaint], data: Mapping[str, Any]) -> tuple[Complaint, ...]:
    """As the file has them, from its beginning to its end; then what the environment has wrong, by name."""

    def key(complaint: Complaint) -> tuple[bool, list[int], str]:
        return not complaint.in_file, _mentioned_at(complaint.location, data), complaint.place

    return tuple(sorted(complaints, key=key))


def _mentioned_at(location: Location, data: object) -> list[int]:
    """Which key of the file, which key of that table, and so on."""
    places: list[int] = []
    for part in location:
        if isinstance(data, Mapping) and part in data:
            places.append(list(data).index(part))
            data = data[part]
        else:
            return [*places, part] if isinstance(part, int) else places
    return places


def _with_context_from(variables: Mapping[str, str], merged: dict[str, Any], chosen: str) -> tuple[dict[str, Any], str]:
    """The chosen context with what the environment says of it; without any context, the environment can be one."""
    overrides = from_environment(variables, Context)
    contexts = _table(merged, "contexts")
    if not contexts and {"api_url", "scopes"} & overrides.keys():
        chosen = chosen or "default"
        # All of it comes from the environment, and so does its token.
        overrides = {"token": "env", **overrides}
    elif not isinstance(contexts.get(chosen), Mapping):
        return merged, chosen
    return _deep_merged(merged, {"contexts": {chosen: overrides}}), chosen


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The table of that name; an empty one where something else stands, about which validation has its say."""
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def _deep_merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[key] = _deep_merged(old, value)
        else:
            merged[key] = value
    return merged
