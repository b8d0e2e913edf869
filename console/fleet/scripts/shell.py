r"""Shell text that scripts share: how they speak, how those that follow something end, and how files are followed.

POSIX shell, and what Linux, macOS and BusyBox have in common. Nothing is written on the host: no here-document either,
which some shells keep in a temporary file.
"""

SPEAKING = r"""export LC_ALL=C TZ=UTC0
say() { printf '\n%s %s\n' "$mark" "$*"; }
tell() { printf '\n%s %s\n\n%s rest\n' "$mark" "$*" "$mark"; }
"""

FILES = r"""if stat -c %i / >/dev/null 2>&1; then
  look() { stat -c '%i %s %Y' "./$1" 2>/dev/null; }
  held() { stat -L -c %i /dev/stdin 2>/dev/null; }
else
  look() { stat -f '%i %z %m' "./$1" 2>/dev/null; }
  held() { stat -f %i 2>/dev/null; }
fi
plain() { [ -f "./$1" ] && [ ! -L "./$1" ]; }
enter() {
  cd -P "$1" 2>/dev/null || return 1
  root=$(pwd -P)
  cd -P "./$2" 2>/dev/null && [ "$(pwd -P)" = "${root%/}/$2" ] && [ -r . ]
}
d='[0-9]' h='[0-9a-f]'
utc="$d$d$d$d$d$d$d$d-$d$d$d$d$d$d-utc.log"
h4="$h$h$h$h"
guid="$h4$h4-$h4-$h4-$h4-$h4$h4$h4"
"""
"""`look NAME`: inode, size and time. `held <&4`: the inode of what is open. `enter ROOT SUB`: only a directory that
really is there, whatever is a link on the way to ROOT. `$utc` and `$guid` are patterns of names."""

BOUNDED = r"""limit=15
if command -v timeout >/dev/null 2>&1; then
  bounded() { timeout "$limit" "$@"; }
else
  bounded() { "$@"; }
fi
"""
"""Programs that may wait for a hung service or a dead network drive: `limit` seconds. macOS has no `timeout`."""

PROGRAMS = r"""programs() {
  bounded ps -A -ww -o pid= -o etime= -o args= 2>/dev/null | {
    given=$1 real=$(pwd -P)
    while read -r pid age program rest; do
      [ "$pid" != "$$" ] || printf 'self %s %s\n' "$pid" "$age"
      root=${program%/bin*/Runner.*}
      [ "$root" != "$program" ] && { [ "$root" = "$given" ] || [ "$root" = "$real" ]; } || continue
      case ${program#"$root"/} in
        bin/Runner.Listener | bin.*/Runner.Listener) printf 'listener %s %s\n' "$pid" "$age" ;;
        bin/Runner.Worker | bin.*/Runner.Worker) printf 'worker %s %s\n' "$pid" "$age" ;;
      esac
    done
  }
}
"""
"""`programs ROOT`, where one is in ROOT: lines `listener PID ETIME` and `worker PID ETIME` of the runner that lives
there, by that name or by the directory's real one; and `self PID ETIME`, so that a list is told from none."""

_CLOCK = r"""all=0
{ read -r skip skip skip skip group skip </proc/$$/stat; } 2>/dev/null ||
  group=$(ps -o pgid= -p "$$" 2>/dev/null | tr -d ' ')
[ "$group" = "$$" ] || all=
patience=60 work=
clock() {
  left=$patience
  while [ "$left" -gt 0 ] && kill -0 "$$" 2>/dev/null; do sleep 1; left=$((left - 1)); done
  kill -TERM ${all:-$work "$$"}
}
say ready
"""
_WATCHING = r"""( work "$@"; say end "$?"; kill -TERM ${all:-"$$"} ) </dev/null &
work=$!
clock </dev/null >/dev/null 2>&1 &
timer=$!
while IFS= read -r beat; do
  kill "$timer" 2>/dev/null
  clock </dev/null >/dev/null 2>&1 &
  timer=$!
done
kill -TERM ${all:-"$work" "$timer"}
"""
_AWAITING = r"""clock </dev/null >/dev/null 2>&1 &
timer=$!
IFS= read -r word || exit 1
"""

