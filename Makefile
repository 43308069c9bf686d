# Everything a person types; `make` alone lists it.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VERSION := 0.1.0
SCHEMA := $(shell awk '/^[a-z]/ {last = $$1} END {print last}' sql/sqitch.plan)

# --- The service -----------------------------------------------------------------------------
# Five builds of the same sources: release, asan and tsan (to look for a fault by hand), coverage (with
# asan too: what the suites run against), and fuzz (by clang, for the targets of tests/fuzz).

SOURCES := $(wildcard service/*.c service/*/*.c service/*/*/*.c)
QUERIES := $(sort $(wildcard sql/queries/*.sql))
ASSETS := openapi/docs/vendor/swagger-ui-bundle.js openapi/docs/vendor/swagger-ui.css \
          openapi/docs/docs.js openapi/docs/docs.css
GENERATED := build/generated
LIBRARIES := libulfius liborcania libyder jansson libpq gnutls libmicrohttpd zlib libbrotlienc libxml-2.0 libcurl \
             librhonabwy

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wwrite-strings \
            -Wvla -Werror
CPPFLAGS = -D_GNU_SOURCE -Iservice -I$(GENERATED) -Wa,-I$(GENERATED) -Wa,-Iservice \
           -DETS144_VERSION='"$(VERSION)"' -DETS144_SCHEMA='"$(SCHEMA)"' \
           $(shell pkg-config --cflags $(LIBRARIES))
CFLAGS = -std=gnu17 $(WARNINGS) -g -pthread -fno-omit-frame-pointer
LDLIBS = $(shell pkg-config --libs $(LIBRARIES)) -pthread

# Hardening, as Debian and the OpenSSF (Compiler Options Hardening Guide) have it. An option that the
# compiler does not have is left out; tests/contract/hardening.test.mjs demands them of gcc 12.
has_option = $(shell echo '\#include <features.h>' | $(CC) -O2 $(1) -Werror -E -x c - >/dev/null 2>&1 && echo $(1))
FORTIFY := $(or $(call has_option,-D_FORTIFY_SOURCE=3),-D_FORTIFY_SOURCE=2)
PROTECTION := $(strip $(foreach option,-fcf-protection -mbranch-protection=standard -fstack-clash-protection \
                -ftrivial-auto-var-init=zero,$(call has_option,$(option))))

release_CFLAGS := -O2 -U_FORTIFY_SOURCE $(FORTIFY) $(PROTECTION) -fstack-protector-strong -fPIE
release_LDFLAGS := -pie -Wl,-z,relro,-z,now,-z,noexecstack
asan_CFLAGS := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
asan_LDFLAGS := -fsanitize=address,undefined
tsan_CFLAGS := -O1 -fsanitize=thread
tsan_LDFLAGS := -fsanitize=thread
coverage_CFLAGS := -O0 --coverage -fprofile-update=atomic \
                   -fsanitize=address,undefined -fno-sanitize-recover=all
coverage_LDFLAGS := --coverage -fsanitize=address,undefined
fuzz_CC := clang
fuzz_CFLAGS := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
               -Wno-sign-conversion

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

COMPILE := $(MAKE) --no-print-directory --quiet --jobs=$(shell nproc)

.PHONY: build
build: ## Build the service: build/release/ets144
	@docker/install.sh build
	@$(COMPILE) build/release/ets144

# $(1): the build's name
define BUILD
build/$(1)/ets144: $(SOURCES:service/%.c=build/$(1)/%.o) build/$(1)/statements.o build/$(1)/assets.o
	@mkdir -p $$(@D)
	$$(or $$($(1)_CC),$$(CC)) $$(CFLAGS) $$($(1)_CFLAGS) $$($(1)_LDFLAGS) -o $$@ $$^ $$(LDLIBS)

build/$(1)/%.o: service/%.c $(GENERATED)/statements.h build/$(1)/flags
	@mkdir -p $$(@D)
	$$(or $$($(1)_CC),$$(CC)) $$(CPPFLAGS) $$(CFLAGS) $$($(1)_CFLAGS) -MMD -MP -c -o $$@ $$<

# Dependency files do not list what EMBED reads (service/base/embed.h).
build/$(1)/api/about/openapi.o: $(GENERATED)/openapi.json
build/$(1)/render/html.o: service/render/page.css
build/$(1)/api/format/jsonld.o: service/words/jsonld_context.json
build/$(1)/api/read/catalogue.o: service/words/catalogue.json
build/$(1)/commands/check.o: service/commands/schema_objects.tsv

build/$(1)/statements.o: $(GENERATED)/statements.c $(GENERATED)/statements.h build/$(1)/flags
	@mkdir -p $$(@D)
	$$(or $$($(1)_CC),$$(CC)) $$(CPPFLAGS) $$(CFLAGS) $$($(1)_CFLAGS) -c -o $$@ $$<

build/$(1)/assets.o: $(GENERATED)/assets.c build/$(1)/flags
	@mkdir -p $$(@D)
	$$(or $$($(1)_CC),$$(CC)) $$(CPPFLAGS) $$(CFLAGS) $$($(1)_CFLAGS) -c -o $$@ $$<

# Rewritten only when what is compiled with changes: options, version, schema.
build/$(1)/flags: FORCE
	@$$(shell mkdir -p $$(@D))$$(file > $$@.new,$$(CPPFLAGS) $$(CFLAGS) $$($(1)_CFLAGS))
	@cmp -s $$@.new $$@ && rm $$@.new || mv $$@.new $$@

-include $(SOURCES:service/%.c=build/$(1)/%.d)
endef
$(foreach build,release asan tsan coverage fuzz,$(eval $(call BUILD,$(build))))

.PHONY: FORCE
FORCE:

$(GENERATED)/statements.h: $(QUERIES) service/store/embed_statements.sh
	@mkdir -p $(@D)
	service/store/embed_statements.sh header $(QUERIES) > $@

$(GENERATED)/statements.c: $(QUERIES) service/store/embed_statements.sh
	@mkdir -p $(@D)
	service/store/embed_statements.sh source $(QUERIES) > $@

$(GENERATED)/assets.c: $(ASSETS) service/api/about/embed_assets.sh service/api/about/asset.h
	@mkdir -p $(@D)
	service/api/about/embed_assets.sh $(GENERATED)/assets $(ASSETS) > $@

$(GENERATED)/openapi.json: openapi/openapi.yaml openapi/to_json.py
	@mkdir -p $(@D)
	/usr/bin/python3 openapi/to_json.py openapi/openapi.yaml > $@.new
	mv $@.new $@

# --- Running it ------------------------------------------------------------------------------

.PHONY: run
run: setup-run ## Install what is missing, build, and serve the real record on 127.0.0.1:8144
	@service/run.sh serve

.PHONY: setup-run
setup-run:
	@docker/install.sh run build
	@[ -e build/release/ets144 ] || echo 'Building the service'
	@$(COMPILE) build/release/ets144

.PHONY: deploy
deploy: setup-run ## Deploy sql/ to the private cluster, or to ETS144_ADMIN_DATABASE_URL
	@service/run.sh deploy

.PHONY: load
load: setup-run ## Load the record of sql/data; repeatable
	@service/run.sh load

NAME ?= $(shell id -un)
SCOPES ?= actions:write calls:write outlook:write outlook:read notes:write notes:read \
    imports:write imports:admin webhooks:write webhooks:admin
.PHONY: token
token: setup-run ## Create a token: make token NAME=secretariat SCOPES='actions:write'
	@service/run.sh token create --name '$(NAME)' $(addprefix --scope ,$(SCOPES))

FILE ?=
.PHONY: backup
backup: setup-run ## Write the whole register to a new file: make backup FILE=register.dump
	@service/run.sh backup '$(FILE)'

.PHONY: restore
restore: setup-run ## Read such a file into an empty database, and check it
	@service/run.sh restore '$(FILE)'

.PHONY: check
check: setup-run ## Verify the register's whole history
	@service/run.sh check

.PHONY: image
image: ## Build the images ets144 and ets144-migrate, with Docker, Buildah or Podman
	@docker/image.sh

.PHONY: deb
deb: ## Build the Debian package, and print where it is
	@docker/install.sh build package
	@docker/deb.sh build $(VERSION)

.PHONY: up
up: image ## Serve from containers, behind TLS on https://localhost:8443
	@docker/compose/compose.sh up

.PHONY: up-ha
up-ha: ## The same with three PostgreSQL servers under Patroni
	@docker/image.sh service migrate patroni
	@docker/compose/compose.sh ha up

# --- Checking it -----------------------------------------------------------------------------

.PHONY: setup-test
setup-test:
	@docker/install.sh run build package test
	@tests/install-node.sh

.PHONY: setup-container
setup-container:
	@docker/install.sh container

.PHONY: test
test: setup-test setup-container ## Run every suite against a throw-away cluster
	@tests/run.sh law model unit api contract fault browser instructions fuzz package soak container

.PHONY: test-law
test-law: setup-test ## Run the suite of the law, pgTAP
	@tests/run.sh law

.PHONY: test-model
test-model: setup-test ## Hold the law against a second telling of it, at 1,000 random pairs of times
	@tests/run.sh model

.PHONY: test-deep
test-deep: setup-test ## The model at 10,000 pairs and with more orders of entry; 100 kills; PostgreSQL 18
	@tests/install-node.sh deep
	@PAIRS=10000 ORDERS=20 KILLS=100 tests/run.sh model fault
	@tests/deep/run.sh law api fault

.PHONY: test-unit
test-unit: setup-test ## Run the suite of the C units, Check
	@tests/run.sh unit

.PHONY: test-api
test-api: setup-test ## Run the suite over HTTP, node:test
	@tests/run.sh api

.PHONY: test-contract
test-contract: setup-test ## Run the suite that holds contract and service against each other
	@tests/run.sh contract

.PHONY: test-fault
test-fault: setup-test ## Run the suite that takes the database away
	@tests/run.sh fault

.PHONY: test-browser
test-browser: setup-test ## Run the suite of the pages for people, in Chromium
	@tests/run.sh browser

.PHONY: test-instructions
test-instructions: setup-test ## Count the instructions of a GET, and compare
	@tests/run.sh instructions

.PHONY: test-package
test-package: setup-test ## Build the Debian package, install, run, upgrade and purge it
	@tests/run.sh package

.PHONY: test-container
test-container: setup-test setup-container ## Run the images and the compose files with Podman
	@tests/run.sh container

.PHONY: test-fuzz
test-fuzz: setup-test ## Replay the corpus of tests/fuzz, and fuzz each parser for ten seconds
	@tests/run.sh fuzz

.PHONY: test-soak
test-soak: setup-test ## Three minutes of the soak
	@tests/run.sh soak

UNIT_TESTS := $(wildcard tests/unit/*.c)
build/coverage/unit: $(UNIT_TESTS) tests/unit/cases.h $(filter-out build/coverage/main.o,$(SOURCES:service/%.c=build/coverage/%.o)) build/coverage/statements.o build/coverage/assets.o
	$(CC) $(CPPFLAGS) $(CFLAGS) $(coverage_CFLAGS) $(coverage_LDFLAGS) -o $@ $(filter-out %.h,$^) $(LDLIBS) $(shell pkg-config --libs check)

# The targets of tests/fuzz, twice: with libFuzzer, one program each, and in one program without a
# fuzzer, which runs files.
FUZZ_TARGETS := $(shell sed -n 's/^TARGET.\([a-z0-9_]*\),.*/\1/p' tests/fuzz/targets.def)
FUZZ_FLAGS = $(CPPFLAGS) -Itests/fuzz $(CFLAGS)

.PHONY: fuzz-build
fuzz-build: $(FUZZ_TARGETS:%=build/fuzz/target_%)

build/fuzz/service.a: $(filter-out build/fuzz/main.o,$(SOURCES:service/%.c=build/fuzz/%.o)) build/fuzz/statements.o build/fuzz/assets.o
	rm -f $@
	ar rcs $@ $^

build/fuzz/target_%: tests/fuzz/%.c tests/fuzz/fuzz.c tests/fuzz/fuzz.h build/fuzz/service.a
	$(fuzz_CC) $(FUZZ_FLAGS) $(fuzz_CFLAGS) -fsanitize=fuzzer -o $@ $(filter-out %.h,$^) $(LDLIBS)

build/coverage/fuzz_%.o: tests/fuzz/%.c tests/fuzz/fuzz.h build/coverage/flags
	$(CC) $(FUZZ_FLAGS) $(coverage_CFLAGS) -DLLVMFuzzerTestOneInput=fuzz_$* -c -o $@ $<

build/coverage/replay: tests/fuzz/replay.c tests/fuzz/fuzz.c tests/fuzz/targets.def $(FUZZ_TARGETS:%=build/coverage/fuzz_%.o) $(filter-out build/coverage/main.o,$(SOURCES:service/%.c=build/coverage/%.o)) build/coverage/statements.o build/coverage/assets.o
	$(CC) $(FUZZ_FLAGS) $(coverage_CFLAGS) $(coverage_LDFLAGS) -o $@ $(filter-out %.def,$^) $(LDLIBS)

SECONDS ?= 10
.PHONY: fuzz
fuzz: setup-test ## Fuzz each parser for so many seconds: make fuzz SECONDS=60 [TARGETS='query token']
	@$(COMPILE) fuzz-build build/coverage/replay
	@tests/fuzz/run.sh $(SECONDS) $(TARGETS)

.PHONY: bench
bench: ## Compare with others that do the same, in one run: tests/load/RESULTS.md
	@docker/install.sh run build bench
	@tests/install-node.sh
	@tests/load/bench.sh

SOAK_REQUESTS ?= 10000000
.PHONY: soak
soak: setup-test ## Ten million requests, with writes and fail-overs in between: tests/load/RESULTS.md
	@SOAK_REQUESTS=$(SOAK_REQUESTS) tests/run.sh soak

.PHONY: lint
lint: ## Check the form of C, SQL, shell and contract
	@docker/install.sh run build test lint
	@tests/install-node.sh
	@tests/lint.sh

.PHONY: print-version
print-version:
	@echo $(VERSION)

# For tools that read C without building it.
.PHONY: print-flags
print-flags:
	@echo $(CPPFLAGS) $(CFLAGS)

.PHONY: schema-objects
schema-objects: ## Write what `ets144 check` compares a schema with, after a change of sql/deploy
	@service/commands/schema_objects.sh

.PHONY: format
format: ## Write the C files as clang-format has them
	clang-format -i service/*.[ch] service/*/*.[ch] service/*/*/*.[ch] tests/unit/*.c tests/fuzz/*.[ch]

.PHONY: clean
clean: ## Remove what was built; the private cluster in .run stays
	rm -rf build
