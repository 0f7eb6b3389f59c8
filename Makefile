# The commands of this project. Needs Python 3.11+ and make, nothing else: uv is fetched into .venv.
PYTHON ?= python3
UV_VERSION := 0.13.9
# Four processes keep two cores busy, because many tests wait for a service.
WORKERS := 4
BIN := .venv/bin
STAMP := .venv/.synced
QUICK := -q -n 2 --dist worksteal --hypothesis-profile quick \
	-m "not (attack or bench or browser or prefect or real or slow)" --ignore tests/flows --ignore tests/cli
export UV_PROJECT_ENVIRONMENT := .venv
# Images of containers often set this; then every process would compile every library again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run setup test quick coverage lint check bench attack fuzz drills lowest hooks format clean

help: ## Say what each command does
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:[^#]*## /\t/' | expand -t 10

run: setup ## Do the whole job on the invented county and say where the map is
	@OUTREACH_HOME=$${OUTREACH_HOME:-$(CURDIR)/outreach-data} $(BIN)/outreach demo

setup: $(STAMP) ## Make .venv with the locked versions

$(STAMP): uv.lock pyproject.toml | .venv/bin/uv
	@$(BIN)/uv sync --frozen --inexact --quiet
	@touch $(STAMP)

.venv/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

test: setup ## Pass every test
	@$(BIN)/pytest -q -n $(WORKERS) --dist worksteal -m "not bench and not attack" $(PYTEST_OPTIONS)

quick: setup ## Pass the tests that need neither browser, Prefect nor real data, in under a minute
	@$(BIN)/pytest $(QUICK)

coverage: ## Pass every test and hold what they reach to the floor in pyproject.toml
	@$(MAKE) --no-print-directory test PYTEST_OPTIONS="--cov --cov-report=term"

lint: setup ## Format, lint, types, import rings, scripts of the maps
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/oxlint --quiet -c .ci/oxlint.json maps/assets

check: lint test ## All of lint, then every test

attack: setup ## Attack the publications of 1,000 invented cities for hidden counts, and the portal
	@$(BIN)/pytest -q -s -m attack tests/reports/open_data tests/portal

bench: setup ## Print the benchmarks' ratios
	@$(BIN)/pytest -q -s -m bench tests/benchmarks tests/portal tests/flows/test_compose.py tests/flows/test_serve.py

lowest: .venv/bin/uv ## Pass the quick tests with the oldest versions that pyproject.toml allows
	@$(BIN)/uv venv --quiet --clear --python $(PYTHON) .venv-lowest
	@$(BIN)/uv pip install --quiet --python .venv-lowest --resolution lowest-direct -e .
	@$(BIN)/uv pip install --quiet --python .venv-lowest --group dev
	@.venv-lowest/bin/pytest $(QUICK) -W default # old releases warn of what is newer than they

hooks: setup ## Run the checks before each commit
	@$(BIN)/pre-commit install

fuzz: setup ## Try thousands of damaged files of every kind, and examples that nobody has seen
	@$(BIN)/python -m tests.fuzz.rounds
	@$(BIN)/pytest -q -n 2 -m "hypothesis and not bench and not attack" --hypothesis-profile random

drills: setup ## Kill, starve, race, and corrupt every command, and write docs/reliability.md
	@$(BIN)/python -m tests.drills.rounds --document $(DRILL_OPTIONS)
	@$(BIN)/python -m tests.drills.service --document

format: setup ## Put the code into shape
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

clean: ## Remove what setup and run made
	rm -rf .venv .venv-lowest outreach-data .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
