#!/usr/bin/env bash
# Writes the files that the program prints about its own settings and about its API; with --check,
# says which of them are out of date instead.
set -euo pipefail
cd "$(dirname "$0")/.."

# print COMMAND FILE
print() {
  local fresh
  fresh="$(mktemp)"
  # A word of the command line each.
  # shellcheck disable=SC2086
  cargo run --quiet --bin dragoman -- $1 >"$fresh"
  if [ "$mode" = write ]; then
    cat "$fresh" >"$2"
  elif ! cmp -s "$fresh" "$2"; then
    echo "$2 is not what \`dragoman $1\` prints: run \`make generate\` and commit it" >&2
    stale=1
  fi
  rm -f "$fresh"
}

mode="write"
[ "${1:-}" != --check ] || mode="check"
stale=0
print "config reference" config/reference.md
print "config schema" config/dragoman.schema.json
print "config example" config/dragoman.toml

# config/openapi.json and docs/access.md: two tests compare them with the program, and write them when asked to.
generated=(cargo test --quiet --package admin --test contract --test access -- is_the_committed_one)
if [ "$mode" = write ]; then
  DRAGOMAN_WRITE_GENERATED=1 "${generated[@]}" >&2
elif ! "${generated[@]}" >&2; then
  stale=1
fi
exit "$stale"
