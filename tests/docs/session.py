"""A person who types what the documentation shows: on a pretend fleet with its hosts, in a home of its own."""

import io
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from console.__main__ import Program
from console.cli.failing import run
from console.cli.root import root
from console.errors import EXIT_USAGE
from console.operations import named_log
from console.simulator.clock import WorldClock
from console.simulator.hosts import PretendHosts, pretend_hosts
from console.simulator.scenarios import DEFAULT, scenario_named
from console.simulator.server import SimulatedGitHub
from console.simulator.tokens import DEMO_TOKEN
from console.simulator.world import World
from tests.terminal.terminal import COMMAND, environment

PROGRAMS = {
    "journalctl": "echo 'Runner connect error: Failed to get job message. Retrying until reconnected.'",
    "dmesg": "echo usb 1-1: new high-speed USB device",
    "gh": f"echo {DEMO_TOKEN}",
}
"""What the documentation's commands start besides the console, where that is nothing for a test to depend on."""
NEEDED = ("jq",)
JOB_LOG = """2026-11-21T02:00:00.0000000Z ##[group]Run make
2026-11-21T02:00:01.0000000Z ##[endgroup]
2026-11-21T02:00:02.0000000Z No space left on device
2026-11-21T02:00:03.0000000Z ##[error]Process completed with exit code 1.
"""
PLACEHOLDERS = {
    "ACTION": "restart-service",
    "TARGET": "prod-linux-03",
    "FILE": "job.log",
    "JOB_RUN_OR_RUNNER": "prod-linux-03",
    "NAME": "idle-while-queued",
    "RUNBOOK": "runner-idle-while-queued",
    "RUNNER": "prod-linux-03",
    "RUNNER_OR_JOB": "prod-linux-03",
    "SCENARIO": "session-conflict",
}
"""What a person puts in the place of a word in capitals."""
PLACEHOLDERS_OF = {
    "runbook": {"NAME": "runner-idle-while-queued"},
    "signatures": {"ID": "host.disk-full"},
}
"""The same, where the word means something else behind this command."""
INSTEAD = {"--port 9000": "--port 0", "/run/secrets/runner-console": "secret.txt"}
"""A test takes no port and no file of the machine it runs on."""
SCREENS = (r"", r"demo(?!.*--list).*", r"logs(?!.*--print).*", r"simulate.*")
"""Commands that stay until somebody leaves."""
READING = {"now", "runners", "jobs", "explain"}
EXIT_CODES = (
    (r"act .* --yes", 1),  # read-only
    (r"act adjust-labels (?!.*--with)", 1),
    (r"explain \d", 0),  # a job that runs
    (r"(--\S+ )?(now|runners|jobs|explain|scan|waits|runbook (?!list|show|check))\b", 1),
)
"""Of those that do not end with 0; the first that fits."""


class Ended(NamedTuple):
    """How a command ended, and all that it printed."""

    code: int
    printed: str


def words_of(command: str) -> list[str] | None:
    """What stands behind `runner-console`; None where a shell is needed."""
    if re.search(r"[|<>$&;]|^\w+=|\n", command):
        return None
    return shlex.split(command, comments=True)[1:]


def without_options(words: list[str]) -> str:
    """The command itself, without the options of the program before it."""
    left = list(words)
    while left and left[0].startswith("-"):
        option = left.pop(0)
        if option == "--context":
            left.pop(0)
    return " ".join(left)


def filled_in(command: str, live: Mapping[str, Callable[[], object]]) -> str:
    """With values for its placeholders, `live` are those that only the world knows. One that is in no table fails."""
    assert "…" not in command, f"nobody can type `{command}`"
    for there, ours in INSTEAD.items():
        command = command.replace(there, ours)
    verb = re.search(r"runner-console (?:--\S+ )*(\w+)", command)
    table = PLACEHOLDERS | PLACEHOLDERS_OF.get(verb[1] if verb else "", {})

    def value(found: re.Match[str]) -> str:
        if found[0] in live:
            return str(live[found[0]]())
        assert found[0] in table, f"no value is known for {found[0]} in `{command}`"
        return table[found[0]]

    # Variables are not for anybody to fill in.
    return re.sub(r"(?<![\w/$])[A-Z][A-Z_]+(?![\w=/])", value, command)


def is_screen(words: list[str]) -> bool:
    return any(re.fullmatch(pattern, without_options(words)) for pattern in SCREENS)


