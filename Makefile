# The same commands for a reader, for a developer and for CI. What they do stands in tools/.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

export PYTHONHASHSEED := 0

.PHONY: book slides test check serve lab bench oracles links lock clean

book: $(STAMP)    ## execute every chapter and build the site into _build/html
	$(BIN)/python -m tools.build book

slides: $(STAMP)  ## build the decks into _build/html/slides
	$(BIN)/python -m tools.build slides

test: $(STAMP)    ## everything: package, doctests, chapters, site, decks, notebooks
	$(BIN)/python -m tools.build book
	$(BIN)/python -m pytest

check: $(STAMP)   ## style and types, in seconds
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

serve: $(STAMP)   ## the built site on this machine alone
	$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html 8000

lab: $(STAMP)     ## the chapters as notebooks
	$(BIN)/python -m tools.notebooks
	$(BIN)/jupyter lab notebooks

bench: $(STAMP)   ## seconds a step: plain rules, compiled rules, and peers that are installed
	$(BIN)/python -m benchmarks

oracles:          ## record the references anew, or with CHECK=--check compare; in an environment of its own
	$(PYTHON) -m venv _build/oracles
	_build/oracles/bin/pip install --disable-pip-version-check --quiet -r tests/oracles/requirements.txt
	_build/oracles/bin/python tests/oracles/record.py $(CHECK)
	_build/oracles/bin/python tests/oracles/record_layers.py $(CHECK)
	_build/oracles/bin/python tests/oracles/record_bytes.py $(CHECK)

links: $(STAMP)   ## follow every link that leads out of the book
	$(BIN)/python -m tools.build links

lock:             ## pin the newest allowed versions in requirements.txt, with hashes
	$(PYTHON) -m venv _build/uv
	_build/uv/bin/pip install --quiet uv
	_build/uv/bin/uv pip compile pyproject.toml --all-extras --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-annotate --no-strip-extras --custom-compile-command "make lock" \
	  --upgrade --quiet -o requirements.txt

clean:
	rm -rf _build node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(STAMP): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Downslope needs Python 3.11 or newer, not " + sys.version.split()[0] + \
	  ": make PYTHON=python3.12 book" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --disable-pip-version-check --quiet --progress-bar on --require-hashes -r requirements.txt
	$(BIN)/pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .
	touch $@
