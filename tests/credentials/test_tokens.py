import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from console.credentials.keyrings import Keyring
from console.credentials.secret import Secret
from console.credentials.tokens import Source, TokenRules, Tokens
from console.errors import ConsoleError, KeyringError, NoTokenError
from tests.credentials.backends import HangingBackend, LockedBackend, MemoryBackend, patience

API = "https://api.github.com"
EVIL = "https://evil.example.com"
GHES = "https://ghe.example.com/api/v3"
CANARY = "ghp_" + "c4nary" * 6


class Time:
    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


def tokens(
    where: Source | Callable[[str], Source | None],
    *,
    api_url: str = API,
    owners: tuple[str, ...] = ("acme",),
    backend: MemoryBackend | None = None,
    environ: dict[str, str] | None = None,
    now: Callable[[], float] = lambda: 0.0,
    default_api_url: str = API,
    command_for: str = "",
    distrust: str = "",
    given: Secret | None = None,
) -> Tokens:
    rules = TokenRules(
        api_url=api_url,
        owners=owners,
        token_from=where if callable(where) else lambda _: where,
        default_api_url=default_api_url,
        command_for=command_for,
        distrust=distrust,
        given=given,
    )
    backend = backend or MemoryBackend()
    return Tokens(
        rules,
        environ={"PATH": os.environ["PATH"], **(environ or {})},
        keyring=Keyring(api_url, {}, backend=backend, deadline=patience(backend)),
        clean=lambda text: text.replace(CANARY, "***"),
        now=now,
    )


async def value(of: Tokens, owner: str = "acme") -> str | None:
    secret = await of.token(owner)
    return None if secret is None else secret.reveal()


async def test_each_owner_has_a_token_of_its_own_from_where_the_context_says() -> None:
    table: dict[str, Source] = {"acme": "keyring", "labs": ("echo", "from-command"), "open": "env"}
    backend = MemoryBackend()
    await Keyring(API, {}, backend=backend).set("acme", Secret("from-keyring"))
    all_ = tokens(table.get, owners=tuple(table), backend=backend, environ={"GH_TOKEN": "from-env"})
    assert [await value(all_, owner) for owner in table] == ["from-keyring", "from-command", "from-env"]
    assert [all_.source(owner) for owner in table] == [
        "keyring (MemoryBackend)",
        "command echo from-command",
        "GH_TOKEN",
    ]
    assert await all_.token("unknown") is None
    assert "unknown" in all_.missing("unknown").message
    assert "for acme at" in all_.missing("").message
    assert set(all_.live()) == {"from-keyring", "from-command", "from-env"}


async def test_without_an_owner_it_is_the_first_token_there_is() -> None:
    table: dict[str, Source] = {"acme": "keyring", "labs": ("echo", "labs-token")}
    assert await value(tokens(table.get, owners=("acme", "labs")), "") == "labs-token"
    failing: dict[str, Source] = {"acme": ("false",), "labs": "keyring"}
    with pytest.raises(NoTokenError):
        await tokens(failing.get, owners=("acme", "labs")).token("")


@pytest.mark.parametrize(
    ("environ", "api_url", "expected"),
    [
        ({"RUNNER_CONSOLE_TOKEN": "rc", "GH_TOKEN": "gh"}, API, "rc"),
        ({"GH_TOKEN": "gh", "GITHUB_TOKEN": "github"}, API, "gh"),
        ({"GITHUB_TOKEN": "github"}, API, "github"),
        ({"RUNNER_CONSOLE_TOKEN": "", "GITHUB_TOKEN": "github"}, API, "github"),
        ({"RUNNER_CONSOLE_TOKEN": "rc", "GH_TOKEN": "gh", "GITHUB_TOKEN": "github"}, EVIL, None),
        ({"RUNNER_CONSOLE_TOKEN": "rc", "GH_TOKEN": "gh"}, "https://api.github.com:8443", None),
        ({"GH_TOKEN": "gh", "GH_HOST": "ghe.example.com"}, GHES, "gh"),
        ({"GH_TOKEN": "gh", "GH_HOST": "acme.ghe.com"}, "https://api.acme.ghe.com", "gh"),
        ({"GH_TOKEN": "gh", "GH_HOST": "ghe.example.com"}, EVIL, None),
        ({"GH_TOKEN": "gh"}, GHES, None),
        ({}, API, None),
    ],
)
async def test_a_variable_serves_its_own_address_and_no_other(
    environ: dict[str, str], api_url: str, expected: str | None
) -> None:
    assert await value(tokens("env", environ=environ, api_url=api_url)) == expected


async def test_the_consoles_own_variable_is_for_the_default_contexts_address() -> None:
    environ = {"RUNNER_CONSOLE_TOKEN": "rc"}
    assert await value(tokens("env", environ=environ, api_url=GHES, default_api_url=GHES)) == "rc"
    other = tokens("env", environ=environ, api_url=GHES, default_api_url=API)
    assert await value(other) is None
    told = other.missing("acme").message
    assert "RUNNER_CONSOLE_TOKEN is set and not used: it is for https://api.github.com:443 only" in told


async def test_only_variables_that_would_be_used_for_this_address_are_advised() -> None:
    assert tokens("env").missing("acme").hint.startswith("Set RUNNER_CONSOLE_TOKEN or GH_TOKEN or GITHUB_TOKEN,")
    local = "http://127.0.0.1:9000"
    assert (
        tokens("env", api_url=local, default_api_url=local)
        .missing("acme")
        .hint.startswith("Set RUNNER_CONSOLE_TOKEN, or")
    )
    assert tokens("env", api_url=local).missing("acme").hint.startswith("Use another `token`: ")
    on_server = tokens("env", api_url=GHES, environ={"GH_HOST": "ghe.example.com"})
    assert on_server.missing("acme").hint.startswith("Set GH_TOKEN or GITHUB_TOKEN,")


