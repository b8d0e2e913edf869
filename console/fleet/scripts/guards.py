r"""Shell text that scripts share which look before they act: the lock, whose directory it is, who is at work in it.

A guard that does not hold says `refused REASON` and nothing after it is done. What cannot be told counts as refused.
"""

PLACES = r"""systemctl=/usr/bin/systemctl notes=/run/lock groups=/sys/fs/cgroup processes=/proc
uid=$(id -u) limit=4
"""
"""Full paths, so that what sudo is asked for is what it was told to allow."""

LOCK = r"""key= note=
open_root() {
  cd -P "$1" 2>/dev/null || return 1
  key=$(pwd -P | cksum)
  key=${key%% *}
}
open_lock() {
  if plain .service && [ -r ./.service ]; then command exec 9<./.service; else command exec 9<.; fi
} 2>/dev/null
take_lock() {
  { command -v flock >/dev/null 2>&1 && open_lock; } || return 2
  for try in 1 2 3 4 5; do
    flock -n 9 2>/dev/null
    case $? in 0) return 0 ;; 1) ;; *) return 2 ;; esac
    flock -n -s 9 2>/dev/null || return 1
    flock -u 9
    sleep 0.1 2>/dev/null || sleep 1
  done
  return 1
}
try_lock() (
  { command -v flock >/dev/null 2>&1 && open_lock; } || return 2
  flock -n -s 9 2>/dev/null
)
read_note() {
  last=$(ls -t "$notes/runner-console.$key."* 2>/dev/null | head -n 1)
  if [ -f "$last" ] && [ ! -L "$last" ] && [ -r "$last" ]; then head -c 300 "$last" | tr -c '[:print:]' ' '; fi
}
write_note() {
  { [ -k "$notes" ] || [ "$uid" = 0 ]; } && [ -w "$notes" ] || return 1
  rm -f "$notes/runner-console.$key."* 2>/dev/null
  note=$(mktemp "$notes/runner-console.$key.XXXXXXXX" 2>/dev/null) || { note=; return 1; }
  printf '%s: %s, since %s\n' "$1" "$2" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$note" && chmod 0644 "$note"
}
leave() {
  [ -z "$note" ] || rm -f "$note"
  note=
}
"""
"""The lock is on `.service` opened for reading, or on the runner's directory where that file is not: nothing is made
that could be left behind. Who only looks takes a shared one, which keeps nobody out for longer than it lasts. The note
beside it is a file of a name that nobody can foresee, and goes with the act; who has the lock is about to write it."""

REFUSING = r"""code=0 locked=
refuse() {
  code=$1
  shift
  say refused "$@"
  return 1
}
refuse_locked() {
  for try in 1 2 3 4; do
    it=$(read_note)
    [ -z "$it" ] || break
    sleep 0.2 2>/dev/null || sleep 1
  done
  refuse 80 locked
  printf '%s' "$it"
}
begin() {
  trap 'leave; exit 143' TERM HUP INT PIPE
  open_root "$root" || { refuse 82 no-directory; return 1; }
  take_lock
  case $? in
    0) locked=1; say lock held; if write_note "$who" "$1"; then say note written; else say note none; fi ;;
    1) refuse_locked; return 1 ;;
    *) say lock none; say note none ;;
  esac
}
"""

SETTINGS = r"""pieces() {
  head -c 65536 <"./$1" | tr -d '\357\273\277' | tr '\t\r\n' '   ' | tr 'A-Z,{}' 'a-z\n\n\n'
}
its_own() {
  if [ "$agent" = - ]; then
    for file in .runner .runner_migrated; do
      if [ -e "./$file" ] || [ -L "./$file" ]; then refuse 76 other-runner; return 1; fi
    done
    return
  fi
  file=.runner
  if [ -e ./.runner_migrated ] || [ -L ./.runner_migrated ]; then file=.runner_migrated; fi
  plain "$file" && [ -r "./$file" ] || { refuse 76 no-settings; return 1; }
  text=$(pieces "$file")
  it=$(printf '%s\n' "$text" | sed -n 's/^ *"agentid" *: *\(.*[^ ]\) *$/\1/p')
  case $it in
    "$agent" | "\"$agent\"") ;;
    *) refuse 76 other-runner; return 1 ;;
  esac
  it=$(printf '%s\n' "$text" | sed -n 's/^ *"githuburl" *: *\(.*[^ ]\) *$/\1/p' | sed 's,\\/,/,g')
  case $it in null | '""') it= ;; esac
  wanted=
  [ "$address" = - ] || wanted=$(printf '%s\n' "${address%/}" | tr A-Z a-z)
  case $it in
    '') [ -z "$wanted" ] || { refuse 76 other-address; return 1; } ;;
    "\"$wanted\"" | "\"$wanted/\"") ;;
    *) refuse 76 other-address; return 1 ;;
  esac
  say checked runner
}
"""
"""`its_own`: JSON is cut where a string cannot be, as quotes inside one have a backslash before them. Two of a key, or
anything that is not understood, is no match. Agent `-`: nobody is registered there."""

