"""What stands between the console and GitHub: proxies, names, certificates."""

import asyncio
import ssl
import subprocess
from pathlib import Path

import pytest

from console.errors import (
    ConsoleError,
    NameResolutionError,
    ProxyError,
    TlsError,
    UnknownOutcomeError,
    UnreachableError,
)
from console.fleet.calls import cancel_run
from console.fleet.models import RunKey
from console.remote.github import GitHubApi
from console.remote.surroundings import is_loopback, proxy_in_words
from tests.remote.fault_server import CANARY, FakeClock, FixedTokens, Step, reply, running
from tests.remote.test_github import RUNNERS, look

GITHUB = "https://api.github.com"


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "ssl_cert_file", "ssl_cert_dir"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


async def why_not(url: str, deadline: float = 5) -> ConsoleError:
    api = GitHubApi(url, FixedTokens(), FakeClock(), user_agent="x", deadline=deadline)
    try:
        with pytest.raises(ConsoleError) as caught:
            await look(api)
    finally:
        await api.close()
    assert CANARY not in str(caught.value)
    return caught.value


def test_without_proxy_and_certificate_variables_there_is_nothing_to_say() -> None:
    assert proxy_in_words(GITHUB) == ""


def test_the_variables_in_effect_are_shown_without_the_proxys_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://alice:secret@proxy.corp:3128")
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/corp.pem")
    assert proxy_in_words(GITHUB) == "HTTPS_PROXY=http://***@proxy.corp:3128, SSL_CERT_FILE=/etc/corp.pem"


def test_a_proxy_that_is_not_used_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.corp:3128")
    monkeypatch.setenv("NO_PROXY", "github.com")
    assert proxy_in_words(GITHUB) == ""
    assert proxy_in_words("https://ghes.example/api/v3") == "HTTPS_PROXY=http://proxy.corp:3128"
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.corp:3128")
    assert proxy_in_words("http://127.0.0.1:8080") == ""


async def test_a_proxy_is_asked_to_connect_and_its_refusal_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://alice:secret@127.0.0.1:{proxy.port}")
        proxy.script("ghes.example:443", reply({}, 407))
        error = await why_not("https://ghes.example/api/v3")
        assert isinstance(error, ProxyError)
        assert "secret" not in f"{error.message} {error.hint}"
        assert b"uthorization: Bearer" not in proxy.heard()


async def test_a_proxy_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    assert isinstance(await why_not(GITHUB), ProxyError)
    monkeypatch.setenv("HTTPS_PROXY", "what://127.0.0.1:9")
    assert isinstance(await why_not(GITHUB), ProxyError)


async def test_no_proxy_stands_before_this_machine_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    async with running() as server:
        server.script(RUNNERS, reply({"total_count": 0, "runners": []}))
        api = GitHubApi(server.url, FixedTokens(), FakeClock(), user_agent="x")
        assert len(await look(api)) == 1
        await api.close()


async def test_a_name_without_an_address_is_named() -> None:
    error = await why_not("https://no-such-host.invalid")
    assert isinstance(error, NameResolutionError)
    assert "no-such-host.invalid" in error.message


async def test_a_certificate_of_an_unknown_authority_is_refused_with_its_cause(tmp_path: Path) -> None:
    context = certificate(tmp_path, "localhost")
    async with running(context) as server:
        error = await why_not(f"https://localhost:{server.port}")
        assert isinstance(error, TlsError)
        assert "self-signed" in error.message
        assert "SSL_CERT_FILE" in error.hint
        assert server.asked == []


async def test_an_authority_named_by_ssl_cert_file_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = certificate(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    async with running(context) as server:
        server.script(RUNNERS, reply({"total_count": 0, "runners": []}))
        api = GitHubApi(f"https://localhost:{server.port}", FixedTokens(), FakeClock(), user_agent="x")
        assert len(await look(api)) == 1
        await api.close()


async def test_a_certificate_of_another_name_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = certificate(tmp_path, "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    async with running(context) as server:
        error = await why_not(f"https://localhost:{server.port}")
        assert isinstance(error, TlsError)
        assert "other" in error.message.lower() or "mismatch" in error.message.lower()


async def test_certificates_that_are_not_there_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/ca.pem")
    error = await why_not("https://localhost:9")
    assert isinstance(error, TlsError)
    assert "SSL_CERT_FILE" in error.hint


async def test_a_server_that_speaks_no_tls_is_a_tls_trouble() -> None:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert isinstance(await why_not(f"https://127.0.0.1:{port}"), TlsError)


async def test_a_handshake_without_end_ends_and_closes_its_connection() -> None:
    async with running() as server:
        error = await why_not(f"https://127.0.0.1:{server.port}", deadline=0.4)
        assert isinstance(error, UnreachableError)


def certificate(folder: Path, name: str) -> ssl.SSLContext:
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
    subprocess.run(
        [
            *command.split(),
            "-subj",
            f"/CN={name}",
            "-addext",
            f"subjectAltName=DNS:{name}",
            "-keyout",
            key,
            "-out",
            cert,
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


@pytest.mark.parametrize(
    "host", ["127.evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", ""]
)
def test_a_name_that_only_looks_like_loopback_is_not_taken_for_it(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.8.8", "::1", "[::1]"])
def test_loopback_is_known_in_all_its_spellings(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "says", [reply({}, 407), [b"HTTP/1.1 200 OK\r\n", b"Connection: close"], [b"?", b"Connection: close"]]
)
async def test_what_a_proxy_did_not_pass_on_was_not_sent(monkeypatch: pytest.MonkeyPatch, says: list[Step]) -> None:
    async with running() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        proxy.script("ghes.example:443", says)
        api = GitHubApi("https://ghes.example/api/v3", FixedTokens(), FakeClock(), user_agent="x")
        with pytest.raises(ConsoleError) as caught:
            await api.send(cancel_run(RunKey("acme/web", 5)))
        await api.close()
        assert not isinstance(caught.value, UnknownOutcomeError)
        assert len(proxy.asked) == 1
