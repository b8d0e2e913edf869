"""Names and messages from outside are data on every screen: never markup, never a link, never a control sequence."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.style import Style
from textual.app import App
from textual.strip import Strip

import console.ui
from console.fleet.log_lines import LogLine
from console.fleet.models import FleetSnapshot, Problem
from console.operations.connection import ContextFacts
from console.remote import sanitize
from console.ui.app import ConsoleApp
from console.ui.widgets.log_strips import Drawn, strips
from tests.ui import fleet_fixture as fleet
from tests.ui.fleet_fixture import settled

# The lint: a `str` reaches a widget only as a literal or through `cells`.

TAKES_TEXT = {"Static", "Label", "Button", "Option", "Link", "Tooltip", "update", "write"}
"""Constructors and methods of widgets whose first argument is drawn; a `str` there would be read as markup."""
PLAIN_CONTENT = {"Content", "Text", "styled", "assemble"}
"""These do not read markup, but only `cells` may decide how foreign text looks."""
MARKUP = {"from_markup", "Markdown", "RichLog", "Log", "Pretty"}
DRAWN_ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "title", "sub_title", "placeholder", "label"}
OWN_WORDS = {"way_out"}
"""Class variables that hold words of ours."""
EXEMPT = {"cells.py", "table_lines.py", "log_strips.py"}
"""Where parts, or the lines of a log, become what is drawn."""
DRAW_THEMSELVES = EXEMPT | {"without_colours.py", "terminal_app.py"}
"""Only these may have rich's text and segments at hand: those take a `str` by more ways than can be listed. The first
of the last two takes colours away from what was drawn, the other prints a traceback after the terminal was restored."""


def offences(source: str) -> Iterator[str]:
    """What in a file could hand foreign text to a widget."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in MARKUP:
                yield f"{node.lineno}: {name} reads markup"
            elif name == "notify" and not _says(node, "markup", False):
                yield f"{node.lineno}: notify without markup=False"
            elif name in TAKES_TEXT | PLAIN_CONTENT and not all(map(_is_ours, node.args[:1])):
                yield f"{node.lineno}: {name}({ast.unparse(node.args[0])})"
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                drawn = isinstance(target, ast.Attribute) and target.attr in DRAWN_ATTRIBUTES
                if drawn and not _is_ours(node.value):
                    yield f"{node.lineno}: {ast.unparse(node)}"


def _says(call: ast.Call, keyword: str, value: object) -> bool:
    return any(
        each.arg == keyword and isinstance(each.value, ast.Constant) and each.value.value is value
        for each in call.keywords
    )


def _is_ours(node: ast.expr) -> bool:
    """A literal without brackets, what `cells` made, or a `Content` (which is looked at where it is made)."""
    match node:
        case ast.Constant(value=str(text)):
            return "[" not in text
        case (
            ast.Call(func=ast.Attribute(value=ast.Name(id="cells")))
            | ast.Call(func=ast.Attribute(value=ast.Name(id="Content")))
        ):
            return True
        case ast.Attribute(attr="way_out"):
            return True
        case ast.Tuple(elts=[ast.Constant(), *_]):
            return True
        case ast.BinOp(left=ast.Constant(value=" "), op=ast.Mult()):
            return True
    return False


