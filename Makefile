# What one does with Tsudoi's sources. `make` lists the targets.
# Go is all that `run`, `build` and `release` need.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

LISTEN   ?= localhost:8080
FUZZTIME ?= 20s
BENCHTIME ?= 1s
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TIMEOUT  ?= 15m

# Schemas and samples of others, not ours to copy; see testkit.Data.
ifndef TSUDOI_DATA
ifneq ($(wildcard ../shared/data),)
export TSUDOI_DATA := $(abspath ../shared/data)
endif
else
export TSUDOI_DATA := $(abspath $(TSUDOI_DATA))
endif

# The program is one static file whose bytes depend on the sources alone.
export CGO_ENABLED = 0
BUILD = go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$(VERSION)"

# The race detector needs cgo. Tests run once in full without it and once in
# short mode with it, in random order.
RACE = CGO_ENABLED=1 go test -json -short -race -shuffle=on -timeout=$(TIMEOUT)
REPORT = var/tools/testreport

.PHONY: help build run test race check lint bench conformance fuzz release reproducible tools clean deps

help: ## list the targets
	@awk -F ': .*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

build: ## build bin/tsudoi
	@mkdir -p bin
	$(BUILD) -o bin/tsudoi ./cmd/tsudoi

run: build ## start the demo with its examples on LISTEN, localhost:8080; data in var/demo
	exec env -u TSUDOI_DATA bin/tsudoi demo --listen "$(LISTEN)" --data var/demo

test: deps $(REPORT) ## run every test, then again under the race detector
	go -C tools test ./testreport
	$(REPORT) -log var/test.json -- go test -json -timeout=$(TIMEOUT) ./...
	$(REPORT) -log var/race.json -slow 5 -- env $(RACE) ./...

race: deps $(REPORT) ## run the tests under the race detector only
	$(REPORT) -log var/race.json -- env $(RACE) ./...

# The packages whose tests speak of conformance, so that the others need not be built.
CONFORMING = $(sort $(dir $(shell grep -rlE --include='*_test.go' '^func Test[A-Za-z0-9_]*Conformance' cmd internal)))

conformance: deps $(REPORT) ## run the conformance tests against TSUDOI_DATA
ifdef TSUDOI_DATA
	@echo "conformance: with the data in $(TSUDOI_DATA)"
	@[ -n "$(CONFORMING)" ] || { echo "conformance: no test has Conformance in its name"; exit 1; }
	$(REPORT) -log var/conformance.json -- go test -json -count=1 -run Conformance -timeout=$(TIMEOUT) $(addprefix ./,$(CONFORMING))
else
	@echo "conformance: NOT RUN. There is no ../shared/data and TSUDOI_DATA names no other folder."
endif

check: lint ## format, vet, lint, architecture, translations, known vulnerabilities
	go test -run 'Architecture|Translation|Template' ./...
	scripts/vulnerabilities.sh var/tools/govulncheck

lint: tools
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "gofmt these:"; echo "$$unformatted"; exit 1; fi
	go vet ./...
	go -C tools vet ./testreport
	var/tools/golangci-lint run ./...

bench: build ## measure, and print what was got beside its budget
	@mkdir -p var
	@packages=$$(grep -rlE --include='*_test.go' '^func Benchmark' cmd internal | xargs -r -n1 dirname | sort -u | sed "s|^|./|" || true); \
	if [ -n "$$packages" ]; then go test -run '^$$' -bench . -benchmem -benchtime=$(BENCHTIME) $$packages | tee var/bench.txt; fi
	env -u TSUDOI_DATA bin/tsudoi bench

fuzz: ## run each fuzz target for FUZZTIME, 20s
	scripts/fuzz.sh $(FUZZTIME)

release: ## build dist/ for linux on amd64 and arm64, with sums
	@rm -rf dist && mkdir -p dist
	for arch in amd64 arm64; do GOOS=linux GOARCH=$$arch $(BUILD) -o dist/tsudoi-linux-$$arch ./cmd/tsudoi; done
	echo "$(VERSION)" > dist/VERSION
	cd dist && sha256sum tsudoi-* | tee SHA256SUMS

reproducible: ## build the release twice, in two places, and compare
	scripts/reproducible.sh

clean: ## remove what was built; the demo's data in var/demo stays
	rm -rf bin dist var/tools var/govulndb var/*.json var/bench.txt

deps:
	@sh scripts/deps.sh

var/tools/testreport: $(wildcard tools/testreport/*.go)
	@mkdir -p var/tools
	go -C tools build -o ../$@ ./testreport

# The tools of the lock file, built when it changes: minutes of CPU the first time.
tools: var/tools/golangci-lint
var/tools/golangci-lint: tools/go.mod tools/go.sum
	@mkdir -p var/tools
	nice go -C tools build -o ../var/tools/ github.com/golangci/golangci-lint/v2/cmd/golangci-lint golang.org/x/vuln/cmd/govulncheck golang.org/x/perf/cmd/benchstat
	@touch $@
