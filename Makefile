# Everything runs through tools/env.sh, which decides toolchain and caches. `make help` lists the targets.
SHELL := /bin/bash
RUN := tools/env.sh
NOTEBOOK ?= 01_dcgan_fashion_mnist
BENCH ?=

.PHONY: help setup test test-long demo lab fresh bench browser-test notebook reproduce
.DEFAULT_GOAL := help

help: ## list the targets
	@echo 'usage: make TARGET'
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1\t/p' Makefile | while IFS=$$'\t' read -r name text; do \
		printf '  %-14s%s\n' "$$name" "$$text"; done

setup: ## install what is missing: toolchain, Jupyter, Go kernel, XLA's plugin
	@tools/require.sh
	@$(RUN) go run ./cmd/gogan setup

test: setup ## check and test everything (some minutes)
	@$(RUN) go run ./internal/testlog

test-long: setup ## tests that take long: build tag long
	@$(RUN) go test -p 1 -tags long -timeout 3h ./...

demo: setup ## train a DCGAN on Fashion-MNIST in a notebook, into out/demo
	@$(RUN) go run ./internal/notebookrun/demo -out out/demo notebooks/$(NOTEBOOK).ipynb

notebook: setup ## execute NOTEBOOK=01_... in its full setting and keep the outputs in the file
	@$(RUN) go run ./internal/notebookrun/demo -in-place notebooks/$(NOTEBOOK).ipynb

reproduce-%: setup
	@$(RUN) go run ./internal/reproduce $*

reproduce: setup ## list the trainings behind the notebooks; make reproduce-NAME makes one (at most an hour)
	@$(RUN) go run ./internal/reproduce

lab: setup ## open the notebooks in JupyterLab
	@$(RUN) .venv/bin/python -m jupyterlab notebooks

bench: setup ## compare with peers: BENCH=PREFIX for some
	@$(RUN) go run ./bench $(BENCH)

browser-test: setup ## run a notebook in a real JupyterLab in headless Chromium, screenshots in out/browser
	@$(RUN) go test -count=1 -tags browser -timeout 20m -v ./internal/browser

fresh: ## test and demo from a new clone, with a temporary HOME and no caches
	@tools/fresh.sh
