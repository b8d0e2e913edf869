"""Where the history of a context is: in the operator's state directory, and of a pretend fleet nowhere near it."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.__main__ import Program
from console.assemble.connectors import DemoConnector
from console.cli.parts import Options
from console.operations.interfaces import SystemClock
from console.simulator.clock import WorldClock
from console.simulator.scenarios import scenario_named
from tests.operations.test_history import a_deed


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "tmp"))


async def test_what_is_done_to_a_pretend_fleet_is_kept_apart_and_goes_with_it(tmp_path: Path) -> None:
    scenario = scenario_named("idle-while-queued")
    connector = DemoConnector(scenario, SystemClock(), lambda: WorldClock(datetime.now(UTC)))
    connection = await connector.open(None)
    try:
        connection.history.begin(a_deed())
        assert len(connection.history.entries()) == 1
        assert not list((tmp_path).rglob("state/**/history.jsonl"))
    finally:
        await connection.close()
    assert not list(tmp_path.rglob("history.jsonl"))
    again = await connector.open(None)
    try:
        assert again.history.entries() == ()
    finally:
        await again.close()


async def test_what_is_done_to_a_real_fleet_is_kept_in_the_state_directory_without_its_token(tmp_path: Path) -> None:
    config = tmp_path / "config" / "runner-console" / "config.toml"
    config.parent.mkdir(parents=True, mode=0o700)
    config.write_text('[contexts.acme]\napi_url = "http://127.0.0.1:9"\ntoken = "env"\nscopes = ["org:acme"]\n')
    token = "a-token-without-any-shape"
    program = Program({**os.environ, "RUNNER_CONSOLE_TOKEN": token})
    connection = await program.connector(Options()).open(None)
    try:
        connection.history.begin(a_deed())
        connection.history.end("1", "failed", f"it said {token}")
    finally:
        await connection.close()
    path = tmp_path / "state" / "runner-console" / "history.jsonl"
    assert token not in path.read_text()
    assert "it said ***" in path.read_text()
    assert [entry.deed.id for entry in program.history().entries()] == ["1"]
