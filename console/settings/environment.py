"""Settings from environment variables: `RUNNER_CONSOLE_<NAME>` for general ones and for those of the chosen context."""

from collections.abc import Mapping
from typing import Any, cast, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, EnvSettingsSource

from console.errors import printable
from console.settings.complaints import Complaint, Location, nearest

PREFIX = "RUNNER_CONSOLE_"
NESTED = "__"
HOLDS_A_TOKEN = PREFIX + "TOKEN"
"""Holds a token itself, so that no setting is read from it."""

_FLAGS = {
    word: value for value, words in ((True, "true yes on 1"), (False, "false no off 0")) for word in words.split()
}
_ONLY_IN_THE_FILE = frozenset({"contexts", "token", "hosts"})


class _Environment(EnvSettingsSource):
    """Reads the variables it is given, and never one that holds a token."""

    def __init__(self, part: type[BaseModel], environ: Mapping[str, str]) -> None:
        super().__init__(
            # It asks for nothing but the fields, which every model has.
            cast("type[BaseSettings]", part),
            case_sensitive=False,
            env_prefix=PREFIX,
            env_nested_delimiter=NESTED,
        )
        self.env_vars = {name.lower(): value for name, value in _ours(environ).items()}

    def prepare_field_value(self, field_name: str, field: FieldInfo, value: Any, value_is_complex: bool) -> Any:  # noqa: ANN401 - as in the class above
        """A variable is a word; the file, which knows true and false, must use them."""
        if field.annotation is bool and isinstance(value, str):
            return _FLAGS.get(value.strip().lower(), value)
        return super().prepare_field_value(field_name, field, value, value_is_complex)

    def decode_complex_value(self, field_name: str, field: FieldInfo, value: object) -> object:
        """Lists are written with commas or spaces; nothing is written as JSON."""
        if isinstance(value, str) and get_origin(field.annotation) is tuple:
            return tuple(value.replace(",", " ").split())
        return value


def from_environment(environ: Mapping[str, str], part: type[BaseModel]) -> dict[str, Any]:
    """What the variables say about the fields of this part, not yet validated."""
    found = _Environment(part, environ)()
    return {name: value for name, value in found.items() if name not in _ONLY_IN_THE_FILE}


def unknown_variables(environ: Mapping[str, str], *parts: type[BaseModel]) -> list[Complaint]:
    """Variables of ours that set nothing: misspelt ones must not be silently without effect."""
    known = {name.removeprefix(PREFIX): name for part in parts for name in _names(part)}
    unknown = [name for name in sorted(_ours(environ)) if name not in known.values()]
    return [
        # What all names begin with would make them alike.
        Complaint(
            printable(name, 80),
            "there is no such setting",
            nearest(name.removeprefix(PREFIX), known, PREFIX),
            in_file=False,
        )
        for name in unknown
    ]


def variable_of(location: Location, chosen: str, environ: Mapping[str, str]) -> str | None:
    """The variable that set what stands at this place; None where the file did."""
    own = location[2:] if location[:2] == ("contexts", chosen) else location
    for length in range(len(own), 0, -1):
        name = PREFIX + NESTED.join(str(part) for part in own[:length]).upper()
        if environ.get(name) and name != HOLDS_A_TOKEN:
            return printable(name, 80)
    return None


def _ours(environ: Mapping[str, str]) -> dict[str, str]:
    """Ours and not empty: an empty variable sets nothing."""
    return {
        name: value for name, value in environ.items() if name.startswith(PREFIX) and value and name != HOLDS_A_TOKEN
    }


def _names(part: type[BaseModel], before: str = PREFIX) -> list[str]:
    found: list[str] = []
    for name, field in part.model_fields.items():
        if name in _ONLY_IN_THE_FILE:
            continue
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += _names(inner, f"{before}{name.upper()}{NESTED}")
        else:
            found.append(before + name.upper())
    return found
