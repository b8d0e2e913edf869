"""Scripts that do something to the service of a runner, once, and only where every guard holds. Check and act are one.

Frames of all that act: `refused REASON [FIELDS]`, with words behind it where there are any: nothing was done, and
`end CODE` follows (75 busy, 76 another runner or address, 77 unit, 78 it updates itself, 79 a process cannot be looked
at, 80 somebody else is at work, 81 sudo, 82 directory, 69 anything else); `lock held|none`, `note written|none`;
`checked WHAT` for each guard that held; `doing WHAT` directly before the act, from where on it may have been done, and
`rest`, by which it is heard at once; `state ACTIVE SUB` each second while it lasts; `did STATUS`, with what was said on
standard error; `end 0`.
They begin once a line has come on standard input, which is sent when the ready mark was read. They end when nobody is
there any more, but what was begun is seen to its end: it is neither undone nor repeated.
"""

from console.fleet.scripts.guards import LOCK, PLACES, QUIET, REFUSING, SETTINGS, SUDO, UNIT, UPDATES
from console.fleet.scripts.script import Script
from console.fleet.scripts.shell import BOUNDED, FILES, PROGRAMS, SPEAKING, awaited

GUARDS = SPEAKING + FILES + BOUNDED + PROGRAMS + PLACES + LOCK + REFUSING + SETTINGS + UNIT + UPDATES + SUDO + QUIET

DID = r"""forbidden() {
  [ "$uid" != 0 ] && [ "$status" = 1 ] || return 1
  nameless
  case $said in "sudo: "*) sudo_said ;; *) return 1 ;; esac
  [ "$right" != unknown ]
}
did() {
  if forbidden; then
    refuse 81 "sudo-$right"
    printf '%s' "$said" | head -c 1000
    return
  fi
  code=0
  say did "$status"
  printf '%s' "$said" | head -c 4000
}
"""
"""`did`: how it ended. sudo may still say no, where no password was asked for to list what it allows: then nothing was
done either."""

TELLING = r"""telling() {
  while sleep 1 </dev/null >/dev/null 2>&1; do
    show_unit
    shows ActiveState
    active=$it
    shows SubState
    [ -z "$active" ] || say state "$active" "$it"
  done
}
quietly() {
  trap '' TERM HUP INT PIPE
  exec 9<&-
  if [ "$uid" = 0 ]; then exec "$@"; else exec sudo -n "$@"; fi
}
control() {
  telling 2>/dev/null 9<&- &
  teller=$!
  if [ "$1" = start ] || still_nobody; then
    tell doing "$1" "$unit"
    said=$(quietly "$systemctl" "$1" -- "$unit" 2>&1 >/dev/null </dev/null)
    status=$?
  else
    status=
  fi
  kill -KILL "$teller" 2>/dev/null
  wait "$teller" 2>/dev/null
  [ -n "$status" ]
}
"""
"""`control VERB`: the worker check, the word that it begins, and systemctl, with nothing between them.
What tells meanwhile is killed: in the moment in which it begins a shell loses any other signal."""

SERVICE_ACT = Script(
    "service-act",
    GUARDS
    + DID
    + TELLING
    + r"""as_it_was() {
  case $verb:$active in
    start:inactive | start:failed) ;;
    start:*) refuse 69 running "$active"; return 1 ;;
    restart:inactive | restart:failed | restart:deactivating) refuse 69 ended "$active"; return 1 ;;
  esac
  shows InvocationID
  [ "$invocation" = - ] || [ "$it" = "$invocation" ] || { refuse 69 begun-anew; return 1; }
}
work() {
  verb=$1 unit=$2 root=$3 agent=$4 address=$5 invocation=$6 who=$7
  if begin "$verb" && its_own && loaded && as_it_was && nobody_works &&
    may_or_refuse -- "$systemctl" "$verb" -- "$unit"; then
    trap : TERM HUP INT PIPE
    if control "$verb"; then did; fi
  fi
  leave
  return "$code"
}
"""
    + awaited(),
    ("verb", "unit", "directory", "number", "address", "invocation", "who"),
    stream=True,
    acts=True,
)
"""What to do, unit, the runner's directory, its id at GitHub, the address in its settings or `-` where they have none,
the InvocationID that was seen or `-` where none was, and who it is that does it: what somebody has restarted or stopped
since is not restarted. REASONs: no-directory, locked (behind it the note), no-settings, other-runner, other-address,
no-unit, masked, no-program, other-directory, running, ended (its state), begun-anew, busy (since when, in seconds since
1970, or `-`), unreadable, updating, no-sudo, sudo-password, sudo-tty, sudo-not-allowed, sudo-unknown (behind them
sudo's words)."""
