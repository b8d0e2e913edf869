"""What the documentation names is there: files, settings, keys, commands, causes, permissions, messages."""

import ast
import json
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import click
import pytest
from textual.binding import Binding

import console.ui
from console import errors
from console.cli.root import COMMANDS, root
from console.fleet import permissions
from console.fleet.causes import known_causes
from console.fleet.failure import KINDS
from console.fleet.permissions import Needs
from console.settings.durations import parse_duration
from console.settings.environment import unknown_variables
from console.settings.reading import load
from console.settings.schema import Context, Settings
from console.ui import commands as colon_commands
from tests.docs.markdown import DOCUMENTS, ROOT, anchors, blocks, inline, links

TEXTS = {name: path.read_text(encoding="utf-8") for name, path in DOCUMENTS.items()}
RUNBOOKS = {path.name: path.read_text(encoding="utf-8") for path in sorted((ROOT / "console/runbooks").glob("*.md"))}
every_document = pytest.mark.parametrize("name", DOCUMENTS)
every_text = pytest.mark.parametrize("name", [*DOCUMENTS, *RUNBOOKS])
SIGNS = {"slash": "/", "apostrophe": "'", "equals_sign": "=", "at": "@"}
"""Of keys that go by a name."""


@every_document
def test_every_link_and_picture_leads_somewhere(name: str) -> None:
    for line, target in links(TEXTS[name]):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        there = (DOCUMENTS[name].parent / path).resolve() if path else DOCUMENTS[name]
        assert there.exists(), f"{name}, line {line}: {target} is not there"
        if anchor:
            assert anchor in anchors(there.read_text(encoding="utf-8")), f"{name}, line {line}: no {target}"


def test_the_readme_leads_to_every_document_and_shows_every_picture_that_it_should() -> None:
    led_to = {target for _, target in links(TEXTS["README.md"])}
    assert {name for name in DOCUMENTS if name != "README.md"} <= led_to
    assert {f"screenshots/{name}.svg" for name in ("now", "runners-wide", "explain", "restart", "proof")} <= led_to
    assert {f"screenshots/{name}.svg" for name in ("runbook", "output")} <= led_to


@every_document
def test_every_piece_of_configuration_is_accepted(name: str, tmp_path: Path) -> None:
    pieces = [block.text for block in blocks(TEXTS[name]) if block.language == "toml"]
    for number, piece in enumerate(each for each in pieces if not each.startswith("[[signature]]")):
        accepted(piece, tmp_path / f"{number}.toml")


@every_document
def test_every_setting_that_is_named_in_a_sentence_is_accepted(name: str, tmp_path: Path) -> None:
    for number, (line, words) in enumerate(inline(TEXTS[name])):
        if re.match(r"[a-z_]+(\.[a-z_]+)* = \S", words) and "…" not in words and not is_in_a_runbook(words):
            general = words.partition(" = ")[0].partition(".")[0] in Settings.model_fields
            written_out = words.replace("[...]", '["x"]')
            piece = written_out if general else f"[contexts.x]\n{written_out}"
            try:
                accepted(piece, tmp_path / f"{number}.toml")
            except errors.ConsoleError as error:
                raise AssertionError(f"{name}, line {line}: {words}") from error


def is_in_a_runbook(words: str) -> bool:
    return words.startswith("training = ")


def accepted(piece: str, file: Path) -> None:
    tomllib.loads(piece)
    file.write_text(piece, encoding="utf-8")
    load(file, {})


@every_document
def test_every_variable_that_is_named_sets_something(name: str) -> None:
    named = re.findall(r"\bRUNNER_CONSOLE_[A-Z_]*[A-Z]", TEXTS[name])
    assert unknown_variables(dict.fromkeys(named, "1"), Settings, Context) == []


def test_every_setting_is_documented_with_its_default() -> None:
    text = TEXTS["docs/configuration.md"]
    general, of_contexts = (
        dict(re.findall(r"^\| (`[^|]+`) \| ([^|]+) \|", part, re.MULTILINE))
        for part in text.partition("## Every setting")[2].split("And of each context")
    )
    names = {f"`{name}`" for name in Settings.model_fields if name not in {"contexts", "thresholds"}}
    assert set(general) == {*names, "`thresholds.queued_watch`", "`thresholds.queued_alert`"}
    assert set(" ".join(of_contexts).replace(",", "").split()) == {
        *(f"`{name}`" for name in Context.model_fields if name != "ssh"),
        *(f"`ssh.{name}`" for name in ("hosts", "user")),
    }
    defaults = Settings().model_dump(mode="json") | Settings().thresholds.model_dump(mode="json")
    for name, told in general.items():
        if told.startswith("`"):
            default = defaults[name.strip("`").split(".")[-1]]
            assert json.loads(told.strip("`")) in {default, as_shortest(default)}, name


def as_shortest(default: object) -> object:
    """`3min` is written as `180s` where it stands beside `90s`."""
    return f"{parse_duration(default).total_seconds():g}s" if re.fullmatch(r"\d+min", str(default)) else default


