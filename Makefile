# The commands of this project. Needs Python 3.11+ and make, nothing else: uv is fetched into .venv.
PYTHON ?= python3
UV_VERSION := 0.13.9
BIN := .venv/bin
STAMP := .venv/.synced
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: help run setup test lint check bench format clean

help: ## Say what each command does
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 10

run: setup ## Do the whole job on the invented county and say where the map is
	@$(BIN)/outreach demo

setup: $(STAMP) ## Make .venv with the locked versions

$(STAMP): uv.lock pyproject.toml | .venv/bin/uv
	@$(BIN)/uv sync --frozen --inexact --quiet
	@touch $(STAMP)

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

test: setup ## Pass every test
	@$(BIN)/pytest -q -n 3 --dist worksteal -m "not bench"

lint: setup ## Format, lint, types, import rings
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

check: lint test ## All of lint, then every test

bench: setup ## Print the benchmarks' ratios
	@$(BIN)/pytest -q -s -m bench tests/benchmarks

format: setup ## Put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## Remove what setup and run made
	rm -rf .venv outreach-data .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
