# Dockline: everyday commands. `make help` lists them; the scripts below deploy/ do the work.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

TARGET_DIR := $(or $(CARGO_TARGET_DIR),target)
WEB := services/web
WEB_MODULES := $(WEB)/node_modules/.package-lock.json
WEB_DIST := $(WEB)/dist/index.html
WEB_SOURCES := $(shell find $(WEB) \( -name node_modules -o -name dist -o -name e2e -o -name coverage -o -name test-results \
	-o -name playwright-report \) -prune -o -type f -print 2>/dev/null)

# The browser tests use the system's browser.
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

.PHONY: help
help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: setup web ## build Dockline, see to a local Docker engine and run it in the foreground
	cargo build --release --package dockline
	@deploy/setup/local-engine || echo 'Dockline starts without a Docker engine and connects when one comes.' >&2
	@exec $(TARGET_DIR)/release/dockline

.PHONY: cluster
cluster: setup web ## run the whole design as local processes: Traefik, 3 replicas, streamers, workers, consumers, PostgreSQL, Redis, Kafka
	cargo build --release --package dockline
	@deploy/setup/local-engine || echo 'The cluster starts without a Docker engine and connects when one comes.' >&2
	@deploy/cluster/up

.PHONY: cluster-down
cluster-down: ## end them; the data stay, unless DATA=delete is given
	@deploy/cluster/down $(if $(filter delete,$(DATA)),--delete-data)

.PHONY: demo
demo: ## start a few local containers worth watching
	@deploy/demo/up

.PHONY: demo-down
demo-down: ## remove the demo containers
	@deploy/demo/down

.PHONY: test
test: ## every check and test there is, on real Docker engines and a real browser
	@deploy/test/run

.PHONY: test-helm
test-helm: ## the Helm chart, as text and on a real Kubernetes API, which is built at the first call (minutes)
	@deploy/test/helm

.PHONY: test-observability
test-observability: ## the alerts and the dashboard, by promtool and the schema of Grafana
	@deploy/test/observability

.PHONY: fmt
fmt: ## format the Rust sources
	cargo fmt --all

.PHONY: lint
lint: ## formatting, clippy, and the web UI's lint and type check
	@deploy/test/run lint

.PHONY: web
web: setup $(WEB_DIST) ## build the web UI into services/web/dist, when its sources have changed

.PHONY: web-modules
web-modules: setup $(WEB_MODULES) ## install the web UI's packages, when package-lock.json has changed

.PHONY: bench
bench: setup web ## run the benchmarks of loadtest/ on a test engine of its own
	cargo build --release --workspace --bins
	@servers=$$(deploy/setup/servers) && kafka=$$(deploy/setup/kafka) && traefik=$$(deploy/setup/traefik) && \
	export DOCKLINE_TEST_SERVERS="$$servers" DOCKLINE_TEST_KAFKA="$$kafka" DOCKLINE_TEST_TRAEFIK="$$traefik"; \
	eval "$$(deploy/engines/up)"; trap 'deploy/engines/down "$$DOCKLINE_TEST_SCRATCH"' EXIT; \
	$(TARGET_DIR)/release/dockline-loadtest all

.PHONY: chaos
chaos: setup web ## inject every fault 20 times into a cluster of real processes; writes loadtest/results/chaos.md
	cargo build --workspace --bins
	cargo build --release --workspace --bins
	@servers=$$(deploy/setup/servers) && export DOCKLINE_TEST_SERVERS="$$servers"; \
	eval "$$(deploy/engines/up)"; trap 'deploy/engines/down "$$DOCKLINE_TEST_SCRATCH"' EXIT; \
	$(TARGET_DIR)/release/dockline-loadtest chaos --debug-build $(TARGET_DIR)/debug/dockline --report loadtest/results

# What an upgrade begins with: the last commit that is not this very tree.
FROM ?= $(if $(shell git status --porcelain),HEAD,HEAD~1)

.PHONY: upgrade-test
upgrade-test: setup web ## upgrade a cluster under load from the commit before, or FROM=COMMIT, to this tree, process by process
	cargo build --release --workspace --bins
	@work=$$(mktemp -d) scratch=; \
	finish() { [ -z "$$scratch" ] || deploy/engines/down "$$scratch"; rm -rf "$$work"; git worktree prune; }; \
	trap finish EXIT; \
	git worktree add --quiet --detach "$$work/source" $(FROM); \
	(cd "$$work/source" && cargo build --release --package dockline --target-dir "$(abspath $(TARGET_DIR))/before"); \
	servers=$$(deploy/setup/servers) && export DOCKLINE_TEST_SERVERS="$$servers"; \
	kafka=$$(deploy/setup/kafka) && export DOCKLINE_TEST_KAFKA="$$kafka"; \
	traefik=$$(deploy/setup/traefik) && export DOCKLINE_TEST_TRAEFIK="$$traefik"; \
	eval "$$(deploy/engines/up)"; scratch=$$DOCKLINE_TEST_SCRATCH; \
	$(TARGET_DIR)/release/dockline-loadtest upgrade --from $(TARGET_DIR)/before/release/dockline

.PHONY: audit
audit: ## check dependencies for advisories, licences and misplaced crates
	@if command -v cargo-deny >/dev/null; then cargo deny check; \
	else echo 'cargo-deny is missing: install it with `cargo install --locked cargo-deny`' >&2; exit 1; fi

.PHONY: clean
clean: ## delete what was built
	cargo clean
	rm -rf $(WEB)/dist $(WEB)/node_modules

.PHONY: setup
setup:
	@deploy/setup/build-tools

$(WEB_MODULES): $(WEB)/package.json $(WEB)/package-lock.json
	cd $(WEB) && npm ci --no-audit --no-fund
	@touch $@

$(WEB_DIST): $(WEB_MODULES) $(WEB_SOURCES)
	cd $(WEB) && npm run build
	@touch $@
