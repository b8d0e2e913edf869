"""Starts what these tests use: our own command line as a process, the pretend GitHub as another, a session bus."""

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.terminal.terminal import COMMAND, environment

PATIENCE = 60.0
PASSWORD = "correct horse"
MENDING = ("gh auth login", "runner-console auth login --token-command")
# Starts no service by itself: what is not started by the test is not there.
EMPTY_BUS = """
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={socket}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/>
  </policy>
</busconfig>
"""


class Ended(NamedTuple):
    """How a program ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


def run(
    home: Path,
    *arguments: str,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    before: Sequence[str] = (),
) -> Ended:
    """The command line as a process of its own; `before` is a program that starts it."""
    ended = subprocess.run(
        [*before, COMMAND, *arguments],
        input=stdin,
        env=environment(home) | dict(env or {}),
        cwd=cwd or home,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    return Ended(ended.returncode, ended.stdout, ended.stderr)


class PretendGitHub(NamedTuple):
    """Where it listens, and the token that opens it."""

    api: str
    token: str

    def configure(self, home: Path, token: str) -> Path:
        """Write a configuration with one context for it; `token` is TOML."""
        file = home / "config" / "runner-console" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(f'[contexts.pretend]\napi_url = "{self.api}"\nscopes = ["org:acme"]\ntoken = {token}\n')
        file.chmod(0o600)
        return file


@contextmanager
def pretend_github(home: Path, scenario: str) -> Iterator[PretendGitHub]:
    """`runner-console simulate` on a free port, until it is not needed any more."""
    with started([COMMAND, "simulate", scenario, "--port", "0"], environment(home)) as process:
        lines: dict[str, str] = {}
        assert process.stdout is not None
        while "Token" not in lines:
            line = process.stdout.readline()
            assert line, f"the pretend GitHub did not start, it said {lines}"
            name, _, value = line.partition(" ")
            lines[name] = value.strip()
        yield PretendGitHub(lines["API"], lines["Token"])


@contextmanager
def session_bus(home: Path) -> Iterator[dict[str, str]]:
    """A bus on which nothing is, and the variables that lead to it."""
    socket, config = home / "bus", home / "bus.conf"
    config.write_text(EMPTY_BUS.format(socket=socket).lstrip())
    variables = {"XDG_RUNTIME_DIR": str(home), "DBUS_SESSION_BUS_ADDRESS": f"unix:path={socket}"}
    command = ["dbus-daemon", f"--config-file={config}", "--nofork", "--nopidfile", "--print-address=1"]
    with started(command, environment(home) | variables) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("unix:path=")
        yield variables


class SecretService(NamedTuple):
    """The variables that lead to it, and the process that it is."""

    bus: dict[str, str]
    process: "subprocess.Popen[str]"


@contextmanager
def secret_service(home: Path) -> Iterator[SecretService]:
    """A bus with an unlocked GNOME keyring on it, which keeps its files below this home."""
    with session_bus(home) as variables:
        env = environment(home) | variables
        command = ["gnome-keyring-daemon", "--unlock", "--foreground", "--components=secrets"]
        with started(command, env) as process:
            assert process.stdin is not None
            process.stdin.write(PASSWORD)
            process.stdin.close()
            _wait_for_owner(env, "org.freedesktop.secrets")
            yield SecretService(variables, process)


def _wait_for_owner(env: Mapping[str, str], name: str) -> None:
    ask = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"]
    call = [*ask, "org.freedesktop.DBus.NameHasOwner", f"string:{name}"]
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if "boolean true" in subprocess.run(call, env=env, capture_output=True, text=True, check=True).stdout:
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody came to own {name}")


@contextmanager
def started(command: Sequence[str], env: Mapping[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """A program that runs on beside the test, and is ended with it."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=env, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True, bufsize=1
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()


class Onlooker:
    """What everybody on the machine can see of the processes below this one: their arguments, and environments too."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="onlooker", daemon=True)

    def __enter__(self) -> "Onlooker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.002):
            for process in _below(os.getpid()):
                for name in ("cmdline", "environ"):
                    with contextlib.suppress(OSError):
                        self.seen.add(Path(f"/proc/{process}/{name}").read_bytes())


def _below(process: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{process}/task").iterdir():
            for child in (task / "children").read_text().split():
                yield int(child)
                yield from _below(int(child))


def files_with(home: Path, token: str) -> list[Path]:
    """The files below this home in which the token can be read."""
    return [path for path in home.rglob("*") if path.is_file() and token.encode() in path.read_bytes()]
