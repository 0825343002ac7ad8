#!/usr/bin/env bash
# Which functions has PostgreSQL? Asks real servers of all versions and writes what they say to
# proxy/sql/src/functions/{builtin,information_schema,contrib}.txt; with --check, says which of them
# are out of date instead. What the functions do is not here: people keep acts.txt beside them.
#
#   scripts/functions.sh [--check]
#
# A line is a name, the worst volatility any of its overloads has in any version, and `one` when a call
# with one argument is possible. Functions that no statement can call are left out: those that take or
# give `internal`, triggers and handlers.
set -euo pipefail
cd "$(dirname "$0")/.."

target=proxy/sql/src/functions
versions="14 15 16 17 18"
mode="write"
[ "${1:-}" != --check ] || mode="check"

# PostgreSQL refuses to run as root.
unprivileged=()
[ "$(id -u)" -ne 0 ] || unprivileged=(setpriv --reuid=65534 --regid=65534 --clear-groups)

place="$(mktemp -d)"
chmod 755 "$place"
trap 'rm -rf "$place"' EXIT

# functions CONDITION FILE: the statement that writes the functions that fulfil CONDITION to FILE.
functions() {
  tr '\n' ' ' <<SQL
COPY (
  SELECT proname,
         (ARRAY['immutable', 'stable', 'volatile'])[max(position(provolatile::text IN 'isv'))],
         CASE WHEN bool_or((pronargs = 1 OR pronargs - pronargdefaults <= 1 AND pronargs > 1)
                           OR provariadic <> 0 AND pronargs = 2) THEN 'one' END
  FROM pg_catalog.pg_proc p
  WHERE $1 AND prokind <> 'p'
    AND NOT 'internal'::regtype = ANY (proargtypes::oid[])
    AND NOT prorettype = ANY ('{internal,trigger,event_trigger,language_handler,fdw_handler,
                               index_am_handler,tsm_handler,table_am_handler}'::regtype[])
  GROUP BY proname
) TO '$2' (DELIMITER ' ', NULL '')
SQL
  echo
}

# single VERSION: runs the statements of standard input, one a line.
single() {
  local bin errors="$place/$1.errors"
  bin="$(scripts/postgres.sh "$1")"
  "${unprivileged[@]}" "$bin/postgres" --single -D "$place/$1" postgres >/dev/null 2>"$errors" ||
    { cat "$errors" >&2; exit 1; }
  if grep -E 'ERROR|FATAL|PANIC' "$errors" >&2; then
    exit 1
  fi
}

schema() {
  echo "pronamespace = '$1'::regnamespace"
}

# What PostgreSQL brings along but languages, which have no functions to call, and what only works
# together with one.
extensions() {
  local share
  share="$(dirname "$(scripts/postgres.sh "$1")")/share/postgresql/extension"
  basename -s .control -a "$share"/*.control | grep -vE '^pl|_pl(perl|python)'
}

for version in $versions; do
  mkdir -m 777 "$place/$version.out"
  install -d -m 700 "$place/$version"
  [ "$(id -u)" -ne 0 ] || chown 65534:65534 "$place/$version"
  "${unprivileged[@]}" "$(scripts/postgres.sh "$version")/initdb" -D "$place/$version" -U postgres -A trust \
    --locale=C -E UTF8 --no-sync >/dev/null
  {
    functions "$(schema pg_catalog)" "$place/$version.out/builtin"
    functions "$(schema information_schema)" "$place/$version.out/information_schema"
    for extension in $(extensions "$version"); do
      echo "CREATE EXTENSION IF NOT EXISTS \"$extension\" CASCADE"
    done
    functions "EXISTS (SELECT FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
          AND d.refclassid = 'pg_extension'::regclass AND e.extname <> 'plpgsql')" "$place/$version.out/contrib"
  } | single "$version"
done

# united NAME: what all versions have; of several lines of one name the worst.
united() {
  echo "# Written by scripts/functions.sh from PostgreSQL ${versions// /, }: do not edit."
  cat "$place"/*.out/"$1" | LC_ALL=C sort | awk '
    BEGIN { rank["immutable"] = 1; rank["stable"] = 2; rank["volatile"] = 3 }
    $1 != name { if (name) print name, worst one; name = $1; worst = $2; one = "" }
    { if (rank[$2] > rank[worst]) worst = $2; if ($3 == "one") one = " one" }
    END { print name, worst one }'
}

stale=0
for name in builtin information_schema contrib; do
  if [ "$mode" = write ]; then
    united "$name" >"$target/$name.txt"
  elif ! united "$name" | cmp -s - "$target/$name.txt"; then
    echo "$target/$name.txt is not what the servers say: run scripts/functions.sh and commit it" >&2
    stale=1
  fi
done
exit "$stale"
