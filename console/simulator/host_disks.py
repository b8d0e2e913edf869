"""The disk of a pretend runner's host: how much room there is, what takes it, and what becomes of it when that goes."""

from collections.abc import Iterator

from console.fleet.frames import Frame
from console.simulator.host_answers import Host
from console.simulator.host_guards import Act, Guard, at_work, by_sudo, its_own
from console.simulator.host_tree import disk_of, sizes_of
from console.simulator.inhabitants import Runner


def directory_sizes(host: Host, directory: str) -> Iterator[Frame]:
    """`df`, and what can be removed of a runner's directory, the largest first."""
    runner = host.at(directory)
    if runner is None:
        yield Frame("note", ("no-directory",))
        return
    for disk in ("disk", "work-disk"):
        yield _fact(disk, *disk_of(runner))
    largest = sorted(sizes_of(runner).items(), key=lambda each: -each[1])
    yield _fact("sizes", *(f"{size}\t{name}" for name, size in largest))


class RemoveDirectory(Act):
    """Removes one of them. Directory, its name, id, address, who."""

    def guards(self, runner: Runner) -> tuple[Guard, ...]:
        _, name, agent, address, _ = self.words
        unknown: Guard = (name not in sizes_of(runner), ("82", "not-removable"))
        return (*its_own(self.host, runner, agent, address), at_work(self.host, runner), unknown, by_sudo(runner))

    def act(self, runner: Runner) -> Iterator[Frame]:
        yield Frame("doing", ("remove", self.words[1]))
        self.host.world.remove_directory(runner, self.words[1])
        yield from self.did()


def _fact(key: str, *lines: str) -> Frame:
    return Frame("fact", (key,), "".join(f"{line}\n" for line in lines).encode())
