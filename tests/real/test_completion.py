"""Tab in real shells, with the scripts that `completion` prints."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.needs import needs
from tests.real.programs import run
from tests.terminal.terminal import COMMAND, Terminal, environment

CONTEXTS = '[contexts.prod-linux]\nscopes = ["org:acme"]\n[contexts.staging]\nscopes = ["org:acme"]\n'
NEW_ENOUGH = "(( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 404 ))"
SHELLS = {
    "bash": (["bash", "--noprofile", "--norc", "-i"], "PS1='ready$ '; source {script}"),
    "zsh": (["zsh", "-f", "-i"], "PS1='ready$ '; autoload -U compinit; compinit -u -D; source {script}"),
}


def on_path() -> dict[str, str]:
    return {"PATH": f"{Path(COMMAND).parent}:{os.environ['PATH']}"}


def printed_script(home: Path, shell: str) -> Path:
    script = home / f"completion.{shell}"
    script.write_text(run(home, "completion", shell).out)
    return script


@pytest.fixture
def two_contexts(home: Path) -> None:
    file = home / "config" / "runner-console" / "config.toml"
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text(CONTEXTS)


def tabbed(home: Path, shell: str, begun: str, *completed: str) -> None:
    """Type the beginning of a line and tab, in an interactive shell, until these words are on its screen."""
    command, prepare = SHELLS[shell]
    program = shutil.which(command[0])
    assert program is not None
    with Terminal([program, *command[1:]], home, columns=160, env=on_path()) as terminal:
        terminal.send(prepare.format(script=printed_script(home, shell)) + "; echo set''up\n")
        terminal.wait_for("setup")
        terminal.read(0.2)
        before = len(terminal.text)
        terminal.send(f"{begun}\t\t")
        terminal.wait_for(lambda: all(word in terminal.text[before:] for word in completed))
        terminal.send("\x03exit\n")


@pytest.mark.parametrize("shell", [pytest.param(name, marks=needs(name)) for name in SHELLS])
@pytest.mark.usefixtures("two_contexts")
def test_tab_completes_commands_options_and_context_names(shell: str, home: Path) -> None:
    if shell == "bash" and subprocess.run(["bash", "-c", NEW_ENOUGH], check=False).returncode != 0:
        pytest.skip("needs bash 4.4 or newer")
    tabbed(home, shell, "runner-console co", "completion", "config", "context")
    tabbed(home, shell, "runner-console auth sta", "runner-console auth status")
    tabbed(home, shell, "runner-console now --js", "runner-console now --json")
    tabbed(home, shell, "runner-console --context pr", "runner-console --context prod-linux")
    tabbed(home, shell, "runner-console completion f", "runner-console completion fish")


@needs("fish")
@pytest.mark.parametrize(
    ("begun", "expected"),
    [
        ("runner-console co", {"completion", "config", "context"}),
        ("runner-console auth ", {"login", "logout", "status"}),
        ("runner-console now --js", {"--json"}),
        ("runner-console --context pr", {"prod-linux"}),
        ("runner-console --context ", {"prod-linux", "staging"}),
        ("runner-console context use ", {"prod-linux", "staging"}),
        ("runner-console demo label", {"label-typo"}),
    ],
)
@pytest.mark.usefixtures("two_contexts")
def test_fish_completes_commands_options_and_context_names(begun: str, expected: set[str], home: Path) -> None:
    assert {line.partition("\t")[0] for line in offered_by_fish(home, begun).splitlines()} == expected


@needs("fish")
def test_fish_shows_descriptions_beyond_their_first_comma(home: Path) -> None:
    assert offered_by_fish(home, "runner-console exp") == "explain\tWhy a job waits, or what a runner is doing.\n"


def test_a_broken_configuration_completes_no_context_and_says_nothing(home: Path) -> None:
    file = home / "config" / "runner-console" / "config.toml"
    file.parent.mkdir(parents=True, mode=0o700)
    file.write_text("theme =\n")
    words = {"COMP_WORDS": "runner-console --context ", "COMP_CWORD": "2"}
    ended = run(home, env={"_RUNNER_CONSOLE_COMPLETE": "bash_complete", **words})
    assert ended.said.strip() == ""


def offered_by_fish(home: Path, begun: str) -> str:
    script = printed_script(home, "fish")
    asked = subprocess.run(
        ["fish", "--no-config", "-c", f"source {script}; complete -C '{begun}'"],
        env=environment(home) | on_path(),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return asked.stdout
