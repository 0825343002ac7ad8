#!/usr/bin/env bash
# Runs the examples in the documentation, where there are any: nextest does not, and asking cargo
# costs a documentation build of every crate.
set -euo pipefail
cd "$(dirname "$0")/.."

# Does a Rust file hold a doc comment whose code block is Rust (no language, or one of rustdoc's
# words)? Opening and closing fences look alike, so they are counted.
holds_examples() {
  awk '
    FNR == 1 { inside = 0 }
    /^[ \t]*\/\/[\/!] *```/ {
      if (inside) { inside = 0; next }
      inside = 1
      word = $0
      sub(/^[ \t]*\/\/[\/!] *```/, "", word)
      if (word ~ /^(rust|no_run|should_panic|compile_fail|edition|[ \t]*$)/) found = 1
    }
    END { exit !found }
  ' "$@"
}

folders=()
for folder in src proxy policies admin; do
  [ ! -d "$folder" ] || folders+=("$folder")
done
files=()
while IFS= read -r file; do
  files+=("$file")
done < <(find "${folders[@]}" -name '*.rs' -path '*src/*' -not -path '*/target/*')

if holds_examples "${files[@]}"; then
  cargo test --doc --workspace
fi
