"""Settings that come from the command line, checked as those of the file are."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from console.errors import UsageError, printable
from console.settings.complaints import complaints_from
from console.settings.forms import Name, ScopeText
from console.settings.schema import Context


def checked(values: dict[str, Any]) -> Context:
    """The context these values make. Raises UsageError with all that is wrong."""
    try:
        return Context(**values)
    except ValidationError as error:
        told = "; ".join(str(each) for each in complaints_from(error, Context, lambda _: None))
        raise UsageError(f"This makes no context: {told}") from None


def checked_name(name: str) -> str:
    """A name that a context may have."""
    try:
        return TypeAdapter(Name).validate_python(name)
    except ValidationError:
        raise UsageError(
            f"“{printable(name, 80)}” cannot be a context's name", "Letters, digits, dots, dashes and underscores."
        ) from None


def checked_scope(scope: str) -> str:
    """A scope that a context may have."""
    try:
        return TypeAdapter(ScopeText).validate_python(scope)
    except ValidationError:
        raise UsageError(
            f"“{printable(scope, 80)}” is no scope", "A scope is enterprise:NAME, org:NAME or repo:OWNER/NAME."
        ) from None
