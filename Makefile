PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test test-host race bench screenshots format clean

demo: $(READY)
	@$(BIN)/runner-console demo

test: $(READY)
	@$(BIN)/python tests/run.py

test-host: $(READY)
	@$(BIN)/python -m tests.host

race: $(READY)
	@RACES=$${RACES:-1000} $(BIN)/python -m tests.host -k test_races

bench: $(READY)
	@$(BIN)/python -m benchmarks

screenshots: $(READY)
	@$(BIN)/python -m screenshots

format: $(READY)
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(READY): requirements-dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "runner-console needs Python 3.11 or newer; set PYTHON=..."; exit 2; }
	@echo "Setting up $(VENV), which takes about half a minute: the environment ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "  the libraries ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@echo "  runner-console itself ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@echo "Ready: $(BIN)/runner-console"
	@touch $(READY)
