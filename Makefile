# `make help` lists every target in a line. Needs Python 3.11 and make; everything else is installed into .venv.
PYTHON ?= python3.11
PY := .venv/bin/python
RUNTIME := .venv/.runtime
DEVELOPMENT := .venv/.development
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# What `check --deploy` needs to look at production settings; none of it is a real secret.
PRODUCTION := VOUCHER_ENV=production DATABASE_URL=postgresql://app:app@db/app REDIS_URL=redis://redis:6379/0 \
	ALLOWED_HOSTS=example.invalid FILES_DIR=/srv/files IDENTITY_KEY=none OBJECTION_KEY=none WEBHOOK_KEY=none SECRET_KEY=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ

.DEFAULT_GOAL := help
.PHONY: help run dev reset test test-long e2e lint fmt journey articles bench install

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

run: $(RUNTIME) ## Start the whole platform with sample data; Ctrl-C stops it, the data stay
	@exec setpriv --pdeathsig TERM $(PY) -m voucher_platform.run run

dev: $(RUNTIME) ## Serve the pages alone, from the source tree, with sample data; PORT=8000, reloads what changes
	@$(PY) manage.py migrate --verbosity 0
	@$(PY) manage.py load_sample
	@exec env STATIC_FROM_SOURCE=true $(PY) manage.py runserver --nostatic 127.0.0.1:$(or $(PORT),8000)

reset: $(RUNTIME) ## Throw away the data of `make run` (refused while it is running)
	@exec $(PY) -m voucher_platform.run reset

test: $(DEVELOPMENT) ## Run the tests on a real PostgreSQL, but those of test-long and e2e; ARGS= goes to pytest
	@$(PY) -m pytest -m "not long and not e2e" $(ARGS)

test-long: $(DEVELOPMENT) ## Run the others: whole processes, storms, a year played through, bad input everywhere, the areas' pages
	@$(PY) -m pytest -m "long and not e2e" $(ARGS)

e2e: $(DEVELOPMENT) ## Try the pages in a real Chromium (Debian's, or the one CHROMIUM= names); ARGS= goes to pytest
	@$(PY) -m tests.e2e.browser
	@$(PY) -m pytest tests/e2e $(ARGS)

lint: $(DEVELOPMENT) ## Check style, types, import directions, migrations, deployment settings, OpenAPI, compose file
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy --strict .
	$(PY) -c 'from importlinter.cli import lint_imports_command; lint_imports_command()'
	$(PY) manage.py makemigrations --check --dry-run
	@echo "manage.py check --deploy"
	@env $(PRODUCTION) $(PY) manage.py check --deploy --fail-level WARNING
	$(PY) manage.py spectacular --validate --fail-on-warn --file /dev/null
	$(PY) -m check_jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

fmt: $(DEVELOPMENT) ## Format the code and repair what ruff can repair
	$(PY) -m ruff check --fix-only .
	$(PY) -m ruff format .

journey: $(DEVELOPMENT) ## Play a year of the general voucher through HTTP and check the invariants
	@$(PY) -m tests.journey

articles: $(DEVELOPMENT) ## Check that every article of docs/articles.md names tests that exist and pass
	@$(PY) -m tests.articles

bench: $(DEVELOPMENT) ## Measure ledger holds, signings and list pages against SQL by hand
	@$(PY) -m bench
	@$(PY) -m bench.pages

install: $(DEVELOPMENT) ## Build .venv with everything, and do nothing else

.venv/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "$(PYTHON) does not run: install Python 3.11, or name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@touch $@

$(RUNTIME): requirements.txt .venv/.made
	$(PY) -m pip install --quiet -r requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	$(PY) -m pip install --quiet -r requirements-dev.txt
	@touch $@
