"""The command line with one context on a pretend GitHub over HTTP, for tests of what it prints."""

import json
from pathlib import Path
from typing import Any

import pytest

from console.__main__ import Program
from console.cli.failing import run
from console.cli.root import root
from console.simulator.scenarios import Scenario
from console.simulator.tokens import DEMO_TOKEN
from console.simulator.world import World

NOBODY = "http://127.0.0.1:9"


class Console:
    """The command line with one context, and what it printed last."""

    def __init__(
        self,
        address: str,
        scenario: Scenario,
        home: Path,
        capsys: pytest.CaptureFixture[str],
        world: World | None = None,
    ) -> None:
        self.address = address
        self._world = world
        self.home = home
        self.capsys = capsys
        self.environ = {"RUNNER_CONSOLE_TOKEN": DEMO_TOKEN}
        self.out = ""
        self.err = ""
        config = home / "config" / "runner-console" / "config.toml"
        config.parent.mkdir(parents=True)
        config.write_text(
            f'[contexts.pretend]\napi_url = "{address}"\ntoken = "env"\n'
            f"scopes = {json.dumps(scenario.context.scopes)}\n"
            f"repositories = {json.dumps(scenario.context.repositories)}\n"
        )

    @property
    def world(self) -> World:
        """What the pretend GitHub answers out of."""
        assert self._world is not None
        return self._world

    def __call__(self, *arguments: str) -> int:
        code = run(root, arguments, Program(dict(self.environ)))
        self.out, self.err = self.capsys.readouterr()
        return code

    def json(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        code = self(*arguments, "--json")
        answer = json.loads(self.out)
        assert isinstance(answer, dict)
        return code, answer
