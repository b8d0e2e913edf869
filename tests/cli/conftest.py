import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from console.simulator.server import SimulatedGitHub
from tests.cli.commands import Terminal
from tests.cli.console import Console


@pytest.fixture(autouse=True)
def _empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


@pytest.fixture
def console(request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Console]:
    """On the scenario that the test names by a mark, or on the one in which a runner idles while its jobs wait."""
    mark = request.node.get_closest_marker("scenario")
    scenario = scenario_named(mark.args[0] if mark else "idle-while-queued")
    world = scenario.build(WorldClock(datetime.now(UTC)))
    server = SimulatedGitHub(world)
    try:
        yield Console(server.start(), scenario, tmp_path, capsys, world)
    finally:
        server.stop()


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    return Terminal(monkeypatch, capsys, {"PATH": os.environ["PATH"]})


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Where the configuration file is, or would be."""
    (tmp_path / "config" / "runner-console").mkdir(parents=True, mode=0o700)
    return tmp_path / "config" / "runner-console" / "config.toml"
