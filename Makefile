# Everything here works on a machine with Python 3.11 or newer and make; the rest is fetched from PyPI into .venv.
#   make demo                       the main job, shown
#   make demo ARGS='--once --yes'   the same without a terminal
#   make test                       ruff, mypy and all tests
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

PYTHON ?= $(firstword $(foreach name,python3 python3.11 python3.12 python3.13 python3.14,\
	$(if $(shell $(name) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>/dev/null),$(name))))
BIN := .venv/bin
# As many processes as cores. The tests of one file share one, in the order of the files: the long ones start first.
PARALLEL := --numprocesses auto --dist loadfile --no-loadscope-reorder
# Exactly what uv.lock names, into .venv, and leave what else lies there (pip and uv themselves).
SYNC := UV_PROJECT_ENVIRONMENT=.venv UV_PYTHON_DOWNLOADS=never $(BIN)/uv sync --frozen --inexact --quiet

.PHONY: help
help:
	@sed -n '2,4s/^# *//p' Makefile

.PHONY: demo
demo: .venv/.runtime
	@$(BIN)/interlock demo $(ARGS)

.PHONY: test
test: lint chromium
	$(BIN)/pytest -rs $(PARALLEL) $(ARGS)

.PHONY: lint
lint: .venv/.development
	$(BIN)/ruff check .
	$(BIN)/mypy

.PHONY: chromium
chromium:
	@.ci/provide-chromium

.PHONY: lock
lock: $(BIN)/uv
	$(BIN)/uv lock

.PHONY: clean
clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find agent api discovery evals tools tests -name __pycache__ -prune -exec rm -rf {} +

.venv/.runtime: pyproject.toml uv.lock | $(BIN)/uv
	@echo "Installing what Interlock needs into .venv ..."
	@$(SYNC) --no-dev
	@touch $@

.venv/.development: pyproject.toml uv.lock | $(BIN)/uv
	@echo "Installing what Interlock and its tests need into .venv ..."
	@$(SYNC) --all-groups
	@touch $@ .venv/.runtime

$(BIN)/uv:
	@test -n "$(PYTHON)" || { echo "Interlock needs Python 3.11 or newer; none was found. Set PYTHON=/path/to/it." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is needed (on Debian: apt-get install python3-venv)." >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
