# `make help` lists the targets with the comments after ##.
.DEFAULT_GOAL := help
TARGETS := help report watch new publish test quick fuzz lint check bench faults clean lock
.PHONY: $(TARGETS)

PYTHON ?= python3
BIN := .venv/bin
OF_PAPER = $(if $(PAPER),--paper "$(PAPER)")

# A paper's folder without PAPER= would be another target, and the paper of report/ would be built first.
$(foreach folder,$(filter-out $(TARGETS),$(MAKECMDGOALS)),$(if $(wildcard $(folder)/paper.toml),$(error Write PAPER=$(folder))))

# make knows PAPER and paper as two variables, and would ignore the second.
$(foreach name,paper args to from,$(if $(filter command,$(origin $(name))),$(error Write $(name) in capitals)))

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

report: .venv/installed ## build the paper in report/, or PAPER=folder; ARGS="..." goes to the generator
	@$(BIN)/python -m generator build $(OF_PAPER) $(ARGS)

watch: .venv/installed ## rebuild after every save, with a preview; PAPER=folder, ARGS="..."
	@$(BIN)/python -m generator watch $(OF_PAPER) $(ARGS)

new: .venv/installed ## start a paper in PAPER=folder, from FROM=example (a folder of examples/)
	@$(BIN)/python -m generator new $(if $(FROM),--from "$(FROM)") "$(PAPER)"

publish: .venv/installed ## publish the built paper to TO=folder/, TO=branch, or TO=branch:new-branch; PAPER=folder
	@$(BIN)/python -m generator publish $(OF_PAPER) $(ARGS) "$(TO)"

test: .venv/installed-dev ## run all tests; ARGS="..." goes to pytest
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal $(ARGS)

quick: .venv/installed-dev ## run the unit tests; ARGS="..." goes to pytest
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal tests/unit $(ARGS)

fuzz: .venv/installed-dev ## try 10,000 generated inputs for each kind of untrusted file; ARGS="..." goes to pytest
	@$(BIN)/python -m pytest --numprocesses 2 --dist worksteal --hypothesis-profile fuzz --durations 0 tests/fuzz $(ARGS)

lint: .venv/installed-dev ## run ruff, mypy --strict, and import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

check: lint test ## lint, then all tests

bench: .venv/installed-dev ## measure speed and memory, into build/bench.json; ARGS="growth" selects one
	@$(BIN)/python -m tests.bench $(ARGS)

faults: .venv/installed-dev ## test real builds with signals, damage, a full disk; ARGS="signals" selects one
	@$(BIN)/python -m tests.faults $(ARGS)

clean: ## remove build/
	rm -rf build

lock: ## update the three locks from pyproject.toml (needs uv)
	$(COMPILE) pyproject.toml --extra cluster --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra cluster --extra dev --constraint requirements.lock --output-file requirements-dev.lock
	@awk 'NR == FNR { known[$$0] = 1; next } /^[^ ]/ { is_known = $$0 in known } !is_known' \
		requirements.lock requirements-dev.lock > requirements-dev.lock.new && mv requirements-dev.lock.new requirements-dev.lock
	echo uv | $(COMPILE) - --output-file requirements-uv.lock

COMPILE = uv pip compile --python-version 3.11 --universal --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header --quiet

# Runs a command, keeps its status, and leaves out its lines on single packages, except downloads of a megabyte or more. The
# status has a channel of its own, because the last line of the output may lack its end.
UNLISTED := ^( [-+~]|Looking in|Collecting|Processing|Ignoring|Installing collected|Successfully installed) | (kB|bytes)\)$$|Using cached
quietly = (exit "$$({ { { $(1); } 2>&1; echo "$$?" >&3; } | grep --line-buffered -vE '$(UNLISTED)' >&2; } 3>&1)")

# uv is faster than pip, but reads neither pip.conf nor PIP_INDEX_URL. Where it fails, pip installs the same packages.
PIP := $(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps --progress-bar off
UV := $(BIN)/uv pip install --python $(BIN)/python --compile-bytecode --require-hashes --no-deps
define install
	@trap 'exit 130' INT; \
	if $(PIP) --quiet --requirement requirements-uv.lock && $(call quietly,$(UV) --requirement $(1)); \
	then echo "Installed the packages of $(1) with uv"; \
	else echo "The packages of $(1) could not be installed with uv; installing them with pip"; \
		$(call quietly,$(PIP) --requirement $(1)); fi
endef

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
		{ echo "Python 3.11, 3.12, or 3.13 is needed; name one with make PYTHON=..."; exit 2; }
	@echo "Installing the packages of requirements.lock into .venv (once; about 3 GB on disk)"
	@$(PYTHON) -m venv .venv
	$(call install,requirements.lock)
	@touch .venv/installed
	@$(BIN)/python -m generator doctor

.venv/installed-dev: .venv/installed requirements-dev.lock
	$(call install,requirements-dev.lock)
	@touch .venv/installed-dev
