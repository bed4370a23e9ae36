# Everything that people and CI run. Needs Python 3.10 or later, make and a network.

PYTHON ?= python3
VENV   := .venv
SA20   := .venv-sqlalchemy-2.0
BIN    := $(VENV)/bin
# What the layers keep from SQLAlchemy is the same on each line, and so is what a command prints: tested once.
APART  := cli domain/sql domain/test_amplification.py domain/test_registry.py forecast/bench judge \
  pytest_plugin/test_document.py pytest_plugin/test_summary.py reporters runs/test_bench.py scan/test_cases.py \
  scan/test_files.py scan/test_ignores.py scan/test_mappings.py seeding/cardinalities \
  seeding/library/test_target_file.py servers/test_refusals.py targets/web test_documents.py test_layers.py test_site.py
# What runs no database and starts no process.
FAST   := domain judge reporters scan forecast/bench test_private_names.py test_layers.py
T      ?=
PAGES  ?=
BENCH  ?=
BENCHMARKS := overhead instructions prediction starting filling repeating remembering comparing rendering search scanning
PIP    := -m pip install --quiet --disable-pip-version-check

# Compiled once, rather than by each of the processes that the tests start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test fast test-2.0 lint fix types layers wheel golden counts docs site bench bench-docs gate check clean

help: ## List the targets
	@grep -E '^[a-z0-9.-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python $(PIP) --upgrade "pip>=25.1"
	$(BIN)/python $(PIP) --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	$(BIN)/python $(PIP) --group dev
	@touch $@

$(SA20)/.dev: pyproject.toml
	$(PYTHON) -m venv $(SA20)
	$(SA20)/bin/python $(PIP) --upgrade "pip>=25.1"
	$(SA20)/bin/python $(PIP) --editable . --group test "sqlalchemy~=2.0.0"
	@touch $@

run: $(VENV)/.run ## Profile the sample library and compare artists.search under every plan
	$(BIN)/qprof profile
	$(BIN)/qprof compare artists.search

test: $(VENV)/.dev ## Run the tests on the newest SQLAlchemy
	$(BIN)/python -m pytest -n auto

fast: $(VENV)/.dev ## Run the tests that take less than a minute, or T=tests/file.py
	$(BIN)/python -m pytest -n 2 $(if $(T),$(T),$(FAST:%=tests/%) --ignore=tests/reporters/test_browser.py)

test-2.0: $(SA20)/.dev ## Run the tests on SQLAlchemy 2.0
	$(SA20)/bin/python -m pytest -n auto $(APART:%=--ignore=tests/%)

lint: $(VENV)/.dev ## Check format, lint, spelling
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-actions action.yml
	$(BIN)/codespell qprof seeds docs README.md CHANGELOG.md CONTRIBUTING.md

fix: $(VENV)/.dev ## Mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(VENV)/.dev ## mypy --strict
	$(BIN)/mypy

layers: $(VENV)/.dev ## import-linter: every module in its layer
	$(BIN)/lint-imports

wheel: $(VENV)/.dev ## Build the wheel and run the tests against it, without the source
	BIN=$(BIN) PYTHON=$(PYTHON) sh tests/wheel.sh

golden: $(VENV)/.dev ## Write the expected outputs of the reporters anew
	$(BIN)/python -m tests.reporters.golden

counts: $(VENV)/.dev ## Write down anew what an execution costs in calls and lines of ours
	$(BIN)/python -m tests.performance.counts

docs: $(VENV)/.dev ## Write the generated blocks of README.md and docs/ anew, or of PAGES=rules.md
	$(BIN)/python -m tests.generated $(PAGES)

site: $(VENV)/.dev ## Build the documentation into site/; a broken link or a page that is left out fails
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: $(VENV)/.dev ## Time everything that docs/performance.md speaks of, each against what it adds to
	set -e; for each in $(BENCHMARKS); do echo "$$each"; $(BIN)/python -m benchmarks.$$each $(BENCH); done

bench-docs: BENCH = --write
bench-docs: bench ## The same, and write its tables anew

gate: $(VENV)/.dev ## Hold the sample library's calls to their budgets and baseline
	$(BIN)/qprof seed --quiet --replace --database sqlite:///$(VENV)/gate.db
	$(BIN)/qprof check --config .ci/qprof.toml --database sqlite:///$(VENV)/gate.db

check: lint types layers site gate test test-2.0 wheel ## Everything that CI runs

clean: ## Remove environments and caches
	rm -rf $(VENV) $(SA20) dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
