"""The runbooks that users write themselves: as bytes, and why one of them could not be read."""

from console.settings.own_signatures import OwnFiles, files_in
from console.settings.paths import paths


def own_runbook_files() -> OwnFiles:
    """All of the user's own directory of runbooks; nothing where there is none."""
    return files_in(paths().runbooks_dir, ".md")