UNIT = r"""nl='
'
show_unit() {
  shown=$nl$(bounded "$systemctl" show -p LoadState -p ActiveState -p SubState -p Result -p User -p InvocationID \
    -p ControlGroup -p MainPID -p WorkingDirectory -- "$unit" 2>/dev/null)
}
shows() {
  case "$shown$nl" in
    *"$nl$1="*) it=${shown#*"$nl$1="} it=${it%%"$nl"*} ;;
    *) it= ;;
  esac
}
find_group() {
  group= known=1
  shows ControlGroup
  control=$it
  shows ActiveState
  active=$it
  case $control in
    /*[!/]*)
      for each in "$groups" "$groups/systemd" "$groups/unified"; do
        if [ -d "$each$control" ]; then group=$each$control; return; fi
      done
      ;;
  esac
  case $active in inactive | failed) ;; *) known= ;; esac
}
members() {
  while IFS= read -r pid; do
    comm= args=
    { IFS= read -r comm <"$processes/$pid/comm"; IFS= read -r args <"$processes/$pid/cmdline"; } 2>/dev/null
    case $comm in
      '') hidden=$((hidden + 1)) ;;
      Runner.Worker) worker=$pid ;;
    esac
    case $args in
      */Runner.Workerspawnclient*) worker=$pid ;;
      */_update.sh*) updating=1 ;;
    esac
  done 2>/dev/null <"$1/cgroup.procs" || known=
  for below in "$1"/*/; do
    if [ -d "$below" ]; then members "${below%/}"; fi
  done
}
look_inside() {
  worker= hidden=0
  [ -n "$group" ] || return 0
  for try in 1 2 3; do
    worker= hidden=0
    members "$group"
    [ "$hidden" -gt 0 ] || return 0
  done
}
"""
"""`look_inside` begins no program, so that it takes no time. A process that ended while it looked is no unreadable one:
so it looks again where there was one. What a shell reads of an argument list has no zero bytes between the words."""

UPDATES = r"""find_update() {
  [ -z "$updating" ] || return 0
  for each in _diag/SelfUpdate-*.log _work/_update; do
    if [ -e "./$each" ] && [ -n "$(find "./$each" -prune -mmin -10 2>/dev/null)" ]; then updating=1; fi
  done
  case $(bounded ps -A -ww -o args= 2>/dev/null) in
    *"$root/"*/_update.sh* | *"$real/"*/_update.sh*) updating=1 ;;
  esac
}
took_job() {
  newest=
  for each in _diag/Runner_$utc; do if plain "$each" && [ -r "./$each" ]; then newest=$each; fi; done
  [ -n "$newest" ] && [ -n "$(find "./$newest" -mmin -1 2>/dev/null)" ] || return 1
  taken='Acknowledging runner request|Job request .* received\.|: Running job: '
  over='completed with result: |Skipping message|Listening for Jobs|^\[[^]]* Listener\] Version: '
  last=$(tail -c 32768 <"./$newest" | grep -a -E "$taken|$over" | tail -n 1)
  case $last in
    *"Acknowledging runner request"* | *"Job request "*" received."* | *": Running job: "*) return 0 ;;
  esac
  return 1
}
"""
"""An update that runs has written to its log, or to `_work/_update`, within the last minutes. `took_job`: the listener
has just taken a job whose worker is not there yet."""

