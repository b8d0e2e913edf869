"""What the scripts that act say on a pretend host, and what they do to its world."""

from collections.abc import Callable, Iterator, Mapping

from console.fleet.frames import Frame
from console.simulator.guids import guid
from console.simulator.host_answers import Host, processes
from console.simulator.host_disks import RemoveDirectory, directory_sizes
from console.simulator.host_guards import Act, Guard, at_work, by_sudo, its_own, its_unit
from console.simulator.host_registrations import JitStart, Reregister
from console.simulator.host_tree import place_of, settings_of, sizes_of
from console.simulator.inhabitants import Runner
from console.simulator.services import Verb, act, invocation, listening_since

USER = "runner"


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
    if heard is not None:
        said = f"{heard:%Y-%m-%d %H:%M:%SZ}"
        yield _fact("listening", f"[{said} INFO Terminal] WRITE LINE: {said}: Listening for Jobs")
    if runner.service.held_by:
        yield _fact("note", runner.service.held_by)
    yield Frame("lock", ("held" if runner.service.held_by else "free",))
    worker = next((line.split()[1] for line in shown if line.startswith("worker ")), "0")
    yield Frame("group", ("1", "0", worker))


def directory_state(host: Host, directory: str) -> Iterator[Frame]:
    """Whose it is."""
    there = host.at(directory)
    above = next((each for each in host.runners() if directory.startswith(f"{place_of(each).directory}/")), None)
    below = above is not None and directory.removeprefix(f"{place_of(above).directory}/") in sizes_of(above)
    if there is None and not below and (host.name, directory) not in host.world.directories:
        yield Frame("note", ("no-directory",))
        return
    yield _fact("owner", USER)
    sudo = "allowed" if there is None else there.service.sudo
    yield Frame("sudo", ("as-owner", sudo))


class ServiceAct(Act):
    """Starts, restarts or stops a service: nothing is asked twice.

    What to do, unit, directory, id, address, InvocationID, who.
    """

    _ends: float | None = None

    def directory(self) -> str:
        return self.words[2]

    def guards(self, runner: Runner) -> tuple[Guard, ...]:
        verb, unit, _, agent, address, seen, _ = self.words
        running: Guard = (verb == "start" and runner.diary.running, ("69", "running", "active"))
        ended: Guard = (verb == "restart" and not runner.diary.running, ("69", "ended", "inactive"))
        anew: Guard = (seen not in {"-", invocation(runner)}, ("69", "begun-anew"))
        own, work = its_own(self.host, runner, agent, address), at_work(self.host, runner)
        return (*own, its_unit(runner, unit), running, ended, anew, work, by_sudo(runner))

    def act(self, runner: Runner) -> Iterator[Frame]:
        verb, unit = self.words[:2]
        now = self.host.now.timestamp()
        if self._ends is None:
            yield Frame("doing", (verb, unit))
            self._ends = now + (0.0 if verb == "start" else runner.service.stops_in)
        if now < self._ends:
            yield Frame("state", ("deactivating", "stop-sigterm"))
            return
        act(self.host.world, runner, _verb(verb))
        yield Frame("state", ("active", "running") if runner.diary.running else ("inactive", "dead"))
        yield from self.did()


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


LOOKS: Mapping[str, Callable[..., Iterator[Frame]]] = {
    "service-state": service_state,
    "directory-state": directory_state,
    "directory-sizes": directory_sizes,
}
ACTS: Mapping[str, Callable[..., Act]] = {
    "service-act": ServiceAct,
    "jit-start": JitStart,
    "reregister": Reregister,
    "remove-directory": RemoveDirectory,
}
"""By the id of the script; made under the world's lock."""
