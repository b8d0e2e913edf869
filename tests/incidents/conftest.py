from pathlib import Path

import pytest

from tests.ui.conftest import _machine_is_busy_and_does_not_sleep, _no_guess_when_it_is_idle

__all__ = ["_machine_is_busy_and_does_not_sleep", "_no_guess_when_it_is_idle"]


@pytest.fixture(autouse=True)
def _own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