SUDO = r"""may() {
  said= status=0
  if [ "$uid" = 0 ]; then right=root; return; fi
  if ! command -v sudo >/dev/null 2>&1; then right=missing; return; fi
  said=$(bounded sudo -n -l "$@" 2>&1 >/dev/null </dev/null)
  status=$?
  case $status in
    0) right=allowed ;;
    124) right=unknown ;;
    *) nameless; sudo_said ;;
  esac
}
nameless() { said=$(printf '%s\n' "$said" | grep -v '^sudo: unable to resolve host '); }
sudo_said() {
  case $said in
    *"a password is required"* | *"no askpass"* | *"a terminal is required"*) right=password ;;
    *"must have a tty"*) right=tty ;;
    '' | *"not allowed"* | *"not in the sudoers"* | *"may not run"* | *"sudo: command not found"*) right=not-allowed ;;
    *) right=unknown ;;
  esac
}
may_or_refuse() {
  may "$@"
  case $right in
    root | allowed) say checked sudo; return 0 ;;
    missing) refuse 81 no-sudo ;;
    *) refuse 81 "sudo-$right" ;;
  esac
  [ -z "$said" ] || printf '%s' "$said" | head -c 1000
  return 1
}
"""
"""`may COMMAND…` asks sudo whether it would, and does nothing. It says the same of a wrong user and of a password.
`nameless`: without its remark on a host that does not know its own name, which comes with every answer."""

QUIET = r"""loaded() {
  [ "$unit" != - ] || { refuse 77 no-unit; return 1; }
  [ -x "$systemctl" ] || { refuse 77 no-program systemctl; return 1; }
  show_unit
  shows LoadState
  case $it in
    loaded) ;;
    masked) refuse 77 masked; return 1 ;;
    *) refuse 77 no-unit "$it"; return 1 ;;
  esac
  shows WorkingDirectory
  place=$(cd -P "${it#[!/]}" 2>/dev/null && pwd -P)
  [ -n "$it" ] && [ "$place" = "$(pwd -P)" ] || { refuse 77 other-directory; return 1; }
  find_group
  say checked unit
}
busy() {
  age= since=-
  [ -z "$1" ] || age=$(ps -o etimes= -p "$1" 2>/dev/null | tr -cd 0-9)
  [ -z "$age" ] || since=$(($(date +%s) - age))
  refuse 75 busy "$since"
}
all_seen() {
  [ ! -d "$processes" ] || { IFS= read -r it <"$processes/1/comm"; } 2>/dev/null ||
    { refuse 79 unreadable all; return 1; }
}
nobody_works() {
  real=$(pwd -P) updating=
  look_inside
  if [ -n "$worker" ]; then busy "$worker"; return 1; fi
  listed=$nl$(programs "$root")
  case $listed in *"${nl}worker "*) it=${listed#*"${nl}worker "}; busy "${it%% *}"; return 1 ;; esac
  case $listed in *"${nl}self "*) ;; *) hidden=all ;; esac
  if [ "$hidden" != 0 ] || [ -z "$known" ]; then refuse 79 unreadable "$hidden"; return 1; fi
  say checked workers
  find_update
  [ -z "$updating" ] || { refuse 78 updating; return 1; }
  say checked update
}
still_nobody() {
  case $active in
    inactive | failed) ;;
    *) ! took_job || { busy ''; return 1; } ;;
  esac
  look_inside
  if [ -n "$worker" ]; then busy "$worker"; return 1; fi
  if [ "$hidden" != 0 ] || [ -z "$known" ]; then refuse 79 unreadable "$hidden"; return 1; fi
}
"""
"""`still_nobody` is the last thing before the act. `all_seen`: for what hurts a worker that no unit holds, too."""

AS_USER = r"""find_user() {
  us=$(id -un) way=self
  if [ "$user" = - ]; then user=$us; fi
  if [ "$user" = root ]; then refuse 69 root; return 1; fi
  [ -x /bin/bash ] || { refuse 69 no-program bash; return 1; }
  if [ "$user" = "$us" ]; then return; fi
  if [ "$uid" = 0 ]; then
    way=root
    command -v runuser >/dev/null 2>&1 || { refuse 69 no-program runuser; return 1; }
  else
    way=sudo
    may_or_refuse -u "$user" -- /bin/bash -s
  fi
}
as_user() {
  case $way in
    self) /bin/bash -s ;;
    root) runuser -u "$user" -- /bin/bash -s ;;
    sudo) sudo -n -u "$user" -- /bin/bash -s ;;
  esac 9<&-
}
undisturbed() {
  trap '' TERM HUP INT PIPE
  as_user
}
their_own='unset HOME LC_ALL TZ MAIL OLDPWD SSH_CLIENT SSH_CONNECTION SSH_TTY SSH_AUTH_SOCK ${!SUDO_*}
export HOME=~ USER="$(id -un)" LOGNAME="$(id -un)"'
"""
"""What runs as the runner's user is read by that user's own bash from its standard input, values and secrets after it:
bash takes no more of its input than it has understood, so that `read` gets the rest. `undisturbed` is for what must not
end in its middle when our end does."""
