"""What several threads want at once, when nothing of it has been read yet, all of them get."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from console.fleet.history import Process
from console.fleet.walk_state import state_of
from console.fleet.walks import begun, ticked
from console.operations.history import History
from console.operations.interfaces import SystemClock
from console.operations.remember import Memory
from console.operations.runbooks import shipped
from tests.operations.test_history import a_deed
from tests.ui import fleet_fixture as fleet

THREADS = 8
URL = "https://api.github.com"
# Where msgspec learns a type, it asks for the hashes of its words: long enough for others to come in between.
PROGRAM = """
import sys, threading, time, typing
from pathlib import Path
{wanted}

hashed = typing._LiteralGenericAlias.__hash__

def slowly(self):
    time.sleep(0.01)
    return hashed(self)

typing._LiteralGenericAlias.__hash__ = slowly
place, found = Path(sys.argv[1]), []

def read(after):
    time.sleep(after)
    found.append(wanted())

threads = [threading.Thread(target=read, args=(0.004 * number,)) for number in range(int(sys.argv[2]))]
for each in threads:
    each.start()
for each in threads:
    each.join()
print(found)
"""
CATALOGUE = """
from console.fleet.signatures import shipped_catalogue
def wanted(): return len(shipped_catalogue().signatures) > 100
"""
HISTORY = """
from console.operations.history import History
from console.operations.interfaces import SystemClock
def wanted(): return len(History(place / "history.jsonl", SystemClock(), clean=str, harmless=str).entries()) == 1
"""
MEMORY = f"""
from console.operations.remember import Memory
from console.operations.runbooks import shipped
def wanted(): return len(Memory(place).snapshot("acme", "{URL}").runners) > 2
"""
WALK = """
from console.fleet.walk_state import kept_walk
def wanted(): return kept_walk((place / "walk").read_bytes()) is not None
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """The state directory of a console that was at work before."""
    Memory(tmp_path).keep(msgspec.structs.replace(fleet.INCIDENT, context="acme"), URL)
    History(tmp_path / "history.jsonl", SystemClock(), clean=str, harmless=str).begin(a_deed("1"))
    walk = begun(shipped()["disk-full"], None, "acme", fleet.NOON)
    (tmp_path / "walk").write_bytes(state_of(ticked(walk, 1, fleet.NOON), Process(1)))
    return tmp_path


@pytest.mark.parametrize("wanted", [CATALOGUE, HISTORY, MEMORY, WALK], ids=["catalogue", "history", "memory", "walk"])
def test_what_several_threads_read_at_once_for_the_first_time_is_read_by_all(place: Path, wanted: str) -> None:
    command = [sys.executable, "-c", PROGRAM.format(wanted=wanted), str(place), str(THREADS)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (ended.returncode, ended.stdout) == (0, f"{[True] * THREADS}\n"), ended.stderr
