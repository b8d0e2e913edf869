import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from console.cli.failing import run, show
from console.cli.root import COMMANDS, LazyGroup, root
from console.errors import ConsoleError, NoContextError
from tests.cli.commands import Terminal

HEAVY = ("textual", "rich", "httpx", "pydantic", "keyring", "msgspec", "asyncio", "starlette")


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_nothing_heavy(option: str) -> None:
    program = (
        "import sys; from console.__main__ import main\n"
        f"sys.argv = ['runner-console', {option!r}]\n"
        "try: main()\n"
        "except SystemExit as ended: assert not ended.code, ended.code\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "assert not heavy, heavy"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "runner-console" in ended.stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists_and_its_help_begins_as_the_table_says(name: str) -> None:
    command = LazyGroup().get_command(click.Context(root), name)
    assert command is not None
    assert command.name == name
    assert command.help


def test_a_misspelt_command_is_answered_with_the_nearest_one(terminal: Terminal) -> None:
    ended = terminal("runers")
    assert ended.code == 2
    assert "runners" in ended.err


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_completion(terminal: Terminal, shell: str) -> None:
    ended = terminal("completion", shell)
    assert ended.code == 0
    assert f"_RUNNER_CONSOLE_COMPLETE={shell}_complete" in ended.out


def test_commands_and_contexts_complete() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "console"],
        env={"_RUNNER_CONSOLE_COMPLETE": "bash_complete", "COMP_WORDS": "runner-console co", "COMP_CWORD": "1"},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert {"plain,config", "plain,context", "plain,completion"} <= set(ended.stdout.split())


BROKEN = """
import sys, click
from console import __main__ as door
@click.command()
def broken():
    token = "ghp_" + "c4nary" * 6
    raise RuntimeError("the fault: ghp_" + "c4nary" * 6)
door.root = broken
sys.argv = ["runner-console"]
door.main()
"""


def test_a_fault_of_ours_ends_with_70_without_variables_and_secrets_and_says_whose_it_is(tmp_path: Path) -> None:
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", BROKEN], env=environ, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 70
    assert "RuntimeError: the fault" in ended.stderr
    assert "a fault of runner-console" in ended.stderr
    assert str(tmp_path / "runner-console") in ended.stderr
    assert "ghp_c4nary" not in ended.stderr
    assert ended.stdout == ""


SPEAKING = """
import sys, click
from console import __main__ as door
@click.command()
def speaking():
    click.echo("\u6f22\u5b57 builds")
door.root = speaking
sys.argv = ["runner-console"]
door.main()
"""


def test_a_name_that_the_terminal_cannot_show_is_spelt_out_and_ends_nothing() -> None:
    environ = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    ended = subprocess.run([sys.executable, "-c", SPEAKING], env=environ, capture_output=True, timeout=60, check=False)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == b"\\u6f22\\u5b57 builds\n"


@click.command()
def interrupted() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_is_no_finding() -> None:
    from console.__main__ import Program

    assert run(interrupted, [], Program({})) == 130


def test_a_reader_who_goes_away_is_no_finding_and_no_traceback() -> None:
    writer = subprocess.Popen(
        [sys.executable, "-m", "console", "config", "schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert writer.stdout is not None
    assert writer.stderr is not None
    writer.stdout.close()
    said = writer.stderr.read()
    writer.stderr.close()
    assert writer.wait(60) == 141
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", [["config", "schema"], ["--help"], ["info"]])
def test_a_full_disk_is_told_in_one_line_and_is_no_fault_of_ours(command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-m", "console", *command], stdout=full, stderr=subprocess.PIPE, timeout=60, check=False
        )
    assert ended.stderr.decode() == "error: Cannot write the output: No space left on device\n"
    assert ended.returncode == 3


def test_an_error_is_one_message_and_one_hint_and_steers_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show(ConsoleError("it failed\x1b[2J", "try this:\n  again"))
    show(NoContextError("nothing"))
    assert capsys.readouterr().err == "error: it failed<001B>[2J\nhint: try this:\n    again\nerror: nothing\n"


def test_an_option_of_the_program_behind_a_command_is_told_where_it_stands(terminal: Terminal) -> None:
    ended = terminal("now", "--context", "sim")
    assert ended.code == 2
    assert "--context stands before the command" in ended.err
    assert "`runner-console --context NAME now`" in ended.err
    assert "`runner-console --debug auth status`" in terminal("auth", "status", "--debug").err
    assert "`runner-console --write now`" in terminal("now", "--write").err
    assert "No such option" in terminal("now", "--nope").err
