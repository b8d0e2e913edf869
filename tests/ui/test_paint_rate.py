"""A key that is pressed soon after a paint is seen soon, too."""

import os
import subprocess
import sys

LONGEST_WAIT = 0.017
"""Seconds; what comes soon after a paint waits for up to two of Textual's periods."""
_PERIOD = "import console.ui.terminal_app; from textual.screen import UPDATE_PERIOD; print(UPDATE_PERIOD)"


def test_what_changes_soon_after_a_paint_is_painted_soon() -> None:
    environ = {name: value for name, value in os.environ.items() if name != "TEXTUAL_FPS"}
    said = subprocess.run([sys.executable, "-c", _PERIOD], env=environ, capture_output=True, text=True, check=True)
    assert 2 * float(said.stdout) <= LONGEST_WAIT
