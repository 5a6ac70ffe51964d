# make serve: a page to explore saved_models. make demo: trains on real
# images from patches and leaves images in runs/demo. make test: every
# test; make test FAST=1: those that need no training, between edits. make docs:
# the site. All set themselves up in .venv, the site in .venv-docs. make backends: JAX
# in .venv-backends, on which make test then tests layers, models and losses, too.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DOCS := .venv-docs
DOCS_STAMP := $(DOCS)/.installed
WORKERS ?= 2
BACKENDS := .venv-backends
BACKENDS_STAMP := $(BACKENDS)/.installed
DEMO := runs/demo
EXPORT := saved_models/openmoji_demo

export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: serve demo test docs backends lint clean

demo: $(STAMP)
	@$(BIN)/python -m apps.train --config=configs/openmoji_demo.py \
		--workdir=$(DEMO)
	@if [ $(EXPORT) -nt $(DEMO)/generator.keras ]; then \
		echo "$(EXPORT)  SavedModel, exported before"; \
	else \
		$(BIN)/python -m apps.export --model=$(DEMO) --out=$(EXPORT); \
	fi

serve: $(STAMP)
	@$(BIN)/python -m apps.serve --models=saved_models --port=8501

test: $(STAMP)
	$(BIN)/python -m pytest -n $(WORKERS) --dist=loadfile --no-loadscope-reorder \
		$(if $(FAST),-m "not slow")

docs: $(DOCS_STAMP)
	@NO_MKDOCS_2_WARNING=1 $(DOCS)/bin/mkdocs build --strict

backends: $(BACKENDS_STAMP)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# Made anew only when the pins change.
$(STAMP): requirements.txt requirements-dev.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
		sys.exit(None if (3, 10) <= v <= (3, 13) else \
		"error: Python 3.10 to 3.13 is needed, this is %d.%d; " \
		"try make PYTHON=python3.12" % v)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
		-r requirements-dev.txt
	@touch $@

$(DOCS_STAMP): requirements-docs.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
		sys.exit(None if v >= (3, 11) else \
		"error: the site needs Python 3.11, this is %d.%d; " \
		"try make docs PYTHON=python3.12" % v)'
	$(PYTHON) -m venv $(DOCS)
	$(DOCS)/bin/python -m pip install --quiet --disable-pip-version-check \
		-r requirements-docs.txt
	@touch $@

# Without TensorFlow.
$(BACKENDS_STAMP): requirements-backends.txt
	$(PYTHON) -m venv $(BACKENDS)
	$(BACKENDS)/bin/python -m pip install --quiet --disable-pip-version-check \
		-r requirements-backends.txt
	@touch $@

clean:
	rm -rf $(VENV) $(DOCS) $(BACKENDS) runs site
