"""Who may import whom: the table of the architecture, held against the imports as they are written."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parent.parent / "console"

# part: (parts of the console, libraries from outside)
MAY_IMPORT: dict[str, tuple[set[str], set[str]]] = {
    "errors": (set(), set()),
    "fleet": ({"errors"}, {"msgspec", "ahocorasick_rs"}),
    "settings": ({"errors"}, {"pydantic", "pydantic_settings", "platformdirs"}),
    "credentials": ({"errors"}, {"keyring"}),
    "remote": ({"fleet", "errors"}, {"httpx", "msgspec", "yaml"}),
    "simulator": ({"fleet", "errors"}, {"starlette", "uvicorn", "msgspec", "asyncssh"}),
    "operations": ({"fleet", "settings", "errors"}, {"msgspec"}),
    "ui": ({"operations", "fleet", "settings", "errors"}, {"textual", "rich", "msgspec"}),
    "cli": ({"operations", "fleet", "settings", "credentials", "errors"}, {"click", "rich", "msgspec"}),
}
JOINS_EVERYTHING = {"assemble", "__main__", "__init__"}


def part_of(path: Path) -> str:
    return path.relative_to(CONSOLE).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def forbidden(path: Path) -> list[str]:
    part = part_of(path)
    if part in JOINS_EVERYTHING:
        return []
    inside, outside = MAY_IMPORT[part]
    wrong = []
    for name in imports_of(path):
        top, _, rest = name.partition(".")
        if top == "console":
            if rest.split(".")[0] not in inside | {part}:
                wrong.append(name)
        elif top not in sys.stdlib_module_names and top not in outside:
            wrong.append(name)
    return wrong


SOURCES = sorted(CONSOLE.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(CONSOLE)))
def test_a_part_imports_only_what_the_architecture_lets_it(path: Path) -> None:
    assert forbidden(path) == []


def test_every_part_is_in_the_table() -> None:
    assert {part_of(path) for path in SOURCES} <= MAY_IMPORT.keys() | JOINS_EVERYTHING
