#!/usr/bin/env bash
# Runs fuzz targets, coverage-guided, on the stable toolchain: all of them, or those named.
#
#   FUZZ_SECONDS=60 scripts/fuzz.sh [TARGET ...]
#
# What was learnt is kept in fuzz/corpus/TARGET, which begins with what is committed: the smallest inputs that reach
# everything, packed in fuzz/seeds/TARGET.tar.gz. An input that breaks a target is left in
# fuzz/artifacts/TARGET and named in the last lines of the output. To run it again:
#
#   scripts/fuzz.sh TARGET fuzz/artifacts/TARGET/crash-...
#
# FUZZ_KEEP=1 fuzzes nothing: it packs what the corpus has learnt, to be committed.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds="${FUZZ_SECONDS:-60}"
# Another folder with fuzz targets, to try the script itself.
folder="${FUZZ_FOLDER:-fuzz}"

[ -f "$folder/Cargo.toml" ] || { echo "$folder/Cargo.toml is missing: there is no fuzz target" >&2; exit 1; }

host="$(rustc -vV | sed -n 's/^host: //p')"
# The coverage libFuzzer steers by, from the compiler's own pass; `--cfg fuzzing` is what fuzzed
# crates look for. An explicit --target keeps these flags away from build scripts.
export RUSTFLAGS="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table -Cdebug-assertions=on --cfg fuzzing"

targets=()
inputs=()
for word in "$@"; do
  if [ -e "$word" ]; then inputs+=("$word"); else targets+=("$word"); fi
done
if [ "${#targets[@]}" -eq 0 ]; then
  while IFS= read -r target; do
    targets+=("$target")
  done < <(cargo metadata --no-deps --format-version 1 --manifest-path "$folder/Cargo.toml" |
    grep -oE '"kind":\["bin"\],"crate_types":\["bin"\],"name":"[^"]+"' | sed 's/.*"name":"//; s/"$//')
fi
[ "${#targets[@]}" -gt 0 ] || { echo "$folder/Cargo.toml names no target" >&2; exit 1; }

cargo build --release --manifest-path "$folder/Cargo.toml" --target "$host" --target-dir "$folder/target" --bins

# Of the corpus of `$target` what is needed to reach as much, always packed the same way.
keep() {
  local least
  least="$(mktemp -d)"
  "$program" -merge=1 -rss_limit_mb=2048 "$least" "$corpus" 2>/dev/null
  tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$least" -c . | gzip -9n >"$packed"
  echo "$packed: $(find "$least" -type f | wc -l) inputs, $(wc -c <"$packed") bytes"
  rm -rf "$least"
}

broken=()
for target in "${targets[@]}"; do
  program="$folder/target/$host/release/$target"
  [ -x "$program" ] || { echo "no fuzz target is called \`$target\`" >&2; exit 2; }
  corpus="$folder/corpus/$target"
  artifacts="$folder/artifacts/$target"
  mkdir -p "$corpus" "$artifacts"
  if [ "${#inputs[@]}" -gt 0 ]; then
    "$program" "${inputs[@]}"
    continue
  fi
  packed="$folder/seeds/$target.tar.gz"
  if [ -n "${FUZZ_KEEP:-}" ]; then
    keep
    continue
  fi
  if [ -f "$packed" ] && [ -z "$(ls -A "$corpus")" ]; then
    tar -xzf "$packed" -C "$corpus"
  fi
  echo "fuzzing $target for $seconds s"
  seeds=()
  [ ! -d "$folder/seeds/$target" ] || seeds=("$folder/seeds/$target")
  "$program" "$corpus" ${seeds[@]+"${seeds[@]}"} -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -print_final_stats=1 -artifact_prefix="$artifacts/" || broken+=("$target")
done

if [ "${#broken[@]}" -gt 0 ]; then
  echo "broken: ${broken[*]} (see $folder/artifacts)" >&2
  exit 1
fi
