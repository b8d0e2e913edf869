"""Themes: one TOML file for each, with the colours by what they are for. Textual's own variables follow from them."""

import re
import tomllib
from functools import cache
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import Theme

from console.errors import SettingsError

TOKENS = (
    "background", "surface", "panel", "cursor", "cursor-blurred",
    "text", "foreign", "muted", "error", "warning", "success", "accent",
    "header-background", "header-foreground", "demo-background",
)  # fmt: skip
"""What every theme file says, beside `dark`. `foreign` is for text from outside, the rest for the console's own."""

_COPIES = {
    "text": ("text", "block-cursor-foreground", "block-cursor-blurred-foreground", "footer-foreground",
             "footer-description-foreground", "input-selection-foreground", "link-color", "button-foreground"),
    "muted": ("text-muted", "text-disabled", "foreground-muted", "foreground-disabled"),
    "error": ("text-error",),
    "warning": ("text-warning",),
    "success": ("text-success",),
    "accent": ("text-accent", "text-primary", "border", "footer-key-foreground", "link-color-hover",
               "scrollbar-active"),
    "foreign": ("foreign", "text-secondary"),
    "cursor": ("block-cursor-background", "input-selection-background", "screen-selection-background", "scrollbar"),
    "cursor-blurred": ("block-cursor-blurred-background", "block-hover-background", "border-blurred"),
    "panel": ("footer-background",),
    "background": ("button-color-foreground", "scrollbar-background", "scrollbar-background-hover",
                   "scrollbar-background-active", "scrollbar-corner-color"),
    "header-background": ("header-background",),
    "header-foreground": ("header-foreground",),
    "demo-background": ("demo-background",),
}  # fmt: skip
"""Which of Textual's variables, and which of ours, take the colour of a token."""

_AS_THEY_ARE = {"block-cursor-text-style": "none", "block-cursor-blurred-text-style": "none"}

VARIABLE_DEFAULTS = {
    "foreign": "#ffffff",
    "header-background": "#303030",
    "header-foreground": "#ffffff",
    "demo-background": "#004a90",
}
"""For themes that are not ours and do not know these."""


def theme_from_toml(name: str, text: str, where: str) -> Theme:
    """The theme that a file describes; `where` names the file in what is said about a broken one."""
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"The theme file {where} is not TOML: {error}.", _HINT) from None
    for key in said:
        if key not in {*TOKENS, "dark"}:
            raise _broken(where, text, key, f"{key!r} is not a colour of a theme")
    if not isinstance(dark := said.get("dark"), bool):
        raise _broken(where, text, "dark", "'dark' must be true or false")
    colors = {token: _color(where, text, token, said.get(token)) for token in TOKENS}
    variables = {variable: colors[token] for token, copies in _COPIES.items() for variable in copies}
    return Theme(
        name=name,
        dark=dark,
        primary=colors["accent"],
        secondary=colors["foreign"],
        accent=colors["accent"],
        foreground=colors["text"],
        background=colors["background"],
        surface=colors["surface"],
        panel=colors["panel"],
        error=colors["error"],
        warning=colors["warning"],
        success=colors["success"],
        variables=variables | _AS_THEY_ARE,
    )


_HINT = "The theme 'dark' is used instead."


def _color(where: str, text: str, token: str, value: object) -> str:
    if value is None:
        raise _broken(where, text, token, f"the colour {token!r} is missing")
    try:
        color = Color.parse(value if isinstance(value, str) else "")
    except ColorParseError:
        raise _broken(where, text, token, f'{token!r} is not a colour such as "#1c2128"') from None
    if color.ansi is not None or color.a < 1:
        raise _broken(where, text, token, f'{token!r} must be an opaque colour of its own such as "#1c2128"')
    return color.hex


def _broken(where: str, text: str, key: str, what: str) -> SettingsError:
    before = re.split(rf"(?m)^\s*[\"']?{re.escape(key)}[\"']?\s*=", text, maxsplit=1)[0]
    line = f" line {before.count(chr(10)) + 1}" if before != text else ""
    return SettingsError(f"The theme file {where}{line}: {what}.", _HINT)


def load_themes(directory: Path) -> tuple[tuple[Theme, ...], tuple[SettingsError, ...]]:
    """Every theme of a directory by name, and what is wrong with those that could not be used."""
    themes: list[Theme] = []
    errors: list[SettingsError] = []
    for file in sorted(directory.iterdir(), key=lambda file: file.name):
        if not file.name.endswith(".toml"):
            continue
        try:
            themes.append(theme_from_toml(file.name.removesuffix(".toml"), _read(file), str(file)))
        except SettingsError as error:
            errors.append(error)
    return tuple(themes), tuple(errors)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The theme file {file} cannot be read: {error}.", _HINT) from None


@cache
def themes() -> tuple[Theme, ...]:
    """The themes that come with the console, `dark` among them."""
    shipped, errors = load_themes(Path(__file__).parents[1] / "themes")
    if errors:
        raise errors[0]
    return shipped
