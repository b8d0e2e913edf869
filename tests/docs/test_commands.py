"""Every command that the documentation shows is run: what it prints and how it ends is what is said of it."""

import shutil
import sys
from pathlib import Path

import pytest

from tests.cli.test_login_on_a_terminal import CANARY, SCOPE, TOKEN, WRITE
from tests.docs.markdown import DOCUMENTS, as_shown, commands
from tests.docs.session import NEEDED, Session, expected_code, filled_in, is_screen, words_of
from tests.needs import needs
from tests.terminal.terminal import COMMAND, Terminal

CTRL_C, CTRL_Q = "\x03", "\x11"
SHOWN = {name: commands(path.read_text(encoding="utf-8")) for name, path in DOCUMENTS.items()}
EVERY = list(dict.fromkeys(each.command for shown in SHOWN.values() for each in shown))


def is_about_logins(command: str) -> bool:
    """They ask a keyring and a person; the machine's own keyring is none of a test's business."""
    return "runner-console auth log" in command


def opens_a_screen(command: str) -> bool:
    words = words_of(command)
    return words is not None and is_screen(words)


SCREENS = [command for command in EVERY if opens_a_screen(command)]
LOGINS = [command for command in EVERY if is_about_logins(command)]


@pytest.mark.parametrize("name", DOCUMENTS)
@needs("ssh", "ssh-keygen")
def test_every_command_of_this_document_does_what_it_says(session: Session, name: str) -> None:
    wrong, left_out = [], set()
    for shown in SHOWN[name]:
        if is_about_logins(shown.command) or opens_a_screen(shown.command):
            continue
        command = filled_in(shown.command, session.live)
        if missing := {program for program in NEEDED if program in command and shutil.which(program) is None}:
            left_out |= missing
            continue
        ended = session.type(command)
        said = f"{name}, line {shown.line}: `{command}` ended with {ended.code} and printed\n{ended.printed}"
        if ended.code != expected_code(command):
            wrong.append(said)
        elif shown.prints is not None and not as_shown(ended.printed, shown.prints):
            wrong.append(f"{said}\nwhich is not what is shown")
    assert not wrong, "\n\n".join(wrong)
    if left_out:
        pytest.skip(f"needs the program {', '.join(sorted(left_out))}; all other commands were run")


@pytest.mark.parametrize("command", SCREENS)
@needs("ssh", "ssh-keygen")
def test_every_screen_that_is_shown_opens_and_is_left(session: Session, command: str) -> None:
    words = words_of(filled_in(command, session.live))
    assert words is not None
    serves = "simulate" in words
    with Terminal([COMMAND, *words], session.home, columns=160, rows=50, env=session.environ) as terminal:
        terminal.wait_for(what_is_seen(words))
        if "--walk" in words:
            terminal.wait_for("as of ")  # the fleet was seen: else nobody could tell whether it is solved
        terminal.send(CTRL_C if serves else CTRL_Q)
        assert terminal.exit_code() == 0, terminal.text
    if "--walk" in words:
        assert "Not solved when it was left after" in terminal.text


def what_is_seen(words: list[str]) -> str:
    """Once the screen is there, or what is served."""
    if "simulate" in words:
        return "RUNNER_CONSOLE_SSH_PROGRAM"
    if "logs" in words:
        return "No space left" if "job.log" in words else "follow"
    return "6 Runbooks" if "demo" in words else "prod-linux-03"


# What a person who logs in sees, on a keyring in memory.
LOGIN = """
import sys
from types import SimpleNamespace
from console.cli.failing import run
from console.cli.root import root
from tests.cli.commands import PretendProgram
from tests.credentials.backends import MemoryBackend

backend = MemoryBackend()
if {logged_in}:
    for owner in ("acme", "acme-labs"):
        backend.kept["runner-console https://api.github.com:443", owner] = "ghp_kept"
around = SimpleNamespace(environ={environ}, backend=backend, refusal=None, seen=[])
code = run(root, {words}, PretendProgram(around))
print("kept", sorted(owner for _, owner in backend.kept))
sys.exit(code)
"""
LOGGED_IN = '[contexts.acme]\nscopes = ["org:acme", "repo:acme-labs/gpu-tests"]\ntoken = "keyring"\n'
ANSWERS = {SCOPE: "acme", TOKEN: CANARY, WRITE: ""}


@pytest.mark.parametrize("command", LOGINS)
def test_every_login_that_is_shown_ends_well(session: Session, command: str) -> None:
    line, _, fed = command.partition(" < ")
    words = words_of(line)
    assert words is not None
    knows_a_context = "logout" in words or "--owner" in words or bool(fed)
    config = session.home / "config" / "runner-console" / "config.toml"
    config.write_text(LOGGED_IN if knows_a_context else "")
    program = LOGIN.format(logged_in="logout" in words, environ={"PATH": session.environ["PATH"]}, words=words)
    with Terminal(
        typed(program, session.home / fed if fed else None),
        session.home,
        columns=160,
        rows=50,
        env=session.environ | {"PYTHONPATH": ":".join(sys.path)},
    ) as terminal:
        answer_all(terminal)
        assert terminal.exit_code() == 0, terminal.text
    assert CANARY not in terminal.text
    kept = [] if {"logout", "--token-command"} & set(words) else ["acme-labs"] if "--owner" in words else None
    assert kept is None or f"kept {kept}" in terminal.text


def typed(program: str, fed: Path | None) -> list[str]:
    """What is started; from a file it takes its standard input."""
    if fed is None:
        return [sys.executable, "-c", program]
    fed.write_text(f"{CANARY}\n")
    return ["/bin/sh", "-c", 'exec "$0" -c "$1" < "$2"', sys.executable, program, str(fed)]


def answer_all(terminal: Terminal) -> None:
    """Answer each question once, for as long as there are any."""
    left = dict(ANSWERS)

    def over_or_asked() -> bool:
        return terminal.process.poll() is not None or any(question in terminal.text for question in left)

    while terminal.process.poll() is None:
        terminal.wait_for(over_or_asked)
        for question in [each for each in left if each in terminal.text]:
            terminal.send(f"{left.pop(question)}\r")


def test_there_are_commands_of_every_kind() -> None:
    assert len(EVERY) > 40
    assert len(SCREENS) > 8
    assert len(LOGINS) > 4
