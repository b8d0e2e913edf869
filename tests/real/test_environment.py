"""The program where a machine is not as one would wish it: its rights, its files, its variables, its directory."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.needs import needs
from tests.real.programs import MENDING, PretendGitHub, run

UMASK_OFF = ("sh", "-c", 'umask 000; exec "$@"', "sh")
HOSTILE = "import sys; sys.stderr.write('taken from the working directory'); sys.exit(99)"


def bare(home: Path) -> tuple[str, ...]:
    """Starts a program as cron does."""
    return ("env", "-i", f"HOME={home}", f"PATH={os.environ['PATH']}")


def others_may(home: Path) -> list[str]:
    """Files and directories below this home that are not their owner's alone."""
    return [
        str(path) for path in home.rglob("*") if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


@pytest.fixture
def ready(home: Path, github: PretendGitHub) -> Path:
    """A home with a context that works; where its configuration is."""
    return github.configure(home, f'{{ command = ["echo", "{github.token}"] }}')


@needs("env")
@pytest.mark.skipif(os.uname().sysname != "Linux", reason="elsewhere the keyring needs no bus")
def test_in_an_empty_environment_the_program_says_what_is_missing_and_goes_on(home: Path) -> None:
    info = run(home, "info", "--json", before=bare(home))
    assert info.code == 0
    told = json.loads(info.out)
    assert told["keyring"] is None
    assert told["config_file"] == str(home / ".config" / "runner-console" / "config.toml")
    login = run(home, "auth", "login", "--scope", "acme", stdin="ghp_" + "x" * 36, before=bare(home))
    assert login.code == 3
    assert all(command in login.err for command in MENDING)
    assert run(home, "now", before=bare(home)).code == 2


@needs("setpriv")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become a user without a home")
def test_a_user_without_a_home_is_told_so(home: Path) -> None:
    home.chmod(0o755)
    nobody = ("env", "-i", f"PATH={os.environ['PATH']}", "setpriv", "--reuid", "54321", "--clear-groups")
    ended = run(home, "info", before=nobody)
    assert (ended.code, ended.err.splitlines()[0]) == (2, "error: This user has no home directory")


@pytest.mark.usefixtures("ready")
def test_whatever_the_umask_is_files_are_their_owners_alone(home: Path, github: PretendGitHub) -> None:
    (home / "config" / "runner-console" / "config.toml").unlink()
    (home / "config" / "runner-console").rmdir()
    (home / "config").rmdir()
    kept = home / "token"
    kept.write_text(github.token)
    kept.chmod(0o600)
    login = ("auth", "login", "--api-url", github.api, "--scope", "acme", "--token-command", f"cat {kept}")
    assert run(home, *login, before=UMASK_OFF).code == 0
    assert run(home, "--debug", "now", before=UMASK_OFF).code == 1
    assert (home / "state" / "runner-console" / "log" / "console.log").stat().st_size > 0
    assert others_may(home) == []


def file_as_state(state: Path) -> None:
    state.parent.mkdir(mode=0o700)
    state.touch()


def directory_as_memory(state: Path) -> None:
    (state / "memory.sqlite3").mkdir(parents=True)


def link_to_nowhere(state: Path) -> None:
    state.parent.mkdir(mode=0o700)
    state.symlink_to("/nonexistent/state")


def garbage_as_memory(state: Path) -> None:
    state.mkdir(parents=True, mode=0o700)
    (state / "memory.sqlite3").write_bytes(b"this is no database" * 100)


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("spoil", [file_as_state, directory_as_memory, link_to_nowhere, garbage_as_memory])
def test_where_nothing_can_be_remembered_the_console_works_and_does_not_complain(
    spoil: Callable[[Path], None], home: Path
) -> None:
    spoil(home / "state" / "runner-console")
    now = run(home, "now")
    assert (now.code, now.err) == (1, "")
    assert "idle-while-queued" in now.out


@pytest.mark.usefixtures("ready")
@pytest.mark.parametrize("obstacle", ["runner-console", "runner-console/log", "runner-console/log/console.log"])
def test_a_log_that_cannot_be_written_is_an_error_that_names_its_place(obstacle: str, home: Path) -> None:
    place = home / "state" / obstacle
    place.parent.mkdir(parents=True, mode=0o700)
    if place.suffix:
        place.symlink_to("/dev/null")
    else:
        place.touch()
    ended = run(home, "--debug", "now")
    assert ended.code == 2
    assert str(place) in ended.err
    assert "Traceback" not in ended.err
    assert place.is_symlink() or stat.S_IMODE(place.stat().st_mode) & 0o100 == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may enter every directory")
@pytest.mark.usefixtures("ready")
def test_directories_that_may_not_be_entered_are_no_fault_of_ours(home: Path) -> None:
    state, config, runtime = home / "state" / "runner-console", home / "config" / "runner-console", home / "none"
    state.mkdir(parents=True)
    runtime.mkdir()
    for closed in (state, runtime):
        closed.chmod(0)
    try:
        now = run(home, "now")
        config.chmod(0)
        info, check = run(home, "info"), run(home, "config", "check")
    finally:
        for closed in (state, runtime, config):
            closed.chmod(0o700)
    assert (now.code, now.err) == (1, "")
    assert (info.code, info.err) == (0, "")
    assert (check.code, check.out.splitlines()[0]) == (2, "wrong: the file as a whole: Permission denied")


BROKEN = {
    "theme = \n": "line 1, column 9: Invalid value (text stands in quotes; true and false are written small)",
    '[contexts.a]\nscopes = ["org:acme"\n': "line 3, column 1: Unclosed array",
    'lok_every = "20s"\n': "lok_every: there is no such setting (did you mean look_every?)",
    '[contexts.a]\napi_url = "http://ghe.example.com"\n': (
        "contexts.a.api_url: must be https: a token would be readable on the way (http is for loopback only)"
    ),
    '[contexts.a]\ntoken = "keyrng"\n': (
        'contexts.a.token: must be "keyring", "env" or { command = ["PROGRAM", "ARGUMENT"] }'
    ),
}


@pytest.mark.parametrize(("text", "complaint"), BROKEN.items(), ids=range(1, len(BROKEN) + 1))
def test_what_is_wrong_with_a_configuration_is_said_word_for_word(text: str, complaint: str, home: Path) -> None:
    file = home / "config" / "runner-console" / "config.toml"
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text(text)
    check = run(home, "config", "check")
    assert (check.code, check.out, check.err) == (2, f"wrong: {complaint}\nNot usable: {file}\n", "")
    for command in ("now", "runners", "jobs"):
        ended = run(home, command)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(f"error: The configuration cannot be used ({file}):\n    {complaint}\n")
    assert file.read_text() == text


def as_directory(file: Path) -> None:
    file.mkdir(parents=True)


def as_pipe(file: Path) -> None:
    file.parent.mkdir(parents=True)
    os.mkfifo(file)


def as_endless(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.symlink_to("/dev/zero")


@pytest.mark.parametrize(
    ("make", "words"),
    [(as_directory, "Is a directory"), (as_pipe, "is no ordinary file"), (as_endless, "is no ordinary file")],
)
def test_a_configuration_that_is_no_file_is_refused_without_waiting(
    make: Callable[[Path], None], words: str, home: Path
) -> None:
    make(home / "config" / "runner-console" / "config.toml")
    check = run(home, "config", "check")
    assert check.code == 2
    assert check.out.startswith(f"wrong: the file as a whole: {words}\n")


@pytest.mark.usefixtures("ready")
def test_modules_and_settings_lying_about_in_the_working_directory_are_nobodys(home: Path) -> None:
    here = home / "here"
    for name in ("click", "httpx", "keyring", "keyring_pass", "json", "console", "secretstorage", "sitecustomize"):
        (here / name).mkdir(parents=True)
        (here / name / "__init__.py").write_text(HOSTILE)
        (here / f"{name}.py").write_text(HOSTILE)
    (here / ".env").write_text("RUNNER_CONSOLE_LOOK_EVERY=never\nRUNNER_CONSOLE_NONSENSE=1\n")
    for name in ("config.toml", "keyringrc.cfg", "pyproject.toml", "click.cfg"):
        (here / name).write_text("[[[")
    (here / "echo").write_text("#!/bin/sh\nprintf taken\n")
    (here / "echo").chmod(0o755)
    expected = {("now",): 1, ("auth", "status"): 0, ("info",): 0, ("config", "check"): 0, ("demo", "--list"): 0}
    for command, code in expected.items():
        ended = run(home, *command, cwd=here)
        assert (ended.code, ended.err) == (code, ""), ended.said
