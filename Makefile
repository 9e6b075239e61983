# innonet: make run, make test; everything else is for those who change it.
SHELL := /bin/bash
PORT ?= 8000
PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run setup test check bench clean lock help

help:
	@echo "make run [PORT=8000]   Demo-Daten laden und die Seite zeigen / load the demo data and serve the site"
	@echo "make test              alle Tests / all tests"
	@echo "make check             Stil und Typen / style and types"
	@echo "make bench DATA=DIR    Messungen / measurements"
	@echo "make clean             Umgebung entfernen / remove the environment"

run: $(VENV)/.run
	@"$(BIN)/innonet" demo --port "$(PORT)"

setup: $(VENV)/.run $(VENV)/.dev

# a stamp names what was installed; a changed list of packages installs again
$(VENV)/.run: requirements.txt pyproject.toml tools/venv.sh
	@bash tools/venv.sh "$(PYTHON)" requirements.txt
	@touch "$@"

$(VENV)/.dev: requirements-dev.txt $(VENV)/.run
	@bash tools/venv.sh "$(PYTHON)" requirements-dev.txt
	@touch "$@"

test: $(VENV)/.dev
	@"$(BIN)/python" tests/provision.py
	@"$(BIN)/python" -m pytest -n 2 --dist loadfile --durations=15 $(ARGS)

check: $(VENV)/.dev
	@"$(BIN)/ruff" format --check .
	@"$(BIN)/ruff" check .
	@"$(BIN)/mypy"
	@"$(BIN)/python" tools/supply.py

bench: $(VENV)/.dev
	@test -n "$(DATA)" || { echo "make bench DATA=Ordner mit cordis-h2020 / folder that holds cordis-h2020"; exit 2; }
	@"$(BIN)/python" -m bench "$(DATA)"

lock: $(VENV)/.dev
	@for f in requirements requirements-dev requirements-train; do "$(BIN)/uv" pip compile -q --universal --generate-hashes --no-header --python-version 3.11 $$f.in -o $$f.txt || exit 1; done

clean:
	@rm -rf "$(VENV)" build ./*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

include vendor.mk
