"""The pretend GitHub on a loopback port."""

import asyncio
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from console.errors import UsageError
from console.simulator.clock import WorldClock
from console.simulator.github_api import github_app
from console.simulator.hosts import Access, pretend_hosts
from console.simulator.scenarios import Scenario
from console.simulator.status_page import status_app
from console.simulator.store import store_app
from console.simulator.tokens import DEMO_TOKEN
from console.simulator.world import World

LOOPBACK = "127.0.0.1"
ENDING = {signal.SIGINT, signal.SIGTERM}


def listen(port: int) -> socket.socket:
    """A listening socket that says it speaks TCP: else asyncio leaves Nagle's delay on, 40 ms for every answer."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((LOOPBACK, port))
    except OSError as error:
        listening.close()
        raise UsageError(
            f"Cannot listen on port {port}: {error.strerror}.", "Port 0 takes any that is free."
        ) from error
    listening.listen(128)
    return listening


def by_port(apps: Mapping[int, ASGIApp]) -> ASGIApp:
    """One application that is another one on each port."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        await apps[scope["server"][1]](scope, receive, send)

    return serve


class SimulatedGitHub:
    """Serves a world from a thread of its own, so that neither waits for whoever asks.

    It has three ports, as GitHub has three places: the API, the store that logs are fetched from, the status page.
    """

    def __init__(self, world: World, port: int = 0) -> None:
        self.world = world
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.status_page = ""
        """Its address, once it has started."""

    def start(self) -> str:
        """Listen, and say at which address. Port 0 takes any that is free."""
        sockets = [listen(self._port), listen(0), listen(0)]
        port, store, page = (each.getsockname()[1] for each in sockets)
        self.status_page = f"http://{LOOPBACK}:{page}"
        api = github_app(self.world, f"http://{LOOPBACK}:{store}")
        config = uvicorn.Config(
            by_port({port: api, store: store_app(self.world), page: status_app(self.world)}),
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=0,
            ws="none",
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, args=(sockets,), name="pretend-github", daemon=True)
        self._thread.start()
        return f"http://{LOOPBACK}:{port}"

    def _serve(self, sockets: list[socket.socket]) -> None:
        assert self._server is not None
        with ExitStack() as at_end, suppress(asyncio.CancelledError):
            for each in sockets:
                at_end.enter_context(each)
            asyncio.run(self._server.serve(sockets))

    def stop(self) -> None:
        """Close every connection and end the thread."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(timeout=5)


def serve(scenario: Scenario, port: int, speed: float, say: Callable[[str], None]) -> None:
    """Serve a scenario until SIGINT, SIGTERM or SIGHUP; `say` is told the address, and how a context reaches it."""
    # Blocked from here on, so that none is lost and none ends the process before the server has stopped.
    hung_up = set() if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else {signal.SIGHUP}  # ignored after `nohup`
    ending = ENDING | hung_up
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        world = scenario.build(WorldClock(datetime.now(UTC), speed))
        server = SimulatedGitHub(world, port)
        address = server.start()
        hosts = pretend_hosts(world, address)
        for line in introduction(scenario, address, server.status_page, hosts.start() if hosts else None):
            say(line)
        signal.sigwait(ending)
        if hosts:
            hosts.stop()
        server.stop()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def introduction(scenario: Scenario, address: str, status_page: str, access: Access | None = None) -> tuple[str, ...]:
    """What a person needs to use the pretend GitHub and its hosts, a context for their configuration included."""

    def listed(names: tuple[str, ...]) -> str:
        return "[" + ", ".join(f'"{name}"' for name in names) + "]"

    return (
        f"{scenario.title}: {scenario.summary}",
        f"API    {address}",
        f"Token  {DEMO_TOKEN}",
        "",
        "Append this context to the configuration file (`runner-console info` says where it is). Then, in another",
        f"terminal, `runner-console --context {scenario.id}` uses it. Ctrl+c ends this pretend GitHub and its hosts.",
        *_about_hosts(access),
        "",
        f"[contexts.{scenario.id}]",
        f'api_url = "{address}"',
        f'status_url = "{status_page}"',
        f"scopes = {listed(scenario.context.scopes)}",
        f"repositories = {listed(scenario.context.repositories)}",
        f'token = {{ command = ["echo", "{DEMO_TOKEN}"] }}',
        *(_ssh_of(scenario) if access else ()),
        "",
    )


def _about_hosts(access: Access | None) -> tuple[str, ...]:
    if access is None:
        return ("There is no ssh client on this machine, so there are no pretend hosts.",)
    return (
        "Its hosts are reached when this is set, there or as ssh_program at the top of the configuration file:",
        f"export RUNNER_CONSOLE_SSH_PROGRAM={access.program}",
    )


def _ssh_of(scenario: Scenario) -> tuple[str, ...]:
    named = ", ".join(f'"{runners}" = "{host}"' for runners, host in scenario.context.hosts.items())
    return ("", f"[contexts.{scenario.id}.ssh]", f"hosts = {{ {named} }}")
