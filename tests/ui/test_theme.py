"""The themes: every colour can be read on every ground it may stand on, and a broken file is named and passed over."""

from pathlib import Path

import pytest
from textual.app import App
from textual.color import Color
from textual.theme import Theme

from console.errors import SettingsError
from console.ui.theme import TOKENS, VARIABLE_DEFAULTS, load_themes, theme_from_toml, themes

GROUNDS = ("background", "surface", "panel", "block-cursor-background", "block-cursor-blurred-background")
BANDS = ("header-background", "demo-background")
TEXTS = ("foreground", "text", "secondary", "text-muted", "error", "warning", "success", "accent")
WHOLE = "dark = true\n" + "".join(f'{token} = "#10151a"\n' for token in TOKENS)


def luminance(color: Color) -> float:
    def linear(channel: int) -> float:
        share = channel / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def contrast(one: Color, other: Color) -> float:
    """As the Web Content Accessibility Guidelines define it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", themes(), ids=lambda theme: theme.name)
def test_every_text_can_be_read_on_every_ground(theme: Theme) -> None:
    colors = theme.to_color_system().generate() | theme.variables
    pairs = [(text, ground) for text in TEXTS for ground in (*GROUNDS, *BANDS)]
    pairs += [("header-foreground", band) for band in BANDS]
    poor = {
        pair: round(ratio, 2)
        for pair in pairs
        if (ratio := contrast(Color.parse(colors[pair[0]]), Color.parse(colors[pair[1]]))) < 4.5
    }
    assert poor == {}


def test_the_console_comes_with_a_dark_a_light_and_a_production_theme() -> None:
    assert [theme.name for theme in themes()] == ["dark", "light", "production"]
    assert [theme.dark for theme in themes()] == [True, False, True]


def test_production_has_a_red_header_and_a_demo_a_blue_one() -> None:
    for theme in themes():
        demo = Color.parse(theme.variables["demo-background"])
        assert demo.b > demo.r
    production = Color.parse(themes()[2].variables["header-background"])
    assert production.r > 3 * max(production.g, production.b)


def test_a_theme_that_is_not_ours_has_what_our_style_sheets_ask_for() -> None:
    for theme in themes():
        assert VARIABLE_DEFAULTS.keys() <= theme.variables.keys()


async def test_every_theme_can_be_used() -> None:
    app = App[None]()
    async with app.run_test() as pilot:
        for theme in themes():
            app.register_theme(theme)
            app.theme = theme.name
            await pilot.pause()
            assert app.theme_variables["header-background"] == theme.variables["header-background"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WHOLE.replace("dark = true", "dark = = true"), "line 1"),
        (WHOLE.replace("dark = true", "dark = 1"), "line 1: 'dark' must be true or false"),
        (WHOLE.replace('muted = "#10151a"', 'muted = "greyish"'), "line 9: 'muted' is not a colour"),
        (WHOLE.replace('muted = "#10151a"', "muted = 7"), "line 9: 'muted' is not a colour"),
        (WHOLE.replace('muted = "#10151a"', 'muted = "#10151a80"'), "line 9: 'muted' must be an opaque colour"),
        (WHOLE.replace('muted = "#10151a"', 'muted = "ansi_red"'), "line 9: 'muted' must be an opaque colour"),
        (WHOLE.replace("muted", "mutd"), "line 9: 'mutd' is not a colour of a theme"),
        (WHOLE.replace('muted = "#10151a"\n', ""), "the colour 'muted' is missing"),
    ],
)
def test_a_broken_theme_file_is_named_with_the_line(text: str, said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        theme_from_toml("mine", text, "mine.toml")
    assert "mine.toml" in caught.value.message
    assert said in caught.value.message
    assert "'dark' is used instead" in caught.value.hint


def test_a_broken_theme_file_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text(WHOLE)
    (tmp_path / "bad.toml").write_text("dark = maybe")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    (tmp_path / "notes.txt").write_text("not a theme")
    found, errors = load_themes(tmp_path)
    assert [theme.name for theme in found] == ["good"]
    assert [error.message.partition(".toml")[0].rpartition("/")[2] for error in errors] == ["bad", "bytes"]
