# Comity. "make demo" shows it, "make test" tests it; the others are for those who work on it.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# "make rename-module PATH=example.org/x" names the new path, not where commands are found.
ifeq ($(origin PATH),command line)
MODULE := $(PATH)
override PATH := $(shell /bin/sh scripts/original-path.sh)
endif

VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
ADDR ?= 127.0.0.1:8080
DEMO_DIR ?= comity-demo

# Packages where goroutines meet: these are also tested with the race detector.
RACE := ./pipeline/... ./auth/... ./internal/httpx/... ./storage/... ./intake/...

.PHONY: help demo build test check bench soak lint generated release release-check rename-module screenshots need-go need-tests clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

demo: build ## build Comity, fill ./comity-demo with the Meridian System and serve it at http://127.0.0.1:8080
	bin/comity demo --addr $(ADDR) --dir $(DEMO_DIR)

build: need-go ## build bin/comity, without cgo
	CGO_ENABLED=0 go build -trimpath -ldflags "-X main.version=$(VERSION)" -o bin/comity ./cmd/comity

test: need-go need-tests lint ## install what the tests need (says what), then format, vet, lint and all tests on both engines and in Chromium
	COMITY_TEST_ENGINE=postgres CGO_ENABLED=0 go test -timeout 10m ./api ./web
	CGO_ENABLED=0 go test -timeout 15m ./...

check: need-go need-tests lint generated ## what test does, and the race detector and generated files
	CGO_ENABLED=1 go test -race -timeout 20m $(RACE)
	CGO_ENABLED=0 go test -timeout 15m ./...

bench: need-go ## all benchmarks, with allocations
	go test -run '^$$' -bench . -benchmem ./...

soak: need-go need-tests ## every fuzz target for FUZZTIME (60s), every property with CHECKS cases (10000), kill -9 KILLS times (50); prints counts
	sh scripts/soak.sh

release: need-go ## build what a release consists of into ./dist: binaries, Debian packages, an OCI image, SBOM, SHA256SUMS
	go run ./scripts/release

release-check: need-go ## build the release twice from nothing, in two folders, and compare; then look into it
	sh scripts/release-check.sh

lint: need-go
	sh scripts/lint.sh

generated: need-go
	sh scripts/generated.sh

rename-module: need-go ## change the module's path everywhere: make rename-module MODULE=example.org/comity
	sh scripts/rename-module.sh $(MODULE)

screenshots: need-go need-tests ## photograph the running demonstration into docs/screenshots
	COMITY_SCREENSHOTS=$(CURDIR)/docs/screenshots go test -count=1 -timeout 10m -run '^TestScreenshots$$' ./internal/e2e

need-go:
	@sh scripts/need-go.sh

need-tests:
	@sh scripts/need-tests.sh

clean: ## remove what was built; the folder of the demonstration stays
	rm -rf bin dist
