# Two commands on a machine with Rust, Node.js and a package manager: `make demo`, `make test`.
# Every target installs what it needs first and says so; nothing is installed twice.

SHELL := /usr/bin/env bash
.DEFAULT_GOAL := help

# Handed on to the program or the test runner: make demo ARGS="--ports 7000", make test ARGS="gate"
ARGS ?=
# How long each fuzz target runs.
FUZZ_SECONDS ?= 60

# Which servers, drivers and target directory: see scripts/environment.sh.
environment := environment="$$(scripts/environment.sh)" && eval "$$environment"

.PHONY: help
help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

# ---- what a newcomer runs ----

.PHONY: demo
demo: setup-demo ## Build the gateway and run it before a PostgreSQL of its own (ARGS="...")
	@$(environment) && cargo build --release --bin dragoman \
	  && exec "$${CARGO_TARGET_DIR:-target}/release/dragoman" demo $(ARGS)

.PHONY: test
test: setup-test ## Run all tests against PostgreSQL 14 and 18 (ARGS="filter")
	@$(environment) && scripts/doctest.sh && cargo nextest run --workspace $(ARGS)

.PHONY: test-all
test-all: export DRAGOMAN_POSTGRES_VERSIONS := 14 15 16 17 18
test-all: test ## Run all tests against PostgreSQL 14 to 18

.PHONY: bench
bench: setup-bench ## Run the benchmarks (release build; some minutes)
	@$(environment) && cargo bench --bench relay -- $(ARGS)

.PHONY: fuzz
fuzz: setup-fuzz ## Run each fuzz target for FUZZ_SECONDS (60), on the stable toolchain (ARGS="target ...")
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/fuzz.sh $(ARGS)

# ---- what is asked of a change ----

.PHONY: check
check: format clippy fuzz-check deny-if-installed test generated ## Everything a change is checked for

.PHONY: format
format: ## Is the code formatted?
	@cargo fmt --all --check

.PHONY: clippy
clippy: setup-test ## Does clippy find nothing, tests and benchmarks included?
	@$(environment) && cargo clippy --workspace --all-targets --locked -- --deny warnings

.PHONY: fuzz-check
fuzz-check: setup-fuzz ## Do the fuzz targets build?
	@$(environment) && CARGO_PROFILE_DEV_DEBUG=0 cargo check --locked --manifest-path fuzz/Cargo.toml \
	  --target-dir "$$(scripts/cache.sh)/fuzz-target"

.PHONY: generated
generated: ## Are the generated files in config/ what the program prints?
	@$(environment) && scripts/generated.sh --check

.PHONY: generate
generate: ## Write the generated files in config/ again
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
setup-test: ## Install what the tests need: the demo's, PostgreSQL 14, MariaDB, promtool, drivers, the test runner
	@scripts/setup.sh test

.PHONY: setup-bench
setup-bench: ## Install what the benchmarks need: pgbench, MariaDB, and pgbouncer and haproxy to compare with
	@scripts/setup.sh bench

.PHONY: setup-fuzz
setup-fuzz: ## Install what fuzzing needs: a C++ compiler
	@scripts/setup.sh fuzz

.PHONY: clean-cache
clean-cache: ## Remove what setup put into the cache: servers, drivers, a kept target directory
	@scripts/clean-cache.sh
