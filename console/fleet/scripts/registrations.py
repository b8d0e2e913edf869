"""Scripts that give a runner a new registration: one just in time, or by `config.sh`. They speak as those in `acts`.

The secrets come on standard input, a line each, once the ready mark was read. The runner takes them from its
environment: every argument of its own may also come as ACTIONS_RUNNER_INPUT_NAME (Runner.Listener/CommandSettings.cs),
is masked in its logs where it is a secret, and is dropped from the environment at once. So they are in no argument
list, and in no file.
"""

from console.fleet.scripts.acts import DID, GUARDS, TELLING
from console.fleet.scripts.guards import AS_USER
from console.fleet.scripts.script import Script
from console.fleet.scripts.shell import awaited

_ONE_LINE = r"""one_plain_line() {
  case $1 in '' | *[!A-Za-z0-9+/=._-]*) refuse 69 no-secret; return 1 ;; esac
  case $(command -v printf) in */*) refuse 69 shown; return 1 ;; esac
}
"""
"""A shell whose `printf` is a program of its own would show the secret in the list of processes."""

JIT_START = Script(
    "jit-start",
    GUARDS
    + DID
    + AS_USER
    + _ONE_LINE
    + r"""start_new='{
IFS= read -r from; IFS= read -r new; IFS= read -r secret
'"$their_own"'
mkdir -p -- "$new" && cd -P -- "$new" && [ -z "$(ls -A .)" ] || exit 73
copied() { cp -RPl -- "$1" "$2" 2>/dev/null || { rm -rf -- "./$2"; cp -RP -- "$1" "$2"; } || exit 74; }
copied "$from/bin/." bin
copied "$from/externals/." externals
for each in run.sh run-helper.sh.template config.sh env.sh safe_sleep.sh; do
  if [ -f "$from/$each" ] && [ ! -L "$from/$each" ]; then copied "$from/$each" "$each"; fi
done
mkdir _diag || exit 74
export ACTIONS_RUNNER_INPUT_JITCONFIG="$secret"
unset secret
quits=
if env --default-signal=INT,QUIT true 2>/dev/null; then quits="env --default-signal=INT,QUIT"; fi
exec setsid -f $quits /bin/bash -c "echo pid \$\$; exec ./run.sh </dev/null >_diag/run.log 2>&1" </dev/null
}'
fresh() {
  [ "${new%/*}" = "${root%/*}" ] || { refuse 82 not-beside; return 1; }
  if [ -L "$new" ] || { [ -e "$new" ] && [ -n "$(ls -A "$new" 2>&1)" ]; }; then refuse 82 not-clean; return 1; fi
  for each in bin/Runner.Listener run.sh run-helper.sh.template externals; do
    [ -e "./$each" ] || { refuse 82 no-program "$each"; return 1; }
  done
  command -v setsid >/dev/null 2>&1 || { refuse 69 no-program setsid; return 1; }
  say checked directory
}
begun() {
  case $said in *"pid "[0-9]*) ;; *) return 1 ;; esac
  pid=${said##*"pid "}
  case $pid in *[!0-9]*) return 1 ;; esac
  say started "$pid"
  sleep 2
  kill -0 "$pid" 2>/dev/null || [ -d "$processes/$pid" ]
}
work() {
  root=$1 new=$2 user=$3 who=$4
  if begin "start just in time" && fresh && one_plain_line "$word" && find_user; then
    trap : TERM HUP INT PIPE
    tell doing start "$new" as "$user"
    said=$(printf '%s\n' "$start_new" "$root" "$new" "$word" | as_user 2>&1)
    status=$?
    case $said in *"$word"*) said= ;; esac
    if [ "$status" = 0 ] && ! begun; then status=1 said="It ended at once: $new/_diag/run.log says why."; fi
    did
  fi
  leave
  return "$code"
}
"""
    + awaited(),
    ("directory", "directory", "user", "who"),
    stream=True,
    acts=True,
)
"""The directory of a runner that was used up, a new one beside it, whose runner it is to be (`-`: the user's own), and
who does it. Takes the config. The new directory is made with the runner's software and nothing else of the old one;
`started PID` is that of `run.sh`, which goes on when ssh has ended. It writes to `_diag/run.log` there. REASONs beside
those of `acts`: not-beside, not-clean, no-program NAME, no-secret, shown, root (which the runner refuses)."""

