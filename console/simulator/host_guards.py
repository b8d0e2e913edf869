"""How a script that acts begins on a pretend host: what it hears on its standard input, and its guards."""

import json
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator, Sequence

from console.fleet.frames import Frame
from console.simulator.host_answers import Host, processes
from console.simulator.host_tree import BOM, place_of, settings_of
from console.simulator.inhabitants import Runner

Guard = tuple[bool, tuple[str, ...]]
"""Whether it is broken, and with which exit status and words the script then refuses."""

_SUDO_SAYS = {
    "password": "sudo: a password is required",
    "tty": "sudo: sorry, you must have a tty to run sudo",
    "not-allowed": "Sorry, user ops is not allowed to execute that as root.",
}


class Act(ABC):
    """One of them. It begins once as many lines were heard as it takes: a secret each, or an empty one."""

    takes = 1

    def __init__(self, host: Host, *words: str) -> None:
        self.host = host
        self.words = words
        self.heard: Sequence[str] = ()
        self.ended = False
        self.status = 0
        self._begun: Runner | None = None

    def directory(self) -> str:
        """Of the runner that it is about."""
        return self.words[0]

    @abstractmethod
    def guards(self, runner: Runner) -> Sequence[Guard]:
        """In the order in which the script looks, after the lock."""

    @abstractmethod
    def act(self, runner: Runner) -> Iterator[Frame]:
        """What it does each time that somebody looks, until `ended` is set. The world's lock is held."""

    def look(self) -> Iterator[Frame]:
        """The guards at first, then how far it has come."""
        if self._begun is None:
            self._begun = yield from self._guarded()
        if self._begun is not None and not self.ended:
            yield from self.act(self._begun)

    def did(self, status: int = 0, said: str = "") -> Iterator[Frame]:
        """How it has ended."""
        yield Frame("did", (str(status),), said.encode())
        self.ended = True

    def _guarded(self) -> Generator[Frame, None, Runner | None]:
        runner = self.host.at(self.directory())
        if runner is None:
            yield from self._refuse(("82", "no-directory"))
            return None
        locked: Guard = (bool(runner.service.held_by), ("80", "locked"))
        broken = next((words for broken, words in (locked, *self.guards(runner)) if broken), None)
        if broken is not None:
            yield from self._refuse(broken, runner.service.held_by if broken[1] == "locked" else "")
            return None
        yield Frame("lock", ("held",))
        yield Frame("note", ("written",))
        for checked in ("runner", "unit", "workers", "update", "sudo"):
            yield Frame("checked", (checked,))
        return runner

    def _refuse(self, words: tuple[str, ...], said: str = "") -> Iterator[Frame]:
        code, reason, *fields = words
        said = said or _SUDO_SAYS.get(reason.removeprefix("sudo-"), "")
        yield Frame("refused", (reason, *fields), said.encode())
        self.status, self.ended = int(code), True


def its_own(host: Host, runner: Runner, agent: str, address: str) -> tuple[Guard, ...]:
    """Whether it is the one that is meant."""
    settings = json.loads(settings_of(runner, host.web).removeprefix(BOM))
    known = {key.lower(): str(value) for key, value in settings.items()}
    return (
        (known["agentid"] != agent, ("76", "other-runner")),
        (known.get("githuburl", "").lower() != address.lower().removeprefix("-"), ("76", "other-address")),
    )


def its_unit(runner: Runner, unit: str) -> Guard:
    """Whether systemd keeps it running by that name."""
    return place_of(runner).unit != unit, ("77", "no-unit")


def at_work(host: Host, runner: Runner) -> Guard:
    """Whether a worker is there."""
    works = any(line.startswith("worker ") for line in processes(runner, host.now))
    since = str(int((runner.job.started_at or host.now).timestamp())) if runner.job else "-"
    return works, ("75", "busy", since)


def by_sudo(runner: Runner) -> Guard:
    """Whether the operator may."""
    return runner.service.sudo != "allowed", ("81", f"sudo-{runner.service.sudo}")
