import os
import pty
import select
import subprocess
import sys
from pathlib import Path

from console.settings.reading import load

CANARY = "ghp_" + "c4nary" * 6

# A login as a person sees it, on a keyring in memory.
PROGRAM = """
import sys
from types import SimpleNamespace
from console.cli.failing import run
from console.cli.root import root
from tests.cli.commands import PretendProgram
from tests.credentials.backends import MemoryBackend

backend = MemoryBackend()
around = SimpleNamespace(environ={}, backend=backend, refusal=None, seen=[])
code = run(root, ["auth", "login"], PretendProgram(around))
print("kept", len(backend.kept), "for", [len(value) for value in backend.kept.values()])
sys.exit(code)
"""


def until(terminal: int, wanted: bytes) -> bytes:
    """All that is printed up to the words that are waited for, or up to the end."""
    seen = b""
    while wanted not in seen and select.select([terminal], [], [], 20)[0]:
        try:
            chunk = os.read(terminal, 4096)
        except OSError:  # Linux's way to say that nobody holds the other end any more
            break
        if not chunk:
            break
        seen += chunk
    return seen


def test_a_person_is_asked_for_scope_and_token_and_the_token_is_not_shown(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(sys.path),
            "TERM": "xterm",
        },
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        shown = until(ours, b"(NAME or OWNER/NAME): ")
        os.write(ours, b"acme\n")
        shown += until(ours, b"(not shown): ")
        os.write(ours, CANARY.encode() + b"\n")
        shown += until(ours, b"[Y/n]: ")
        os.write(ours, b"\n")
        shown += until(ours, b"no such words")
        assert process.wait(20) == 0, shown.decode()
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert f"kept 1 for [{len(CANARY)}]".encode() in shown
    assert CANARY.encode() not in shown
    assert load(tmp_path / ".config/runner-console/config.toml", {}).context()[0] == "acme"
