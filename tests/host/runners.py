"""Runners on a test host, as `config.sh` and `svc.sh` leave them, and the orders that their stand-ins follow."""

import itertools
import json
import shutil
import time
from pathlib import Path
from typing import Any

from tests.host.machine import Machine

STAND_IN = "/srv/stand-in"
_DIRECTORIES = ("bin.2.336.0", "externals/node20/bin", "_diag/pages", "_diag/blocks", "_work", "orders/worker")
_UNIT = """[Unit]
Description=GitHub Actions Runner ({scope}.{name})
After=network-online.target

[Service]
ExecStart={root}/runsvc.sh
User=runner
WorkingDirectory={root}
KillMode=process
KillSignal=SIGTERM
TimeoutStopSec=5min

[Install]
WantedBy=multi-user.target
"""
_RUNSVC = f"""#!/bin/bash
trap 'BEFOREkill -INT $PID' TERM INT
export PYTHONPATH={STAND_IN} PYTHONDONTWRITEBYTECODE=1
./externals/node20/bin/node ./bin/RunnerService.js &
PID=$!
wait $PID
trap - TERM INT
wait $PID
"""
_RUN = f"""#!/bin/bash
export PYTHONPATH={STAND_IN} PYTHONDONTWRITEBYTECODE=1
mkdir -p _diag/pages _diag/blocks orders/worker && cp bin/spawnclient run && exec "$PWD/bin/Runner.Listener" run
"""
_CONFIG = """#!/bin/bash
printf '%s %s\n' "$(printf %s "$ACTIONS_RUNNER_INPUT_TOKEN" | sha256sum | cut -c 1-64)" "$*" >>asked
sleep 0.5
if [ "$1" = remove ]; then
  [ ! -f .service ] || { echo Uninstall service first; exit 1; }
  exec rm .runner
fi
printf '{"agentId": 22, "agentName": "web-1", "gitHubUrl": "%s"}' "$4" >.runner
"""
"""What it was given: a token's digest, and its arguments."""
_PATIENCE = 15.0
_MAIN = "import sys\n\nimport stand_in\n\nsys.exit(stand_in.main())\n"


class StandIn:
    """One runner of a repository or an organisation."""

    def __init__(self, machine: Machine, name: str, agent_id: int, owner: str = "acme/web", place: str = "") -> None:
        self.machine = machine
        self.name = name
        self.agent_id = agent_id
        self.owner = owner
        self.root = place or f"/srv/runners/{name}"
        self.unit = f"actions.runner.{owner.replace('/', '-')}.{name}.service"
        self.home = machine.root / self.root[1:]
        self._numbers = itertools.count(1)

    def install(self) -> None:
        """The machine may be down; its next start starts the runner too."""
        shared = self.machine.root / STAND_IN[1:]
        shared.mkdir(parents=True, exist_ok=True)
        shutil.copy(Path(__file__).parent / "stand_in.py", shared / "stand_in.py")
        for directory in _DIRECTORIES:
            (self.home / directory).mkdir(parents=True)
        (self.home / "bin").symlink_to("bin.2.336.0")
        python = "/usr/bin/python3"
        for program in ("bin/Runner.Listener", "bin/Runner.Worker", "externals/node20/bin/node"):
            (self.home / program).symlink_to(python)
        for script in ("run", "bin/spawnclient", "bin/RunnerService.js"):
            (self.home / script).write_text(_MAIN)
        self.write_runsvc()
        for name, text in (("run.sh", _RUN), ("config.sh", _CONFIG), ("run-helper.sh.template", "")):
            self.write_program(name, text)
        self.write_settings()
        (self.home / ".service").write_text(f"{self.unit}\n")
        scope = self.owner.replace("/", "-")
        units = self.machine.root / "etc/systemd/system"
        (units / self.unit).write_text(_UNIT.format(scope=scope, name=self.name, root=self.root))
        (units / "multi-user.target.wants").mkdir(exist_ok=True)
        (units / "multi-user.target.wants" / self.unit).symlink_to(f"/etc/systemd/system/{self.unit}")
        self._give_to_runner()

    def wait_until_it_listens(self) -> None:
        """A listener that has just begun may not hear that it is to end."""
        until = time.monotonic() + _PATIENCE
        while not any("Listening for Jobs" in log.read_text() for log in self.home.glob("_diag/Runner_2*")):
            assert time.monotonic() < until, "the listener did not begin"
            time.sleep(0.05)

    def write_runsvc(self, before_it_stops: str = "") -> None:
        """From its next start on; the shell that runs it reads the one that it began with."""
        self.write_program("runsvc.sh", _RUNSVC.replace("BEFORE", before_it_stops))

    def write_program(self, name: str, text: str) -> None:
        draft = self.home / f"{name}.draft"
        draft.write_text(text)
        draft.chmod(0o755)
        draft.rename(self.home / name)

    def write_settings(self, **more: object) -> None:
        settings = {
            "agentId": self.agent_id,
            "agentName": self.name,
            "poolId": 1,
            "poolName": "Default",
            "serverUrl": "https://pipelinesghubeus8.actions.githubusercontent.com/abc/",
            "gitHubUrl": f"https://github.com/{self.owner}",
            "workFolder": "_work",
            "useV2Flow": True,
            **more,
        }
        (self.home / ".runner").write_text(json.dumps(settings, indent=2), encoding="utf-8-sig")

    def _give_to_runner(self) -> None:
        self.machine.chroot("chown", "-R", "-h", "runner:runner", self.root)

    def order(self, **words: Any) -> None:
        """To the listener."""
        self._order(self.home / "orders", words)

    def order_worker(self, **words: Any) -> None:
        self._order(self.home / "orders/worker", words)

    def _order(self, place: Path, words: dict[str, Any]) -> None:
        number = next(self._numbers)
        draft = place / f"{number:06d}.draft"
        draft.write_text(json.dumps(words))
        draft.rename(place / f"{number:06d}.json")
