# A fresh machine needs Python >= 3.11, pip, git and make; everything else goes into $(VENV).
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
JOBS   ?= 2

.PHONY: help demo test check specs docs generate bench lock clean

help:
	@echo 'make demo      scan examples/ and print what a user sees'
	@echo 'make test      run all tests'
	@echo 'make check     format, lint, types, import contract, generated files, documentation build'
	@echo 'make specs     run only the examples of rules, knowledge and language features'
	@echo 'make docs      write the generated pages and build the site into site/'
	@echo 'make bench     say how to reproduce docs/benchmarks.md'
	@echo 'make lock      renew uv.lock'

demo: $(VENV)/.runtime
	$(BIN)/custodiet scan examples --exit-zero

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS)

specs: $(VENV)/.dev
	$(BIN)/python -m pytest -n $(JOBS) tests/test_specs.py

check: $(VENV)/.dev
	$(BIN)/ruff format --check --diff
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/generate.py --check
	$(BIN)/python -m pytest -q -m house
	$(BIN)/zensical build --clean --strict

docs: generate
	$(BIN)/zensical build --clean --strict

generate: $(VENV)/.dev
	$(BIN)/python tools/generate.py

bench:
	@echo 'Each script prints its figures and how it got them; see docs/benchmarks.md.'
	@for script in bench/*.py; do echo "  $(BIN)/python $$script --help"; done

lock: $(VENV)/.dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv lock

clean:
	rm -rf $(VENV) site build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit("custodiet needs Python 3.11 or newer; try: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	@# Debian without python3-venv cannot put pip into an environment by itself: the pip outside does it.
	@$(PYTHON) -m venv $(VENV) || { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $@ install --quiet pip; }
	@$@ -m pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/.runtime: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable . --group dev
	@touch $@ $(VENV)/.runtime
