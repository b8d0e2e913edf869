"""Small programs that stand for systemd's where there is none; put first on PATH."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

_SYSTEMCTL = """#!/bin/sh
here=$(dirname "$0")
case $1 in
  list-units) cat "$here/units" ;;
  list-unit-files) cat "$here/unit-files" ;;
  show)
    while [ "$1" != -- ]; do shift; done
    shift
    for unit; do echo "Id=$unit"; cat "$here/show.$unit"; echo; done
    ;;
esac
"""
_JOURNALCTL = """#!/bin/sh
here=$(dirname "$0")
printf '%s\\n' "$*" >>"$here/journalctl-asked"
case " $* " in
  *" -f "*)
    [ ! -f "$here/after" ] || case " $* " in *" --after-cursor="*) cat "$here/after"; exec sleep 1000 ;; esac
    exec tail -n +1 -f "$here/journal"
    ;;
  *) cat "$here/journal-text" 2>/dev/null; cat "$here/hint" >&2 2>/dev/null ;;
esac
"""
_ID = """#!/bin/sh
case $1 in -u) echo "${FAKE_UID:-1000}" ;; -Gn) echo "users" ;; esac
"""
_PS = """#!/bin/sh
case " $* " in *" -A "*) cat "$(dirname "$0")/processes" 2>/dev/null ;; *) exec /bin/ps "$@" ;; esac
"""


def program(directory: Path, name: str, text: str) -> None:
    """An executable of that name."""
    path = directory / name
    path.write_text(text)
    path.chmod(0o755)


def systemd(
    directory: Path, units: Mapping[str, Mapping[str, str]], *, disabled: Iterable[str] = (), processes: str = ""
) -> Path:
    """A host whose units have these properties; what is `disabled` is only listed as a unit file."""
    directory.mkdir(exist_ok=True)
    for name, text in (("systemctl", _SYSTEMCTL), ("journalctl", _JOURNALCTL), ("id", _ID), ("ps", _PS)):
        program(directory, name, text)
    loaded = [unit for unit in units if unit not in set(disabled)]
    (directory / "units").write_text(
        "".join(f"{unit} loaded active running GitHub Actions Runner\n" for unit in loaded)
    )
    (directory / "unit-files").write_text("".join(f"{unit} enabled enabled\n" for unit in units))
    (directory / "journal").touch()
    (directory / "processes").write_text(processes)
    for unit, properties in units.items():
        if "/" not in unit and len(os.fsencode(unit)) < 200:
            (directory / f"show.{unit}").write_text("".join(f"{key}={value}\n" for key, value in properties.items()))
    return directory


def journal_line(number: int, message: object) -> str:
    """As `journalctl -o json` has it."""
    return json.dumps(
        {
            "__CURSOR": f"s=0639ab;i={number:x};b=7f01;m=2f;t=5e1;x=9a{number:x}",
            "__REALTIME_TIMESTAMP": str(1_788_326_040_123_456 + number * 1_000_000),
            "MESSAGE": message,
            "_PID": "812",
            "SYSLOG_IDENTIFIER": "runsvc.sh",
        }
    )
