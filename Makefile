# Two commands on a machine with Rust, Node.js and a package manager: `make demo`, `make test`.
# Every target installs what it needs first and says so; nothing is installed twice.

SHELL := /usr/bin/env bash
.DEFAULT_GOAL := help

# Handed on to the program or the test runner: make demo ARGS="--ports 7000", make test ARGS="gate"
ARGS ?=
# How long each fuzz target runs.
FUZZ_SECONDS ?= 60
# How long the mixed load runs.
SOAK_SECONDS ?= 3600
# Which running gateway `make ui-dev` asks.
GATEWAY ?= http://127.0.0.1:8432

# Which servers, drivers and target directory: see scripts/environment.sh.
environment := environment="$$(scripts/environment.sh)" && eval "$$environment"

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

# ---- what a newcomer runs ----

.PHONY: demo
demo: setup-demo console ## Build the gateway and run it before a PostgreSQL of its own (ARGS="...")
	@$(environment) && cargo build --release --bin dragoman \
	  && exec "$${CARGO_TARGET_DIR:-target}/release/dragoman" demo $(ARGS)

.PHONY: test
test: setup-test console ## Run all tests against PostgreSQL 14 and 18, and the console's (ARGS="filter": none of the console's)
	@$(environment) && scripts/doctest.sh && cargo nextest run --workspace $(ARGS)
	@$(if $(strip $(ARGS)),:,$(MAKE) --no-print-directory console-test)

.PHONY: test-all
test-all: export DRAGOMAN_POSTGRES_VERSIONS := 14 15 16 17 18
# How many examples schemathesis makes up for each endpoint of the API; 4 without.
test-all: export DRAGOMAN_EXAMPLES := 60
# Times are held against their bounds here; elsewhere they are printed.
test-all: export DRAGOMAN_SPEED := 1
# The scripts of MariaDB's own test suite, where they could be had.
test-all: export DRAGOMAN_MYSQL_CORPUS = $(shell scripts/cache.sh)/mariadb-tests
test-all: setup-corpus test ## Run all tests against PostgreSQL 14 to 18, with many more examples of the API's requests, and with bounds on the console's times

.PHONY: bench
bench: setup-bench console ## Run the benchmarks (release build; some minutes)
	@$(environment) && cargo bench --bench relay -- $(ARGS)

.PHONY: deb
deb: setup-demo console ## Pack the program for Debian (release build): target/deb/dragoman_VERSION_ARCHITECTURE.deb
	@$(environment) && cargo build --release --bin dragoman \
	  && scripts/deb.sh "$${CARGO_TARGET_DIR:-target}/release/dragoman" "$${CARGO_TARGET_DIR:-target}/deb"

.PHONY: soak
soak: setup-test console ## Run a mixed load for SOAK_SECONDS (3600) and see whether memory stays flat (release build)
	@$(environment) && SOAK_SECONDS=$(SOAK_SECONDS) cargo bench --bench soak

.PHONY: fuzz
fuzz: setup-fuzz ## Run each fuzz target for FUZZ_SECONDS (60), on the stable toolchain (ARGS="target ...")
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz.sh $(ARGS)

.PHONY: fuzz-keep
fuzz-keep: setup-fuzz ## Pack what fuzzing has learnt into fuzz/seeds, to be committed (ARGS="target ...")
	@FUZZ_KEEP=1 scripts/fuzz.sh $(ARGS)

# ---- the console ----

.PHONY: console
console: ## Build the console into ui/dist, if its sources have changed: the program takes it in from there
	@scripts/console.sh

.PHONY: ui-dev
ui-dev: ## Serve the console while it is worked on, before a running gateway (GATEWAY=http://127.0.0.1:8432)
	@scripts/console.sh packages
	@DRAGOMAN_GATEWAY="$(GATEWAY)" npm run --prefix ui --silent dev -- $(ARGS)

.PHONY: console-test
console-test: setup-test console ## Check the console: types, lint, unit tests, sizes; then its pages in Chromium before the real program
	@npm run --prefix ui --silent check
	@$(environment) && cargo build --bin dragoman && cargo build -p admin-engines --example sqlserver_double \
	  && DRAGOMAN_COMPANIONS="$$(realpath "$${CARGO_TARGET_DIR:-target}")/debug/examples" \
	  DRAGOMAN_PROGRAM="$$(realpath "$${CARGO_TARGET_DIR:-target}")/debug/dragoman" npm run --prefix ui --silent e2e -- $(ARGS)

# ---- what is asked of a change ----

.PHONY: check
check: format clippy fuzz-check deny-if-installed test generated ## Everything a change is checked for

.PHONY: format
format: ## Is the code formatted?
	@cargo fmt --all --check

.PHONY: clippy
clippy: setup-test console ## Does clippy find nothing, tests and benchmarks included?
	@$(environment) && cargo clippy --workspace --all-targets --locked -- --deny warnings

.PHONY: fuzz-check
fuzz-check: setup-fuzz ## Do the fuzz targets build?
	@$(environment) && CARGO_PROFILE_DEV_DEBUG=0 cargo check --locked --manifest-path fuzz/Cargo.toml \
	  --target-dir "$$(scripts/cache.sh)/fuzz-target"

.PHONY: generated
generated: ## Are the generated files in config/ and docs/ what the program says?
	@$(environment) && scripts/generated.sh --check

.PHONY: generate
generate: ## Write the generated files in config/ and docs/ again
	@$(environment) && scripts/generated.sh

.PHONY: deny
deny: ## Are licences, sources and banned crates as deny.toml says? (installs cargo-deny: some minutes, once)
	@cargo deny --version >/dev/null 2>&1 || { \
	  echo "installing cargo-deny: checks licences, sources and banned crates (some minutes, once)" >&2; \
	  cargo install --locked cargo-deny; }
	@cargo deny --locked check bans licenses sources

.PHONY: deny-if-installed
deny-if-installed:
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --locked check bans licenses sources; \
	  else echo "cargo-deny is not installed: licences and banned crates are left to tests/architecture.rs and to CI (make deny installs it)"; fi

# ---- what is needed for the above ----

.PHONY: setup
setup: setup-demo setup-test setup-bench setup-fuzz ## Install everything the targets need, and say what and why

.PHONY: setup-demo
setup-demo: ## Install what the demo needs: a C compiler, psql, PostgreSQL 18
	@scripts/setup.sh demo

.PHONY: setup-test
setup-test: ## Install what the tests need: the demo's, PostgreSQL 14, MariaDB, promtool, drivers, schemathesis, the test runner
	@scripts/setup.sh test

.PHONY: setup-corpus
setup-corpus: ## Install what only test-all needs: the scripts of MariaDB's own test suite
	@scripts/setup.sh corpus

.PHONY: setup-bench
setup-bench: ## Install what the benchmarks need: pgbench, MariaDB, and pgbouncer and haproxy to compare with
	@scripts/setup.sh bench

.PHONY: setup-fuzz
setup-fuzz: ## Install what fuzzing needs: a C++ compiler
	@scripts/setup.sh fuzz

.PHONY: clean-cache
clean-cache: ## Remove what setup put into the cache: servers, drivers, a kept target directory
	@scripts/clean-cache.sh
