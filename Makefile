# `make run` and `make test` are all that a new machine needs (Python 3.11 or newer, and make).

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export LIKENESS_HOME ?= ./data

RUN := .venv/bin
TEST := .venv-test/bin
# Installed again only when what is to be installed has changed.
RUN_READY := .venv/.ready
TEST_READY := .venv-test/.ready
LOCK := --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-emit-find-links
PACKAGES := catalog demo embedding evaluation fetching indexer ingestion migrations retrieval service training vector_index web

# Told here, in a sentence, rather than by the installer in a hundred lines.
define CHECK_PYTHON
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	{ echo "Likeness needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12 run" >&2; exit 1; }
endef

.PHONY: run test check format bench bench-full quality screenshots lock clean

# The whole way once: a catalogue, its index, an answer, a comparison, the service.
run: $(RUN_READY)
	@$(RUN)/likeness demo
	@$(RUN)/likeness index $(LIKENESS_HOME)/demo/catalogue.csv
	@$(RUN)/likeness search $(LIKENESS_HOME)/demo/queries/first.jpg
	@$(RUN)/likeness compare $(LIKENESS_HOME)/demo/queries/first.jpg $(LIKENESS_HOME)/demo/queries/second.jpg
	@exec $(RUN)/likeness serve --host $(HOST) --port $(PORT)

# Format, lint, types, import rules, then every test. pytest comes last: its closing line ends it.
test: check
	$(TEST)/python -m pytest

check: $(TEST_READY)
	$(TEST)/ruff format --check --quiet .
	$(TEST)/ruff check --quiet .
	$(TEST)/mypy $(PACKAGES) likeness.py
	$(TEST)/lint-imports --no-logo

format: $(TEST_READY)
	$(TEST)/ruff format .
	$(TEST)/ruff check --fix .

# Minutes, once its first run has made its pictures, models and catalogues in data/bench.
bench: $(TEST_READY)
	$(TEST)/python -m bench $(BENCH)

# A million vectors, and more of everything: an hour.
bench-full: $(TEST_READY)
	$(TEST)/python -m bench --full $(BENCH)

# Every table of docs/quality.md, from `make quality PHOTOGRAPHS=FOLDER` and the networks installed
# in LIKENESS_HOME. The first run embeds all photographs, some minutes a network; later ones only rank.
quality: $(TEST_READY)
	@$(TEST)/python -m evaluation.quality --photographs "$(PHOTOGRAPHS)" --out docs/quality.md

# Every page at two widths, light and dark; those that the docs show into docs/images. Needs chromium.
screenshots: $(TEST_READY)
	@$(TEST)/likeness demo
	@$(TEST)/likeness index $(LIKENESS_HOME)/demo/catalogue.csv
	@$(TEST)/python -m tests.web.screenshots

# After a change of the dependencies in pyproject.toml; needs uv.
lock:
	uv pip compile $(LOCK) pyproject.toml --output-file requirements/run.txt
	uv pip compile $(LOCK) --extra test --extra training --extra postgres pyproject.toml --output-file requirements/test.txt

clean:
	rm -rf .venv .venv-test build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache

$(RUN_READY): pyproject.toml requirements/run.txt
	$(CHECK_PYTHON)
	$(PYTHON) -m venv --clear .venv
	$(RUN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/run.txt
	$(RUN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

$(TEST_READY): pyproject.toml requirements/test.txt
	$(CHECK_PYTHON)
	$(PYTHON) -m venv --clear .venv-test
	$(TEST)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements/test.txt
	$(TEST)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
