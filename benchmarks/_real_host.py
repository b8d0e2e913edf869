"""A host that is this machine, behind a real sshd: one runner of a pretend fleet lives there, as far as is seen."""

import dataclasses
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from benchmarks._journal import write_journal
from benchmarks._terminal import environment
from console.simulator.clock import WorldClock
from console.simulator.host_tree import agent_of, settings_of
from console.simulator.hosts import Access
from console.simulator.inhabitants import Runner
from console.simulator.scenarios import Context, scenario_named
from console.simulator.server import SimulatedGitHub, introduction
from tests.host_programs import journal_line, systemd

HOST = "web"
SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")


class RealHost:
    """The place of everything: its sshd, the programs that stand for systemd's, the runner's directory."""

    def __init__(self, place: Path, runner: Runner, address: str) -> None:
        """`address` is where the pretend GitHub is that the runner belongs to."""
        self.place = place
        self.runner = runner
        self.root = place / "actions-runner"
        self.unit = f"{agent_of(runner)}.service"
        (self.root / "_diag").mkdir(parents=True)
        (self.root / ".runner").write_bytes(settings_of(runner, address))
        state = {"Id": self.unit, "ActiveState": "active", "SubState": "running", "MainPID": "812"}
        self._programs = systemd(place / "programs", {self.unit: {**state, "WorkingDirectory": str(self.root)}})
        self.access = self._access()

    def keep_journal(self, words: str, lines: int) -> bool:
        """Its runner's service says that so often. Whether it is a real journal, read by the real journalctl."""
        program, journal = self._programs / "journalctl", self.place / "journal"
        if write_journal(journal, self.unit, words, lines):
            program.write_text(f'#!/bin/sh\nexec {shutil.which("journalctl")} -D {journal} "$@"\n')
            return True
        said = "".join(f"{journal_line(number, f'{words} {number}')}\n" for number in range(lines))
        for name in ("journal", "journal-text"):
            (self._programs / name).write_text(said)
        return False

    def _access(self) -> Access:
        """No port: each connection starts an sshd of its own and speaks to it through a pipe."""
        for key in ("host", "user"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.place / key], check=True)
        if os.geteuid() == 0:
            # sshd does not start as root without it.
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        known = " ".join((self.place / "host.pub").read_text().split()[:2])
        (self.place / "known_hosts").write_text(f"{HOST} {known}\n")
        (self.place / "authorized_keys").write_bytes((self.place / "user.pub").read_bytes())
        theirs = self._lines("sshd_config", {
            "HostKey": self.place / "host",
            "AuthorizedKeysFile": self.place / "authorized_keys",
            "SetEnv": f"HOME={self.place} PATH={self._programs}:{os.environ['PATH']} FAKE_UID=0",
            "UsePAM": "no",
            "StrictModes": "no",
            "PidFile": "none",
        })  # fmt: skip
        ours = self._lines("ssh_config", {
            "ProxyCommand": f"{SSHD} -i -f {theirs}",
            "HostKeyAlias": HOST,
            "IdentityFile": self.place / "user",
            "IdentitiesOnly": "yes",
            "IdentityAgent": "none",
            "UserKnownHostsFile": self.place / "known_hosts",
            "GlobalKnownHostsFile": "none",
        })  # fmt: skip
        program = self.place / "ssh"
        program.touch(mode=0o700)
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(shutil.which("ssh") or "ssh")} -F {ours} "$@"\n')
        return Access(ours, program)

    def _lines(self, name: str, settings: dict[str, object]) -> Path:
        file = self.place / name
        file.write_text("".join(f"{key} {value}\n" for key, value in settings.items()))
        return file


@contextmanager
def watched_host(place: Path) -> Iterator[tuple[RealHost, dict[str, str]]]:
    """A host of a small pretend fleet, and the environment of a console that watches it."""
    scenario = dataclasses.replace(scenario_named("healthy"), context=Context(hosts={"*": HOST}))
    world = scenario.build(WorldClock(datetime.now(UTC)))
    server = SimulatedGitHub(world)
    address = server.start()
    try:
        runner = next(each for each in world.runners["org:acme"].values() if each.name == "build-linux-01")
        host = RealHost(place, runner, address)
        yield host, configured(place / "home", introduction(scenario, address, "", host.access))
    finally:
        server.stop()


def configured(home: Path, introduction: tuple[str, ...]) -> dict[str, str]:
    """Writes the context that a pretend GitHub introduces itself with; the environment for it."""
    said = "\n".join(introduction)
    config = home / ".config" / "runner-console" / "config.toml"
    config.parent.mkdir(parents=True, mode=0o700)
    config.write_text(said[said.index("[contexts") :])
    runtime = home / "run"
    runtime.mkdir(mode=0o700)
    program = said.partition("RUNNER_CONSOLE_SSH_PROGRAM=")[2].partition("\n")[0]
    return {**environment(home), "XDG_RUNTIME_DIR": str(runtime), "RUNNER_CONSOLE_SSH_PROGRAM": program}