class Session:
    """On the fleet of the demo. What is typed into it is really done."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._monkeypatch, self._capsys = home, monkeypatch, capsys
        self.world: World = scenario_named(DEFAULT).build(WorldClock(datetime.now(UTC)))
        self._server = SimulatedGitHub(self.world)
        self._hosts: PretendHosts | None = None
        self.environ: dict[str, str] = {}
        self.code = 0

    def start(self) -> None:
        """Serve the fleet and its hosts, and lay out the home of somebody who is logged in."""
        address = self._server.start()
        self._hosts = pretend_hosts(self.world, address)
        ssh = self._hosts.start().program if self._hosts is not None else "ssh"
        programs = self.home / "programs"
        programs.mkdir()
        for name, script in PROGRAMS.items():
            (programs / name).write_text(f"#!/bin/sh\n{script}\n")
            (programs / name).chmod(0o755)
        (self.home / "job.log").write_text(JOB_LOG)
        (self.home / "secret.txt").write_text(f"{DEMO_TOKEN}\n")
        self.environ = environment(self.home) | {
            "PATH": f"{programs}:{Path(COMMAND).parent}:{os.environ['PATH']}",
            "RUNNER_CONSOLE_SSH_PROGRAM": str(ssh),
        }
        for name, value in self.environ.items():
            self._monkeypatch.setenv(name, value)
        self._monkeypatch.chdir(self.home)
        self._monkeypatch.setattr(named_log, "QUIET", 0.3)
        config = self.home / "config" / "runner-console" / "config.toml"
        config.parent.mkdir(parents=True, mode=0o700)
        config.write_text(configuration(address))
        config.chmod(0o600)

    def stop(self) -> None:
        if self._hosts is not None:
            self._hosts.stop()
        self._server.stop()

    @property
    def live(self) -> dict[str, Callable[[], object]]:
        """What takes the place of words in capitals, and only this world knows."""
        return {"FINDING": self._finding, "JOB": self._job}

    def _finding(self) -> str:
        found = json.loads(self._here(["now", "--json"]).printed)["findings"][0]["id"]
        assert isinstance(found, str)
        return found

    def _job(self) -> int:
        """One that runs."""
        with self.world.lock:
            running = [job for job in self.world.runs.jobs.values() if job.status == "in_progress" and job.runner_id]
        return max(running, key=lambda job: job.started_at or job.created_at).id

    def type(self, command: str) -> Ended:
        """Run it to its end, in this process where that can be, for that is quicker."""
        if command == "echo $?":
            return Ended(self.code, f"{self.code}\n")
        words = words_of(command)
        ended = self._in_a_shell(command) if words is None else self._here(words)
        self.code = ended.code
        return ended

    def _here(self, words: list[str]) -> Ended:
        self._monkeypatch.setattr("sys.stdin", io.StringIO(""))
        self._capsys.readouterr()
        if without_options(words).split(" ")[0] in READING:
            # What begins or ends while it is read makes other numbers of it.
            self.world.clock.freeze()
        code = run(root, words, Program(dict(self.environ)))
        self.world.clock.thaw()
        printed = self._capsys.readouterr()
        if "--json" in words and words[0] != "scan" and code != EXIT_USAGE:
            json.loads(printed.out)
        return Ended(code, printed.out + printed.err)

    def _in_a_shell(self, command: str) -> Ended:
        ended = subprocess.run(
            ["bash", "-c", command],
            env=self.environ,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        assert "command not found" not in ended.stdout, f"`{command}` starts a program that a test does not have"
        return Ended(ended.returncode, ended.stdout)


def configuration(address: str) -> str:
    """Of somebody who has logged in to the pretend fleet and named its hosts."""
    context = scenario_named(DEFAULT).context
    hosts = ", ".join(f"{json.dumps(runners)} = {json.dumps(host)}" for runners, host in context.hosts.items())
    return (
        f'[contexts.{DEFAULT}]\napi_url = "{address}"\nscopes = {json.dumps(context.scopes)}\n'
        f'repositories = {json.dumps(context.repositories)}\ntoken = {{ command = ["echo", "{DEMO_TOKEN}"] }}\n'
        f"\n[contexts.{DEFAULT}.ssh]\nhosts = {{ {hosts} }}\n"
    )


def expected_code(command: str) -> int:
    """The exit code that the documentation promises of this command, on a fleet in which a runner is stuck."""
    line = re.sub(r'^(\w+=("[^"]*"|\S+) )*runner-console (--context \S+ )?', "", command)
    if re.search(r"[|;\n]", line):  # a script, which ends well whatever it found
        return 0
    return next((code for pattern, code in EXIT_CODES if re.match(pattern, line)), 0)
