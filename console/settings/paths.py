"""Where the console keeps its files, and the one way it makes directories of its own."""

import os
import stat
from pathlib import Path
from typing import NamedTuple

from platformdirs.unix import Unix

from console.errors import SettingsError

APP_NAME = "runner-console"


class Paths(NamedTuple):
    """All places the console reads or writes by itself."""

    config_file: Path
    state_dir: Path
    cache_dir: Path
    log_file: Path

    @property
    def signatures_dir(self) -> Path:
        """Where users put signatures of their own."""
        return self.config_file.parent / "signatures"

    @property
    def runbooks_dir(self) -> Path:
        """Where users put runbooks of their own."""
        return self.config_file.parent / "runbooks"


def paths() -> Paths:
    """By the XDG variables, on macOS too: an operator's dot files look the same on every machine."""
    places = Unix(APP_NAME)
    try:
        found = Paths(
            config_file=Path(places.user_config_dir) / "config.toml",
            state_dir=Path(places.user_state_dir),
            cache_dir=Path(places.user_cache_dir),
            log_file=Path(places.user_log_dir) / "console.log",
        )
    except RuntimeError:  # newer versions of platformdirs say so, older ones leave the ~ standing
        raise _homeless() from None
    if not found.config_file.is_absolute() or not found.state_dir.is_absolute():
        raise _homeless()
    return found


def _homeless() -> SettingsError:
    return SettingsError("This user has no home directory", "Set HOME to a directory that is this user's own.")


def private_directory(path: Path) -> Path:
    """The directory, made where it is missing; its owner's alone, whatever the umask says."""
    try:
        for missing in reversed([part for part in (path, *path.parents) if not part.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        found = path.stat()
        if not stat.S_ISDIR(found.st_mode):
            raise SettingsError(f"{path} is no directory", "Move it away: a directory belongs there.")
        if found.st_uid != os.geteuid():
            raise SettingsError(f"{path} belongs to another user", "Take it over with chown, or move it away.")
        if found.st_mode & 0o077:
            path.chmod(0o700)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be made: {error.strerror}", "Check the rights of what is above it."
        ) from None
    return path
