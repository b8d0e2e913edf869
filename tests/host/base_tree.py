"""The tree that all test hosts stand on: a small Debian, made once and kept."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from console.fleet.sudoers import SUDOERS

PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "openssh-server",
    "procps",
    "sudo",
    "python3-minimal",
    "libpython3-stdlib",
    "tcsh",
)
_UNWANTED = (
    "systemd-timesyncd.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "fstrim.timer",
    "console-getty.service",
    "getty@.service",
)
"""What needs a kernel or a network of its own, or would begin some time."""

# Name, login shell, further groups.
USERS = (
    ("runner", "/bin/bash", ""),
    ("ops", "/bin/bash", "systemd-journal"),
    ("bystander", "/bin/sh", ""),
    ("greeted", "/bin/bash", "systemd-journal"),
    ("oldtimer", "/bin/tcsh", "systemd-journal"),
    ("certified", "/bin/bash", "systemd-journal"),
    ("asked", "/bin/bash", "systemd-journal,sudo"),
    ("seated", "/bin/bash", "systemd-journal,ops"),
)
AUTHORIZED_KEYS = "/etc/ssh/authorized_keys"
USER_CA = "/etc/ssh/user_ca.pub"
_SSHD = f"""AuthorizedKeysFile {AUTHORIZED_KEYS}
PasswordAuthentication no
KbdInteractiveAuthentication no
TrustedUserCAKeys {USER_CA}
Banner /etc/ssh/banner
Match User certified
  AuthorizedKeysFile none
"""
_BANNER = "Authorised use only. Permission denied (publickey) to all others.\n"
_GREETING = r"""printf 'Welcome to \033[1m%s\033[0m\nhost key verification failed is no error here\n' "$(hostname)"
"""
_SUDOERS = f"""Defaults:seated requiretty
{SUDOERS.rpartition(chr(10))[2]}
"""
_RECIPE = repr((PACKAGES, _UNWANTED, USERS, _SSHD, _BANNER, _GREETING, _SUDOERS))

_PATIENCE = 300


class NoTreeError(Exception):
    """It could not be made, for want of what."""


def cache_directory() -> Path:
    """Where it is kept between runs."""
    above = os.environ.get("XDG_CACHE_HOME")
    return Path(above or "/var/tmp") / "runner-console-test-host"


def base_tree() -> Path:
    """Made if it is not there yet, which takes a minute. Raises NoTreeError."""
    suite = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    recipe = hashlib.sha256(_RECIPE.encode()).hexdigest()[:12]
    tree = cache_directory() / f"{suite}-{platform.machine()}-{recipe}"
    with _one_at_a_time():
        if not tree.is_dir():
            mirror = _mirror(suite)
            print("Making the tree of the test hosts, once, which takes about a minute ...", flush=True)
            for other in cache_directory().glob("*/"):
                if _unused(other):
                    shutil.rmtree(other)
            with tempfile.TemporaryDirectory(prefix="new-", dir=cache_directory()) as place:
                made = Path(place) / "tree"
                _make(made, suite, mirror)
                made.rename(tree)
    return tree


def hold(tree: Path) -> IO[str]:
    """Nobody removes it for as long as the file is open that this returns."""
    held = tree.with_suffix(".used").open("w")
    fcntl.flock(held, fcntl.LOCK_SH)
    return held


def _unused(tree: Path) -> bool:
    """No other run stands on it."""
    with tree.with_suffix(".used").open("w") as used:
        try:
            fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    cache_directory().mkdir(parents=True, exist_ok=True)
    with (cache_directory() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _mirror(suite: str) -> str:
    """The one that this machine installs from."""
    words = "$(CODENAME) $(COMPONENT) $(ORIGIN) $(REPO_URI)"
    shown = subprocess.run(
        ["apt-get", "indextargets", "--format", words, "Created-By: Packages"],
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    for line in shown.stdout.splitlines():
        if line.startswith(f"{suite} main Debian "):
            return line.split()[3]
    raise NoTreeError(f"apt's sources have no Debian {suite!r}")


def _make(tree: Path, suite: str, mirror: str) -> None:
    # What it mounts is gone with it.
    command = ["unshare", "--mount", "debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}"]
    _run([*command, suite, str(tree), mirror])
    for name, shell, groups in USERS:
        more = ["--groups", groups] if groups else []
        _in(tree, "useradd", "--create-home", "--shell", shell, *more, name)
    for unit in _UNWANTED:
        (tree / "etc/systemd/system" / unit).symlink_to("/dev/null")
    for key in (tree / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    (tree / "etc/ssh/sshd_config.d/test.conf").write_text(_SSHD)
    (tree / "etc/ssh/banner").write_text(_BANNER)
    (tree / "etc/sudoers.d/runner-console").write_text(_SUDOERS)
    (tree / "etc/sudoers.d/runner-console").chmod(0o440)
    for name in (".bashrc", ".profile"):
        (tree / "home/greeted" / name).write_text(_GREETING)
    (tree / "home/oldtimer/.tcshrc").write_text("echo It is `date` here\n")
    shutil.rmtree(tree / "var/cache/apt/archives")


def _in(tree: Path, *command: str) -> None:
    _run(["chroot", str(tree), *command])


def _run(command: list[str]) -> None:
    try:
        subprocess.run(
            command, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=_PATIENCE
        )
    except subprocess.TimeoutExpired:
        raise NoTreeError(f"{' '.join(command[:3])} did not end within {_PATIENCE} s") from None
    except subprocess.CalledProcessError as error:
        said = " ".join(error.stdout.splitlines()[-2:])
        raise NoTreeError(f"{' '.join(command[:3])} ended with status {error.returncode}: {said}") from None
