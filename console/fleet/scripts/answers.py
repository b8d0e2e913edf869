"""Scripts that answer and end: who lives on a host, what a runner's host is like, what a worker left behind."""

from console.fleet.scripts.script import Script
from console.fleet.scripts.shell import BOUNDED, FILES, PROGRAMS, SPEAKING

_SETTINGS = r"""settings() {
  for file in .runner_migrated .runner .service; do
    if [ -L "./$file" ] || { [ -e "./$file" ] && ! [ -f "./$file" ]; }; then say refused "$file"
    elif [ -f "./$file" ] && ! [ -r "./$file" ]; then say unreadable "$file"
    elif [ -f "./$file" ]; then
      say file "$file"
      dd bs=32768 count=1 2>/dev/null <"./$file"
    fi
  done
}
"""

FIND_RUNNERS = Script(
    "find-runners",
    SPEAKING
    + FILES
    + BOUNDED
    + _SETTINGS
    + r"""describe() {
  case $1 in
    /*) ;;
    *) say no-directory; return ;;
  esac
  case $1 in
    *[!A-Za-z0-9_.@+:,=/-]*) say odd-directory; return ;;
  esac
  say directory "$1"
  if cd -P "$1" 2>/dev/null; then settings; else say unreadable .; fi
  cd /
}
say ready
if command -v systemctl >/dev/null 2>&1; then
  say looked units
  units=$(
    {
      bounded systemctl list-units --all --plain --no-legend --no-pager 'actions.runner.*.service'
      bounded systemctl list-unit-files --plain --no-legend --no-pager 'actions.runner.*.service'
    } 2>/dev/null | while read -r unit rest; do
      case $unit in
        *[!A-Za-z0-9:_.@-]*) ;;
        actions.runner.*.service) printf '%s\n' "$unit" ;;
      esac
    done | sort -u | head -n 500
  )
  [ -z "$units" ] || {
    bounded systemctl show -p Id -p ActiveState -p SubState -p MainPID -p WorkingDirectory -- $units 2>/dev/null
    echo
  } | {
    unit= active= sub= pid=0 place=
    while IFS='=' read -r key value; do
      case $key in
        Id) unit=$value ;;
        ActiveState) active=$value ;;
        SubState) sub=$value ;;
        MainPID) pid=$value ;;
        WorkingDirectory) place=${value#[!/]} ;;
        '')
          if [ -n "$unit" ]; then
            say unit "$unit" "${active:-unknown}" "${sub:-unknown}" "$pid"
            describe "$place"
          fi
          unit= active= sub= pid=0 place=
          ;;
      esac
    done
  }
fi
written() { sed -n "/<key>$2<\/key>/{n;s/.*<string>\(.*\)<\/string>.*/\1/p;}" "$1"; }
for plist in "$HOME"/Library/LaunchAgents/actions.runner.*.plist; do
  [ -f "$plist" ] && [ ! -L "$plist" ] || continue
  label=${plist##*/}
  label=${label%.plist}
  case $label in *[!A-Za-z0-9:_.@-]*) continue ;; esac
  output=$(written "$plist" StandardOutPath)
  case $output in *[!A-Za-z0-9_.@+:,=/-]*) output= ;; esac
  say agent "$label" "$output"
  describe "$(written "$plist" WorkingDirectory)"
done
processes=/proc
keeper() {
  while IFS=: read -r number kind tree; do
    case $number$kind in 0 | *name=systemd) ;; *) continue ;; esac
    while [ -n "$tree" ]; do
      tree=${tree#/}
      part=${tree%%/*}
      case $part in
        user.slice) break ;;
        *.slice) tree=${tree#"$part"} ;;
        *[!A-Za-z0-9:_.@-]*) break ;;
        *.service) say service "$part"; return ;;
        *) break ;;
      esac
    done
  done <"$processes/$1/cgroup"
} 2>/dev/null
say looked processes
bounded ps -A -ww -o pid= -o args= 2>/dev/null | while read -r pid program rest; do
  case $program in
    /*/bin/Runner.Listener) place=${program%/bin/Runner.Listener} ;;
    /*/bin.*/Runner.Listener) place=${program%/bin.*/Runner.Listener} ;;
    *)
      case "$program $rest " in */bin/Runner.Listener\ *) say process "$pid" && say odd-directory ;; esac
      continue
      ;;
  esac
  say process "$pid"
  keeper "$pid"
  describe "$place"
done
say end 0
""",
)
"""Frames: `looked units`, `looked processes`: what there is to be looked at on this host was looked at. Then one group
for each place where a runner may live, which begins with `unit NAME ACTIVE SUB PID`, `agent LABEL STDOUT-FILE` (macOS)
or `process PID`, then `service NAME` where that process is in the control group of a system unit, and goes on with
`directory PATH` (or `no-directory`, or `odd-directory`: not sent back, so not used) and, for each of
`.runner_migrated`, `.runner` and `.service`, `file NAME` and its bytes, or `unreadable NAME` (`.`: the directory
itself), or `refused NAME` (a link). What has a unit and a listener comes twice: as unit and as process."""

