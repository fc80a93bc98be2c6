# `make run` and `make test` are all a new machine needs (Python 3.11+ and make).
PYTHON ?= python3
VENV := .venv
MODELS := .venv-models
HOST ?= 127.0.0.1
PORT ?= 8000
export LIKENESS_HOME ?= ./data

.PHONY: run test check format bench clean

run: $(VENV)/run.stamp
	$(VENV)/bin/likeness demo
	$(VENV)/bin/likeness index $(LIKENESS_HOME)/demo/catalogue.csv
	$(VENV)/bin/likeness search $(LIKENESS_HOME)/demo/queries/first.jpg
	$(VENV)/bin/likeness compare $(LIKENESS_HOME)/demo/queries/first.jpg $(LIKENESS_HOME)/demo/queries/second.jpg
	$(VENV)/bin/likeness serve --host $(HOST) --port $(PORT)
