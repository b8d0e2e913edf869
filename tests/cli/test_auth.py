import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from console.credentials.keyrings import mending
from console.errors import BadTokenError, UnreachableError
from console.settings.reading import load
from tests.cli.commands import Terminal
from tests.credentials.backends import HangingBackend, LockedBackend

CANARY = "ghp_" + "c4nary" * 6

TWO_OWNERS = """
[contexts.acme]
scopes = ["org:acme", "repo:labs/gpu"]
token = { acme = "keyring", labs = { command = ["echo", "labs-token"] } }
"""


def test_a_newcomers_first_login_keeps_the_token_and_makes_a_context(terminal: Terminal, config: Path) -> None:
    ended = terminal("auth", "login", "--scope", "org:Acme", stdin=f"{CANARY}\n")
    assert ended.code == 0, ended.err
    assert "[contexts.acme]" in ended.out
    assert "read the runners of org Acme" in ended.out
    assert terminal.backend.kept == {("runner-console https://api.github.com:443", "acme"): CANARY}
    name, context = load(config, {}).context()
    assert (name, context.scopes, context.read_only) == ("acme", ("org:Acme",), True)
    assert CANARY not in ended.out + ended.err + config.read_text()


def test_a_second_login_goes_to_the_context_there_is(terminal: Terminal, config: Path) -> None:
    terminal("auth", "login", "--scope", "acme/web", stdin="first")
    before = config.read_text()
    assert terminal("auth", "login", stdin="second").code == 0
    assert list(terminal.backend.kept.values()) == ["second"]
    assert config.read_text() == before


def test_another_address_needs_a_name_of_its_own(terminal: Terminal, config: Path) -> None:
    terminal("auth", "login", "--scope", "acme", stdin="first")
    address = ("--api-url", "https://ghe.example.com/api/v3", "--scope", "org:acme")
    ended = terminal("auth", "login", *address, stdin="second")
    assert ended.code == 2
    assert "--name" in ended.err
    assert terminal("auth", "login", *address, "--name", "ghes", stdin="second").code == 0
    assert set(terminal.backend.kept) == {
        ("runner-console https://api.github.com:443", "acme"),
        ("runner-console https://ghe.example.com:443", "acme"),
    }


def test_a_token_that_github_refuses_is_not_kept(terminal: Terminal, config: Path) -> None:
    terminal.refusal = BadTokenError("GitHub does not accept the token", "Make a new one.")
    ended = terminal("auth", "login", "--scope", "org:acme", stdin=CANARY)
    assert ended.code == 3
    assert "does not accept" in ended.err
    assert "hint: Nothing was kept or written." in ended.err
    assert "Make a new one." not in ended.err
    assert terminal.backend.kept == {}
    assert not config.exists()


def test_a_network_that_fails_does_not_stop_a_login_but_the_exit_code_tells(terminal: Terminal, config: Path) -> None:
    terminal.refusal = UnreachableError("No connection")
    ended = terminal("auth", "login", "--scope", "org:acme", stdin=CANARY)
    assert "No connection" in ended.out
    assert list(terminal.backend.kept.values()) == [CANARY]
    assert config.exists()


@pytest.mark.parametrize("text", ["", "\n", "two words", "x\x1b[2J"])
def test_what_is_no_token_is_refused(terminal: Terminal, config: Path, text: str) -> None:
    ended = terminal("auth", "login", "--scope", "org:acme", stdin=text)
    assert ended.code == 3
    assert "no token" in ended.err
    assert terminal.backend.kept == {}
    assert not config.exists()


def test_the_keyring_is_proved_before_anybody_is_asked_for_a_token(terminal: Terminal, config: Path) -> None:
    terminal.backend = LockedBackend()
    ended = terminal("auth", "login", "--scope", "org:acme", stdin=CANARY)
    assert ended.code == 3
    assert "LockedBackend" in ended.err
    assert 'runner-console auth login --token-command "gh auth token"' in ended.err
    assert terminal.seen == []
    assert not config.exists()


def test_a_hanging_keyring_does_not_hold_up_the_command(terminal: Terminal) -> None:
    hanging = HangingBackend()
    terminal.backend = hanging
    try:
        assert "no answer within" in terminal("auth", "login", "--scope", "org:acme", stdin=CANARY).err
    finally:
        hanging.let_go.set()


