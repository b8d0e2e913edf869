"""What the scripts that register runners do to a pretend host and its world, and what they say."""

from collections.abc import Iterator

from console.fleet.frames import Frame
from console.simulator.host_guards import Act, Guard, by_sudo
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