@cache
def bound() -> frozenset[str]:
    """Every key that does something somewhere, as it is shown."""
    found: set[str] = set()
    for module in pkgutil.walk_packages(console.ui.__path__, "console.ui."):
        for each in vars(import_module(module.name)).values():
            for binding in getattr(each, "BINDINGS", ()) if isinstance(each, type) else ():
                if isinstance(binding, Binding):
                    for key in binding.key.split(","):
                        found |= {key, binding.key_display or SIGNS.get(key, key)}
    return frozenset(found)


@every_text
def test_every_key_that_is_named_does_something(name: str) -> None:
    text = (TEXTS | RUNBOOKS)[name]
    keys = {words for _, words in inline(text) if re.fullmatch(r"[A-Za-z]|ctrl\+[a-z]|space", words)}
    for table in re.findall(r"^\| key.*\n\| ---.*\n((?:\|.*\n)+)", text, re.MULTILINE):
        for row in table.splitlines():
            first = re.split(r"(?<!\\)\|", row)[1]
            keys |= {key.replace("\\|", "|") for key in re.findall(r"`([^`]+)`", first)}
    keys -= {str(number) for number in range(1, 7)}  # those of the panes
    assert keys <= bound(), keys - bound()


@every_text
def test_every_command_of_the_screen_that_is_named_is_there(name: str) -> None:
    known = set(colon_commands.COMMANDS)
    for line, words in inline((TEXTS | RUNBOOKS)[name]):
        if found := re.match(r":([a-z]+)\b", words):
            assert found[1] in known, f"{name}, line {line}: {words}"


@every_document
def test_every_command_that_is_named_without_the_program_is_there(name: str) -> None:
    for line, words in inline(TEXTS[name]):
        typed = words.split()
        if typed[0] in COMMANDS and not re.search(r"[\[{<…]", words):
            options = known_options(typed)
            assert {word for word in typed if word.startswith("--")} <= options, f"{name}, line {line}: {words}"


def test_every_command_that_the_program_tells_to_type_is_there() -> None:
    told = set(re.findall(r"`runner-console ([^`…\n]+)`", said()))
    assert len(told) > 10
    for words in told:
        typed = words.split()
        assert typed[0] in COMMANDS, words
        assert {word for word in typed if word.startswith("--")} <= known_options(typed), words


def known_options(typed: list[str]) -> set[str]:
    """Of the command that is meant; it fails where a group has no such command."""
    context = click.Context(root)
    command = root.get_command(context, typed[0])
    rest = typed[1:]
    if isinstance(command, click.Group) and rest and re.fullmatch(r"[a-z-]+", rest[0]):
        below = command.get_command(context, rest[0])
        assert below is not None, " ".join(typed)
        command = below
    assert command is not None
    return {option for parameter in command.params for option in parameter.opts} | {"--help"}


def test_every_cause_and_every_class_of_failures_is_documented() -> None:
    named = {words for _, words in inline(TEXTS["docs/causes.md"])}
    assert known_causes() - {f"failed-{kind}" for kind in KINDS} <= named, known_causes() - named
    assert set(KINDS) <= named


def test_every_permission_that_is_asked_for_is_documented() -> None:
    asked = [each for each in vars(permissions).values() if isinstance(each, Needs)]
    assert len(asked) > 5
    text = TEXTS["docs/permissions.md"]
    for needs in asked:
        for permission in re.findall(r"[A-Z][\w -]+: (?:read|write)", needs.fine_grained):
            assert f"*{permission}*" in text, permission
        assert all(scope in text for scope in needs.classic if scope != "no scope"), needs


def kinds_below(kind: type[errors.ConsoleError]) -> Iterator[str]:
    yield kind.kind
    for below in kind.__subclasses__():
        yield from kinds_below(below)


def test_every_kind_of_error_is_documented() -> None:
    table = TEXTS["docs/troubleshooting.md"].partition("| kind | what it is about |")[2]
    rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert set(re.findall(r"`([a-z-]+)`", " ".join(rows))) == set(kinds_below(errors.ConsoleError))


def said() -> str:
    """Everything that the program's own texts can say, with `…` for what is filled in."""
    nodes = [node for path in (ROOT / "console").rglob("*.py") for node in ast.walk(ast.parse(path.read_bytes()))]
    explaining = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    return "\n".join(words for node in nodes if id(node) not in explaining and (words := written(node)))


def written(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{[a-z_]+\}", "…", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(written(each) or "…" for each in node.values)
    return ""


def test_every_message_that_is_explained_is_one_that_the_program_has() -> None:
    explained = [
        words
        for table in re.findall(
            r"^\| it says .*\n\| ---.*\n((?:\|.*\n)+)", TEXTS["docs/troubleshooting.md"], re.MULTILINE
        )
        for row in table.splitlines()
        for words in re.findall(r"`([^`]+)`", re.split(r"(?<!\\)\|", row)[1])
    ]
    assert len(explained) > 50
    texts = said()
    assert not [words for words in explained if any(part.strip(" :;.“”") not in texts for part in words.split("…"))]


@every_document
def test_the_documentation_says_nothing_of_the_machine_that_it_was_written_on(name: str) -> None:
    assert not re.search(r"(?<![\w~])/(?:root|home)/", TEXTS[name])
