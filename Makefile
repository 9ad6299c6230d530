# Verger. `make run` tells the whole story on one machine; `make test` proves it.
SHELL := /bin/sh
BIN := .venv/bin
DATA ?= .verger

.DEFAULT_GOAL := help
.PHONY: help run up test check corpus lint lock lock-check schemas bench bench-tenant bench-network clean setup

help:  ## What there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

.venv/.ready: requirements-dev.txt scripts/setup.sh
	@scripts/setup.sh

setup: .venv/.ready  ## Make .venv from the locked requirements

run: .venv/.ready  ## The main job: two sites, fourteen uploads, everything put right (FRESH=1 starts over)
	@$(BIN)/python -m cli local run --data $(DATA) $(if $(FRESH),--fresh)

up: .venv/.ready  ## The same, then stay up until Ctrl-C
	@$(BIN)/python -m cli local up --data $(DATA) $(if $(FRESH),--fresh)

test: .venv/.ready lock-check  ## The tests, on two cores, without Node, root or a browser
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m 'not foreign and not thorough' --cov --cov-report=term:skip-covered --durations=10

check: .venv/.ready lint  ## Style, types, layers; the stand-in held to the contract and to foreign clients
	@$(BIN)/python scripts/corpus.py
	@$(BIN)/python -m pytest -q -n 2 --dist loadgroup -m thorough tests
	@scripts/foreign-clients.sh
	@$(BIN)/python -m pytest -q -m foreign tests/foreign

corpus: .venv/.ready  ## Fetch office files nobody here wrote, for the tests of reading
	@$(BIN)/python scripts/corpus.py

lint: .venv/.ready lock-check
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python scripts/generated.py --check

lock-check: .venv/.ready
	@$(BIN)/python scripts/lock.py --check

lock: .venv/.ready  ## Solve the dependencies again and write requirements*.txt
	@$(BIN)/python scripts/lock.py

schemas: .venv/.ready  ## Write the JSON Schemas for editors and other pages made from code
	@$(BIN)/python scripts/generated.py
	@$(BIN)/python scripts/emulated.py

bench: .venv/.ready  ## What one policed upload costs, and the hot paths
	@$(BIN)/python -m benchmarks.upload

bench-tenant: .venv/.ready  ## What size costs the local tenant
	@$(BIN)/python -m benchmarks.tenant_size

bench-network: .venv/.ready  ## What opening the whole network costs: requests and resource units
	@$(BIN)/python -m benchmarks.network

clean:  ## Forget the data of make run (never the code)
	rm -rf $(DATA)
