import socket
import sys
import threading
from importlib import import_module
from pathlib import Path

import pytest

from console.credentials.keyrings import ALLOWED, Keyring
from console.credentials.secret import Secret
from console.errors import KeyringError
from tests.credentials.backends import ForgetfulBackend, HangingBackend, LockedBackend, MemoryBackend

API = "https://api.github.com"
CANARY = "ghp_" + "c4nary" * 6


def keyring(backend: MemoryBackend, api_url: str = API, deadline: float = 60.0) -> Keyring:
    return Keyring(api_url, {}, backend=backend, deadline=deadline)


async def test_a_token_comes_back_for_its_owner_and_its_address_only() -> None:
    backend = MemoryBackend()
    await keyring(backend).set("Acme", Secret(CANARY))
    assert await keyring(backend).get("acme") == Secret(CANARY)
    assert await keyring(backend, "https://API.github.com:443/").get("ACME") == Secret(CANARY)
    assert await keyring(backend).get("other") is None
    assert await keyring(backend, "https://evil.example.com").get("acme") is None
    assert await keyring(backend, "https://api.github.com:8443").get("acme") is None
    assert await keyring(backend, "http://api.github.com").get("acme") is None


async def test_the_proof_writes_reads_and_deletes() -> None:
    backend = MemoryBackend()
    assert await keyring(backend).prove() == "MemoryBackend"
    assert backend.kept == {}


async def test_a_keyring_that_keeps_nothing_does_not_pass_the_proof() -> None:
    with pytest.raises(KeyringError, match="does not give back what it was given"):
        await keyring(ForgetfulBackend()).prove()


async def test_a_failure_says_which_keyring_what_and_why_and_the_two_commands_that_mend_it() -> None:
    with pytest.raises(KeyringError) as caught:
        await keyring(LockedBackend(), "https://ghe.example.com/api/v3").get("acme")
    assert "LockedBackend" in caught.value.message
    assert "LookupError: the collection is locked<001B>" in caught.value.message
    assert "gh auth login --hostname ghe.example.com\n" in caught.value.hint
    assert 'runner-console auth login --token-command "gh auth token --hostname ghe.example.com"' in caught.value.hint


async def test_a_failure_does_not_repeat_the_token() -> None:
    with pytest.raises(KeyringError) as caught:
        await keyring(LockedBackend()).set("acme", Secret(CANARY))
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


async def test_a_keyring_that_hangs_is_given_up_and_not_asked_twice_at_once() -> None:
    backend = HangingBackend()
    hanging = keyring(backend, deadline=0.1)
    try:
        with pytest.raises(KeyringError, match="no answer within"):
            await hanging.get("acme")
        with pytest.raises(KeyringError, match="still without an answer"):
            await hanging.get("acme")
        assert [thread.daemon for thread in threading.enumerate() if thread.name == "keyring"] == [True]
    finally:
        backend.let_go.set()


async def test_a_deleted_token_is_gone_and_a_missing_one_is_no_error() -> None:
    backend = MemoryBackend()
    await keyring(backend).set("acme", Secret(CANARY))
    assert await keyring(backend).delete("ACME") is True
    assert await keyring(backend).delete("acme") is False


def test_only_keyrings_that_keep_a_secret_are_allowed() -> None:
    named = {kind.module for kind in ALLOWED}
    assert named == {
        "keyring.backends.macOS", "keyring.backends.Windows", "keyring.backends.SecretService",
        "keyring.backends.kwallet", "keyring_pass",
    }  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a desktop bus")
async def test_without_a_desktop_bus_nothing_is_asked_and_every_reason_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    environ = {"XDG_RUNTIME_DIR": str(tmp_path), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    with pytest.raises(KeyringError) as caught:
        await Keyring(API, environ, deadline=60).prove()
    assert "SecretService: no desktop bus" in caught.value.message
    assert "KWallet: no desktop bus" in caught.value.message
    assert "gh auth login" in caught.value.hint


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a desktop bus")
async def test_a_bus_address_behind_which_nobody_is_does_not_hold_up_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    address = f"unix:path={tmp_path}/bus"
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    with pytest.raises(KeyringError) as caught:
        await Keyring(API, {"DBUS_SESSION_BUS_ADDRESS": address}, deadline=60).prove()
    assert "SecretService" in caught.value.message


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a desktop bus")
async def test_a_bus_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(tmp_path / "bus"))
        bus.listen()
        address = f"unix:path={tmp_path}/bus"
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        with pytest.raises(KeyringError, match=r"no answer within 0\.2 s"):
            await Keyring(API, {"DBUS_SESSION_BUS_ADDRESS": address}, deadline=0.2).prove()
        bus.accept()[0].close()


class PretendSecretService:
    """What the SecretService's library offers, as far as a look at the collection needs it."""

    class ItemNotFoundException(Exception):  # noqa: N818 - the library's name
        pass

    __version_tuple__ = (3, 5, 0)

    def __init__(self, *, locked: bool | None) -> None:
        self.__name__ = "secretstorage"
        self.locked = locked

    def check_service_availability(self, _bus: object) -> bool:
        return True

    def dbus_init(self) -> "PretendSecretService":
        return self

    def close(self) -> None:
        pass

    def get_collection_by_alias(self, _bus: object, _alias: str) -> "PretendSecretService":
        if self.locked is None:
            raise self.ItemNotFoundException
        return self

    def is_locked(self) -> bool:
        return bool(self.locked)


@pytest.mark.parametrize(
    ("locked", "words"), [(None, "it has no collection yet, and no display"), (True, "it is locked, and there is no")]
)
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the SecretService")
async def test_without_a_display_no_prompt_is_caused(
    monkeypatch: pytest.MonkeyPatch, locked: bool | None, words: str
) -> None:
    library = import_module("keyring.backends.SecretService")
    monkeypatch.setattr(library, "secretstorage", PretendSecretService(locked=locked))
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    with pytest.raises(KeyringError, match=words) as caught:
        await Keyring(API, {"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere"}).get("acme")
    assert "The keyring (SecretService)" in caught.value.message