def test_without_a_keyring_a_command_gives_the_token(terminal: Terminal, config: Path) -> None:
    terminal.backend = LockedBackend()
    ended = terminal("auth", "login", "--scope", "org:acme", "--token-command", f"echo '{'tok' * 3}'")
    assert ended.code == 0, ended.err
    assert terminal.seen == ["toktoktok"]
    assert load(config, {}).contexts["acme"].token_from("acme") == ("echo", "toktoktok")


def test_a_context_can_change_from_the_keyring_to_a_command(terminal: Terminal, config: Path) -> None:
    config.write_text('# mine\n[contexts.a]\nscopes = ["org:acme"]\ntoken = "keyring" # for now\n')
    assert terminal("auth", "login", "--token-command", "echo tok").code == 0
    new = 'token = { command = ["echo", "tok"] } # for now'
    assert config.read_text() == f'# mine\n[contexts.a]\nscopes = ["org:acme"]\n{new}\n'


def test_a_command_that_gives_no_token_changes_nothing(terminal: Terminal, config: Path) -> None:
    ended = terminal("auth", "login", "--scope", "org:acme", "--token-command", "false")
    assert ended.code == 3
    assert "`false`" in ended.err
    assert not config.exists()


def test_a_scope_is_asked_for_where_nobody_can_answer_as_an_option(terminal: Terminal) -> None:
    ended = terminal("auth", "login", stdin=CANARY)
    assert ended.code == 2
    assert "--scope" in ended.err


def test_a_login_to_a_context_that_takes_its_token_elsewhere_is_refused(terminal: Terminal, config: Path) -> None:
    config.write_text('[contexts.a]\nscopes = ["org:acme"]\ntoken = "env"\n')
    assert terminal("auth", "login", stdin=CANARY).code == 2
    assert terminal.backend.kept == {}


def test_a_token_is_nowhere_taken_from_the_command_line(terminal: Terminal) -> None:
    assert terminal("auth", "login", CANARY).code == 2
    assert terminal("auth", "login", "--token", CANARY).code == 2


def test_a_token_as_an_argument_is_not_repeated(terminal: Terminal, config: Path) -> None:
    config.write_text('[contexts.a]\nscopes = ["org:acme"]\n')
    for command in (
        ("auth", "login", CANARY),
        ("auth", "login", "--scope", CANARY),
        ("auth", "login", "--name", CANARY),
        ("auth", "login", "--owner", CANARY),
        ("auth", "login", "--api-url", f"https://{CANARY}.example.com"),
        ("auth", "login", "--name", "new", "--scope", "b", "--token-command", f"echo {CANARY}"),
        ("context", "add", CANARY),
        ("context", "add", "b", "--scope", CANARY),
        ("context", "add", "b", "--scope", "b", "--token-command", f"echo {CANARY}"),
        ("context", "use", CANARY),
        ("--context", CANARY, "now"),
        (CANARY,),
    ):
        ended = terminal(*command)
        assert ended.code == 2, command
        assert CANARY not in ended.out + ended.err, command
    assert CANARY not in config.read_text()


def test_an_owner_of_whom_the_context_has_nothing_gets_no_token(terminal: Terminal, config: Path) -> None:
    config.write_text(TWO_OWNERS)
    ended = terminal("auth", "login", "--owner", "acne", stdin=CANARY)
    assert ended.code == 2
    assert "The context “acme” has nothing of acne" in ended.err
    assert "did you mean acme?" in ended.err
    assert terminal.backend.kept == {}


def test_a_scope_that_is_none_is_named(terminal: Terminal, config: Path) -> None:
    ended = terminal("auth", "login", "--scope", "https://github.com/acme", stdin="tok")
    assert ended.code == 2
    assert "“https://github.com/acme” is no scope" in ended.err
    assert "org:NAME or repo:OWNER/NAME" in ended.err


