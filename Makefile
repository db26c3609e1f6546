# The targets are listed by `make help`, from the comments behind them.
.DEFAULT_GOAL := help
.PHONY: help report watch publish test quick fuzz lint check bench clean lock

PYTHON ?= python3
BIN := .venv/bin

help: ## the targets, one line each
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

report: .venv/installed ## build/site/{index.html,article.pdf,results.json}; ARGS="..." goes to the generator
	@$(BIN)/python -m generator build $(ARGS)

watch: .venv/installed ## a preview that is built again after every save; ARGS="..." goes to the generator
	@$(BIN)/python -m generator watch $(ARGS)

publish: .venv/installed ## build/site as a new edition; TO=... is a folder, or a branch of origin if it has no slash
	@$(BIN)/python -m generator publish $(ARGS) "$(TO)"

test: .venv/installed ## the whole test suite; ARGS="..." goes to pytest
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(ARGS)

quick: .venv/installed ## the unit tests, under a minute; ARGS="..." goes to pytest
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal tests/unit $(ARGS)

fuzz: .venv/installed ## 10,000 invented inputs for each file that others write; ARGS="..." goes to pytest
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal --hypothesis-profile fuzz --durations 0 tests/fuzz $(ARGS)

lint: .venv/installed ## ruff, mypy --strict, and the layers of packages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

check: lint test ## lint, then the tests

bench: .venv/installed ## speed and memory, each beside its peer or its share of the same run
	@$(BIN)/python -m tests.bench

clean: ## removes build/
	rm -rf build

lock: ## requirements.lock from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra cluster --extra dev --python-version 3.11 --universal --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --no-header --quiet --output-file requirements.lock

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Python 3.11, 3.12 or 3.13 is needed; name one with make PYTHON=..."; exit 2; }
	@echo "Installing what requirements.lock names into .venv (once; about 3 GB on disk)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --requirement requirements.lock
	@touch .venv/installed
	@$(BIN)/python -m generator doctor
