"""`B`: an address of the context's own GitHub goes into a browser, where there is a desktop to open it on."""

import asyncio
import webbrowser

import pytest

from console.ui.copy_places import desktop_here
from tests.ui.test_panes import operator


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a browser was asked to open."""
    addresses: list[str] = []

    def note(url: str) -> bool:
        addresses.append(url)
        return True

    monkeypatch.setattr(webbrowser, "open", note)
    monkeypatch.setenv("DISPLAY", ":0")
    return addresses


async def test_a_job_is_opened_on_github(opened: list[str]) -> None:
    async with operator() as hand:
        await hand.press("3", "B")
        async with asyncio.timeout(60):
            while not opened:
                await asyncio.sleep(0.01)
    assert opened[0].startswith("https://github.com/acme/")


async def test_without_a_desktop_nothing_draws_over_the_console(
    opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    async with operator() as hand:
        await hand.press("3", "B")
        assert "no desktop here" in hand.said[-1]
    assert not opened


async def test_an_address_of_another_place_is_not_opened(opened: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    async with operator() as hand:
        await hand.press("3")
        monkeypatch.setattr(type(hand.app.main.pane), "url", lambda _pane: "https://github.com.evil.example/acme")
        await hand.press("B")
        assert "not opened" in hand.said[-1]
    assert not opened


def test_a_browser_has_a_window_of_its_own_only_on_a_desktop() -> None:
    assert desktop_here({"DISPLAY": ":0"}, "linux")
    assert desktop_here({"WAYLAND_DISPLAY": "wayland-0"}, "linux")
    assert desktop_here({}, "darwin")
    assert not desktop_here({"DISPLAY": ""}, "linux")
