"""What is wrong with the configuration, in words: the place, the complaint, and the nearest thing that is known."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple, get_args

from pydantic import BaseModel, ValidationError

from console.errors import SettingsError, UsageError, printable

Location = tuple[str | int, ...]

_SHORTER_THAN_A_TOKEN = 32
UNION_BRANCHES = ("<word>", "<command>", "<owners>")
_WORDS = {
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text in quotes",
    "tuple_type": 'must be a list of texts, such as ["ONE", "TWO"]',
    "literal_error": 'must be "keyring", "env" or { command = ["PROGRAM", "ARGUMENT"] }',
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "missing": "is missing",
    "string_too_short": "must not be empty",
    "string_too_long": "is too long",
    "string_pattern_mismatch": "must not hold a character with the number 0",
    "too_short": "must not be empty",
    "too_long": "is too long a list",
}
"""pydantic's complaints in words for people who do not know it; our own checks speak for themselves."""


class Complaint(NamedTuple):
    """One thing that is wrong: `place` is a dotted path, or what overrides the file: a variable, an option."""

    place: str
    message: str
    hint: str = ""
    location: Location = ()
    """The path in the file."""
    in_file: bool = True
    """False: the file is not to blame."""

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class InvalidSettingsError(SettingsError):
    """The configuration cannot be used. `complaints` holds all that is wrong, not only the first."""

    def __init__(self, file: Path, complaints: tuple[Complaint, ...]) -> None:
        lines = "\n".join(f"  {complaint}" for complaint in complaints)
        super().__init__(
            f"The configuration cannot be used ({to_blame(file, complaints)}):\n{lines}",
            "Correct this; `runner-console config check` looks again, `config schema` says what there is.",
        )
        self.file = file
        self.complaints = complaints


def to_blame(file: Path, complaints: Iterable[Complaint]) -> str:
    """The file, the variables and the options in which something is wrong."""
    named = {printable(str(file)) if each.in_file else each.place: not each.in_file for each in complaints}
    return ", ".join(sorted(named, key=named.__getitem__))


def nearest(wanted: str, known: Iterable[str], prefix: str = "", *, all_of_them: bool = False) -> str:
    """A hint with the nearest known name; with all names where none is near, or where they are few."""
    names = list(known)
    close = get_close_matches(wanted, names, n=1, cutoff=0.5)
    near = f"did you mean {prefix}{close[0]}?" if close else ""
    there_are = (
        f"known: {', '.join(prefix + name for name in names)}" if not close or (all_of_them and len(names) > 1) else ""
    )
    return " ".join(filter(None, (near, there_are)))


def named(value: str) -> str:
    """The value in quotation marks, unless it is as long as a token might be: then it is not repeated."""
    return f"“{printable(value)}”" if len(value) <= _SHORTER_THAN_A_TOKEN else "of this name"


def no_such_context(wanted: str, known: Iterable[str]) -> UsageError:
    """With the nearest one, all there are, and how to make one of this name."""
    near = nearest(printable(wanted, 80), map(printable, known), all_of_them=True)
    hint = f"{near[0].upper()}{near[1:]}; `runner-console context add NAME` adds one."
    return UsageError(f"There is no context {named(wanted)}", hint)


def complaints_from(
    error: ValidationError, root: type[BaseModel], variable: Callable[[Location], str | None]
) -> list[Complaint]:
    """One complaint for each place. Values are never repeated: a token may stand where it does not belong."""
    found: dict[str, Complaint] = {}
    for item in error.errors(include_input=False, include_url=False):
        location, hint = _shortened(item["loc"]), ""
        message = _WORDS.get(item["type"], item["msg"].removeprefix("Value error, "))
        if item["type"] == "extra_forbidden":
            message, hint = "there is no such setting", nearest(str(location[-1]), _known_beside(location, root))
        setter = variable(location)
        place = setter or dotted(location) or "the file as a whole"
        found.setdefault(place, Complaint(place, message, hint, location, in_file=setter is None))
    return list(found.values())


def dotted(location: Location) -> str:
    """The path as TOML writes it, made harmless."""
    return ".".join(printable(str(part), 80) for part in location)


def _shortened(location: Location) -> Location:
    """Without pydantic's own marks: `[key]`, and the branch of a union."""
    return tuple(part for part in location if part not in {"[key]", *UNION_BRANCHES})


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