FILES = sorted(path for path in Path(console.ui.__file__).parent.rglob("*.py") if path.name not in EXEMPT)
ALLOWED = {
    "palette.py": ("Content(choice.text)",),  # names of commands, themes and contexts, the operator's own
    "terminal.py": ("write(terminal)",),  # the file of the terminal, and what the console itself sends it
    "terminal_app.py": ("Text(self.options.redact(_trace(self._exception)))",),  # after the terminal was restored
    "markdown_text.py": ("Markdown reads markup", "update(text)"),  # our own runbooks, and the user's own
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_only_cells_hands_text_to_widgets(path: Path) -> None:
    allowed = ALLOWED.get(path.name, ())
    found = [each for each in offences(path.read_text()) if not any(words in each for words in allowed)]
    assert found == []


def test_only_what_draws_has_the_parts_of_a_line_at_hand() -> None:
    found = {
        path.name
        for path in Path(console.ui.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module in {"rich.text", "rich.segment"}
    }
    assert found <= DRAW_THEMSELVES


def test_what_a_log_says_is_not_read_as_markup() -> None:
    for text in ("[/x]", "[link=https://evil.example]x[/link] [b", "\\[x] \\"):
        (strip,) = strips(LogLine(0, text), Drawn(80), lambda name: Style(), Console())
        assert text in strip.text
        assert all(segment.style is None or segment.style.link is None for segment in strip)


@pytest.mark.parametrize(
    "planted",
    [
        "Static(runner.name)",
        "Static(f'{job.name} waits')",
        "Static('[b]waits[/b]')",
        "Static(name)",
        "self.query_one(Static).update(job.name)",
        "yield Option(job.name + '!')",
        "Content(job.name)",
        "Content.styled(job.name, 'bold')",
        "Content.from_markup(job.name)",
        "Text.from_markup(job.name)",
        "self.notify(error.message)",
        "self.notify(error.message, markup=True)",
        "self.border_title = job.name",
        "dialog.border_subtitle = f'{job.name}'",
    ],
)
def test_the_lint_finds_what_is_planted(planted: str) -> None:
    assert list(offences(planted))


# The screens.

HOSTILE = (
    "[/x]",
    "[@click=app.quit]quit[/]",
    "[link=https://evil.example]x[/link] [b",
    "[$error]x[/] [not-a-style]y[/]",
    "\\[x] \\",
    "\x1b]52;c;ZXZpbA==\x07 \x1b]0;title\x1b\\ \x1b[2J\x1b[6n",
    "\x9b31m \x9d0;x\x9c \x90q\x9c",
    "\u202eabc\u202c \u2066x\u2069 \u200b\u200d\ufeff \U000e0041",
    "a\nb\tc\rd\x00e",
    "e" + "\u0301" * 500,
    "漢字かな🧨👩‍👩‍👧 x",
    "prod-linux-03 ✓ idle",
    "",
    "x" * 5000,
)


class Poison:
    """Replaces every word in a value, down to the last field; the same word always by the same."""

    def __init__(self, texts: Sequence[str], keep: frozenset[str] = frozenset()) -> None:
        self._texts = [sanitize.text(text) for text in texts]
        self._keep = keep
        self._swapped: dict[str, str] = {}

    def _word(self, word: str) -> str:
        if word in self._keep:
            return word
        if word not in self._swapped:
            text = self._texts[len(self._swapped) % len(self._texts)]
            self._swapped[word] = f"acme/{text}" if word.startswith("acme/") else text
        return self._swapped[word]

    def __call__(self, value: Any) -> Any:
        """The value, poisoned."""
        if isinstance(value, str):
            return self._word(value)
        if isinstance(value, msgspec.Struct):
            fields = {name: self(getattr(value, name)) for name in value.__struct_fields__}
            return msgspec.structs.replace(value, **fields)
        if isinstance(value, tuple):
            return type(value)(*map(self, value)) if hasattr(value, "_fields") else tuple(map(self, value))
        if isinstance(value, frozenset):
            return frozenset(map(self, value))
        if isinstance(value, Mapping):
            return {self(key): self(each) for key, each in value.items()}
        return value


def troubled_fleet() -> FleetSnapshot:
    problem = Problem("server", "GitHub failed.", "Wait.", fleet.NOON)
    return msgspec.structs.replace(fleet.INCIDENT, freshness=fleet.sources(60, problem))


def drawn(app: App[None]) -> Iterator[Strip]:
    """Every line of every screen that lies on the stack."""
    for screen in app.screen_stack:
        yield from screen._compositor.render_strips(screen.size)


def check_what_is_drawn(app: App[None]) -> None:
    for strip in drawn(app):
        for segment in strip:
            assert not any(ord(each) < 32 or 0x7F <= ord(each) < 0xA0 for each in segment.text)
            assert segment.style is None or segment.style.link is None
            assert "@click" not in (segment.style.meta if segment.style else {})


async def walk_through(snapshot: FleetSnapshot, facts: ContextFacts) -> None:
    """Every pane and every dialog, with this fleet in it."""
    connector = fleet.FakeConnector(fleet.look(snapshot), facts=facts)
    app = ConsoleApp(fleet.FIRST, connector, fleet.FrozenClock())
    async with app.run_test(size=(160, 40)) as pilot:
        for keys in (
            ("1",),
            ("x",),
            ("escape", "j", "enter"),
            ("2",),
            ("enter",),
            ("x",),
            ("escape", "3"),
            ("enter",),
            ("x",),
            ("escape", "colon", *"sources", "enter"),
            ("escape", "question_mark"),
            ("escape", "3", "space", "y"),
            ("escape", "colon", *"waits", "enter"),
            ("escape", "1", "v"),
            ("h",),
            ("enter",),
            ("R",),
            ("escape", "6"),
            ("enter",),
            ("4",),
            ("5",),
            ("ctrl+p",),
        ):
            await pilot.press(*keys)
            await settled(pilot)
            check_what_is_drawn(app)
        assert app.is_running


STATES = frozenset({"queued", "waiting", "in_progress", "completed", "success", "failure", "online", "offline", "all"})
PLACES = frozenset({"org:acme", "runners", "jobs", "groups", "dark"})


@pytest.mark.parametrize("first", [0, 5, 10])
async def test_hostile_names_are_only_text_on_every_screen(first: int) -> None:
    poison = Poison(HOSTILE[first:] + HOSTILE[:first], STATES | PLACES)
    await walk_through(poison(troubled_fleet()), poison(fleet.FACTS))


async def test_hostile_states_are_only_text_on_every_screen() -> None:
    await walk_through(Poison(["[/x] [@click=app.quit]"])(troubled_fleet()), fleet.FACTS)


MARKUP_AND_CONTROLS = st.text("[]@/=()\\$'\"ab :|\x1b\x07\x9c\u202e\u200b\n", min_size=1, max_size=40)


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(st.lists(MARKUP_AND_CONTROLS, min_size=20, max_size=20))
async def test_whatever_is_made_of_markup_and_control_characters_is_only_text(texts: list[str]) -> None:
    await walk_through(Poison(texts, STATES | PLACES)(troubled_fleet()), fleet.FACTS)


async def test_a_name_does_not_look_like_the_consoles_own_words() -> None:
    app = ConsoleApp(fleet.FIRST, fleet.FakeConnector(fleet.look(fleet.INCIDENT)), fleet.FrozenClock())
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        line = app.screen._compositor.render_strips(app.screen.size)[4]
        colours = {segment.text.strip(): segment.style.color for segment in line if segment.style}
        assert colours["prod-linux-03"] != colours["idle 14 min, 3 matching jobs wait"]
