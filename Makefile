# make demo and make test need git, make and a Python; they set up everything else.
SHELL := /bin/sh
PYTHON ?= $(shell command -v python3 || command -v python)
UV := $(shell command -v uv || echo .pronto/tools/bin/uv)
PYENV := $(or $(PYENV_ROOT),$(HOME)/.pyenv)
# pyenv's own Pythons, also when pyenv has not activated them; else uv finds or fetches one.
PYTHON_APP := $(or $(lastword $(sort $(wildcard $(PYENV)/versions/3.12.*/bin/python))),3.12)
PYTHON_BOT := $(or $(lastword $(sort $(wildcard $(PYENV)/versions/3.10.*/bin/python))),3.10)
PORT ?= 8300
# Three at once, each with a database of its own; tests/conftest.py says what stays together. What needs the assistant
# comes first and trains it meanwhile, then what takes long: nobody waits for it in the end.
PYTEST := .venv/bin/pytest -n 3 --dist loadfile --no-loadscope-reorder
SLOWEST := tests/e2e/test_paths.py tests/rasa/test_stories.py tests/e2e/test_crash.py tests/e2e/test_journey.py \
	tests/pages tests/webhook/test_worker.py tests/bot tests/e2e/test_shift.py tests/rasa
STORE_TESTS := tests/core/test_db.py tests/conversations tests/whatsapp tests/e2e/test_paths.py

.PHONY: help setup demo test test-nlu check format train bench clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: setup ## the whole product on one page, with a WhatsApp of its own
	@.venv/bin/pronto demo --port $(PORT)

test: setup ## every test, from unit to end to end
	@$(PYTEST) $(SLOWEST) tests
	@for bin in $(wildcard /usr/lib/postgresql/*/bin); do \
		echo "The store and the whole path again, on $$bin"; \
		PGBIN=$$bin $(PYTEST) --store-only $(STORE_TESTS) || exit 1; \
	done

test-nlu: train ## how well the assistant understands messages it was not trained on
	@bot/.venv/bin/python bot/nlu_report.py tests/rasa/test_nlu_*.yml

check: setup ## format, lint, types, training data
	@.venv/bin/ruff format --check .
	@.venv/bin/ruff check .
	@.venv/bin/mypy
	@.venv/bin/pronto check

format: setup ## put every file into shape
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix .

train: setup ## train the assistant, if its data changed
	@.venv/bin/pronto train

bench: setup ## figures, as ratios measured side by side
	@.venv/bin/python -m bench

clean: ## forget environments, models and the embedded database
	@if [ -x .venv/bin/pronto ]; then .venv/bin/pronto stop; fi
	rm -rf .venv bot/.venv .pronto

setup: .venv/ready bot/.venv/ready

.venv/ready: uv.lock pyproject.toml | $(UV)
	@echo "Setting up the application (Python 3.12) ..."
	@$(UV) sync --quiet --frozen --python $(PYTHON_APP)
	@touch $@

bot/.venv/ready: bot/uv.lock bot/pyproject.toml | $(UV)
	@echo "Setting up the assistant's engine (Rasa, Python 3.10) ..."
	@$(UV) sync --project bot --quiet --frozen --python $(PYTHON_BOT)
	@touch $@

.pronto/tools/bin/uv:
	@test -n "$(PYTHON)" || { echo "Pronto needs a Python to start with: install python3 and run make again."; exit 1; }
	@echo "Fetching uv ..."
	@$(PYTHON) tools/get_uv.py .pronto/tools
