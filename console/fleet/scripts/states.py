"""Scripts that look, once, at what an action will be done to: a runner's service, a directory. They change nothing."""

from console.fleet.scripts.guards import LOCK, PLACES, SUDO, UNIT, UPDATES
from console.fleet.scripts.script import Script
from console.fleet.scripts.shell import BOUNDED, FILES, PROGRAMS, SPEAKING

SERVICE_STATE = Script(
    "service-state",
    SPEAKING
    + FILES
    + BOUNDED
    + PROGRAMS
    + PLACES
    + LOCK
    + UNIT
    + UPDATES
    + SUDO
    + r"""fact() {
  say fact "$1"
  shift
  "$@" 2>/dev/null
}
heard() {
  older= newer=
  for each in _diag/Runner_$utc; do
    if plain "$each" && [ -r "./$each" ]; then older=$newer newer=$each; fi
  done
  for each in $older $newer; do tail -c 262144 <"./$each"; done |
    grep -a 'Listening for Jobs' | tail -n 1 | cut -c 1-200
}
say ready
unit=$1 root=$2 group= known=1 updating=
fact now date +%s
fact machine head -c 64 /etc/machine-id
if [ "$unit" != - ]; then
  if [ -x "$systemctl" ]; then show_unit; else shown=; fi
  say fact unit
  printf '%s\n' "${shown#"$nl"}"
  find_group
  for verb in start restart stop; do
    may -- "$systemctl" "$verb" -- "$unit"
    say sudo "$verb" "$right"
  done
fi
if open_root "$root"; then
  real=$(pwd -P)
  for file in .runner_migrated .runner; do
    if plain "$file" && [ -r "./$file" ]; then
      say fact "$file"
      dd bs=32768 count=1 2>/dev/null <"./$file"
    fi
  done
  fact processes programs "$root"
  fact listening heard
  try_lock
  case $? in
    0) say lock free ;;
    1) fact note read_note; say lock held ;;
    *) say lock none ;;
  esac
else
  say note no-directory
fi
look_inside
say group "${known:-0}" "$hidden" "${worker:-0}"
if [ -n "$key" ]; then find_update; fi
[ -z "$updating" ] || say updating
say end 0
""",
    ("unit", "directory"),
)
"""Unit or `-`, and the runner's directory. Frames: `fact KEY` with what was printed: `now` (seconds since 1970),
`machine` (/etc/machine-id), `unit` (KEY=VALUE lines of `systemctl show`), `.runner_migrated`, `.runner`, `processes`
(lines `listener PID ETIME`, `worker PID ETIME`, `self PID ETIME`), `listening` (the newest line of its log that has
"Listening for Jobs"), `note` (one line, who holds the lock: `WHO: WHAT, since TIME`); `sudo VERB WORD` for start,
restart and stop, the words those of `Sudo`; `lock free|held|none`; `group KNOWN HIDDEN WORKER`: 1, or 0 where the
processes of the unit's control group could not be listed, how many of them could not be looked at, and the pid of a
worker among them, or 0; `updating`, where it is; `note no-directory`. What the host does not have has no frame."""

DIRECTORY_STATE = Script(
    "directory-state",
    SPEAKING
    + BOUNDED
    + PLACES
    + SUDO
    + r"""say ready
if [ -e "$1" ] || [ -L "$1" ]; then
  say fact owner
  owner=$(ls -ld "$1" 2>/dev/null | { read -r skip skip owner skip; printf %s "$owner"; })
  printf '%s\n' "$owner"
  if [ "$uid" != 0 ] && [ "$owner" = "$(id -un)" ]; then right=allowed; else may -u "$owner" -- /bin/bash -s; fi
  say sudo as-owner "$right"
else
  say note no-directory
fi
say end 0
""",
    ("directory",),
)
"""A directory. Frames: `fact owner`, who owns it; `sudo as-owner WORD`, whether this user may do something as that one,
the words those of `Sudo`; `note no-directory` where nothing has that name."""
