"""The pretend GitHub on a real loopback port."""

import signal
import socket
import threading
import time
import tomllib
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from console.errors import UsageError
from console.simulator.hosts import Access
from console.simulator.scenarios import scenario_named
from console.simulator.server import SimulatedGitHub, introduction, listen, serve
from console.simulator.tokens import DEMO_TOKEN
from console.simulator.world import World

RUNNERS = "/orgs/acme/actions/runners"
AUTHORIZED = {"Authorization": f"Bearer {DEMO_TOKEN}"}


def test_it_starts_and_stops_at_once_even_with_open_connections(world: World) -> None:
    server = SimulatedGitHub(world)
    with httpx.Client(base_url=server.start(), headers=AUTHORIZED) as client:
        assert client.get(RUNNERS).json()["total_count"] == len(world.runners["org:acme"])
        before = time.monotonic()
        server.stop()
        assert time.monotonic() - before < 30
        with pytest.raises(httpx.TransportError):
            client.get(RUNNERS)


def test_it_stops_in_the_middle_of_an_answer(world: World) -> None:
    world.faults.slow(world.opens_at, timedelta(minutes=1), delay=600)
    server = SimulatedGitHub(world)
    address = server.start()

    def ask() -> None:
        with suppress(httpx.TransportError):
            httpx.get(address + RUNNERS, headers=AUTHORIZED, timeout=600)

    asker = threading.Thread(target=ask)
    asker.start()
    while not world.requests:
        time.sleep(0.01)
    server.stop()
    asker.join(60)
    assert not asker.is_alive()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_serving_says_how_to_reach_it_and_ends_on_a_signal(number: signal.Signals) -> None:
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if line.startswith("api_url"):
            address = tomllib.loads(line)["api_url"]
            assert httpx.get(address + RUNNERS, headers=AUTHORIZED).status_code == 200
            signal.pthread_kill(threading.get_ident(), number)

    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    # Under `nohup` it would be ignored, here and there.
    hung_up = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        serve(scenario_named("healthy"), 0, 1.0, say)
    finally:
        signal.signal(signal.SIGHUP, hung_up)
    assert DEMO_TOKEN in "\n".join(said)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_answers_are_not_held_back_by_the_network_stack() -> None:
    """What listens must be known to be TCP: asyncio turns Nagle's algorithm off only then."""
    with listen(0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_a_port_that_is_taken_is_a_usage_error() -> None:
    with listen(0) as listening, pytest.raises(UsageError) as caught:
        listen(listening.getsockname()[1])
    assert "port" in caught.value.message


def test_the_context_it_prints_is_one() -> None:
    access = Access(Path("/tmp/pretend/config"), Path("/tmp/pretend/ssh"))
    lines = introduction(scenario_named("big-fleet"), "http://127.0.0.1:8080", "http://127.0.0.1:8081", access)
    context = tomllib.loads("\n".join(lines[lines.index("[contexts.big-fleet]") :]))["contexts"]["big-fleet"]
    assert context["api_url"] == "http://127.0.0.1:8080"
    assert context["status_url"] == "http://127.0.0.1:8081"
    assert context["scopes"] == ["org:acme", "org:acme-labs", "org:acme-games"]
    assert context["token"] == {"command": ["echo", DEMO_TOKEN]}
    assert context["ssh"]["hosts"]["*"] == "{name}"
    assert "export RUNNER_CONSOLE_SSH_PROGRAM=/tmp/pretend/ssh" in lines
    before = " ".join(lines[: lines.index("[contexts.big-fleet]")])
    assert "`runner-console --context big-fleet` uses it" in before
    assert "Ctrl+c ends" in before


def test_without_an_ssh_client_it_says_that_there_are_no_hosts() -> None:
    lines = introduction(scenario_named("healthy"), "http://127.0.0.1:8080", "http://127.0.0.1:8081")
    assert "There is no ssh client on this machine, so there are no pretend hosts." in lines
    assert not [line for line in lines if "ssh]" in line or "SSH_PROGRAM" in line]


def test_a_scenario_that_does_not_exist_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        scenario_named("idle-while-queue")
    assert "idle-while-queued" in caught.value.hint
