"""What the scripts that register runners do to a pretend host and its world, and what they say."""

from collections.abc import Iterator

from console.fleet.frames import Frame
from console.simulator.host_answers import Host
from console.simulator.host_guards import Act, Guard, at_work, by_sudo, its_own, its_unit
from console.simulator.inhabitants import Runner


class JitStart(Act):
    """Starts a runner for one job beside another one: directory, new directory, user, who. Takes its config."""

    def guards(self, runner: Runner) -> tuple[Guard, ...]:
        root, new, _, _ = self.words
        place = self.host.name, new
        return (
            (new.rpartition("/")[0] != root.rpartition("/")[0], ("82", "not-beside")),
            (place in self.host.world.directories or self.host.at(new) is not None, ("82", "not-clean")),
            (not self.heard[0], ("69", "no-secret")),
            by_sudo(runner),
        )

    def act(self, runner: Runner) -> Iterator[Frame]:
        _, new, user, _ = self.words
        yield Frame("doing", ("start", new, "as", user))
        world = self.host.world
        world.directories.add((self.host.name, new))
        begun = world.start_jit_runner(self.heard[0], self.host.name)
        if begun is None or begun.diary.since is None:
            yield from self.did(1, f"It ended at once: {new}/_diag/run.log says why.")
            return
        yield Frame("started", (str(begun.diary.listener_pid - 12),))
        yield from self.did()


class Reregister(Act):
    """Stops the service, removes the settings, registers it and starts it. Takes one token, or two."""

    _stops: float | None = None

    def __init__(self, host: Host, *words: str) -> None:
        """Directory, unit, id, address, name, group, labels, `local` or `-`, and who."""
        super().__init__(host, *words)
        self.takes = 1 if words[7] == "local" else 2

    def guards(self, runner: Runner) -> tuple[Guard, ...]:
        _, unit, agent, address, *_ = self.words
        own, work = its_own(self.host, runner, agent, address), at_work(self.host, runner)
        return (*own, its_unit(runner, unit), work, (not all(self.heard), ("69", "no-secret")), by_sudo(runner))

    def act(self, runner: Runner) -> Iterator[Frame]:
        world, now = self.host.world, self.host.now.timestamp()
        _, unit, _, _, name, *_ = self.words
        if runner.diary.running and self._stops is None:
            yield Frame("doing", ("stop", unit))
            self._stops = now + runner.service.stops_in
        if self._stops is not None and now < self._stops:
            yield Frame("state", ("deactivating", "stop-sigterm"))
            return
        if runner.diary.running:
            world.set_status(runner, "offline")
        *removal, token = self.heard
        yield Frame("doing", ("remove", *(() if removal else ("local",))))
        if removal and not world.registrations.honours(removal[0], runner.scope, "remove"):
            yield from self.did(1, "Failed: Removing runner from the server\nResponse status code: 404 (Not Found)")
            return
        if removal:
            world.remove_runner(runner)
        yield Frame("doing", ("configure", name))
        if not world.registrations.honours(token, runner.scope, "registration"):
            yield from self.did(1, "Http response code: NotFound from 'POST /actions/runner-registration'")
            return
        yield Frame("doing", ("start", unit))
        world.register_again(runner)
        yield from self.did()
