"""Every setting, its default and its meaning."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    PrivateAttr,
    Strict,
    StringConstraints,
    Tag,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from console.errors import NoContextError
from console.settings.api_url import GITHUB_COM, GITHUB_STATUS, checked_api_url
from console.settings.complaints import UNION_BRANCHES, no_such_context
from console.settings.durations import LookInterval, QuietInterval, Threshold, duration, not_shorter_than
from console.settings.forms import (
    HostText,
    Name,
    OwnerText,
    ProgramText,
    RepositoryGlob,
    RunnersGlob,
    ScopeText,
    StatusAddress,
    ThemeName,
    UserText,
)

Flag = Annotated[bool, Strict()]
"""True or false. A word that only resembles one must not unlock anything."""

TokenFrom = Literal["keyring", "env"] | tuple[str, ...]
"""Where a token comes from; a tuple is a command's arguments."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TokenCommand(_Part):
    """A program that prints a token. It is started directly, never by a shell."""

    command: Annotated[
        tuple[Annotated[str, StringConstraints(min_length=1, max_length=4096, pattern=r"^[^\x00]*$")], ...],
        Field(min_length=1, max_length=64, description="The program and its arguments, one string each."),
    ]


_WORD, _COMMAND, _OWNERS = UNION_BRANCHES


def _kind_of_source(value: object) -> str | None:
    """What was meant, so that a mistake in it is told as one and not as the failure of all that is possible."""
    if isinstance(value, str):
        return _WORD
    return _COMMAND if isinstance(value, TokenCommand | Mapping) else None


def _kind_of_token(value: object) -> str | None:
    """A table by owner holds words and tables; one with a list in it, or a `command` that is no word, is a command."""
    if not isinstance(value, Mapping):
        return _kind_of_source(value)
    if any(isinstance(each, list | tuple) for each in value.values()):
        return _COMMAND
    return _COMMAND if value.get("command", "env") not in ("env", "keyring") else _OWNERS


_Word = Annotated[Literal["keyring", "env"], Tag(_WORD)]
_Command = Annotated[TokenCommand, Tag(_COMMAND)]
_SOURCE_WORDS = 'must be "keyring", "env" or { command = ["PROGRAM", "ARGUMENT"] }'
_Source = Annotated[
    _Word | _Command,
    Discriminator(_kind_of_source, custom_error_type="token", custom_error_message=_SOURCE_WORDS),
]
TokenSetting = Annotated[
    _Word | _Command | Annotated[dict[OwnerText, _Source], Field(min_length=1), Tag(_OWNERS)],
    Discriminator(
        _kind_of_token, custom_error_type="token", custom_error_message=f"{_SOURCE_WORDS}, or one of these by owner"
    ),
]


class SshSettings(_Part):
    """How the hosts of a context's runners are reached. All else is in ssh's own configuration."""

    hosts: dict[RunnersGlob, HostText] = Field(
        default={},
        max_length=1000,
        description="Names of runners, with `*` and `?`, and their hosts, with `{name}` for that name; the first fits.",
    )
    user: UserText = Field(default="", description="The user on these hosts; empty: as ssh's own configuration has it.")


