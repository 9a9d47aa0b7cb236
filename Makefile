# make demo    everything from nothing to a running shop on http://127.0.0.1:8000/
#              PORT=8000  HOST=127.0.0.1  INVENTORY=path.zip  LIMIT=n  COUNT=n (products to draw)
# make test    all tests            make lint     style, types, migrations, deployment checks, API schema
# make bench   all benchmarks       make clean    remove .venv and caches; the shop's data in var/ stays
# make screenshots                  photograph a drawn shop for docs/screenshots; needs Chromium
# make words   collect what the code says for the translators, compile what they wrote (needs gettext)
# Each makes the virtual environment itself. PYTHON=python3.12 chooses the Python it is made with.

PYTHON ?= python3
VENV ?= .venv
PORT ?= 8000
export PORT HOST INVENTORY LIMIT COUNT

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Stamps by content: new timestamps (a checkout) reinstall nothing; another version, list or Python does.
VERSION := $(shell $(PYTHON) -V 2>&1 | tr ' ' '-')
KEY := $(VERSION)-$(shell cat requirements.txt requirements-dev.txt constraints.txt | cksum | cut -d' ' -f1)
CREATED := $(VENV)/.created-$(VERSION)
RUNTIME := $(VENV)/.runtime-$(KEY)
DEV := $(VENV)/.dev-$(KEY)
ANNOY := $(VENV)/.annoy-$(KEY)
ANNOY_LOG := $(VENV)/annoy.log

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help preflight first-step demo test lint bench words screenshots clean annoy

help:
	@sed -n 's/^# \{0,1\}//p;/^$$/q' Makefile

demo: preflight first-step $(RUNTIME) annoy
	@exec $(BIN)/python manage.py demo

test: $(DEV) annoy
	@exec $(BIN)/python -m pytest -q

lint: $(DEV) annoy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy .
	@$(BIN)/python -m vogue_site.lint

bench: $(DEV) annoy
	@for file in benchmarks/[a-z]*.py; do \
	  grep -q __main__ "$$file" || continue; \
	  echo "== $$file"; $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)" || exit 1; \
	done

words: $(RUNTIME)
	@command -v msgfmt > /dev/null || { echo "make words needs gettext (apt-get install gettext)."; exit 1; }
	@$(BIN)/python manage.py makemessages --all --no-obsolete --no-location --no-wrap -i var -i $(VENV) -i tests -i benchmarks
	@sed -i '/^"POT-Creation-Date/d' locale/*/*/django.po */locale/*/*/django.po
	@$(BIN)/python manage.py compilemessages -i $(VENV)

screenshots: $(DEV) annoy
	@exec $(BIN)/python -m tests.e2e.screenshots

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

preflight:
	@$(PYTHON) vogue_site/preflight.py

first-step:
	@echo "[1/6] Packages"
	@if test -e $(RUNTIME); then echo "      up to date"; \
	else echo "      about 2 GB on disk; a minute or two, this first time only"; fi

$(CREATED):
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(RUNTIME): | $(CREATED)
	@grep -v '^annoy==' requirements.txt > $(VENV)/requirements.txt
	@$(PIP) install -r $(VENV)/requirements.txt -c constraints.txt
	@touch $@

$(DEV): | $(RUNTIME)
	@grep -v '^-r ' requirements-dev.txt > $(VENV)/requirements-dev.txt
	@$(PIP) install -r $(VENV)/requirements-dev.txt -c constraints.txt
	@touch $@

# Annoy ships no wheel. Without a compiler the shop searches exactly, and a system check says so. After a failure the
# build is tried again once there is a compiler, so that the next start is not slow.
annoy: | $(CREATED)
	@if test -e $(ANNOY); then exit 0; fi; \
	if test ! -e $(ANNOY_LOG) || command -v "$${CXX:-c++}" > /dev/null; then \
	  echo "      building Annoy"; \
	  wanted="$$(sed -n 's/^\(annoy==[^ ]*\).*/\1/p' requirements.txt)"; \
	  $(PIP) install "$$wanted" -c constraints.txt > $(ANNOY_LOG) 2>&1 && touch $(ANNOY) && exit 0; \
	fi; \
	echo "Annoy is missing: it could not be built (see $(ANNOY_LOG)). Install a compiler (apt-get install g++ python3-dev) and run make again; until then the shop uses exact search."
