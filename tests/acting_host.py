"""A host on which things are done: a runner's directory, and programs that stand for systemd, sudo and the kernel."""

import asyncio
import re
from pathlib import Path

from console.fleet.frames import Frame
from console.fleet.scripts import SCRIPTS
from tests.host_programs import program
from tests.local_hosts import LocalHosts

UNIT = "actions.runner.acme-web.linux-01.service"
ADDRESS = "https://github.com/acme/web"
GROUP = f"/system.slice/{UNIT}"

_SYSTEMCTL = """#!/bin/sh
here={here}
case $1 in
  show) cat "$here/show" ;;
  *)
    printf '%s\\n' "$*" >>"$here/acted"
    [ ! -x "$here/when-acted" ] || exec "$here/when-acted" "$@"
    ;;
esac
"""
_SUDO = """#!/bin/sh
here={here}
printf '%s\\n' "$*" >>"$here/sudo-asked"
[ "$1" = -n ] || exit 1
shift
asks= whose=
[ "$1" != -l ] || {{ asks=-asked; shift; }}
[ "$1" != -u ] || {{ whose="-u $2 "; shift 2; }}
[ "$1" != -- ] || shift
[ ! -f "$here/sudo-says$asks" ] || {{ cat "$here/sudo-says$asks" >&2; exit 1; }}
grep -qxF -- "$whose$*" "$here/sudoers" || exit 1
[ -n "$asks" ] || exec "$@"
"""
_PS = """#!/bin/sh
case "$*" in
  *"-o pid= -o etime= -o args="*) /bin/ps "$@" | grep -e ' -s -- '; cat {here}/listed ;;
  *"-A"*) cat {here}/listed ;;
  *"-o etimes= "*) echo 65 ;;
  *) exec /bin/ps "$@" ;;
esac
"""


class ActingHost:
    """Its runner is idle, its user may do all three things, and nobody else is at work, until a test changes that."""

    def __init__(self, place: Path, shell: str) -> None:
        self.place = place
        self.root = place / "actions-runner"
        self.programs = place / "programs"
        self.notes = place / "lock"
        self.processes = place / "proc"
        self.group = place / f"cgroup{GROUP}"
        for each in (self.root / "_diag", self.root / "_work", self.programs, self.notes, self.processes, self.group):
            each.mkdir(parents=True)
        self.notes.chmod(0o1777)
        for name, text in (("systemctl", _SYSTEMCTL), ("sudo", _SUDO), ("ps", _PS)):
            program(self.programs, name, text.format(here=self.programs))
        program(self.programs, "id", '#!/bin/sh\n[ "$1" != -u ] || echo 1000\n[ "$1" != -un ] || echo ops\n')
        (self.programs / "listed").touch()
        (self.root / ".service").write_text(f"{UNIT}\n")
        self.settings(agentId=7, agentName="linux-01", gitHubUrl=ADDRESS)
        self.show()
        self.allow()
        self.lives(812, "Runner.Listener", f"{self.root}/bin/Runner.Listener\0run\0--startuptype\0service\0")
        self.frames: list[Frame] = []
        """What was said last, where a test keeps it."""
        self.hosts = LocalHosts(shell, self.programs)
        self.hosts.places = {
            "systemctl": str(self.systemctl),
            "notes": str(self.notes),
            "groups": str(place / "cgroup"),
            "processes": str(self.processes),
        }

    @property
    def systemctl(self) -> Path:
        return self.programs / "systemctl"

    def settings(self, text: str = "", *, name: str = ".runner", **keys: object) -> None:
        written = text or "{" + ",\n ".join(f'"{key}": {_json(value)}' for key, value in keys.items()) + "}"
        (self.root / name).write_text(written, encoding="utf-8-sig")

    def show(self, **changed: str) -> None:
        """What systemd says of the unit."""
        shown = {
            "LoadState": "loaded", "ActiveState": "active", "SubState": "running", "User": "runner",
            "InvocationID": "ab" * 16, "ControlGroup": GROUP, "WorkingDirectory": str(self.root), **changed,
        }  # fmt: skip
        (self.programs / "show").write_text("".join(f"{key}={value}\n" for key, value in shown.items()))

    def allow(self, *lines: str) -> None:
        """Command lines that sudo lets through; without any, those that are needed."""
        all_three = [f"{self.systemctl} {verb} -- {UNIT}" for verb in ("start", "restart", "stop")]
        (self.programs / "sudoers").write_text("\n".join(lines or all_three) + "\n")

    def sudo_says(self, words: str, *, when: str = "-asked") -> None:
        (self.programs / f"sudo-says{when}").write_text(words)

    def lives(self, pid: int, comm: str, args: str, below: str = "") -> None:
        """A process of the unit's control group; without a name, one that cannot be looked at."""
        group = self.group / below
        group.mkdir(exist_ok=True)
        with (group / "cgroup.procs").open("a") as file:
            file.write(f"{pid}\n")
        if comm:
            (self.processes / str(pid)).mkdir()
            (self.processes / str(pid) / "comm").write_text(f"{comm}\n")
            (self.processes / str(pid) / "cmdline").write_text(args)

    def lists(self, *lines: str) -> None:
        """What ps lists beside."""
        (self.programs / "listed").write_text("".join(f"{line}\n" for line in lines))

    def when_acted(self, text: str) -> None:
        program(self.programs, "when-acted", f"#!/bin/sh\n{text}\n")

    def holds(self) -> None:
        """What systemctl is told to do lasts until `released`."""
        self.when_acted(
            f"for each in $(seq 600); do [ ! -e {self.programs}/released ] || break; sleep 0.1; done\n"
            f"echo ended >>{self.programs}/ended"
        )

    def released(self) -> None:
        (self.programs / "released").touch()

    @property
    def acted(self) -> list[str]:
        """What systemctl was told to do."""
        path = self.programs / "acted"
        return path.read_text().splitlines() if path.exists() else []

    async def begun(self) -> None:
        """Waits until systemctl has been told."""
        async with asyncio.timeout(60):
            while not self.acted:
                await asyncio.sleep(0.02)

    async def act(
        self,
        verb: str = "restart",
        *,
        agent: str = "7",
        address: str = ADDRESS,
        seen: str = "ab" * 16,
        who: str = "alice",
    ) -> list[Frame]:
        return await self.run("service-act", verb, UNIT, str(self.root), agent, address, seen, who)

    async def run(self, script: str, *values: str, secrets: tuple[bytes, ...] = ()) -> list[Frame]:
        async with self.hosts.act("h", SCRIPTS[script], *values, secrets=secrets, within=60) as frames:
            return [frame async for frame in frames]


def _json(value: object) -> str:
    return str(value) if isinstance(value, int) else f'"{value}"'


def words(frames: list[Frame]) -> list[str]:
    """Each as a line, without what only tells how long it takes."""
    return [" ".join((frame.word, *frame.fields)) for frame in frames if frame.word not in {"sent", "state", "rest"}]


def refusal(frames: list[Frame]) -> str:
    """Why nothing was done; nothing was, and nothing was said to be."""
    said = words(frames)
    assert not any(re.match("doing|did", word) for word in said), said
    return said[-1].removeprefix("refused ")
