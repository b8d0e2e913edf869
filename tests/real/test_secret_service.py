"""Tokens in a real Secret Service, asked by the real program."""

import importlib.util
import json
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import needs
from tests.real.programs import (
    MENDING,
    Onlooker,
    PretendGitHub,
    files_with,
    run,
    secret_service,
    session_bus,
    started,
)
from tests.terminal.terminal import environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the keyring is the operator's own")
real_keyring = needs("dbus-daemon", "dbus-send", "gnome-keyring-daemon")
NO_PLACE_FOR_TOKENS = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
LOCK = "import secretstorage as s; s.get_default_collection(s.dbus_init()).lock()"


def logged_in(github: PretendGitHub) -> tuple[str, ...]:
    return ("auth", "login", "--api-url", github.api, "--scope", "acme", "--name", "pretend")


@real_keyring
def test_a_token_goes_from_standard_input_to_the_keyring_to_github_and_away_again(
    home: Path, github: PretendGitHub
) -> None:
    with secret_service(home) as (bus, _), Onlooker() as onlooker:
        login = run(home, *logged_in(github), stdin=f"{github.token}\n", env=bus)
        status = run(home, "auth", "status", "--json", env=bus)
        now = run(home, "now", env=bus)
        debugged = run(home, "--debug", "now", "--json", env=bus)
        kept_in = files_with(home, github.token)
        logout = run(home, "auth", "logout", env=bus)
        without = run(home, "now", "--json", env=bus)
    assert login.code == 0, login.said
    assert "Keyring: SecretService writes, reads and deletes." in login.err
    assert "Kept in the keyring (SecretService) for acme." in login.out
    told = json.loads(status.out)
    assert told["keyring"] == {"name": "SecretService", "works": True, "problem": None}
    assert told["owners"][0]["source"] == "keyring (SecretService)"
    assert {each["verdict"] for each in told["owners"][0]["reads"]} == {"allowed"}
    assert (status.code, now.code, debugged.code) == (0, 1, 1), now.said
    assert "idle-while-queued" in now.out
    assert (logout.code, logout.out) == (0, "acme: deleted from the keyring\n")
    assert without.code == 3
    problems = json.loads(without.out)["problems"]
    assert {each["kind"] for each in problems} == {"no-token"}
    assert "The keyring (SecretService) holds no token for acme" in problems[0]["message"]
    assert not [each for each in (login, status, now, debugged, logout, without) if github.token in each.said]
    assert kept_in == []
    assert any(b"status" in seen for seen in onlooker.seen)
    assert not [seen for seen in onlooker.seen if github.token.encode() in seen]


@real_keyring
def test_no_variable_turns_the_keyring_into_one_that_keeps_nothing(home: Path, github: PretendGitHub) -> None:
    with secret_service(home) as (bus, _):
        login = run(home, *logged_in(github), stdin=github.token, env=bus | NO_PLACE_FOR_TOKENS)
        assert "SecretService" in login.err
        assert run(home, "now", env=bus).code == 1


@real_keyring
def test_a_token_that_github_refuses_is_not_kept(home: Path, github: PretendGitHub) -> None:
    with secret_service(home) as (bus, _):
        login = run(home, *logged_in(github), stdin="ghp_" + "wrong" * 7, env=bus)
        assert login.code == 3
        assert "GitHub does not accept the token" in login.err
        github.configure(home, '"keyring"')
        assert run(home, "auth", "logout", env=bus).out == "acme: there was none\n"


@real_keyring
def test_a_locked_keyring_is_named_at_once_with_the_commands_that_mend_it(home: Path, github: PretendGitHub) -> None:
    with secret_service(home) as (bus, _):
        assert run(home, *logged_in(github), stdin=github.token, env=bus).code == 0
        subprocess.run([sys.executable, "-c", LOCK], env=environment(home) | bus, check=True)
        now = run(home, "now", env=bus)
        login = run(home, *logged_in(github), stdin=github.token, env=bus)
        status = run(home, "auth", "status", env=bus)
    for ended in (now, login):
        assert ended.code == 3
        assert "it is locked, and there is no display to ask for its password" in ended.said
        assert all(command in ended.said for command in MENDING)
    assert status.code != 0
    assert "keyring SecretService: does not work" in status.out