class Context(_Part):
    """One named connection."""

    api_url: str = Field(default=GITHUB_COM, description="The REST API's address; https, or http on loopback.")
    scopes: tuple[ScopeText, ...] = Field(
        default=(),
        max_length=200,
        description="Where runners are registered: `enterprise:NAME`, `org:NAME` or `repo:OWNER/NAME`.",
    )
    repositories: tuple[RepositoryGlob, ...] = Field(
        default=(),
        max_length=1000,
        description="Whose jobs are watched, `OWNER/NAME` with `*` and `?`; without any all of the organisations and "
        "repositories among the scopes, for GitHub lists none of an enterprise.",
    )
    token: TokenSetting = Field(
        default="keyring",
        description="Where the token is: `keyring`, `env`, `{ command = [...] }`, or one of these for each owner.",
    )
    theme: ThemeName | None = Field(
        default=None, description="This context's theme; the general one, where none is given."
    )
    read_only: Flag = Field(default=True, description="Nothing can be changed while this is true.")
    status_url: StatusAddress | None = Field(
        default=None,
        description="This context's status page; without one that of github.com for github.com, and none for others.",
    )
    ssh: SshSettings = Field(default=SshSettings(), description="The hosts of its runners.")

    @field_validator("api_url")
    @classmethod
    def _usable_address(cls, value: str) -> str:
        return checked_api_url(value)

    _written_address: str = PrivateAttr(default="")

    @property
    def command_for(self) -> str:
        """The address the token command was written for: the file's, whatever the environment says of `api_url`."""
        return self._written_address or self.api_url

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose tokens are needed, in the order of mention."""
        names = [scope.partition(":")[2] for scope in self.scopes] + list(self.repositories)
        first: dict[str, str] = {}
        for name in names:
            owner = name.partition("/")[0]
            first.setdefault(owner.lower(), owner)
        return tuple(first.values())

    @property
    def watches_jobs(self) -> bool:
        """Whose jobs to watch is known; GitHub lists no repositories of an enterprise."""
        return bool(self.repositories) or any(not scope.startswith("enterprise:") for scope in self.scopes)

    def token_from(self, owner: str) -> TokenFrom | None:
        """None: the table of tokens by owner does not name this one."""
        setting = self.token
        if isinstance(setting, dict):
            by_owner = {name.lower(): value for name, value in setting.items()}
            found = by_owner.get(owner.lower())
            if found is None:
                return None
            setting = found
        return setting.command if isinstance(setting, TokenCommand) else setting


class ThresholdSettings(_Part):
    """From when on a job that waits although a runner could take it is worth a look, and when it is an alert."""

    queued_watch: Threshold = duration("90s", "Worth a look.")
    queued_alert: Threshold = duration("180s", "An alert.")

    @field_validator("queued_alert")
    @classmethod
    def _in_order(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        return not_shorter_than("queued_watch", value, info)


class Reading(NamedTuple):
    """How settings came to be."""

    file: Path | None = None
    """None: there is none."""
    distrust: str = ""
    """Why no token command of this file may be run; empty when it may."""
    chosen: str = ""
    """The context that is meant when none is named; empty: the default one."""


class Settings(BaseSettings):
    """Everything that can be set. `load()` makes it."""

    model_config = SettingsConfigDict(extra="forbid", frozen=True, title="runner-console configuration")

    default_context: Name | None = Field(default=None, description="The first context, where none is given.")
    theme: ThemeName = Field(default="dark", description="The theme of contexts that name none.")
    bell: Flag = Field(default=False, description="Ring the terminal's bell on a new alert.")
    animations: Flag = Field(default=True, description="Let things move on the screen.")
    mouse: Flag = Field(default=True, description="Take mouse clicks; false leaves them to the terminal.")
    debug: Flag = Field(default=False, description="Write a detailed log of the console's own doings.")
    ssh_program: ProgramText = Field(
        default="ssh", description="The ssh that reaches hosts: a name to be looked for, or a path."
    )
    status_url: StatusAddress = Field(
        default=GITHUB_STATUS, description="The status page of contexts on github.com; empty: it is not asked."
    )
    look_every: LookInterval = duration("15s", "How often runners and busy queues are read.")
    quiet_every: QuietInterval = duration("5 min", "How often quiet repositories are read.")
    thresholds: ThresholdSettings = ThresholdSettings()
    contexts: dict[Name, Context] = Field(default={}, description="Named connections.")

    _reading: Reading = PrivateAttr(default=Reading())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """`load()` has joined file and environment already: only it knows which context is the chosen one."""
        return (init_settings,)

    @field_validator("quiet_every")
    @classmethod
    def _in_order(cls, value: timedelta, info: ValidationInfo) -> timedelta:
        return not_shorter_than("look_every", value, info)

    @property
    def reading(self) -> Reading:
        """How these settings came to be."""
        return self._reading

    def came_from(self, reading: Reading, written_addresses: Mapping[str, str]) -> Self:
        """These settings, knowing how they came to be, and which `api_url` stands in the file for each context."""
        self._reading = reading
        for name, address in written_addresses.items():
            self.contexts[name]._written_address = address
        return self

    @property
    def distrust(self) -> str:
        """Why no token command of this file may be run; empty when it may."""
        return self._reading.distrust

    @property
    def default_name(self) -> str:
        """The default context's name; the first one's where none is named. Empty: there is no context."""
        return self.default_context or next(iter(self.contexts), "")

    def theme_of(self, context: Context) -> str:
        """The context's theme, or the general one."""
        return context.theme or self.theme

    def status_url_of(self, context: Context) -> str:
        """The context's status page; the general one says nothing of other servers than github.com. Empty: none."""
        if context.status_url is not None:
            return context.status_url
        return self.status_url if context.api_url == GITHUB_COM else ""

    def context(self, name: str | None = None) -> tuple[str, Context]:
        """The context of this name, or the chosen one."""
        wanted = name or self._reading.chosen or self.default_name
        if not self.contexts:
            raise NoContextError(
                "No context is configured yet",
                "`runner-console auth login` or `runner-console context add NAME` makes one; "
                "`runner-console demo` needs none.",
            )
        found = self.contexts.get(wanted)
        if found is None:
            raise no_such_context(wanted, self.contexts)
        return wanted, found


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the file, for editors."""
    schema = Settings.model_json_schema(mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
