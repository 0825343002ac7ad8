#!/usr/bin/env bash
# Removes what these scripts put into the cache, by name: the directory may be shared with other
# things when DRAGOMAN_CACHE names it.
set -euo pipefail
cd "$(dirname "$0")/.."
cache="$(scripts/cache.sh)"

for entry in postgres-14 postgres-15 postgres-16 postgres-17 postgres-18 postgres-programs-14 postgres-programs-15 \
  postgres-programs-16 postgres-programs-17 postgres-programs-18 python prisma node_modules package.json package-lock.json programs unpacked target fuzz-target console-packages console.lock; do
  if [ -e "$cache/$entry" ]; then
    echo "removing $cache/$entry"
    rm -rf "${cache:?}/$entry"
  fi
done
rmdir "$cache" 2>/dev/null || true
