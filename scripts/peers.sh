#!/usr/bin/env bash
# Which programs of others do benchmarks and tests use? Puts them into CACHE/programs, unless the
# machine has them; what cannot be had is said and left out.
#
#   scripts/peers.sh bench   pgbench, pgbouncer and haproxy, to measure with and against
#   scripts/peers.sh test    pgbench, and promtool, which checks the alert rules as Prometheus would
#
# Debian's packages would start servers of their own (pgbouncer's on the port the gateway uses), so
# they are unpacked into the cache and not installed: no service, no root.
set -euo pipefail
cd "$(dirname "$0")/.."
cache="$(scripts/cache.sh)"
programs="$cache/programs"

# answers PROGRAM: whether it runs at all. haproxy knows the short word only.
answers() {
  "$1" --version >/dev/null 2>&1 || "$1" -v >/dev/null 2>&1
}

# unpack PACKAGE PATH: the program at PATH of PACKAGE, with the libraries the machine lacks.
unpack() {
  local package="$1" path="$2" name home library
  name="$(basename "$path")"
  home="$cache/unpacked/$package"
  echo "installing $name into $programs: $reason (unpacked from the package $package)" >&2
  mkdir -p "$home" "$programs"
  chmod a+rx "$cache/unpacked" "$home" "$programs"
  local work
  work="$(mktemp -d)"
  for library in "$package" $(missing_libraries "$package"); do
    (cd "$work" && apt-get download -qq -o APT::Sandbox::User=root "$library") >&2 || { rm -rf "$work"; return 1; }
  done
  for library in "$work"/*.deb; do
    dpkg-deb -x "$library" "$home"
  done
  rm -rf "$work"
  local libraries
  libraries="$home/usr/lib/$(uname -m)-linux-gnu:$home/lib/$(uname -m)-linux-gnu"
  {
    echo '#!/bin/sh'
    echo "LD_LIBRARY_PATH='$libraries'\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH} exec '$home$path' \"\$@\""
  } >"$programs/$name"
  chmod a+rx "$programs/$name"
  answers "$programs/$name" || { rm -f "$programs/$name"; return 1; }
}

# The libraries PACKAGE depends on itself and that are not installed.
missing_libraries() {
  local library
  for library in $(apt-cache depends --no-recommends --no-suggests --no-enhances "$1" | sed -n 's/^  Depends: \(lib[^ ]*\)$/\1/p'); do
    dpkg-query --show --showformat='${Status}' "$library" 2>/dev/null | grep -q 'ok installed' || echo "$library"
  done
}

# want NAME PACKAGE PATH
want() {
  # `pgbench` may be a wrapper without the program behind it: only an answer counts.
  answers "$1" && return 0
  [ -x "$programs/$1" ] && return 0
  if [ -z "$2" ] || ! command -v apt-get >/dev/null; then
    echo "$1 is not here and cannot be unpacked on this system: install it ($reason)" >&2
    return 0
  fi
  unpack "$2" "$3" || echo "$1 could not be unpacked ($reason): what needs it does without, or says so" >&2
}

# Debian keeps pgbench with the server it belongs to.
want_pgbench() {
  local server=""
  if command -v apt-cache >/dev/null; then
    server="$(apt-cache depends postgresql 2>/dev/null | sed -n 's/^  Depends: postgresql-\([0-9]*\)$/\1/p' | head -n 1)"
  fi
  want pgbench "${server:+postgresql-$server}" "/usr/lib/postgresql/$server/bin/pgbench"
}

case "${1:-}" in
  bench)
    reason="for the benchmarks"
    want_pgbench
    want pgbouncer pgbouncer /usr/sbin/pgbouncer
    want haproxy haproxy /usr/sbin/haproxy
    ;;
  test)
    reason="for the tests"
    want_pgbench
    want promtool prometheus /usr/bin/promtool
    ;;
  *)
    echo "peers: say what for: bench or test" >&2
    exit 1
    ;;
esac
