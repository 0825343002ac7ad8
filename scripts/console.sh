#!/usr/bin/env bash
# Is the console in ui/dist the one of these sources? Builds it where it is not; silent and quick where it is.
#
#   scripts/console.sh             installs the packages of the lockfile and builds ui/dist
#   scripts/console.sh packages    only installs the packages
#
# Packages are installed once for each lockfile: into the cache (scripts/cache.sh), from where a clone takes
# its own copy.
set -euo pipefail
cd "$(dirname "$0")/.."
cache="$(scripts/cache.sh)"

say() {
  echo "console: $1" >&2
}

fail() {
  echo "console: $1" >&2
  exit 1
}

digest() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# Everything that what is built depends on. Tests and notes of tools are no part of it.
sources() {
  node --version
  find ui docs/guide -type d \( -name node_modules -o -name dist -o -name e2e -o -name tests -o -name 'test-results*' \
    -o -name 'playwright-report' \) -prune -o -type f ! -name '*.test.ts' ! -name '*.test.tsx' ! -name '.*' -print |
    LC_ALL=C sort | while IFS= read -r file; do
    printf '%s\n' "$file"
    cat "$file"
  done
}

# Node below 20 lacks what the build uses, and says so in many lines.
need_node() {
  command -v npm >/dev/null ||
    fail "npm is missing: install Node.js 20 or newer, then try again"
  [ "$(node -p 'parseInt(process.versions.node)')" -ge 20 ] ||
    fail "Node.js $(node --version) is too old: install 20 or newer, then try again"
}

# copy FROM TO: by links to the same files where both are on one disk, which costs no space and little time.
copy() {
  rm -rf "$2"
  cp -al "$1" "$2" 2>/dev/null || { rm -rf "$2"; cp -a "$1" "$2"; }
}

install_packages() {
  ! node ui/build/installed.mjs || return 0
  # Packages differ by system: one of them has a compiled part.
  local kept
  kept="$cache/console-packages/$(uname -sm | tr ' ' '-')-$( (node --version; cat ui/package-lock.json) | digest)"
  if [ -d "$kept" ]; then
    say "taking the packages of ui/package-lock.json from $kept"
    copy "$kept" ui/node_modules
    return 0
  fi
  say "installing the packages of ui/package-lock.json with npm (once for each lockfile)"
  npm ci --prefix ui --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error >&2 ||
    fail "npm could not install the packages; see above"
  # One lockfile's packages are kept, not all that ever were.
  rm -rf "$cache/console-packages"
  mkdir -p "$cache/console-packages"
  copy ui/node_modules "$kept.new"
  mv "$kept.new" "$kept"
}

build() {
  local wanted
  wanted="$(sources | digest)"
  [ "$(cat ui/dist/.sources 2>/dev/null)" != "$wanted" ] || return 0
  say "building ui/dist"
  local log
  log="$(mktemp)"
  if ! npm run --prefix ui --silent build >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    fail "the console could not be built; see above"
  fi
  rm -f "$log"
  printf '%s\n' "$wanted" >ui/dist/.sources
}

# Two at once would empty the folder under each other.
if command -v flock >/dev/null; then
  exec 9>"$cache/console.lock"
  flock 9
fi
need_node
install_packages
case "${1:-}" in
  '') build ;;
  packages) ;;
  *) fail "say nothing, or \`packages\`" ;;
esac