@needs("dbus-daemon")
def test_a_bus_without_a_keyring_on_it_is_said_with_the_commands_that_mend_it(
    home: Path, github: PretendGitHub
) -> None:
    with session_bus(home) as bus:
        login = run(home, *logged_in(github), stdin=github.token, env=bus)
    assert login.code == 3
    assert "The keyring could not be used: there is none on this machine" in login.err
    assert "The Secret Service daemon is neither running nor activatable" in login.err
    assert all(command in login.err for command in MENDING)
    assert not (home / "config").exists()


@real_keyring
def test_a_keyring_that_hangs_holds_nobody_up_for_long(home: Path, github: PretendGitHub) -> None:
    with secret_service(home) as (bus, service):
        service.send_signal(signal.SIGSTOP)
        try:
            login = run(home, *logged_in(github), stdin=github.token, env=bus)
        finally:
            service.send_signal(signal.SIGCONT)
    assert login.code == 3
    assert "The keyring (SecretService) could not be used: no answer within 5 s" in login.err
    assert all(command in login.err for command in MENDING)


def test_a_bus_that_never_answers_holds_nobody_up_for_long(home: Path, github: PretendGitHub) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.bind(str(home / "silent"))
        silent.listen()
        bus = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={home / 'silent'}"}
        login = run(home, *logged_in(github), stdin=github.token, env=bus)
    assert login.code == 3
    assert "The keyring could not be used" in login.err
    assert all(command in login.err for command in MENDING)


@pytest.mark.parametrize("variables", [{}, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus"}])
def test_without_a_bus_a_token_command_serves_as_well(
    variables: dict[str, str], home: Path, github: PretendGitHub
) -> None:
    kept = home / "token"
    kept.write_text(f"{github.token}\n")
    command = ("--token-command", f"cat {kept}")
    with Onlooker() as onlooker:
        refused = run(home, *logged_in(github), stdin=github.token, env=variables)
        login = run(home, *logged_in(github), *command, env=variables)
        now = run(home, "now", env=variables)
        status = run(home, "auth", "status", env=variables)
    assert refused.code == 3
    assert all(command in refused.err for command in MENDING)
    assert (login.code, now.code, status.code) == (0, 1, 0), login.said + now.said
    assert f"acme: token from command cat {kept}" in status.out
    assert "keyring" not in status.out
    assert files_with(home, github.token) == [kept]
    assert not [seen for seen in onlooker.seen if github.token.encode() in seen]


@needs("pass", "gpg")
@pytest.mark.skipif(importlib.util.find_spec("keyring_pass") is None, reason="needs the library keyring-pass")
def test_pass_is_a_keyring_where_there_is_no_bus(home: Path, github: PretendGitHub) -> None:
    names = {"GNUPGHOME": str(home / "gpg"), "PASSWORD_STORE_DIR": str(home / "store")}
    (home / "gpg").mkdir(mode=0o700)
    key = ["gpg", "--batch", "--passphrase", "", "--quick-generate-key", "operator@example.com", "rsa2048", "encr"]
    env = environment(home) | names
    subprocess.run(key, env=env, check=True, capture_output=True)
    with started(["pass", "init", "operator@example.com"], env) as process:
        process.wait(60)
    try:
        with Onlooker() as onlooker:
            login = run(home, *logged_in(github), stdin=github.token, env=names)
            now = run(home, "now", env=names)
            logout = run(home, "auth", "logout", env=names)
    finally:
        subprocess.run(["gpgconf", "--kill", "all"], env=env, check=True)
    assert "Kept in the keyring (pass) for acme." in login.out, login.said
    assert (now.code, logout.out) == (1, "acme: deleted from the keyring\n")
    assert files_with(home, github.token) == []
    assert not [seen for seen in onlooker.seen if github.token.encode() in seen]
