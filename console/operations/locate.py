"""Finds where a runner lives: which host its name leads to, and where on it, proved there."""

import asyncio
from collections.abc import Callable, Mapping
from typing import NamedTuple

from console.errors import NoHostError, NotLocatedError, printable
from console.fleet.frames import Frame
from console.fleet.hosts import Located, host_for
from console.fleet.locating import NotLocated, locate
from console.fleet.models import Runner, RunnerKey, plain
from console.fleet.scripts import SCRIPTS
from console.operations.interfaces import Clock, Hosts

REMEMBERED = 600.0
"""Seconds for which a place is not looked for again."""
SHARED = 30.0
"""Seconds for which what a host has said serves for all runners that live there."""


class HostNames(NamedTuple):
    """What the settings say of a context's hosts."""

    context: str
    patterns: Mapping[str, str]
    """Names of runners, with `*` and `?`, and their hosts, with `{name}` for that name."""
    web: str
    """GitHub's address in a browser, as runners know it."""


class Locator:
    """The places of a context's runners, remembered for a while."""

    def __init__(
        self, hosts: Hosts, names: HostNames, runner: Callable[[RunnerKey], Runner | None], clock: Clock
    ) -> None:
        self._hosts = hosts
        self._names = names
        self._runner = runner
        self._clock = clock
        self._known: dict[RunnerKey, tuple[float, Located]] = {}
        self._said: dict[str, tuple[float, tuple[Frame, ...]]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def locate(self, key: RunnerKey) -> Located:
        """Raises NoHostError, NotLocatedError, and what the connection raises."""
        runner = self._runner(key)
        if runner is None:
            raise NotLocatedError("This runner is not listed any more", "Look again: it may have been removed.")
        host = self._host_named(runner)
        async with self._asking.setdefault(host, asyncio.Lock()):
            known = self._known.get(key)
            if known is not None and self._clock.elapsed() - known[0] < REMEMBERED:
                return known[1]
            remembered = host in self._said
            found = locate(runner, self._names.web, host, await self._on(host))
            if isinstance(found, NotLocated) and remembered:
                # It may have been registered since.
                self._said.pop(host, None)
                found = locate(runner, self._names.web, host, await self._on(host))
            if isinstance(found, NotLocated):
                self._said.pop(host, None)
                raise _not_there(runner, host, found)
            self._known[key] = self._clock.elapsed(), found
            return found

    def host_of(self, key: RunnerKey) -> str:
        """As the settings name it. Raises NoHostError and NotLocatedError."""
        runner = self._runner(key)
        if runner is None:
            raise NotLocatedError("This runner is not listed any more", "Look again: it may have been removed.")
        return self._host_named(runner)

    def forget(self, key: RunnerKey) -> None:
        """It is not there any more: look for it the next time."""
        known = self._known.pop(key, None)
        if known is not None:
            self._said.pop(known[1].host, None)

    async def _on(self, host: str) -> tuple[Frame, ...]:
        known = self._said.get(host)
        if known is None or self._clock.elapsed() - known[0] > SHARED:
            answer = await self._hosts.ask(host, SCRIPTS["find-runners"])
            known = self._said[host] = self._clock.elapsed(), answer.frames
        return known[1]

    def _host_named(self, runner: Runner) -> str:
        host = host_for(runner.name, self._names.patterns)
        if host is not None:
            return host
        if not self._names.patterns:
            raise NoHostError("No hosts are configured", lines_to_paste(self._names.context))
        raise NoHostError(
            f"No host of the runner “{printable(runner.name, 60)}” is configured",
            f"None of the `hosts` patterns of [contexts.{_key(self._names.context)}.ssh] fits its name.\n"
            "Add one to the configuration file, which is read at the start, such as\n"
            '"linux-*" = "{name}.ci.example.net"\n'
            "or for all others\n"
            '"*" = "{name}"',
        )


def lines_to_paste(context: str) -> str:
    """What to write into the configuration file, so that hosts are found by their runners' names."""
    # Short lines: they are pasted as they stand on a narrow screen, too.
    return (
        "In the configuration file, which `runner-console info` names and which is read at the start, with names of "
        "runners on the left and of hosts on the right:\n"
        f"[contexts.{_key(context)}.ssh.hosts]\n"
        '"linux-*" = "{name}.ci.example.net"\n'
        '"*" = "{name}"'
    )


def _key(context: str) -> str:
    return printable(context) if "." not in context else f'"{printable(context)}"'


def _not_there(runner: Runner, host: str, found: NotLocated) -> NotLocatedError:
    looked = "\n".join(f"- {plain(phrase)}" for phrase in found.looked)
    return NotLocatedError(
        f"Agent {runner.id} of {runner.scope} was not found on the host {printable(host, 100)}",
        f"What was looked at there:\n{looked}",
    )
