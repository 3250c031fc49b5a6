# Entry points: `make run`, `make test`. Needs only Python 3.11 or newer and make.
PYTHON ?= python3
BIN := .venv/bin
# Clients of Node, for a test of the address for programs.
NODE := tests/node/node_modules/.package-lock.json
# An installed uv is used if there is one.
UV := $(or $(shell command -v uv),$(BIN)/uv)

.DEFAULT_GOAL := help
.PHONY: help run test check bench compose-check attack logos

help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 22

run: .venv/synced  ## Start Ratecard on http://127.0.0.1:8000 (PORT=… for another port); Ctrl-C stops it
	@exec $(BIN)/python manage.py run

test: .venv/synced $(if $(shell command -v npm),$(NODE))  ## Run all the tests, in a process for each core (ARGS=tests/… for some of them)
	@$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

check: .venv/synced  ## Lint, format, types, import directions, migrations, curated facts, deployment, advisories
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/djade --check --target-version 5.2 $$(find templates -name "*.html")
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run
	@$(BIN)/python manage.py check_facts
	@echo "manage.py check --deploy, as it would be installed"
	@RATECARD_URL=https://ratecard.example.org ALLOWED_HOSTS=ratecard.example.org DEBUG=0 \
	  SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(50))') \
	  $(BIN)/python manage.py check --deploy --fail-level WARNING
	@.ci/audit

bench: .venv/synced  ## Measure times as ratios within one run (ARGS=pages for one part)
	@$(BIN)/python -m bench $(ARGS)

logos: .venv/synced  ## Make the sprite of logos from the npm package @lobehub/icons-static-svg (needs npm)
	@$(BIN)/python manage.py make_logos $(ARGS)

attack: .venv/synced  ## Attack an instance of its own, bounded (ARGS=requests for one part)
	@$(BIN)/python -m attack $(ARGS)

compose-check: .venv/synced  ## Run docker-compose.yml with Docker or podman and check what it promises
	@$(BIN)/python -m compose $(ARGS)

# Install the locked dependencies, and again when the lock changes. The system's certificates are used,
# as by pip (uv has had two names for that).
.venv/synced: pyproject.toml uv.lock $(BIN)/python
	@test -x $(UV) || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@UV_PROJECT_ENVIRONMENT=.venv UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 $(UV) sync --frozen --inexact --quiet --python $(BIN)/python
	@touch $@

$(NODE): tests/node/package-lock.json
	@npm ci --prefix tests/node --no-audit --no-fund --loglevel error || \
	  echo "ratecard: npm cannot install tests/node; its test is left out" >&2

$(BIN)/python:
	@command -v $(PYTHON) > /dev/null || \
	  { echo "ratecard: there is no $(PYTHON). Install Python 3.11 or newer, or name one: make PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "ratecard: $(PYTHON) is older than 3.11. Name a newer one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv .venv || \
	  { rm -rf .venv; echo "ratecard: $(PYTHON) cannot make a virtual environment. On Debian: apt-get install python3-venv" >&2; exit 1; }
