import os
from pathlib import Path

import pytest

from tests.cli.commands import Terminal


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
