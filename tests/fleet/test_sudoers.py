"""The lines of sudo that the documentation shows are those that the console refuses with."""

from pathlib import Path

from console.fleet.sudoers import SUDOERS, as_user, for_units

SHOWN = (Path(__file__).parents[2] / "docs" / "sudo.md").read_text()


def test_the_documentation_shows_the_line_for_services_as_the_console_says_it() -> None:
    assert f"    {SUDOERS.splitlines()[-1]}\n" in SHOWN


def test_the_documentation_shows_the_lines_for_an_older_sudo() -> None:
    assert f"    {for_units('actions.runner.acme.linux-1.service')}\n" in SHOWN


def test_the_documentation_shows_the_line_for_the_runner_s_own_user() -> None:
    assert f"    {as_user('runner')}\n" in SHOWN
