# The two commands are `make demo` and `make test`: each installs what is missing, builds, and does its work.
# Everything made here goes to build/ (make clean) and .cache/ (pinned downloads; make distclean).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
JOBS ?= $(shell nproc)
BIN := build/release/bin/facepipe
PACK := build/release/share/facepipe/pack
# The default of release 0.1, found by galleries that it made.
PACK_FACENET := build/release/share/facepipe/packs/facenet-msceleb-128
PACK_INT8 := build/release/share/facepipe/packs/facenet-msceleb-128-int8

.PHONY: help setup build models models-int8 demo test dev-commands lint analyze asan parity accuracy visits bench load fuzz soak pictures clean distclean

help:
	@echo 'make demo     photographs to names, end to end'
	@echo 'make test     every check and test'
	@echo 'make build | models | models-int8 | lint | analyze | visits | bench | load | fuzz | soak | parity SHARED=DIR | accuracy SHARED=DIR | pictures | clean | distclean'

setup:
	@bash tools/setup/apt.sh
	@bash tools/setup/onnxruntime.sh
	@bash tools/setup/models.sh
	@bash tools/setup/page.sh

build: setup
	@cmake --preset release -Wno-dev >build/configure.log 2>&1 || { mkdir -p build; cmake --preset release; }
	@cmake --build --preset release -j$(JOBS)

models: build
	@bash tools/build_pack.sh $(BIN) $(PACK)
	@bash tools/build_pack.sh $(BIN) $(PACK_FACENET) facenet-msceleb-128

# facenet-msceleb-128 in int8: a quarter of the size, half the time. Use it with --pack or FACEPIPE_PACK.
models-int8: build
	@bash tools/build_pack.sh $(BIN) $(PACK_INT8) facenet-msceleb-128-int8

demo: models
	@bash tools/demo.sh $(BIN)

test:
	@bash tools/test.sh $(JOBS)

# The dev preset compiles file by file, so its commands are what clang-tidy and the headers' check go by.
dev-commands: setup
	@bash tools/setup/python.sh
	@cmake --preset dev -Wno-dev >/dev/null

lint: dev-commands
	@python3 tools/check_layers.py
	@python3 tools/check_docs.py
	@cd page && PATH=$(CURDIR)/.cache/page:$$PATH bash check.sh
	@python3 tools/lint.py --build build/dev --jobs $(JOBS)
	@cmake --build --preset dev -j$(JOBS) --target all_verify_interface_header_sets

# clang's static analyzer over every source: many minutes, so no part of `make test`.
analyze: dev-commands
	@python3 tools/lint.py --build build/dev --jobs $(JOBS) --analyzer

asan: models
	@bash tools/asan.sh $(JOBS)

# What needs the large reference models and crops, which are no part of this repository.
parity: asan
	@bash tools/parity.sh $(SHARED)

# Every figure of accuracy on the development photographs, which are no part of this repository: build/accuracy/summary.json.
accuracy: models
	@bash tools/accuracy.sh $(BIN) $(PACK) $(SHARED)

# Clips of people who come and go, at 1, 2 and 5 frames a second: the table of docs/visits.md and build/visits.json.
visits: models
	@bash tools/setup/visits.sh
	@FACEPIPE_TEST_PROGRAM=$(abspath $(BIN)) .cache/venv-visits/bin/python tests/visits/table.py build/visits.json

bench: models models-int8
	@bash tools/bench.sh $(PACK) $(PACK_FACENET) $(PACK_INT8)

# The server under 500 connections, half of them slow; then under an attack of every kind at once.
load: models
	@bash tools/load.sh $(BIN) $(PACK)

# FUZZ_SECONDS for each target.
fuzz: models
	@bash tools/fuzz.sh $(JOBS) $(or $(FUZZ_SECONDS),60)

# SOAK_KILLS (200) kills under load, then SOAK_MINUTES (30) of mixed and hostile frames.
soak: models
	@bash tools/soak.sh $(BIN) $(PACK)

# The pictures of README, of the page over drawn faces.
pictures: build
	@bash tools/setup/browser.sh
	@PAGE_TEST_ASSETS=$(CURDIR)/build/release/src/serve/page/assets .cache/page/node page/test/browser/pictures.mjs docs/pictures

clean:
	rm -rf build

distclean: clean
	rm -rf .cache
