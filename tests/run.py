"""Runs every check: lint, format, types, tests.

What the tests leave out, and for want of what, is in their summary (`-rs` in pyproject.toml).
"""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
# Most tests wait more than they compute, so that two share a processor; each process begins with a part of its own and
# then takes from the others.
ON_EVERY_PROCESSOR = (f"--numprocesses={min(2 * (os.cpu_count() or 1), 8)}", "--dist=worksteal")
CHECKS = (
    ("lint", (str(BIN / "ruff"), "check", ".")),
    ("format", (str(BIN / "ruff"), "format", "--check", ".")),
    ("types", (sys.executable, "-m", "mypy")),
    ("tests", (sys.executable, "-m", "pytest", *ON_EVERY_PROCESSOR)),
)


def main() -> int:
    """The number of checks that failed."""
    failed = []
    for name, command in CHECKS:
        print(f"== {name}", flush=True)
        if subprocess.run(command, cwd=ROOT, env=clean_environment(), check=False).returncode != 0:
            failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "all checks passed", flush=True)
    return len(failed)


def clean_environment() -> dict[str, str]:
    """Without the operator's own settings, tokens and terminal: no check depends on them, or is able to use them."""
    private = ("RUNNER_CONSOLE_", "GH_", "GITHUB_", "XDG_")
    terminal = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES"}
    return {name: value for name, value in os.environ.items() if not name.startswith(private) and name not in terminal}


if __name__ == "__main__":
    sys.exit(main())
