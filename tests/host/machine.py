"""A host: a systemd of its own in namespaces of its own, on a layer over the common tree."""

import contextlib
import os
import signal
import subprocess
import time
import uuid
from pathlib import Path

from tests.host.base_tree import AUTHORIZED_KEYS, USER_CA
from tests.host.control_groups import trees

_REBOOT = 133
"""With which systemd-nspawn asks to be started again."""
_STARTED = 15.0
_PATIENCE = 60.0
"""Seconds for one command there: none of them waits for anything that takes long."""


class NoBootError(Exception):
    """systemd does not run there, and what was said of it."""


class Wire:
    """Two ends of a network of two: ours, and a host's."""

    def __init__(self, name: str, number: int) -> None:
        self.name = f"rc{name}"
        self.near = f"198.18.{number}.1"
        self.far = f"198.18.{number}.2"
        self._far_end = ""

    def lay(self, far: str, near: str = "") -> None:
        """From here, or from another host, to a host; `far` and `near` are names of network namespaces."""
        self._far_end = far
        at_near = ["netns", near] if near else []
        _ip("link", "add", self.name, *at_near, "type", "veth", "peer", "name", self.name, "netns", far)
        for where, address in ((near, self.near), (far, self.far)):
            inside = ["-n", where] if where else []
            _ip(*inside, "addr", "add", f"{address}/30", "dev", self.name)
            _ip(*inside, "link", "set", self.name, "up")

    def cut(self) -> None:
        """At the far end: nothing goes through any more, and nobody here is told."""
        _ip("-n", self._far_end, "link", "set", self.name, "down")

    def mend(self) -> None:
        _ip("-n", self._far_end, "link", "set", self.name, "up")


class Machine:
    """One test host. `directory` is where its layer lies; `tree`, what is under it."""

    def __init__(self, name: str, tree: Path, directory: Path, group: str) -> None:
        self.name = name
        self.root = directory / name / "root"
        self._layer = directory / name
        self._group = group
        self._tree = tree
        self._console = self._layer / "console"
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._leader = 0

    def build(self, authorized: str, ca: str) -> str:
        """Its file system and its network; its host key, as a file of known hosts has it."""
        for part in ("upper", "work", "root"):
            (self._layer / part).mkdir(parents=True)
        layers = f"lowerdir={self._tree},upperdir={self._layer}/upper,workdir={self._layer}/work"
        _do("mount", "-t", "overlay", "overlay", "-o", layers, str(self.root))
        _ip("netns", "add", self.name)
        _ip("-n", self.name, "link", "set", "lo", "up")
        (self.root / "etc/machine-id").write_text(f"{uuid.uuid4().hex}\n")
        (self.root / AUTHORIZED_KEYS[1:]).write_text(authorized)
        (self.root / USER_CA[1:]).write_text(ca)
        return self.make_host_key()

    def make_host_key(self) -> str:
        """A new one, which sshd shows from its next start on."""
        key = self.root / "etc/ssh/ssh_host_ed25519_key"
        key.unlink(missing_ok=True)
        _do("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key))
        return key.with_suffix(".pub").read_text().strip()

    def start(self) -> None:
        """Returns once systemd has started everything. Raises NoBootError."""
        groups = " ".join(str(self._in_tree(tree)) for tree in trees())
        enter = f'for group in {groups}; do echo $$ >$group/cgroup.procs || exit 1; done; exec "$@"'
        nspawn = (
            *("systemd-nspawn", "--quiet", "--boot", "--register=no", "--keep-unit", "--console=pipe"),
            *(f"--network-namespace-path=/run/netns/{self.name}", f"--machine={self.name}", f"--directory={self.root}"),
        )
        with self._console.open("ab") as console:
            self._nspawn = subprocess.Popen(
                ["sh", "-c", enter, "sh", *nspawn],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                env={**os.environ, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"},
            )  # fmt: skip
        until = time.monotonic() + _STARTED
        while time.monotonic() < until and self._nspawn.poll() is None:
            time.sleep(0.05)
            with contextlib.suppress(OSError, subprocess.CalledProcessError):
                self._leader = self._find_leader(self._nspawn.pid)
                if self._leader and self.run("systemctl", "is-system-running", "--wait") == "running":
                    return
        said = self._console.read_text(errors="replace").strip().splitlines()[-3:]
        self.stop()
        raise NoBootError(" ".join(said) or "systemd did not start within 15 s")

    def _in_tree(self, tree: Path) -> Path:
        path = tree / self._group / self.name
        path.mkdir(parents=True, exist_ok=True)
        return path

    @staticmethod
    def _find_leader(nspawn: int) -> int:
        for child in Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text().split():
            if Path(f"/proc/{child}/comm").read_text().strip() == "systemd":
                return int(child)
        return 0

    def stop(self) -> None:
        """As if its plug were pulled."""
        if self._nspawn is None:
            return
        if self._leader:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._leader, signal.SIGKILL)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._nspawn.wait(5)
        self._nspawn.kill()
        self._nspawn.wait()
        self._nspawn, self._leader = None, 0

    def reboot(self) -> None:
        """As `reboot` there does; returns once it is up again."""
        assert self._nspawn is not None
        self.run("systemctl", "reboot")
        assert self._nspawn.wait(30) == _REBOOT
        self.start()

    def remove(self) -> None:
        self.stop()
        subprocess.run(["ip", "netns", "delete", self.name], check=False, capture_output=True)
        subprocess.run(["umount", str(self.root)], check=False, capture_output=True)

    def run(self, *command: str, user: str = "root") -> str:
        """What a command prints there, without the last line's end."""
        as_user = () if user == "root" else ("runuser", "-u", user, "--")
        return _do("nsenter", f"--target={self._leader}", "--all", "--", *as_user, *command)

    def chroot(self, *command: str) -> str:
        """The same in its tree alone, whether it is up or down."""
        return _do("chroot", str(self.root), *command)

    def processes_of(self, user: str) -> list[str]:
        """The arguments of what he has running there, but for sshd's own."""
        shown = self.run("ps", "-A", "-ww", "-o", "user:32=,args=").splitlines()
        mine = [line.split(None, 1)[1] for line in shown if line.split()[0] == user]
        return [words for words in mine if not words.startswith("sshd: ")]

    def pids(self, name: str) -> list[str]:
        """Of the processes there with that very name."""
        shown = self.run("ps", "-A", "-o", "pid=,comm=").splitlines()
        return [line.split()[0] for line in shown if line.split()[1:] == [name]]

    def freeze(self, *pids: str) -> None:
        self.run("kill", "-STOP", *pids)

    def thaw(self, *pids: str) -> None:
        self.run("kill", "-CONT", *pids)


def _ip(*words: str) -> None:
    _do("ip", *words)


def _do(*command: str) -> str:
    done = subprocess.run(
        command,
        check=True,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_PATIENCE,
    )
    return done.stdout.rstrip("\n")
