"""What the scripts that act say on a pretend host, and what they do to its world."""

import json
from collections.abc import Callable, Iterator, Mapping

from console.fleet.frames import Frame
from console.simulator.guids import guid
from console.simulator.host_answers import Host, processes
from console.simulator.host_streams import Stream
from console.simulator.host_tree import BOM, place_of, settings_of
from console.simulator.inhabitants import Runner
from console.simulator.services import Verb, act, invocation, listening_since

USER = "runner"
_SUDO_SAYS = {
    "password": "sudo: a password is required",
    "tty": "sudo: sorry, you must have a tty to run sudo",
    "not-allowed": "Sorry, user ops is not allowed to execute that as root.",
}


def service_state(host: Host, unit: str, directory: str) -> Iterator[Frame]:
    """A runner's service, as an action has to know it."""
    runner = host.at(directory)
    yield _fact("now", str(int(host.now.timestamp())))
    yield _fact("machine", guid("machine", host.name).replace("-", ""))
    of_unit = host.of_unit(unit)
    yield _fact("unit", *_unit_shown(unit, of_unit))
    if of_unit is not None:
        for verb in ("start", "restart", "stop"):
            yield Frame("sudo", (verb, of_unit.service.sudo))
    if runner is None:
        yield Frame("note", ("no-directory",))
        return
    yield Frame("fact", (".runner",), settings_of(runner, host.web))
    shown = list(processes(runner, host.now))
    yield _fact("processes", *shown, "self 4711 00:00")
    heard = listening_since(runner, host.now)
    listening = [
        f"[{heard:%Y-%m-%d %H:%M:%SZ} INFO Terminal] WRITE LINE: {heard:%Y-%m-%d %H:%M:%SZ}: Listening for Jobs"
    ]
    yield _fact("listening", *(listening if heard else ()))
    if runner.service.held_by:
        yield _fact("note", runner.service.held_by)
    yield Frame("lock", ("held" if runner.service.held_by else "free",))
    worker = next((line.split()[1] for line in shown if line.startswith("worker ")), "0")
    yield Frame("group", ("1", "0", worker))


class ServiceAct:
    """Looks once more, and then starts, restarts or stops a service: nothing is asked twice."""

    def __init__(self, host: Host, *words: str) -> None:
        """What to do, unit, directory, agent id, address and who."""
        self._host = host
        self._words = words
        self._acting: Runner | None = None
        self._ends = 0.0
        self.ended = False
        self.status = 0

    def look(self) -> Iterator[Frame]:
        """The guards and the act at first, then how far it has come."""
        if self._acting is None:
            yield from self._begin()
        if self._acting is not None and not self.ended:
            diary = self._acting.diary
            if self._host.now.timestamp() < self._ends:
                yield Frame("state", ("deactivating", "stop-sigterm"))
                return
            act(self._host.world, self._acting, _verb(self._words[0]))
            yield Frame("state", ("active", "running") if diary.running else ("inactive", "dead"))
            yield Frame("did", ("0",))
            self.ended = True

    def _begin(self) -> Iterator[Frame]:
        verb, unit, directory, *_ = self._words
        runner = self._host.at(directory)
        refusal = ("82", "no-directory") if runner is None else _refusal(self._host, runner, self._words)
        if runner is None or refusal is not None:
            code, reason, *fields = refusal or ()
            self.status = int(code)
            said = _SUDO_SAYS.get(reason.removeprefix("sudo-"), "")
            data = runner.service.held_by if runner is not None and reason == "locked" else said
            yield Frame("refused", (reason, *fields), data.encode())
            self.ended = True
            return
        yield Frame("lock", ("held",))
        yield Frame("note", ("written",))
        for checked in ("runner", "unit", "idle", "sudo"):
            yield Frame("checked", (checked,))
        yield Frame("doing", (verb, unit))
        self._acting = runner
        self._ends = self._host.now.timestamp() + (0.0 if verb == "start" else runner.service.stops_in)


def _refusal(host: Host, runner: Runner, words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Exit status and reason of the first guard that does not hold, in the order in which the script looks."""
    verb, unit, _, agent, address, _ = words
    settings = json.loads(settings_of(runner, host.web).removeprefix(BOM))
    known = {key.lower(): str(value) for key, value in settings.items()}
    works = any(line.startswith("worker ") for line in processes(runner, host.now))
    since = str(int((runner.job.started_at or host.now).timestamp())) if runner.job else "-"
    guards: tuple[tuple[bool, tuple[str, ...]], ...] = (
        (bool(runner.service.held_by), ("80", "locked")),
        (known["agentid"] != agent, ("76", "other-runner")),
        (known.get("githuburl", "").lower() != address.lower().removeprefix("-"), ("76", "other-address")),
        (place_of(runner).unit != unit, ("77", "no-unit")),
        (verb == "start" and runner.diary.running, ("69", "running", "active")),
        (works, ("75", "busy", since)),
        (runner.service.sudo != "allowed", ("81", f"sudo-{runner.service.sudo}")),
    )
    return next((refusal for broken, refusal in guards if broken), None)


def _verb(word: str) -> Verb:
    return "start" if word == "start" else "stop" if word == "stop" else "restart"


def _unit_shown(unit: str, runner: Runner | None) -> Iterator[str]:
    if runner is None:
        yield "LoadState=not-found"
        return
    active, sub = ("active", "running") if runner.diary.running else ("inactive", "dead")
    yield from (
        "LoadState=loaded",
        f"ActiveState={active}",
        f"SubState={sub}",
        "Result=success",
        f"User={USER}",
        f"InvocationID={invocation(runner)}",
        f"ControlGroup=/system.slice/{unit}" if runner.diary.running else "ControlGroup=",
        f"MainPID={runner.diary.service_pid if runner.diary.running else 0}",
        f"WorkingDirectory={place_of(runner).directory}",
    )


def _fact(key: str, *lines: str) -> Frame:
    return Frame("fact", (key,), "".join(f"{line}\n" for line in lines).encode())


ACTS: Mapping[str, Callable[..., Stream]] = {"service-act": ServiceAct}
"""By the id of the script; made under the world's lock."""
