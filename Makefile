# Everything a person types; `make` alone lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

VERSION := 0.1.0
SCHEMA := $(shell awk '/^[a-z]/ {last = $$1} END {print last}' sql/sqitch.plan)

# --- The service -----------------------------------------------------------------------------
# Three builds of the same sources: release, asan (what the suites run against) and coverage.

SOURCES := $(wildcard service/*.c service/*/*.c)
QUERIES := $(sort $(wildcard sql/queries/*.sql))
GENERATED := build/generated
LIBRARIES := libulfius liborcania libyder jansson libpq gnutls libmicrohttpd

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wwrite-strings \
            -Wvla -Werror
CPPFLAGS = -D_GNU_SOURCE -Iservice -I$(GENERATED) -Wa,-I$(GENERATED) \
           -DETS144_VERSION='"$(VERSION)"' -DETS144_SCHEMA='"$(SCHEMA)"' \
           $(shell pkg-config --cflags $(LIBRARIES))
CFLAGS = -std=gnu17 $(WARNINGS) -g -pthread -fno-omit-frame-pointer
LDLIBS = $(shell pkg-config --libs $(LIBRARIES)) -pthread

release_CFLAGS := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
release_LDFLAGS := -pie -Wl,-z,relro,-z,now
asan_CFLAGS := -O1 -fsanitize=address,undefined -fno-sanitize-recover=all
asan_LDFLAGS := -fsanitize=address,undefined
tsan_CFLAGS := -O1 -fsanitize=thread
tsan_LDFLAGS := -fsanitize=thread
coverage_CFLAGS := -O0 --coverage -fprofile-update=atomic \
                   -fsanitize=address,undefined -fno-sanitize-recover=all
coverage_LDFLAGS := --coverage -fsanitize=address,undefined

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

.PHONY: build
build: build/release/ets144 ## Build the service: build/release/ets144

# $(1): the build's name
define BUILD
build/$(1)/ets144: $(SOURCES:service/%.c=build/$(1)/%.o) build/$(1)/statements.o
	@mkdir -p $$(@D)
	$$(CC) $$(CFLAGS) $$($(1)_CFLAGS) $$($(1)_LDFLAGS) -o $$@ $$^ $$(LDLIBS)

build/$(1)/%.o: service/%.c $(GENERATED)/statements.h $(GENERATED)/openapi.json build/$(1)/flags
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS) $$(CFLAGS) $$($(1)_CFLAGS) -MMD -MP -c -o $$@ $$<

build/$(1)/statements.o: $(GENERATED)/statements.c $(GENERATED)/statements.h
	@mkdir -p $$(@D)
	$$(CC) $$(CPPFLAGS) $$(CFLAGS) $$($(1)_CFLAGS) -c -o $$@ $$<

# Rewritten only when the version or the schema changes, which are compiled in.
build/$(1)/flags: FORCE
	@mkdir -p $$(@D)
	@echo '$(VERSION) $(SCHEMA)' | cmp -s - $$@ || echo '$(VERSION) $(SCHEMA)' > $$@

-include $(SOURCES:service/%.c=build/$(1)/%.d)
endef
$(foreach build,release asan tsan coverage,$(eval $(call BUILD,$(build))))

.PHONY: FORCE
FORCE:

$(GENERATED)/statements.h: $(QUERIES) service/store/embed_statements.sh
	@mkdir -p $(@D)
	service/store/embed_statements.sh header $(QUERIES) > $@

$(GENERATED)/statements.c: $(QUERIES) service/store/embed_statements.sh
	@mkdir -p $(@D)
	service/store/embed_statements.sh source $(QUERIES) > $@

$(GENERATED)/openapi.json: openapi/openapi.yaml openapi/to_json.py
	@mkdir -p $(@D)
	/usr/bin/python3 openapi/to_json.py openapi/openapi.yaml > $@.new
	mv $@.new $@

# --- Running it ------------------------------------------------------------------------------

.PHONY: run
run: ## Install what is missing, build, and serve the real record on 127.0.0.1:8144
	@docker/install.sh run build
	@$(MAKE) --no-print-directory --quiet build
	@service/run.sh serve

.PHONY: deploy
deploy: ## Deploy sql/ to the private cluster, or to ETS144_ADMIN_DATABASE_URL
	@service/run.sh deploy

.PHONY: load
load: ## Load the record of sql/data; repeatable
	@service/run.sh load

# --- Checking it -----------------------------------------------------------------------------

.PHONY: setup-test
setup-test:
	@docker/install.sh run build test
	@tests/install-node.sh

.PHONY: test
test: setup-test ## Run every suite against a throw-away cluster
	@tests/run.sh law unit api contract

.PHONY: test-law test-unit test-api test-contract
test-law test-unit test-api test-contract: test-%: setup-test ## Run one suite
	@tests/run.sh $*

UNIT_TESTS := $(wildcard tests/unit/*.c)
build/coverage/unit: $(UNIT_TESTS) $(filter-out build/coverage/main.o,$(SOURCES:service/%.c=build/coverage/%.o)) build/coverage/statements.o
	$(CC) $(CPPFLAGS) $(CFLAGS) $(coverage_CFLAGS) $(coverage_LDFLAGS) -o $@ $^ $(LDLIBS) $(shell pkg-config --libs check)

.PHONY: lint
lint: ## Check the form of C, SQL, shell and contract
	@docker/install.sh run build lint
	@tests/install-node.sh
	@$(MAKE) --no-print-directory --quiet build
	@tests/lint.sh

# For tools that read C without building it.
.PHONY: print-flags
print-flags:
	@echo $(CPPFLAGS) $(CFLAGS)

.PHONY: format
format: ## Write the C files as clang-format has them
	clang-format -i service/*.[ch] service/*/*.[ch] tests/unit/*.c

.PHONY: clean
clean: ## Remove what was built; the private cluster in .run stays
	rm -rf build
