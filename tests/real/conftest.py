import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.programs import PretendGitHub, pretend_github


@pytest.fixture
def home() -> Iterator[Path]:
    """An empty one, with a path short enough for the sockets that are made in it."""
    with tempfile.TemporaryDirectory(prefix="rc-", ignore_cleanup_errors=True) as place:
        yield Path(place)


@pytest.fixture
def github() -> Iterator[PretendGitHub]:
    """With an incident in it: `now` ends with 1. One for each test, for it limits those who ask often."""
    with (
        tempfile.TemporaryDirectory(prefix="rc-") as place,
        pretend_github(Path(place), "idle-while-queued") as running,
    ):
        yield running
