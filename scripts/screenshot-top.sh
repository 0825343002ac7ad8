#!/bin/sh
# Draws docs/images/top.svg: the live view on the demo, as the program itself lays it out.
#
#   scripts/screenshot-top.sh [SECONDS]
#
# The demo runs for SECONDS (90) before the picture is taken, so that there are figures to see. It
# needs what `make demo` needs, and three free ports from DRAGOMAN_SCREENSHOT_PORTS (26430) on.
set -eu

cd "$(dirname "$0")/.."
seconds=${1:-90}
ports=${DRAGOMAN_SCREENSHOT_PORTS:-26430}
eval "$(scripts/environment.sh)"
cargo build --quiet
program=${CARGO_TARGET_DIR:-target}/debug/dragoman

# The demo's server runs as another user when this is root's: the way there must be open to it.
place=$(mktemp -d)
chmod 711 "$place"
demo=
stop() {
    if [ -n "$demo" ] && kill -INT "$demo"; then
        wait "$demo" || true
    fi
    rm -rf "$place"
}
trap stop EXIT INT TERM

"$program" demo --data "$place/demo-data" --postgres-bin "$DRAGOMAN_POSTGRES_BIN" --ports "$ports" \
    >"$place/screen" 2>&1 &
demo=$!
waited=0
until grep -q Ctrl-C "$place/screen"; do
    kill -0 "$demo" || { cat "$place/screen" >&2; exit 1; }
    waited=$((waited + 1))
    [ "$waited" -lt 120 ] || { echo "the demo did not start in two minutes" >&2; exit 1; }
    sleep 1
done

sleep "$seconds"
"$program" top --config "$place/demo-data/dragoman.toml" --once --format svg --size 140x32 --interval 2 \
    >"$place/top.svg"
mkdir -p docs/images
mv "$place/top.svg" docs/images/top.svg
echo "docs/images/top.svg"
