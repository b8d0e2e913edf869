"""An incident is worked without a screen: `now`, `explain` and `act` alone, on a world whose time the test moves."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from console.operations import particulars, plan_parts, watch
from console.operations.remember import FILE_NAME
from console.remote import budget
from console.settings.paths import paths
from console.simulator.clock import WorldClock
from console.simulator.hosts import pretend_hosts
from console.simulator.scenarios import Scenario, scenario_named
from console.simulator.server import SimulatedGitHub
from console.simulator.world import World
from tests.cli.console import Console

STEP = timedelta(seconds=20)


class Shell(Console):
    """One context on a pretend GitHub and its hosts. What is changed is agreed to by `--yes` and the id."""

    def __init__(
        self, address: str, scenario: Scenario, home: Path, capsys: pytest.CaptureFixture[str], world: World
    ) -> None:
        super().__init__(address, scenario, home, capsys, world)
        self._scenario = scenario

    def solved(self) -> bool:
        """By the scenario's own word."""
        with self.world.lock:
            self.world.advance()
            return self._scenario.solved(self.world)

    def pass_time(self, *, watching: bool = False, **span: float) -> None:
        """So much of the world's time (`minutes=6`). What was read before is forgotten: here no time has passed.

        `watching`: it is kept, as of one who looks again and again.
        """
        for kept in () if watching else paths().state_dir.glob(f"{FILE_NAME}*"):
            kept.unlink()
        left = timedelta(**span)
        while left > timedelta():
            self.world.clock.move(min(left, STEP))
            left -= STEP
            with self.world.lock:
                self.world.advance()

    def now(self) -> list[dict[str, Any]]:
        """What `now` finds, worst first; its exit code says whether any of it is worse than a remark."""
        code, answer = self.json("now")
        findings: list[dict[str, Any]] = answer["findings"]
        serious = any(each["severity"] != "info" for each in findings)
        assert code == (1 if serious else 0), (code, self.out, self.err)
        return findings

    def serious(self) -> list[dict[str, Any]]:
        """What `now` finds that is more than a remark."""
        return [each for each in self.now() if each["severity"] != "info"]

    def explain(self, about: str) -> dict[str, Any]:
        """The whole chain of one job, run or runner, by its name, id or address."""
        _, answer = self.json("explain", about)
        return answer

    def plan(self, action: str, about: str) -> tuple[int, dict[str, Any]]:
        """What an action would do: 0 and the plan, or 1 and why it does not."""
        return self.json("act", action, about, "--dry-run")

    def act(self, action: str, about: str) -> dict[str, Any]:
        """It is looked at, agreed to by its id, and carried out."""
        code, planned = self.plan(action, about)
        assert code == 0, self.out
        _, done = self.json("--write", "act", action, about, "--yes", "--expect-id", str(planned["target_id"]))
        return done


@contextmanager
def shell(
    name: str,
    home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    speed: float = 0.0,
    behind: timedelta = timedelta(),
) -> Iterator[Shell]:
    """Of that scenario, as it is when it opens. The world stands still unless it is given a speed.

    `behind`: its time is so far behind this machine's, for one who is to watch it come up.
    """
    monkeypatch.setattr(plan_parts, "LOOK_EVERY", 0.1)
    # A busy machine is no slow host.
    for patience in ("LOGS_PATIENCE", "HOSTS_PATIENCE"):
        monkeypatch.setattr(watch, patience, 120.0)
    monkeypatch.setattr(particulars, "PATIENCE", 120.0)
    # Hours pass in seconds: GitHub's limits for each minute are the world's, not this machine's.
    monkeypatch.setattr(budget, "PER_SECOND", 1_000.0)
    monkeypatch.setattr(budget, "MOST_A_MINUTE", 100_000)
    scenario = scenario_named(name)
    # The commands tell the age of what they have read by this machine's clock.
    opened = datetime.now(UTC).replace(microsecond=0) - behind
    world = scenario.build(WorldClock(opened, speed or 1.0, frozen=not speed))
    server = SimulatedGitHub(world)
    address = server.start()
    hosts = pretend_hosts(world, address)
    try:
        found = Shell(address, scenario, home, capsys, world)
        config = home / "config" / "runner-console" / "config.toml"
        status = f'status_url = "{server.status_page}"\n'
        reached = f"[contexts.pretend.ssh]\nhosts = {_toml(scenario.context.hosts)}\n" if hosts is not None else ""
        program = f'ssh_program = "{hosts.start().program}"\n' if hosts is not None else ""
        config.write_text(f"{program}{config.read_text()}{status}{reached}")
        yield found
    finally:
        if hosts is not None:
            hosts.stop()
        server.stop()


def _toml(hosts: object) -> str:
    assert isinstance(hosts, dict)
    return "{ " + ", ".join(f"{json.dumps(key)} = {json.dumps(value)}" for key, value in hosts.items()) + " }"