LISTENER_TAIL = Script(
    "listener-tail",
    SPEAKING
    + FILES
    + r"""say ready
if ! enter "$1" _diag; then
  say note no-directory
  say end 0
  exit
fi
last() {
  older= newer=
  for each in "$1"_$utc; do
    if plain "$each" && [ -r "./$each" ]; then older=$newer newer=$each; fi
  done
}
last Runner
for each in $older $newer; do
  set -- $(look "$each")
  say listener "$each" "${3:-0}"
  tail -c 262144 <"./$each"
done
last Worker
if [ -n "$newer" ]; then
  set -- $(look "$newer")
  say worker "$newer" "${3:-0}"
  words='(Processing step: |Starting the step|Step result: |Skipping step |Job ID |Job result )'
  grep -a -E '^\[[0-9: Z-]{20} INFO (StepsRunner|JobRunner)\] '"$words" <"./$newer" | tail -n 200 | cut -c 1-1000
fi
say end 0
""",
    ("directory",),
)
"""The runner's directory. Frames: `listener FILE WRITTEN` (seconds since 1970) and its last 256 KB, of the newest two,
the older first; `worker FILE WRITTEN` and the lines that name its steps, and no others; or `note no-directory`."""

HOST_FACTS = Script(
    "host-facts",
    SPEAKING
    + FILES
    + BOUNDED
    + PROGRAMS
    + r"""fact() {
  key=$1
  shift
  say fact "$key"
  bounded "$@" 2>/dev/null
}
begun() { printf '%s\n' "$1"_$utc | tail -n 20; }
newest() {
  found=
  for each in "$1"_$utc; do if plain "$each"; then found=$each; fi; done
  [ -z "$found" ] || printf '%s %s\n' "$found" "$(look "$found")"
}
say ready
fact now date +%s
fact system uname -srm
if [ -r /proc/uptime ]; then fact uptime cat /proc/uptime; else fact boot sysctl -n kern.boottime; fi
if [ -r /proc/loadavg ]; then fact load cat /proc/loadavg; else fact load sysctl -n vm.loadavg; fi
fact cores getconf _NPROCESSORS_ONLN
[ ! -r /proc/meminfo ] || fact memory grep -E '^(MemTotal|MemAvailable):' /proc/meminfo
if command -v journalctl >/dev/null 2>&1; then
  say fact kernel
  bounded journalctl -q --no-pager -k -o short-unix -n 1000 --since=-1h 2>/dev/null |
    grep -a -E 'Out of memory: Killed|Memory cgroup out of memory: Killed' | tail -n 5 | cut -c 1-300
fi
if [ "$1" != - ] && command -v systemctl >/dev/null 2>&1; then
  fact unit systemctl show -p ActiveState -p SubState -p Result -p ExecMainCode -p ExecMainStatus \
    -p ExecMainExitTimestamp -p StateChangeTimestamp -p MainPID -- "$1"
  say fact exit-line
  bounded journalctl -q --no-pager -o cat -n 300 -u "$1" 2>/dev/null |
    grep -a -i -E 'listener.*exit|exit.*listener' | tail -n 1 | cut -c 1-500
fi
if cd -P "$2" 2>/dev/null; then
  say fact processes
  programs "$2"
  fact bin readlink bin
  fact disk df -Pk .
  if [ -d _work ]; then fact work-disk df -Pk _work; fi
  for file in .runner_migrated .runner; do
    if plain "$file" && [ -r "./$file" ]; then
      say fact "$file"
      dd bs=32768 count=1 2>/dev/null <"./$file"
    fi
  done
  if enter "$2" _diag; then
    say fact listener-starts
    begun Runner
    say fact listener-log
    newest Runner
    if [ -n "$found" ] && [ -r "./$found" ]; then
      say fact version-line
      head -c 16384 <"./$found" | grep -a -E '\] Version: ' | head -n 1 | cut -c 1-200
      fact renewed find "$2/bin/Runner.Listener" -prune -cnewer "./$found"
    fi
    say fact worker-log
    newest Worker
  else
    say note no-diag
  fi
else
  say note no-directory
fi
say end 0
""",
    ("service", "directory"),
)
"""Unit or `-`, and the runner's directory. Frames `fact KEY` with what a program printed: `now` (seconds since 1970),
`system`, `uptime` (/proc/uptime) or `boot` (sysctl), `load` (/proc/loadavg or sysctl), `cores`, `memory` (of
/proc/meminfo), `kernel` (lines of its log, of the last hour, that tell of a process killed for memory), `unit`
(KEY=VALUE lines), `exit-line`, `processes` (lines `listener PID ETIME`, `worker PID ETIME`), `bin` (where the link
leads: `bin.VERSION`), `disk` and `work-disk` (df -Pk), `.runner_migrated`, `.runner`, `listener-starts` (the names of
the listener's last 20 logs), `listener-log` and `worker-log` (NAME INODE SIZE WRITTEN), `version-line`,
`renewed` (the listener's program, where it was put there after the last line of that log); or `note no-directory`,
`note no-diag`. A fact that the host does not have has no frame, or no bytes."""

