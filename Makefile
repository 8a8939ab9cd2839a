# The verbs of this repository. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PORT ?= 8000
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE  # without bytecode every process compiles everything anew: half a minute for each test worker

.PHONY: help env demo serve test check types units fix bench i18n docs lock system

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

$(BIN)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Jiebang needs Python 3.11 or newer; try make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.9,<1"

$(VENV)/.product: $(BIN)/uv requirements.lock pyproject.toml
	@if [ -e $(VENV)/.development ]; then echo "keeping the development environment"; else $(BIN)/uv pip sync --quiet --python $(BIN)/python requirements.lock; fi
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

$(VENV)/.development: $(BIN)/uv requirements-dev.lock pyproject.toml
	$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@ $(VENV)/.product

env: $(VENV)/.development ## the whole development environment in .venv

demo: $(VENV)/.product ## a running platform with a demo season (PORT=8000, ARGS=--fresh starts over)
	@$(BIN)/jiebang demo --port $(PORT) $(ARGS)

serve: $(VENV)/.product ## the server with its worker, on the data in var/ (PORT=8000)
	@$(BIN)/jiebang serve --port $(PORT) $(ARGS)

system: ## what the tests need from the system: Chromium and Chinese fonts
	@bash .ci/system

build/wheels/.fetched: tests/samples.txt | env
	$(BIN)/python -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes --dest $(@D) -r $<
	@touch $@

test: env system build/wheels/.fetched ## everything, on SQLite and PostgreSQL, with a real browser
	REQUIRE_PG=1 REQUIRE_BROWSER=1 $(BIN)/python -m pytest -q -n $${TEST_WORKERS:-3} --dist loadfile --no-loadscope-reorder $(ARGS)

check: env ## the everyday loop: lint, types, import contracts, unit tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory -j 2 types units

types:
	$(BIN)/mypy
	$(BIN)/lint-imports

units: # laws that name no number of examples are tried on 20; `make test` tries them on 100
	$(BIN)/python -m pytest -q -n 2 --dist loadfile --hypothesis-profile everyday -m "not journey and not slow and not system and not hostile" -k "not postgresql" tests scoring challenges

fix: env ## format and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: env ## run every benchmark and write docs/benchmarks.md
	$(BIN)/python benchmarks/all.py $(ARGS)

i18n: env ## list sentences without a Chinese translation, and translations without a sentence
	$(BIN)/python -m leaderboard.translations $(ARGS)

docs: env ## write the reference pages that are made from the code
	$(BIN)/jiebang docs --out docs/reference

lock: $(BIN)/uv ## resolve the dependencies anew into both locks
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --python-version 3.11 --group dev pyproject.toml -o requirements-dev.lock
