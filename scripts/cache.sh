#!/usr/bin/env bash
# Where is everything kept that is downloaded or built once? Prints the directory and makes it.
#
# Servers under test run as an unprivileged user when the caller is root (PostgreSQL refuses to run
# as root), so root's cache must be readable by everybody: never below /root.
set -euo pipefail

if [ -n "${DRAGOMAN_CACHE:-}" ]; then
  directory="$DRAGOMAN_CACHE"
elif [ "$(id -u)" -eq 0 ]; then
  directory=/var/cache/dragoman
else
  directory="${HOME:?set HOME or DRAGOMAN_CACHE}/.cache/dragoman"
fi

if [ ! -d "$directory" ]; then
  umask 022
  mkdir -p "$directory"
fi
cd "$directory" && pwd -P