async def test_a_variable_that_is_set_and_not_used_is_named_and_never_steps_in() -> None:
    silent = tokens("keyring", environ={"RUNNER_CONSOLE_TOKEN": CANARY})
    assert await silent.token("acme") is None
    assert "RUNNER_CONSOLE_TOKEN is set and not used" in silent.missing("acme").message
    assert CANARY not in str(silent.notes()) + silent.missing("acme").message


async def test_a_variable_with_something_else_in_it_is_refused_without_repeating_it() -> None:
    with pytest.raises(NoTokenError, match="GH_TOKEN holds no token") as caught:
        await tokens("env", environ={"GH_TOKEN": f"Bearer {CANARY}"}).token("acme")
    assert CANARY not in caught.value.message


async def test_a_token_command_is_not_run_for_another_address_or_out_of_a_file_that_others_can_change(
    tmp_path: Path,
) -> None:
    ran = tmp_path / "ran"
    command = ("touch", str(ran))
    for refusing in (
        tokens(command, api_url=EVIL, command_for=API),
        tokens(command, distrust="/etc/x can be changed by other users"),
    ):
        with pytest.raises(NoTokenError, match="was not run"):
            await refusing.token("acme")
    assert not ran.exists()


def counting(tmp_path: Path, prints: str) -> Source:
    """A command that keeps count of how often it ran."""
    program = f"""
from pathlib import Path
count = Path({str(tmp_path / "count")!r})
n = len(count.read_text()) + 1 if count.exists() else 1
count.write_text("x" * n)
print({prints})
"""
    return (sys.executable, "-c", program)


def runs(tmp_path: Path) -> int:
    return len((tmp_path / "count").read_text())


async def test_a_command_runs_once_for_all_its_owners_and_once_more_after_a_refusal(tmp_path: Path) -> None:
    fresh = tokens(counting(tmp_path, 'f"tok-{n}"'), owners=("acme", "labs"))
    assert [await value(fresh, owner) for owner in ("acme", "labs", "acme")] == ["tok-1"] * 3
    assert await fresh.renew("labs") is True
    assert await value(fresh) == "tok-2"
    assert runs(tmp_path) == 2


async def test_who_learns_late_of_a_refused_token_does_not_run_the_command_again(tmp_path: Path) -> None:
    fresh = tokens(counting(tmp_path, 'f"tok-{n}"'))
    first = await fresh.token("acme")
    assert await fresh.renew("acme", first) is True
    assert await fresh.renew("acme", first) is True
    assert runs(tmp_path) == 2


async def test_the_same_token_again_is_no_renewal(tmp_path: Path) -> None:
    same = tokens(counting(tmp_path, '"tok"'))
    await same.token("acme")
    assert await same.renew("acme") is False
    assert await tokens("env", environ={"GH_TOKEN": "gh"}).renew("unknown") is True
    steady = tokens("env", environ={"GH_TOKEN": "gh"})
    await steady.token("acme")
    assert await steady.renew("acme") is False
    assert await tokens("env", given=Secret("typed")).renew("acme") is False


async def test_a_keyring_is_read_again_after_a_refusal() -> None:
    backend = MemoryBackend()
    keyring = Keyring(API, {}, backend=backend)
    await keyring.set("acme", Secret("old"))
    kept = tokens("keyring", backend=backend)
    assert await value(kept) == "old"
    await keyring.set("acme", Secret("new"))
    assert await value(kept) == "old"
    assert await kept.renew("acme") is True
    assert await value(kept) == "new"


async def test_a_failing_source_is_not_asked_hundreds_of_times(tmp_path: Path) -> None:
    time = Time()
    failing = tokens(counting(tmp_path, '""'), now=time)
    for _ in range(5):
        with pytest.raises(NoTokenError):
            await failing.token("acme")
    assert runs(tmp_path) == 1
    time.at = 31.0
    with pytest.raises(NoTokenError):
        await failing.token("acme")
    assert runs(tmp_path) == 2


async def test_a_token_that_was_logged_in_meanwhile_is_found_after_a_while() -> None:
    time, backend = Time(), MemoryBackend()
    waiting = tokens("keyring", backend=backend, now=time)
    assert await value(waiting) is None
    await Keyring(API, {}, backend=backend).set("acme", Secret("late"))
    assert await value(waiting) is None
    time.at = 31.0
    assert await value(waiting) == "late"


async def test_a_keyring_that_hangs_or_is_locked_says_so() -> None:
    backend = HangingBackend()
    try:
        with pytest.raises(KeyringError, match="no answer"):
            await tokens("keyring", backend=backend).token("acme")
    finally:
        backend.let_go.set()
    with pytest.raises(KeyringError, match="locked"):
        await tokens("keyring", backend=LockedBackend()).token("acme")


async def test_the_canary_is_in_no_representation_and_no_traceback() -> None:
    environ = {"RUNNER_CONSOLE_TOKEN": CANARY}
    sources: list[Source] = [
        "env",
        "keyring",
        ("sh", "-c", f"echo {CANARY} >&2; exit 1"),
        ("echo", CANARY, "more words"),
    ]
    for where in sources:
        watched = tokens(where, environ=environ, given=None)
        shown = [
            repr(watched),
            str(watched),
            str(watched.notes()),
            watched.source("acme"),
            str(watched.missing("acme")),
        ]
        try:
            shown.append(repr(await watched.token("acme")))
        except ConsoleError as error:
            shown += [error.message, error.hint, *traceback.format_exception(error)]
        assert CANARY not in "\n".join(shown)
