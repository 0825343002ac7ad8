#!/usr/bin/env bash
# What does the console look like now? Makes docs/images/console-*.png from a demo of its own, in about eight
# minutes: charts need traffic to show.
#
#   scripts/screenshot-console.sh
set -euo pipefail
cd "$(dirname "$0")/.."

size_max=204800

scripts/setup.sh test
environment="$(scripts/environment.sh)"
eval "$environment"
scripts/console.sh
cargo build --bin dragoman
DRAGOMAN_PROGRAM="$(realpath "${CARGO_TARGET_DIR:-target}")/debug/dragoman"
export DRAGOMAN_PROGRAM
DRAGOMAN_PICTURES=1 npm run --prefix ui --silent e2e -- pictures

# A page with pictures has to load as well.
for picture in docs/images/console-*.png; do
  if [ "$(wc -c <"$picture")" -gt "$size_max" ]; then
    echo "$picture is larger than $((size_max / 1024)) KiB" >&2
    exit 1
  fi
done
