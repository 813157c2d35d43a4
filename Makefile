# Every target works from a bare Debian 12 with python3, make and git: it makes a virtual
# environment inside the project, and uses it again until its lock changes.

PYTHON  ?= python3
VENV    := .venv
BIN     := $(VENV)/bin
# More than half of the suite waits for processes: two workers more than there are cores are at work.
WORKERS ?= $(shell expr $$(nproc) + 2)
ARGS    ?=
# How long the soak under wrong clocks lasts.
MINUTES := $(or $(ESTADO_SOAK_MINUTES),30)

BASE := $(VENV)/base.stamp
DEV  := $(VENV)/dev.stamp

.DEFAULT_GOAL := help
.PHONY: help run demo test check bench soak influxd oidc-provider wheel docs lock clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: $(BASE) ## Watch what config/services.yaml describes; keeps its data in var/
	$(BIN)/estado run --config config/services.yaml --data-dir var $(ARGS)

demo: $(BASE) ## See an outage from its first second to its credit, on servers of our own
	$(BIN)/estado demo start $(ARGS)

test: $(DEV) ## Run the tests (ARGS="-k name" for some of them)
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: $(DEV) ## Format, lint, types and layers, as the hooks and the pipeline do
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(DEV) ## Measure what a check costs, in microseconds of CPU
	$(BIN)/python -m benchmarks $(ARGS)

soak: $(DEV) ## Kills 200 times over, the store away for an hour, half an hour of wrong clocks
	ESTADO_SOAK_MINUTES=$(MINUTES) ESTADO_KILLS=200 ESTADO_STORE_AWAY=3600 ESTADO_STORE_CHECKS=100 $(BIN)/python -m pytest -n 0 --timeout 7200 -m "kills or soak" $(ARGS)

influxd: ## Build the InfluxDB that the tests talk to, once, outside the tree (needs go and cargo)
	scripts/influxd/build

oidc-provider: ## Install the OpenID provider that the tests sign in at, outside the tree (needs node)
	scripts/oidc-provider/build

wheel: $(DEV) ## Build the wheel into dist/
	$(BIN)/python -m build --wheel --no-isolation --outdir dist

docs: $(DEV) ## Write what is made from the code: the settings' schema and manual, the probes' page
	$(BIN)/python -m scripts.generated_docs

lock: $(DEV) ## Resolve the dependencies anew into requirements/
	scripts/lock $(BIN)

clean: ## Remove the virtual environment and the caches; var/ stays
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache dist

# The development lock holds the base one, so its stamp answers for both.
$(DEV): requirements/dev.lock pyproject.toml
	scripts/install $(PYTHON) $(VENV) requirements/dev.lock
	@touch $(BASE) $(DEV)

$(BASE): requirements/base.lock pyproject.toml
	scripts/install $(PYTHON) $(VENV) requirements/base.lock
	@rm -f $(DEV)
	@touch $(BASE)