WATCHED = _CLOCK + _WATCHING
"""Ends `work` when standard input ends, or a minute after the last line on it. Under sshd a script leads its process
group, and with the group ends all that it began; elsewhere its parts look for themselves whether it is still there.
Where there is a /proc it is read: `ps` takes longer than all else before the first line."""


def awaited(more: str = "") -> str:
    """As `WATCHED`, but `work` begins only once a line has come, `$word`; `more` reads those that follow.

    Whoever sent it has read that the script is ready. So one whose beginning was never heard of has done nothing, nor
    does it for a line that comes a minute late.
    """
    return f'{_CLOCK}{_AWAITING}{more}kill "$timer" 2>/dev/null\n{_WATCHING}'


FOLLOWING = r"""name= inode= pos=0 lost= noted= unread=
begin() {
  plain "$1" || return 1
  if ! [ -r "./$1" ]; then
    [ "$unread" = "$1" ] || tell note unreadable "$1"
    unread=$1
    return 1
  fi
  command exec 4<"./$1" || return 1
  now=$(look "$1")
  if [ "${now%% *}" != "$(held <&4)" ] || ! plain "$1"; then command exec 4<&-; return 1; fi
  name=$1 inode=${now%% *} pos=0 lost=
  [ "$2" -eq 0 ] || seek "$2"
}
seek() {
  [ "$1" -lt 65536 ] || dd bs=65536 skip=$(($1 / 65536 - 1)) count=1 <&4 >/dev/null 2>&1
  [ $(($1 % 65536)) -eq 0 ] || dd bs=$(($1 % 65536)) count=1 <&4 >/dev/null 2>&1
  pos=$1
}
pump() {
  say part "$name" "$inode" "$pos"
  got=$(dd bs=65536 count=64 2>&1 <&4 >&3)
  got=${got% byte*}
  got=${got##*[!0-9]}
  pos=$((pos + ${got:-0}))
  [ "${got:-0}" -gt 0 ]
}
drain() { [ -n "$lost" ] || while pump; do :; done; }
resume() {
  [ "$1" != - ] || return 0
  now=$(look "$1") size=${now#* }
  if [ "${now%% *}" = "$2" ] && [ "${size%% *}" -ge "$3" ] && begin "$1" "$3"; then return 0; fi
  if [ "${now%% *}" = "$2" ] && begin "$1" 0; then tell note truncated "$1"; return 0; fi
  tell gone "$1"
  name=$1 inode= lost=1
}
check() {
  now=$(look "$name") size=${now#* } size=${size%% *}
  if [ -n "$now" ] && [ "${now%% *}" = "$inode" ] && [ -z "$lost" ]; then
    if [ "$size" -lt "$pos" ]; then
      tell note truncated "$name"
      begin "$name" 0
    fi
    if [ "$pos" -lt "$size" ]; then
      while [ "$pos" -lt "$size" ] && pump; do :; done
      say rest
    fi
  elif plain "$name" && [ "${now%% *}" != "$inode" ]; then
    drain
    begin "$name" 0 || lost=1
  elif [ -z "$lost" ]; then
    drain
    tell gone "$name"
    lost=1
  fi
}
follow() {
  exec 3>&1
  while kill -0 "$$" 2>/dev/null; do
    [ -z "$name" ] || check
    after=
    later
    if [ -n "$after" ]; then
      if [ -n "$name" ]; then
        drain
        tell next "$after"
      fi
      begin "$after" 0 && continue
      name=$after inode= lost=1
    elif [ -z "$name$noted" ]; then
      tell note no-file
      noted=1
    fi
    sleep 0.5 2>/dev/null || sleep 1
  done
}
"""
"""`follow`: says what is and will be in the file `$name` from `$pos` on, and then in the one that `later` puts into
`$after`. The file stays open as number 4, so its last bytes come even when its name is gone; dd reads on from where it
stopped, so no byte comes twice. What is open is proved to be what has the name: no link leads elsewhere."""
