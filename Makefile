# Everything a developer or an operator's laptop needs, with Python 3.11 or later, git and make only.
# `make` alone prints what there is.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

VENV := .venv
PY := $(VENV)/bin/python
# A virtual environment that happens to be active, or uv settings of other projects, must not decide where things go.
unexport VIRTUAL_ENV UV_PROJECT_ENVIRONMENT UV_PYTHON
export UV_PYTHON_DOWNLOADS := never
# The certificates of the machine: networks of companies often have one of their own.
export UV_SYSTEM_CERTS := 1
PYTEST := $(PY) -m pytest
WORKERS ?= 3

.PHONY: help install demo test check format proof bench picture schema lock

help: ## what there is
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## set up .venv from the lock

$(VENV)/bin/python:
	@for name in python3.11 python3.12 python3.13 python3.14 python3; do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then found=$$name; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	  echo "needs-plan needs Python 3.11 or later on PATH; none was found. Install it, then run make again." >&2; exit 1; fi; \
	echo "setting up $(VENV) with $$($$found --version)"; \
	"$$found" -m venv $(VENV) >$(VENV).log 2>&1 || { rm -rf $(VENV); \
	  echo "$$found cannot make a virtual environment (on Debian and Ubuntu: apt-get install python3-venv)." >&2; \
	  rm -f $(VENV).log; exit 1; }; \
	rm -f $(VENV).log

$(VENV)/bin/uv: | $(VENV)/bin/python
	@$(PY) -m pip install -qq --disable-pip-version-check 'uv>=0.9,<1'

$(VENV)/.installed: uv.lock pyproject.toml | $(VENV)/bin/uv
	@echo "installing what uv.lock names"
	@$(VENV)/bin/uv sync --frozen --quiet --extra infra
	@touch $@

demo: install ## the whole main job on stand-ins, no keys needed; ARGS=--once prints it and exits
	@$(PY) -m bot.demo $(ARGS)

test: install ## the test suite; ARGS="tests/linear -k sign" narrows it
	@$(PYTEST) -q -n $(WORKERS) --dist loadfile $(ARGS)

check: install ## formatter, linter, types, import contracts, Dockerfile, compose file, generated docs
	@failed=; run() { name=$$1; shift; "$$@" || failed="$$failed $$name"; }; \
	run format $(VENV)/bin/ruff format --check --quiet .; \
	run lint $(VENV)/bin/ruff check --quiet .; \
	run types $(VENV)/bin/basedpyright; \
	run contracts $(VENV)/bin/lint-imports --no-cache --no-logo; \
	run image $(VENV)/bin/hadolint Dockerfile; \
	run compose $(VENV)/bin/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose.yaml; \
	run yaml $(VENV)/bin/yamllint --strict deploy; \
	run docs $(PY) -m bot.docs --check; \
	if [ -n "$$failed" ]; then echo "make check failed:$$failed" >&2; exit 1; fi; \
	echo "make check: all is well"

format: install ## format, and mend what the linter can mend
	@$(VENV)/bin/ruff format --quiet . && $(VENV)/bin/ruff check --fix --quiet .

proof: install ## the long proofs: kills, lost answers, faults, the built wheel (at most 25 minutes)
	@$(PYTEST) -q -m proof --timeout 900 --session-timeout 1500 $(ARGS) || { status=$$?; \
	  if [ $$status -eq 5 ]; then echo "make proof: no proofs yet"; else exit $$status; fi; }

bench: install ## the benchmarks, as tables; written to benchmarks/results.json
	@$(PY) -m benchmarks $(ARGS)

picture: install ## docs/plan.png, the picture in the README, from a plan the bot makes (needs Chromium)
	@$(PY) -m tests.browser.picture

schema: install ## fetch Linear's schema of today with LINEAR_API_KEY, for tests to compare with
	@$(PY) -m linear.introspect > schema.full.graphql.part && mv schema.full.graphql.part schema.full.graphql \
	  || { rm -f schema.full.graphql.part; exit 1; }
	@echo "fetched: run LINEAR_SCHEMA=$$PWD/schema.full.graphql make test"

lock: $(VENV)/bin/uv ## resolve the dependencies again, then install them
	@$(VENV)/bin/uv lock --quiet && $(MAKE) install