LEFTOVERS = Script(
    "leftovers",
    SPEAKING
    + FILES
    + r"""say ready
list() {
  for each in ${guid}_${guid}$1; do
    plain "$each" || continue
    number=${each%.log}
    number=${number##*[_.]}
    case $number in '' | *[!0-9]* | ???????*) continue ;; esac
    set -- $(look "$each")
    say left "$each" "${2:-0}" "${3:-0}"
  done
}
if enter "$1" _diag/pages; then list "_$d*.log"; else say note no-pages; fi
if enter "$1" _diag/blocks; then list ".$d*"; else say note no-blocks; fi
say end 0
""",
    ("directory",),
)
"""The runner's directory. Frames: `left FILE SIZE WRITTEN` for each file in `_diag/pages` (`*.log`) and `_diag/blocks`
(no extension); `note no-pages`, `note no-blocks` (no such directory, or no right to enter it)."""

LEFTOVER = Script(
    "leftover",
    SPEAKING
    + FILES
    + r"""say ready
case $2 in
  *.log) place=_diag/pages ;;
  *) place=_diag/blocks ;;
esac
if enter "$1" "$place" && plain "$2" && [ -r "./$2" ] && command exec 4<"./$2"; then
  now=$(look "$2")
  if [ "${now%% *}" = "$(held <&4)" ] && plain "$2"; then
    [ "$3" -eq 0 ] || dd bs=1048576 skip=$(($3 - 1)) count=1 <&4 >/dev/null 2>&1
    say bytes "$2" "$3"
    dd bs=1048576 count=1 2>/dev/null <&4
  else
    say gone "$2"
  fi
else
  say gone "$2"
fi
say end 0
""",
    ("directory", "page-file", "number"),
)
"""The runner's directory, a file that `leftovers` has said, and which megabyte of it, from 0. Frames: `bytes FILE
MEGABYTE` with at most that many bytes, fewer at its end; `gone FILE`: it is not there, or may not be read."""
