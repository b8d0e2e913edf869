"""The checks mean the same wherever they are run."""

import os

import pytest

from tests.run import clean_environment


@pytest.mark.parametrize("name", ["RUNNER_CONSOLE_TOKEN", "GH_TOKEN", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"])
def test_the_checks_do_not_depend_on_who_runs_them(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "60")
    assert name not in clean_environment()
    assert clean_environment()["PATH"] == os.environ["PATH"]
