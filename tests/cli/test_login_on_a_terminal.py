import contextlib
import sys
from pathlib import Path

import pytest

from console.settings.reading import load
from tests.terminal.terminal import Terminal

CANARY = "ghp_" + "c4nary" * 6
CTRL_C, CTRL_D = "\x03", "\x04"
SCOPE, TOKEN, SOURCE, COMMAND = "; or enterprise:NAME): ", "(not shown): ", "Number", "Command ["
WRITE, WRITE_ALL_THE_SAME = "Write this? [Y/n]: ", "Write this? [y/N]: "
NOTHING = "Nothing was written and no token was kept."

# A login as a person sees it, on a keyring in memory.
PROGRAM = """
import sys
from types import SimpleNamespace
from console.cli.failing import run
from console.cli.root import root
from console.errors import BadTokenError, UnreachableError
from tests.cli.commands import PretendProgram
from tests.credentials.backends import LockedBackend, MemoryBackend

backend, refusal, environ = {backend}(), {refusal}, {environ}
around = SimpleNamespace(environ=environ, backend=backend, refusal=refusal, seen=[])
code = run(root, ["auth", "login"], PretendProgram(around))
print("kept", len(backend.kept), "for", [len(value) for value in backend.kept.values()])
sys.exit(code)
"""


class Login(Terminal):
    """A login, its questions and the person's answers."""

    def __init__(
        self,
        home: Path,
        *,
        backend: str = "MemoryBackend",
        refusal: str = "None",
        environ: dict[str, str] | None = None,
    ) -> None:
        program = PROGRAM.format(backend=backend, refusal=refusal, environ=environ or {})
        super().__init__(
            [sys.executable, "-c", program], home, columns=120, rows=50, env={"PYTHONPATH": ":".join(sys.path)}
        )
        self._read = 0

    def answer(self, question: str, words: str) -> None:
        """Wait for the question anew, then say the words and press Enter, unless they are a key of their own."""
        self.wait_for(lambda: question in self.text[self._read :])
        self._read = len(self.text)
        self.send(words if words in {CTRL_C, CTRL_D} else f"{words}\r")

    def left_by(self, key: str) -> int:
        """Its exit code. In the moment before a question is listened to Python hears of no ctrl+c: then once more."""
        for _ in range(6):
            with contextlib.suppress(AssertionError):
                self.wait_for(lambda: self.process.poll() is not None, 10)
                break
            self.send(key)
        return self.exit_code()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return tmp_path / "config/runner-console/config.toml"


def test_a_person_is_asked_for_scope_and_token_and_the_token_is_not_shown(tmp_path: Path, config: Path) -> None:
    with Login(tmp_path) as login:
        login.answer(SCOPE, "acme")
        login.answer(TOKEN, CANARY)
        login.answer(WRITE, "")
        assert login.exit_code() == 0, login.text
        assert f"kept 1 for [{len(CANARY)}]" in login.text
        assert CANARY not in login.text
        assert SOURCE not in login.text
        assert load(config, {}).context()[0] == "acme"


def test_after_a_look_that_failed_nothing_is_written_unless_a_person_wants_it(tmp_path: Path, config: Path) -> None:
    with Login(tmp_path, refusal='UnreachableError("No connection")') as login:
        login.answer(SCOPE, "acme")
        login.answer(TOKEN, CANARY)
        login.answer(WRITE_ALL_THE_SAME, "")
        assert login.exit_code() == 1
        assert NOTHING in login.text
        assert "kept 0" in login.text
        assert not config.exists()


def test_a_variable_that_holds_a_token_is_offered(tmp_path: Path, config: Path) -> None:
    with Login(tmp_path, environ={"GH_TOKEN": CANARY}) as login:
        login.answer(SCOPE, "acme")
        login.answer(SOURCE, "2")
        login.answer(WRITE, "y")
        assert login.exit_code() == 0, login.text
        assert "1  the keyring (MemoryBackend)" in login.text
        assert "2  the variable GH_TOKEN" in login.text
        assert "kept 0" in login.text
        assert load(config, {}).context()[1].token_from("acme") == "env"


def test_without_a_keyring_a_person_may_name_a_command(tmp_path: Path, config: Path) -> None:
    with Login(tmp_path, backend="LockedBackend") as login:
        login.answer(SCOPE, "acme/web")
        login.answer(SOURCE, "x")
        login.answer(SOURCE, "2")
        login.answer(COMMAND, "echo tok")
        login.answer(WRITE, "maybe")
        login.answer(WRITE, "y")
        assert login.exit_code() == 0, login.text
        assert "The keyring (LockedBackend) could not be used" in login.text
        assert 'runner-console auth login --token-command "gh auth token"' in login.text
        assert "Please say a number from 1 to 2." in login.text
        assert "Please say y or n." in login.text
        assert load(config, {}).context()[1].token_from("acme") == ("echo", "tok")


def test_a_token_that_github_refuses_is_asked_for_twice_more_then_the_login_ends(tmp_path: Path, config: Path) -> None:
    with Login(tmp_path, refusal='BadTokenError("GitHub does not accept it")') as login:
        login.answer(SCOPE, "acme")
        for _ in range(3):
            login.answer(TOKEN, CANARY)
        assert login.exit_code() == 3
        assert login.text.count("GitHub does not accept it") == 3
        assert not config.exists()


def test_a_token_that_was_mistyped_may_be_typed_again(tmp_path: Path, config: Path) -> None:
    with Login(tmp_path) as login:
        login.answer(SCOPE, "acme")
        login.answer(TOKEN, "")
        login.answer(TOKEN, "two words")
        login.answer(TOKEN, CANARY)
        login.answer(WRITE, "")
        assert login.exit_code() == 0, login.text
        assert f"kept 1 for [{len(CANARY)}]" in login.text


@pytest.mark.parametrize("before", [[], [(SCOPE, "acme"), (TOKEN, "tok")]])
def test_a_token_that_answers_another_question_is_kept_nowhere(
    tmp_path: Path, config: Path, before: list[tuple[str, str]]
) -> None:
    with Login(tmp_path) as login:
        for question, words in before:
            login.answer(question, words)
        login.answer(WRITE if before else SCOPE, CANARY)
        assert login.exit_code() == 2
        assert "A token does not belong here" in login.text
        assert "revoke it on GitHub" in login.text
        assert login.text.count(CANARY) == 1  # the terminal itself showed what was typed
        assert "kept 0" in login.text
        assert not config.exists()


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
@pytest.mark.parametrize("answered", [0, 1, 2])
def test_every_question_can_be_left(tmp_path: Path, config: Path, key: str, answered: int) -> None:
    questions = [(SCOPE, "acme"), (TOKEN, "tok"), (WRITE, "")]
    with Login(tmp_path) as login:
        for question, words in questions[:answered]:
            login.answer(question, words)
        login.answer(questions[answered][0], key)
        assert login.left_by(key) == 130
        assert "Interrupted." in login.text
        assert "kept 0" in login.text
        assert login.modes == login.modes_before
        assert not config.exists()


@pytest.mark.parametrize("answers", [[(SOURCE, CTRL_C)], [(SOURCE, "2"), (COMMAND, CTRL_C)]])
def test_the_questions_without_a_keyring_can_be_left(
    tmp_path: Path, config: Path, answers: list[tuple[str, str]]
) -> None:
    with Login(tmp_path, backend="LockedBackend") as login:
        for question, words in [(SCOPE, "acme"), *answers]:
            login.answer(question, words)
        assert login.left_by(CTRL_C) == 130
        assert not config.exists()
