"""The configuration file: read with suspicion, changed only by a line or a table that the operator asked for."""

import contextlib
import json
import os
import re
import secrets
import stat
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from console.errors import SettingsError, UsageError, printable
from console.settings.broken_toml import what_is_wrong
from console.settings.complaints import Complaint, InvalidSettingsError, no_such_context
from console.settings.paths import private_directory

_LARGEST = 1_000_000
_DEFAULT_LINE = re.compile(r"""^(\s*default_context\s*=\s*)("[^"\\]*"|'[^']*')(.*)$""", re.MULTILINE)
_TOKEN_LINE = re.compile(r"^(\s*token\s*=\s*)([^#\n]*?)(\s*(?:#[^\n]*)?)$", re.MULTILINE)
_NEXT_TABLE = re.compile(r"^\s*\[", re.MULTILINE)
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


class ConfigFile(NamedTuple):
    """What stands in the file, and whether somebody else could have put it there."""

    exists: bool
    text: str
    data: dict[str, Any]
    distrust: str
    """Why it is not to be trusted with commands; empty when it is the operator's own."""


def read_config(path: Path) -> ConfigFile:
    """A missing file is an empty one. Raises InvalidSettingsError with line and column where it is no TOML."""
    try:
        # Not waiting for whoever might write to it some day, should it be a pipe.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            found = os.fstat(file.fileno())
            if not stat.S_ISREG(found.st_mode):
                raise InvalidSettingsError(path, (Complaint("the file as a whole", "is no ordinary file"),))
            raw = file.read(_LARGEST + 1)
    except FileNotFoundError:
        return ConfigFile(exists=False, text="", data={}, distrust="")
    except OSError as error:
        raise InvalidSettingsError(path, (Complaint("the file as a whole", str(error.strerror)),)) from None
    if len(raw) > _LARGEST:
        raise InvalidSettingsError(path, (Complaint("the file as a whole", "is larger than 1 MB"),))
    text = _decoded(path, raw)
    return ConfigFile(exists=True, text=text, data=_parsed(path, text), distrust=_distrust(path, found))


