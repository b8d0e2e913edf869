"""Scripts about the room that a runner takes: what is largest of it, and the removal of one such directory."""

from console.fleet.scripts.acts import DID, GUARDS
from console.fleet.scripts.guards import AS_USER
from console.fleet.scripts.script import Script
from console.fleet.scripts.shell import BOUNDED, FILES, SPEAKING, awaited

_REMOVABLE = r"""removable() {
  case $1 in
    _work/_PipelineMapping | _work/_update) return 1 ;;
    bin.* | externals.*)
      for each in bin externals; do
        it=$(readlink "./$each") && [ "${it##*/}" = "$1" ] && return 1
      done
      ;;
  esac
  if [ -L "./$1" ] || ! [ -d "./$1" ]; then return 1; fi
  [ "$(cd -P "./$1" 2>/dev/null && pwd -P)" = "${real%/}/$1" ]
}
"""

DIRECTORY_SIZES = Script(
    "directory-sizes",
    SPEAKING
    + FILES
    + BOUNDED
    + _REMOVABLE
    + r"""say ready
if cd -P "$1" 2>/dev/null; then
  real=$(pwd -P)
  say fact disk
  bounded df -Pk . 2>/dev/null
  if [ -d _work ]; then
    say fact work-disk
    bounded df -Pk _work 2>/dev/null
  fi
  set --
  for name in _work/* _diag bin.* externals.*; do
    case ${name#_work/} in */*[!A-Za-z0-9_.@+-]* | [.-]* | *[!A-Za-z0-9_.@+-]*) continue ;; esac
    if removable "$name" && [ $# -lt 500 ]; then set -- "$@" "$name"; fi
  done
  say fact sizes
  [ $# -eq 0 ] || bounded du -skx -- "$@" 2>/dev/null | sort -rn | head -n 30
else
  say note no-directory
fi
say end 0
""",
    ("directory",),
)
"""The runner's directory. Frames: `fact disk` and `fact work-disk` (df -Pk), `fact sizes` (lines of `du -sk`, KIB and a
name that `remove-directory` takes, the largest first; what was not measured in time is not there); `note no-directory`.
Links are not followed, and what `bin` and `externals` lead to is not listed."""

REMOVE_DIRECTORY = Script(
    "remove-directory",
    GUARDS
    + DID
    + AS_USER
    + _REMOVABLE
    + r"""remove='{
IFS= read -r root; IFS= read -r name
'"$their_own"'
cd -P -- "$root" || exit 73
if [ -L "./$name" ] || ! [ -d "./$name" ]; then exit 74; fi
if [ "$name" = _diag ]; then
  cd -P ./_diag || exit 74
  exec find . -xdev -type f -mtime +0 -exec rm -f -- {} +
fi
gone=./_work/_removed.$$
case $name in _work/*) ;; *) gone=./$name.removed ;; esac
mv -- "./$name" "$gone" || exit 74
apart=
if rm --one-file-system --version >/dev/null 2>&1; then apart=--one-file-system; fi
exec rm -rf $apart -- "$gone"
}'
work() {
  root=$1 name=$2 agent=$3 address=$4 who=$5 group= known=1 active=
  if begin "remove $name" && its_own && all_seen && nobody_works; then
    user=$(ls -ld . | { read -r skip skip owner skip; printf %s "$owner"; })
    if ! removable "$name"; then
      refuse 82 not-removable
    elif find_user && still_nobody; then
      trap : TERM HUP INT PIPE
      tell doing remove "$name"
      said=$(printf '%s\n' "$remove" "$root" "$name" | undisturbed 2>&1 >/dev/null)
      status=$?
      did
    fi
  fi
  leave
  return "$code"
}
"""
    + awaited(),
    ("directory", "below", "number", "address", "who"),
    stream=True,
    acts=True,
)
"""The runner's directory, a name that `directory-sizes` has said, its id at GitHub, the address in its settings or `-`,
and who does it. It is done as the user who owns the directory, so with no more rights than a job there has. What is
removed first gets another name at once, so that no job that begins meanwhile finds half of it; of `_diag` only files
go that were not written to for a day. REASONs beside those of `acts`: not-removable."""
