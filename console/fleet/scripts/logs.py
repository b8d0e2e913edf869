"""Scripts that follow something on a host: the journal of a unit, `_diag` logs, the output of a running job.

All of them say: `part SOURCE INODE OFFSET` and bytes, which stand in SOURCE from OFFSET on and follow one another;
`rest`, nothing more for now (so that what was said is known to be whole);
`next SOURCE`, the file that takes the last one's place; `gone SOURCE`, it has no name any more, all of it was said;
`note WORD [SOURCE]`. Notes of all that follow files: `no-directory` (or no right to enter it), `no-file` (none yet; the
first one will come), `unreadable SOURCE` (no right to read it), `truncated SOURCE` (it begins anew at 0).
"""

from console.fleet.scripts.script import Script
from console.fleet.scripts.shell import FILES, FOLLOWING, SPEAKING, WATCHED

_WAIT_FOR_DIRECTORY = r"""  until enter "$1" "$2"; do
    [ -n "$noted" ] || tell note no-directory
    noted=1
    kill -0 "$$" 2>/dev/null || return 1
    sleep 1
  done
  noted="""

JOURNAL = Script(
    "journal",
    SPEAKING
    + r"""work() {
  if ! command -v journalctl >/dev/null 2>&1; then
    tell note no-journal
    return 127
  fi
  if [ "$(id -u)" != 0 ]; then
    case " $(id -Gn) " in
      *" systemd-journal "* | *" adm "* | *" wheel "*) ;;
      *)
        case $(journalctl --no-pager -n 1 -u "$1" 2>&1 >/dev/null) in
          *"not seeing messages"* | *ermission*) tell note no-rights ;;
        esac
        ;;
    esac
  fi
  every_boot= machine=
  if IFS= read -r machine </etc/machine-id; then every_boot=-m; fi
  say part journal 0 0
  if [ "$2" = - ]; then
    journalctl -q -a -f -o json $every_boot -n "$3" -u "$1" ${machine:+"_MACHINE_ID=$machine"} &
  else
    journalctl -q -a -f -o json $every_boot --no-tail --after-cursor="$2" -u "$1" ${machine:+"_MACHINE_ID=$machine"} &
  fi
  reader=$!
  while kill -0 "$$" 2>/dev/null && kill -0 "$reader" 2>/dev/null; do sleep 1; done
  kill "$reader" 2>/dev/null
  wait "$reader"
}
"""
    + WATCHED,
    ("service", "cursor", "number"),
    stream=True,
)
"""Unit, cursor or `-`, and how many lines of the past where there is no cursor. SOURCE is `journal`, INODE and OFFSET
are 0, the bytes are lines of `journalctl -o json` (said in one part). Notes: `no-journal`, the host has none, and
`end 127`; `no-rights`, this user is not shown all of the system's journal. What is followed begins with this boot for
journalctl, unless journals are merged (`-m`): so they are, and of them this machine's is chosen."""

DIAG_LOG = Script(
    "diag-log",
    SPEAKING
    + FILES
    + FOLLOWING
    + r"""later() {
  for each in "$kind"_$utc; do
    plain "$each" || continue
    if [ -z "$name" ]; then after=$each
    elif [ "$each" \> "$name" ]; then after=$each; return; fi
  done
}
work() {
  kind=$2
  set -- "$1" _diag "$3" "$4" "$5"
"""
    + _WAIT_FOR_DIRECTORY
    + r"""
  resume "$3" "$4" "$5"
  follow
}
"""
    + WATCHED,
    ("directory", "diag-kind", "diag-file", "number", "number"),
    stream=True,
)
"""The runner's directory, which log, and where to go on: file or `-`, its inode, offset. Without a file it begins with
the newest. SOURCE is the name of a file in `_diag`."""

JOB_OUTPUT = Script(
    "job-output",
    SPEAKING
    + FILES
    + FOLLOWING
    + r"""page() {
  number=${1##*_}
  number=${number%.log}
  case $number in '' | *[!0-9]* | ???????*) number=0 ;; esac
}
later() {
  page "$name"
  last=$number best=0
  for each in ${guid}_${job}_$d*.log; do
    plain "$each" || continue
    page "$each"
    if [ "$number" -gt "$last" ] && { [ "$best" -eq 0 ] || [ "$number" -lt "$best" ]; }; then
      best=$number after=$each
    fi
  done
}
work() {
  job=$2
  set -- "$1" _diag/pages "$3" "$4" "$5"
"""
    + _WAIT_FOR_DIRECTORY
    + r"""
  resume "$3" "$4" "$5"
  follow
}
"""
    + WATCHED,
    ("directory", "guid", "page-file", "number", "number"),
    stream=True,
)
"""The runner's directory, the job's guid, and where to go on: file or `-`, its inode, offset. Without a file it begins
with the first page that is there. SOURCE is the name of a file in `_diag/pages`; each begins with a byte-order mark."""

SERVICE_OUTPUT = Script(
    "service-output",
    SPEAKING
    + FILES
    + FOLLOWING
    + r"""later() { [ -n "$name" ] || ! plain stdout.log || after=stdout.log; }
work() {
  set -- "${1%/*}" "" "$2" "$3"
  set -- "${1%/*}" "${1##*/}" "$3" "$4"
"""
    + _WAIT_FOR_DIRECTORY
    + r"""
  if [ "$3" -gt 0 ]; then
    resume stdout.log "$3" "$4"
  elif now=$(look stdout.log); then
    size=${now#* }
    size=${size%% *}
    [ "$size" -le 262144 ] || begin stdout.log $((size - 262144))
  fi
  follow
}
"""
    + WATCHED,
    ("stdout-file", "number", "number"),
    stream=True,
)
"""macOS: the file that the service writes to, its inode and offset; inode 0: the last 256 KB, and on. SOURCE is
`stdout.log`."""
