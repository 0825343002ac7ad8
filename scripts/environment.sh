#!/usr/bin/env bash
# Which environment do builds and tests run in? Prints it as shell lines; `make` reads them, and so
# can you, to run cargo by hand:   eval "$(scripts/environment.sh)"
#
#   DRAGOMAN_POSTGRES_BIN        bin directory of PostgreSQL 18, for the demo
#   DRAGOMAN_POSTGRES_BIN_<N>    bin directory of PostgreSQL N, for each N in the cache
#   DRAGOMAN_POSTGRES_PROGRAMS_<N>  directory of psql, pg_dump and their like of PostgreSQL N, in the cache
#   DRAGOMAN_POSTGRES_VERSIONS   the versions the tests run against ("14 18" unless set before)
#   DRAGOMAN_PYTHON              a Python with psycopg 2 and 3, asyncpg, SQLAlchemy, Django, PyMySQL,
#                                mysql-connector-python and schemathesis
#   DRAGOMAN_NODE_MODULES        a node_modules with node-postgres and its streams, postgres.js, mysql2 and oidc-provider
#   DRAGOMAN_PRISMA              a folder whose node_modules has Prisma's client
#   DRAGOMAN_GO_CACHE            where Go keeps what it has compiled of the clients under test
#   DRAGOMAN_CHROMIUM            a Chromium of the system, for the console's tests
#   CARGO_TARGET_DIR             where cargo builds, when that is not ./target: DRAGOMAN_TARGET, or
#                                `target` in the cache where that exists
set -euo pipefail
cd "$(dirname "$0")/.."
cache="$(scripts/cache.sh)"

print() {
  printf 'export %s=%q\n' "$1" "$2"
}

for version in 14 15 16 17 18; do
  if [ -f "$cache/postgres-$version/release" ]; then
    print "DRAGOMAN_POSTGRES_BIN_$version" "$(scripts/postgres.sh "$version")"
  fi
  if [ -f "$cache/postgres-programs-$version/release" ]; then
    print "DRAGOMAN_POSTGRES_PROGRAMS_$version" "$(scripts/postgres-programs.sh "$version")"
  fi
done
if [ -z "${DRAGOMAN_POSTGRES_BIN:-}" ] && [ -f "$cache/postgres-18/release" ]; then
  print DRAGOMAN_POSTGRES_BIN "$(scripts/postgres.sh 18)"
fi
print DRAGOMAN_POSTGRES_VERSIONS "${DRAGOMAN_POSTGRES_VERSIONS:-14 18}"
[ ! -x "$cache/python/bin/python" ] || print DRAGOMAN_PYTHON "$cache/python/bin/python"
[ ! -d "$cache/node_modules" ] || print DRAGOMAN_NODE_MODULES "$cache/node_modules"
[ ! -d "$cache/prisma" ] || print DRAGOMAN_PRISMA "$cache/prisma"
[ ! -d "$cache/go-build" ] || print DRAGOMAN_GO_CACHE "$cache/go-build"
for browser in "${DRAGOMAN_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
  /Applications/Chromium.app/Contents/MacOS/Chromium "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
  if [ -n "$browser" ] && command -v "$browser" >/dev/null; then
    print DRAGOMAN_CHROMIUM "$(command -v "$browser")"
    break
  fi
done
[ ! -d "$cache/programs" ] || print PATH "$cache/programs:$PATH"

if [ -z "${CARGO_TARGET_DIR:-}" ]; then
  if [ -n "${DRAGOMAN_TARGET:-}" ]; then
    print CARGO_TARGET_DIR "$DRAGOMAN_TARGET"
  elif [ -d "$cache/target" ]; then
    print CARGO_TARGET_DIR "$cache/target"
  fi
fi
