from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.session import Session


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Session]:
    """Somebody at a shell, whose console looks at a pretend fleet with its hosts."""
    begun = Session(tmp_path, monkeypatch, capsys)
    try:
        begun.start()
        yield begun
    finally:
        begun.stop()
