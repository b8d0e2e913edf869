"""Which ssh is started follows from the settings, and nobody else may choose it."""

from pathlib import Path

import pytest

from console.assemble.hosts import client_for
from console.errors import SettingsError
from console.settings.reading import load
from console.settings.schema import Settings

TEXT = """
ssh_program = "/opt/ssh"
[contexts.a]
scopes = ["org:acme"]
ssh = { user = "ops", hosts = { "*" = "{name}" } }
"""


def settings(directory: Path, text: str, mode: int = 0o600) -> Settings:
    path = directory / "config.toml"
    path.write_text(text)
    path.chmod(mode)
    return load(path, {})


def test_the_operators_own_program_and_user_are_taken(tmp_path: Path) -> None:
    read = settings(tmp_path, TEXT)
    client = client_for(read, read.contexts["a"])
    assert (client.program, client.user, client.config) == ("/opt/ssh", "ops", None)


def test_a_program_that_somebody_else_could_have_named_is_never_started(tmp_path: Path) -> None:
    read = settings(tmp_path, TEXT, 0o666)
    with pytest.raises(SettingsError, match=r"ssh_program: .* can be changed by other users"):
        client_for(read, read.contexts["a"])


def test_the_usual_ssh_needs_no_trust(tmp_path: Path) -> None:
    read = settings(tmp_path, TEXT.replace("ssh_program", "# ssh_program"), 0o666)
    assert client_for(read, read.contexts["a"]).program == "ssh"
