"""What names and addresses in settings must look like, and what is said where one does not."""

import re
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from console.settings.api_url import checked_status_url
from console.settings.complaints import named, nearest
from console.settings.themes import theme_names


def _spelled(pattern: str, words: str) -> tuple[AfterValidator, WithJsonSchema]:
    """Text of one form. Our own check, because pydantic's would show the pattern instead of words."""
    form = re.compile(pattern)

    def check(value: str) -> str:
        if form.fullmatch(value) is None:
            raise ValueError(words)
        return value

    return AfterValidator(check), WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern})$"})


_LOGIN = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?"
_SCOPE_FORM, _SCOPE_WORDS = _spelled(
    rf"(?:enterprise|org):{_LOGIN}|repo:{_LOGIN}/[A-Za-z0-9._-]{{1,100}}",
    "must be enterprise:NAME, org:NAME or repo:OWNER/NAME",
)
_GLOB_FORM, _GLOB_WORDS = _spelled(
    rf"{_LOGIN}/[A-Za-z0-9._*?-]{{1,100}}", "must be OWNER/NAME, where NAME may have * and ?"
)
_OWNER_FORM, _OWNER_WORDS = _spelled(_LOGIN, "is no name of an enterprise, organisation or user")
_NAME_FORM, _NAME_WORDS = _spelled(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "must be a name of letters, digits, dots, dashes and underscores"
)

ScopeText = Annotated[str, _SCOPE_FORM, _SCOPE_WORDS]
RepositoryGlob = Annotated[str, _GLOB_FORM, _GLOB_WORDS]
OwnerText = Annotated[str, _OWNER_FORM, _OWNER_WORDS]
Name = Annotated[str, _NAME_FORM, _NAME_WORDS]


def _known_theme(value: str) -> str:
    if value not in theme_names():
        raise ValueError(f"there is no theme {named(value)}; {nearest(value, theme_names(), all_of_them=True)}")
    return value


ThemeName = Annotated[
    str, AfterValidator(_known_theme), WithJsonSchema({"type": "string", "enum": list(theme_names())})
]

_RUNNERS_FORM, _RUNNERS_WORDS = _spelled(
    r"[^\x00-\x1f\x7f]{1,100}", "must be a name of runners, which may have * and ?, of at most 100 characters"
)
_HOST_FORM, _HOST_WORDS = _spelled(
    r"(?!-)(?:[A-Za-z0-9_.:\[\]-]|\{name\}){1,255}",
    "must be a host as ssh knows it, where {name} stands for the runner's name",
)
_USER_FORM, _USER_WORDS = _spelled(r"|(?!-)[A-Za-z0-9_.@+-]{1,100}", "must be a user's name on the hosts")

_PROGRAM_FORM, _PROGRAM_WORDS = _spelled(
    r"(?!-)[^\x00-\x1f\x7f]{1,1000}", "must be a program: a name to be looked for, or a path"
)


RunnersGlob = Annotated[str, _RUNNERS_FORM, _RUNNERS_WORDS]
HostText = Annotated[str, _HOST_FORM, _HOST_WORDS]
UserText = Annotated[str, _USER_FORM, _USER_WORDS]
ProgramText = Annotated[str, _PROGRAM_FORM, _PROGRAM_WORDS]
StatusAddress = Annotated[str, AfterValidator(checked_status_url)]
