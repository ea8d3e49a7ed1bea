#!/bin/sh
# Steward @VERSION@ (commit @COMMIT@) with Deno @DENO@: a runtime and a program, unpacked at the first start.
# docs/executables.md says how. What follows the last line of this script is a gzipped tar.
set -u
PATH=${PATH:-/usr/bin:/bin}
export PATH
program=@PROGRAM@
id=@ID@
offset=@OFFSET@
runtime_bytes=@RUNTIME_BYTES@
sums='@SUMS@'
sha256='@SHA256@'

fail() {
  echo "$program: $*" >&2
  exit 1
}

# Of the runtime, whose sums would cost more than the start, size and date; of the small files the sums.
intact() {
  [ -O "$1" ] && [ -f "$1/complete" ] && [ -x "$1/deno" ] &&
    [ "$(($(wc -c <"$1/deno")))" -eq "$runtime_bytes" ] &&
    [ -z "$(find "$1/deno" -newer "$1/complete")" ] &&
    [ "$(cd "$1" && cksum @FILES@ 2>/dev/null)" = "$sums" ]
}

# gzip has a sum of its own, so a machine without these tools still finds what is broken.
verified() {
  if command -v sha256sum >/dev/null; then
    echo "$sha256" | (cd "$1" && sha256sum -c) >/dev/null 2>&1
  elif command -v shasum >/dev/null; then
    echo "$sha256" | (cd "$1" && shasum -a 256 -c) >/dev/null 2>&1
  else
    tail -c "+$offset" "$0" | gzip -t 2>/dev/null
  fi
}

# Others may unpack at the same time: each into a folder of its own, which becomes the entry by a rename.
unpack() {
  (umask 077 && mkdir -p "$1") 2>/dev/null
  [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ] && [ -w "$1" ] || return 1
  name=unpacking-$$
  fresh=$1/$name
  rm -rf "$fresh"
  mkdir -m 700 "$fresh" || return 1
  trap 'rm -rf "$fresh"' EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  tail -c "+$offset" "$0" | gzip -dc | (cd "$fresh" && tar -xf -) && : >"$fresh/complete" &&
    intact "$fresh" && verified "$fresh" && place "$1"
  outcome=$?
  rm -rf "$fresh"
  trap - EXIT HUP INT TERM
  return $outcome
}

place() {
  if ! intact "$entry"; then
    # A damaged one makes room. Moving beneath an entry that came in the meantime leaves that one as it is.
    if [ -e "$entry" ]; then mv "$entry" "$fresh/damaged"; fi
    mv "$fresh" "$entry" && rm -rf "${entry:?}/$name" "$entry/damaged"
  fi
  for old in "$1"/*; do
    if [ "$old" != "$entry" ] && [ -n "$(find "$old" -prune -mtime +7)" ]; then rm -rf "$old"; fi
  done
  intact "$entry"
}

start() {
  # The date says that this one is in use.
  touch -c "$entry" 2>/dev/null
  DENO_DIR=$entry/cache DENO_NO_UPDATE_CHECK=1 DENO_NO_PACKAGE_JSON=1
  export DENO_DIR DENO_NO_UPDATE_CHECK DENO_NO_PACKAGE_JSON
  exec "$entry/$program" run --quiet --no-config --no-lock --no-remote --no-npm --cached-only --no-prompt \
    @FLAGS@ "$entry/$program.mjs" "$@"
}

if [ -n "${XDG_CACHE_HOME-}" ]; then
  base=$XDG_CACHE_HOME/steward
else
  base=${HOME:+$HOME/@CACHE@/steward}
fi
for base in "$base" "${TMPDIR:-/tmp}/steward-$(id -u)"; do
  [ -n "$base" ] || continue
  entry=$base/$id
  if intact "$entry" || unpack "$base"; then start "$@"; fi
done
fail "cannot unpack: neither the cache folder nor ${TMPDIR:-/tmp} is this user's to write, has room and may run programs"
