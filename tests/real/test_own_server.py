"""A GitHub Enterprise Server behind TLS, with a certificate that only an authority of one's own vouches for."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from console.simulator.tokens import DEMO_TOKEN
from tests.needs import needs
from tests.real.programs import run, started
from tests.terminal.terminal import environment

ROOT = Path(__file__).parent.parent.parent
pytestmark = needs("openssl")


class OwnServer(NamedTuple):
    """Its host with the port, and the authority that vouches for it."""

    host: str
    authority: dict[str, str]

    @property
    def variables(self) -> dict[str, str]:
        """The context that leads to it."""
        return {
            "RUNNER_CONSOLE_API_URL": f"https://{self.host}/api/v3",
            "RUNNER_CONSOLE_SCOPES": "org:acme",
            "RUNNER_CONSOLE_TOKEN": DEMO_TOKEN,
        }


@pytest.fixture
def server(home: Path) -> Iterator[OwnServer]:
    certificate, key = home / "certificate.pem", home / "key.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run([*make, *names, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    serve = [sys.executable, "-m", "tests.real.tls_github", str(certificate), str(key)]
    with started(serve, environment(home) | {"PYTHONPATH": str(ROOT)}) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        yield OwnServer(f"127.0.0.1:{port}", {"SSL_CERT_FILE": str(certificate)})


def test_an_authority_of_ones_own_is_believed_when_it_is_named_and_not_before(home: Path, server: OwnServer) -> None:
    refused = run(home, "now", "--json", env=server.variables)
    assert refused.code == 3
    problems = json.loads(refused.out)["problems"]
    assert {each["kind"] for each in problems} == {"tls"}
    assert "SSL_CERT_FILE" in problems[0]["hint"]
    looked = run(home, "now", env=server.variables | server.authority)
    assert looked.code == 1, looked.said
    assert "idle-while-queued" in looked.out
    assert DEMO_TOKEN not in refused.said + looked.said


@needs("gh")
@pytest.mark.skipif(sys.platform != "linux", reason="gh takes an authority from SSL_CERT_FILE on Linux only")
def test_gh_takes_the_pretend_github_for_a_server_of_ones_own(home: Path, server: OwnServer) -> None:
    env = environment(home) | server.authority | {"GH_HOST": server.host, "GH_ENTERPRISE_TOKEN": DEMO_TOKEN}
    ask = ["gh", "api", "--paginate", "orgs/acme/actions/runners?per_page=20", "--jq", ".runners[].name"]
    listed = subprocess.run(ask, env=env, capture_output=True, text=True, timeout=60, check=True)
    shown = json.loads(run(home, "runners", "--json", env=server.variables | server.authority).out)["runners"]
    assert sorted(listed.stdout.split()) == sorted(runner["name"] for runner in shown)