def test_what_nobody_was_asked_about_is_told_once_it_is_written(terminal: Terminal, config: Path) -> None:
    ended = terminal("auth", "login", "--scope", "acme", stdin=CANARY)
    assert "To be written" not in ended.out
    written = ended.out.index(f"Written to {config}: the context acme.")
    assert ended.out.index("Kept in the keyring") < written < ended.out.index("[contexts.acme]")


def test_a_file_that_cannot_be_written_does_not_lose_the_token(terminal: Terminal, config: Path) -> None:
    config.write_text("")
    config.chmod(0o400)
    ended = terminal("auth", "login", "--scope", "acme", stdin=CANARY)
    assert ended.code == 2
    assert "write-protected" in ended.err
    assert "Kept in the keyring" in ended.out
    assert list(terminal.backend.kept.values()) == [CANARY]


def test_commands_that_mend_name_the_address_only_where_it_is_not_github_com() -> None:
    assert "--api-url" not in mending("https://api.github.com")
    command = 'auth login --token-command "gh auth token --hostname ghe.example.com"'
    assert f"{command} --api-url https://ghe.example.com/api/v3\n" in mending("https://ghe.example.com/api/v3")


def test_the_status_names_each_owners_source_and_what_is_missing(terminal: Terminal, config: Path) -> None:
    config.write_text(TWO_OWNERS)
    terminal.environ["GH_TOKEN"] = CANARY
    ended = terminal("auth", "status")
    assert ended.code == 1
    assert "keyring MemoryBackend: writes, reads and deletes" in ended.out
    assert "acme: no token (asked: keyring (MemoryBackend))" in ended.out
    assert "The keyring (MemoryBackend) holds no token for acme" in ended.out
    assert "labs: token from command echo labs-token; classic, of octocat; scopes repo" in ended.out
    assert "note: GH_TOKEN is set and not used" in ended.out
    assert terminal.seen == ["labs-token"]


def test_the_status_for_programs_has_stable_names_and_no_token(terminal: Terminal, config: Path) -> None:
    config.write_text(TWO_OWNERS)
    terminal("auth", "login", "--owner", "acme", stdin=CANARY)
    ended = terminal("auth", "status", "--json")
    told = json.loads(ended.out)
    assert ended.code == 0
    assert told["keyring"] == {"name": "MemoryBackend", "works": True, "problem": None}
    assert told["owners"][0] == {
        "owner": "acme",
        "source": "keyring (MemoryBackend)",
        "token": True,
        "problem": None,
        "login": "octocat",
        "kind": "classic",
        "classic_scopes": ["repo"],
        "expires_at": None,
        "reads": [{"what": "read the runners of org acme", "verdict": "allowed", "detail": None, "needed": True}],
        "writes": [{"what": "re-run jobs", "verdict": "unknown", "detail": "x", "needed": True}],
    }
    assert CANARY not in ended.out + ended.err


def test_the_status_tells_a_bad_token_from_a_bad_network(terminal: Terminal, config: Path) -> None:
    config.write_text('[contexts.a]\nscopes = ["org:acme"]\ntoken = { command = ["echo", "tok"] }\n')
    terminal.refusal = BadTokenError("not accepted")
    assert terminal("auth", "status").code == 1
    terminal.refusal = UnreachableError("no connection")
    assert terminal("auth", "status").code == 3


def test_a_logout_takes_the_token_out_of_the_keyring(terminal: Terminal, config: Path) -> None:
    config.write_text(TWO_OWNERS)
    terminal("auth", "login", "--owner", "acme", stdin=CANARY)
    assert "acme: deleted" in terminal("auth", "logout").out
    assert terminal.backend.kept == {}
    assert "acme: there was none" in terminal("auth", "logout").out


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a desktop bus")
def test_on_a_machine_without_a_desktop_bus_a_login_fails_with_the_two_commands_that_mend_it(tmp_path: Path) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-m", "console", "auth", "login", "--scope", "org:acme"],
        env=environ | {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", "GH_TOKEN": CANARY},
        input=CANARY,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert ended.returncode == 3
    assert "no desktop bus" in ended.stderr
    assert "gh auth login\n" in ended.stderr
    assert 'runner-console auth login --token-command "gh auth token"\n' in ended.stderr
    assert CANARY not in ended.stdout + ended.stderr
    assert not list(tmp_path.rglob("config.toml"))
