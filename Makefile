# Verger. `make run` tells the whole story on one machine; `make test` proves it.
SHELL := /bin/sh
BIN := .venv/bin
TOOL := $(BIN)/uv run --quiet --no-project --isolated
DATA ?= .verger

.DEFAULT_GOAL := help
.PHONY: scale help run up test check corpus lint lock lock-check schemas bench bench-tenant bench-network soak walk clean setup fuzz sbom audit

help:  ## What there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

.venv/.ready: requirements-dev.txt scripts/setup.sh
	@scripts/setup.sh

setup: .venv/.ready  ## Make .venv from the locked requirements

run: .venv/.ready  ## The main job: two sites, sixteen uploads, everything put right (FRESH=1 starts over)
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

bench: .venv/.ready  ## Audit, burst, upload and cold start against their goals, beside other clients
	@for each in cold upload burst audit; do echo "== $$each"; $(BIN)/python -m benchmarks.$$each || missed=1; done; \
	  $(BIN)/python -m benchmarks.page; \
	  test -z "$$missed" || echo "Some goals are missed: docs/benchmarks.md says by how much, and why."

bench-tenant: .venv/.ready  ## What size costs the local tenant
	@$(BIN)/python -m benchmarks.tenant_size

bench-network: .venv/.ready  ## What opening the whole network costs: requests and resource units
	@$(BIN)/python -m benchmarks.network

scale: .venv/.ready  ## Past one machine: 500 sites simulated in seconds, written to docs/scale.md
	@$(BIN)/python scripts/scale.py

fuzz: .venv/.ready  ## Feed the readers of files with changed ones, for minutes (FUZZ_EXAMPLES=3000)
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-3000} $(BIN)/python -m pytest -q tests/hostile/test_fuzz.py --timeout 3600 --show-capture=no

sbom: .venv/.ready  ## What the product is made of, as CycloneDX: build/sbom.cdx.json
	@mkdir -p build
	@$(TOOL) --with cyclonedx-bom==7.5.0 cyclonedx-py requirements requirements.txt --pyproject pyproject.toml \
	    --output-reproducible --sv 1.6 --of JSON -o build/sbom.cdx.json

audit: .venv/.ready  ## Known holes in the product's dependencies (the release asks; not run elsewhere)
	@$(TOOL) --with pip-audit==2.10.1 pip-audit --strict --require-hashes --disable-pip -r requirements.txt

soak: .venv/.ready  ## Half an hour of ordinary work (MINUTES=30): memory and backlog stay bounded
	@$(BIN)/python -m scripts.soak $(or $(MINUTES),30)

walk: .venv/.ready  ## Random walks in bad weather, seed after seed (SEED=1 SEEDS=20 ACTS=400)
	@VERGER_WALK_SEED=$(or $(SEED),1) VERGER_WALK_SEEDS=$(or $(SEEDS),20) VERGER_WALK_ACTS=$(or $(ACTS),400) \
	  $(BIN)/python -m pytest -q tests/properties/test_stormy_walk.py

clean:  ## Forget the data of make run (never the code)
	rm -rf $(DATA)