def _decoded(path: Path, raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - (raw.rfind(b"\n", 0, error.start) + 1) + 1
        raise InvalidSettingsError(path, (Complaint(f"line {line}, column {column}", "is not UTF-8"),)) from None


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidSettingsError(path, (what_is_wrong(text, error),)) from None
    except RecursionError:
        raise InvalidSettingsError(path, (Complaint("the file as a whole", "is nested too deeply"),)) from None


def _distrust(path: Path, found: os.stat_result) -> str:
    """Whoever can change the file or replace it could have a command of theirs run with our rights."""
    real = path.resolve()
    places = [(str(path), found), *((str(place), place.stat()) for place in {path.parent, real.parent})]
    for name, place in places:
        if place.st_uid not in {os.geteuid(), 0}:
            return f"{printable(name)} belongs to another user"
        if place.st_mode & 0o022 and not place.st_mode & stat.S_ISVTX:
            return f"{printable(name)} can be changed by other users (chmod go-w mends it)"
    return ""


def context_table(name: str, values: Mapping[str, object]) -> str:
    """The TOML of one context, as `add_context` will append it."""
    lines = [f"{key} = {_toml(value)}" for key, value in values.items()]
    return f"[contexts.{_toml_key(name)}]\n" + "".join(f"{line}\n" for line in lines)


def add_context(path: Path, name: str, values: Mapping[str, object], *, default: bool = False) -> None:
    """Append a context. What stands in the file already stays byte for byte as it is."""
    old = read_config(path)
    contexts = _contexts(path, old)
    _refuse_taken(name, contexts)
    end = "" if not old.text or old.text.endswith("\n") else "\n"
    gap = "\n" if old.text.strip() else ""
    text = f"{old.text}{end}{gap}{context_table(name, values)}"
    wanted = {**old.data, "contexts": {**contexts, name: _as_parsed(values)}}
    if default:
        text, wanted = _with_default(text, wanted, name), {**wanted, "default_context": name}
    _replace(path, old, text, wanted)


def refuse_taken(path: Path, name: str) -> None:
    """Said before anything is asked about a context that could not be added."""
    _refuse_taken(name, _contexts(path, read_config(path)))


def _refuse_taken(name: str, contexts: Mapping[str, object]) -> None:
    if name in contexts:
        raise UsageError(f"The context “{printable(name)}” exists already", "Choose another name, or edit the file.")


def use_context(path: Path, name: str) -> None:
    """Make a context the default one: one line is changed, or put first."""
    old = read_config(path)
    contexts = _contexts(path, old)
    if name not in contexts:
        raise no_such_context(name, contexts)
    _replace(path, old, _with_default(old.text, old.data, name), {**old.data, "default_context": name})


def set_token(path: Path, name: str, token: object) -> None:
    """Change where a context's token comes from: one line of its table, or one put first in it."""
    old = read_config(path)
    contexts = _contexts(path, old)
    table = contexts.get(name)
    header = re.search(
        rf"^\s*\[contexts\.(?:{re.escape(name)}|{re.escape(_toml(name))})\][^\n]*\n?", old.text, re.MULTILINE
    )
    if not isinstance(table, dict) or header is None:
        raise UsageError(
            f"{printable(str(path))} has no table [contexts.{printable(name)}]", f"Write there: token = {_toml(token)}"
        )
    following = _NEXT_TABLE.search(old.text, header.end())
    end = following.start() if following else len(old.text)
    body = old.text[header.end() : end]
    line = f"token = {_toml(token)}"
    if "token" in table:
        body = _TOKEN_LINE.sub(lambda found: f"{found[1]}{_toml(token)}{found[3]}", body, count=1)
    else:
        body = f"{line}\n{body}"
    text = f"{old.text[: header.end()]}{body}{old.text[end:]}"
    changed = {**contexts, name: {**table, "token": _as_parsed(token)}}
    _replace(path, old, text, {**old.data, "contexts": changed})


def _contexts(path: Path, config: ConfigFile) -> Mapping[str, object]:
    contexts = config.data.get("contexts", {})
    if not isinstance(contexts, dict):
        raise InvalidSettingsError(path, (Complaint("contexts", "must be a table"),))
    return contexts


def _with_default(text: str, data: Mapping[str, Any], name: str) -> str:
    if "default_context" not in data:
        return f"default_context = {_toml(name)}\n" + ("\n" if text.startswith("[") else "") + text
    return _DEFAULT_LINE.sub(lambda found: f"{found[1]}{_toml(name)}{found[3]}", text, count=1)


def _replace(path: Path, old: ConfigFile, text: str, wanted: Mapping[str, Any]) -> None:
    """Write the new text, if it says what is meant and nobody was faster. Never half of it."""
    try:
        meant = tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        meant = False
    if not meant:
        raise SettingsError(
            f"{printable(str(path))} is written in a way that cannot be changed safely by a program",
            "Make the change in an editor; `runner-console config check` looks it over.",
        )
    target = path.resolve()
    if old.exists and not target.stat().st_mode & stat.S_IWUSR:
        raise SettingsError(f"{printable(str(path))} is write-protected", "Nothing was changed. `chmod u+w` allows it.")
    if not target.parent.exists():
        private_directory(target.parent)
    part = target.with_name(f".{target.name}.{secrets.token_hex(8)}")
    try:
        try:
            _write_whole(part, text)
            if read_config(path).text != old.text:
                raise SettingsError(f"{printable(str(path))} was changed by somebody else meanwhile", "Try again.")
            part.replace(target)
        finally:
            if part.exists():
                part.unlink()
    except OSError as error:
        raise SettingsError(
            f"{printable(str(path))} cannot be written: {error.strerror}", "Nothing was changed."
        ) from None
    _flush_directory(target.parent)


def _write_whole(part: Path, text: str) -> None:
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _flush_directory(directory: Path) -> None:
    """As far as the file system allows: the file is in its place already."""
    with contextlib.suppress(OSError):
        handle = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _toml(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            # A JSON string is a TOML basic string, but for DEL, which no valid setting holds.
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return f"[{', '.join(_toml(item) for item in value)}]"
        case Mapping():
            return "{ " + ", ".join(f"{_toml_key(str(key))} = {_toml(item)}" for key, item in value.items()) + " }"
        case _:
            raise TypeError(f"no setting is a {type(value).__name__}")


def _toml_key(key: str) -> str:
    return key if _BARE_KEY.fullmatch(key) else _toml(key)


def _as_parsed(value: object) -> object:
    """The value as the parser gives it back."""
    if isinstance(value, Mapping):
        return {key: _as_parsed(item) for key, item in value.items()}
    return [_as_parsed(item) for item in value] if isinstance(value, list | tuple) else value
