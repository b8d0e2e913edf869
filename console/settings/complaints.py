"""What is wrong with the configuration, in words: the place, the complaint, and the nearest thing that is known."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from console.errors import SettingsError, printable

Location = tuple[str | int, ...]


class Complaint(NamedTuple):
    """One thing that is wrong: `place` is a dotted path or the name of an environment variable."""

    place: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class InvalidSettingsError(SettingsError):
    """The configuration cannot be used. `complaints` holds all that is wrong, not only the first."""

    def __init__(self, file: Path, complaints: tuple[Complaint, ...]) -> None:
        lines = "\n".join(f"  {complaint}" for complaint in complaints)
        super().__init__(
            f"The configuration cannot be used ({printable(str(file))}):\n{lines}",
            "Correct this; `runner-console config check` looks again, `config schema` says what there is.",
        )
        self.file = file
        self.complaints = complaints


def nearest(wanted: str, known: Iterable[str]) -> str:
    """A hint with the nearest known name, or with all of them."""
    names = list(known)
    close = get_close_matches(wanted, names, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(names)}"


def complaints_from(
    error: ValidationError, root: type[BaseModel], variable: Callable[[Location], str | None]
) -> list[Complaint]:
    """One complaint for each place. Values are never repeated: a token may stand where it does not belong."""
    found: dict[str, Complaint] = {}
    for item in error.errors(include_input=False, include_url=False, include_context=False):
        location, message = _shortened(item["loc"]), item["msg"].removeprefix("Value error, ")
        hint = ""
        if item["type"] == "extra_forbidden":
            message, hint = "there is no such setting", nearest(str(location[-1]), _known_beside(location, root))
        if len(location) > 2 and location[2] == "token":
            message = 'must be "keyring", "env", { command = ["PROGRAM", "ARGUMENT"] }, or a table of these by owner'
        place = variable(location) or dotted(location) or "the file as a whole"
        found.setdefault(place, Complaint(place, message, hint))
    return list(found.values())


def dotted(location: Location) -> str:
    """The path as TOML writes it, made harmless."""
    return ".".join(printable(str(part), 80) for part in location)


def _shortened(location: Location) -> Location:
    """Without pydantic's own marks: the branch of a union below `token`, and `[key]`."""
    if len(location) > 3 and location[0] == "contexts" and location[2] == "token":
        return location[:3]
    return tuple(part for part in location if part != "[key]")


def _known_beside(location: Location, root: type[BaseModel]) -> list[str]:
    """The settings that exist where the unknown one stands."""
    model = root
    for part in location[:-1]:
        field = model.model_fields.get(str(part))
        below = _model_in(field.annotation) if field is not None else None
        model = below or model
    return list(model.model_fields)


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part)) is not None), None)
