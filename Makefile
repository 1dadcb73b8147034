# make setup   creates .venv for training; the other targets install what they need
# make demo    a first sweep on the embedded digits: no download, under three minutes
# make test    all tests          make lint   ruff and pyright
# make ui      the MLflow UI      make draw   the drawing window
# make server  an MLflow server on PostgreSQL, for several users or machines
# make lessons trains the sweeps of the lessons and writes docs/lessons; quick=true trains less
# make bench   speed as ratios to the other libraries that are installed;
#              .venv/bin/pip install -e '.[bench]' installs PyTorch and JAX

PYTHON ?= python3
BIN := .venv/bin

.PHONY: setup demo test lint ui draw server lessons bench
.DEFAULT_GOAL := demo

setup: .venv/installed

# Debian's python3 may have no ensurepip. Then the outer pip installs pip into the environment.
.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name it: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 2; }
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || $(PYTHON) -m venv --without-pip .venv
	@$(BIN)/python -m pip --version >/dev/null 2>&1 \
	  || $(PYTHON) -m pip --python $(BIN)/python install --quiet pip
	@touch $@

# pip compiles no modules, because most are never imported. The modules that a sweep imports are
# compiled here, once. If PYTHONDONTWRITEBYTECODE were set, every command would compile them again.
unexport PYTHONDONTWRITEBYTECODE
INSTALL = $(BIN)/python -m pip install --quiet --no-compile --constraint constraints.txt --editable
COMPILE = $(BIN)/python -c 'import experiments.sweeps.worker_imports, experiments.reporting.sweep_plots, sklearn.datasets'

.venv/installed: pyproject.toml constraints.txt | .venv/made
	$(INSTALL) .
	$(COMPILE)
	@touch $@

# Also installs one of the extras of pyproject.toml.
.venv/installed-%: pyproject.toml constraints.txt | .venv/made
	$(INSTALL) '.[$*]'
	$(COMPILE)
	@touch $@ .venv/installed

demo: setup
	$(BIN)/python -m experiments.train sweep=zeros_vs_he data=digits epochs=30 batch_size=16

# One process per core, at most four, because sweeps start processes of their own.
test: .venv/installed-dev
	$(BIN)/python -m pytest --numprocesses logical --maxprocesses 4 --dist loadscope --no-loadscope-reorder

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

ui: setup
	$(BIN)/python -m experiments.ui

draw: setup
	$(BIN)/python -m gui

server: .venv/installed-server
	$(BIN)/python -m experiments.server

lessons: setup
	$(BIN)/python -m experiments.lessons $(if $(filter true,$(quick)),--quick)

bench: setup
	$(BIN)/python -m benchmarks.peers