REREGISTER = Script(
    "reregister",
    GUARDS
    + DID
    + TELLING
    + AS_USER
    + _ONE_LINE
    + r"""remove='{
IFS= read -r root; IFS= read -r only; IFS= read -r secret
'"$their_own"'
cd -P -- "$root" || exit 73
if [ "$only" = local ]; then
  exec ./config.sh remove --local </dev/null
fi
export ACTIONS_RUNNER_INPUT_TOKEN="$secret"
unset secret
aside=
if [ -f .service ] && mv -- .service .service.aside; then aside=1; fi
./config.sh remove </dev/null
status=$?
[ -z "$aside" ] || mv -- .service.aside .service
exit "$status"
}'
configure='{
IFS= read -r root; IFS= read -r url; IFS= read -r name; IFS= read -r group; IFS= read -r labels
IFS= read -r secret
'"$their_own"'
cd -P -- "$root" || exit 73
more=(--unattended --replace --url "$url" --name "$name")
[ "$group" = - ] || more+=(--runnergroup "$group")
[ "$labels" = - ] || more+=(--labels "$labels")
export ACTIONS_RUNNER_INPUT_TOKEN="$secret"
unset secret
exec ./config.sh "${more[@]}" </dev/null
}'
alone() {
  if [ -n "$locked" ]; then
    command exec 8<.
    flock -n 8 2>/dev/null || { refuse_locked; return 1; }
  fi
}
gone() {
  for try in 1 2 3 4 5; do
    case $nl$(programs "$root") in *"${nl}listener "* | *"${nl}worker "*) sleep 1 ;; *) return 0 ;; esac
  done
  said='A process of the runner is still there.' status=1
  return 1
}
stage() {
  tell doing "$1"
  shift
  said=$(printf '%s\n' "$@" | undisturbed 2>&1 8<&-)
  status=$?
  case $said in *"$word"* | *"$second"*) said= ;; esac
  said=$(printf '%s' "$said" | tail -c 2000)
  [ "$status" = 0 ]
}
started_again() {
  [ -e ./.runner ] || return 0
  was=$status words=$said
  control start
  if [ "$was" != 0 ]; then status=$was said=$words; fi
}
carry_out() {
  status=0 said=
  case $active in
    inactive | failed) ;;
    *) control stop || return 1 ;;
  esac
  [ "$status" = 0 ] || return 0
  what=remove
  [ "$only" != local ] || what='remove local'
  if gone; then
    stage "$what" "$remove" "$root" "$only" "$word" &&
      stage "configure $name" "$configure" "$root" "$address" "$name" "$named" "$labels" "$second"
  fi
  started_again
}
work() {
  root=$1 unit=$2 agent=$3 address=$4 name=$5 named=$6 labels=$7 only=$8
  shift 8
  who=$1
  [ "$only" != local ] || second=$word
  if begin register && alone && its_own && loaded && all_seen && nobody_works &&
    one_plain_line "$word" && one_plain_line "$second" &&
    may_or_refuse -- "$systemctl" stop -- "$unit" && may_or_refuse -- "$systemctl" start -- "$unit" &&
    shows User && { user=${it:-root}; find_user; }; then
    trap : TERM HUP INT PIPE
    if carry_out; then did; fi
  fi
  leave
  return "$code"
}
"""
    + awaited('[ "$8" = local ] || IFS= read -r second || exit 1\n'),
    ("directory", "unit", "agent", "address", "runner-name", "group-name", "labels", "local", "who"),
    stream=True,
    acts=True,
)
"""The runner's directory, unit, its id or `-` where its settings are gone, the address to register at, name, group or
`-`, labels of its own or `-`, whether only the settings here are removed (`local`), and who does it. Takes the remove
token, unless `local`, and then the registration token. `config.sh remove` refuses while there is a service: `.service`
is set aside for as long as it runs, and systemd's unit stays as it is. `doing` is said of each stage: stop, remove,
configure, start. Where a stage fails the next ones do not begin, but a service with settings is started again."""
