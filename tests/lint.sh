#!/bin/bash
# Checks the form of everything; each tool is a line of TAP, and all of them run.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
begin lint

finish() {
    rm -rf "$scratch"
}

mapfile -t sources < <(find service tests/unit -name '*.c')
mapfile -t formatted < <(find service tests/unit tests/fuzz -name '*.[ch]')
mapfile -t scripts < <(find docker openapi service sql tests .ci -path '*/node_modules' -prune -o \
    -type f \( -name '*.sh' -o -path '.ci/run' \) -print)
mapfile -t compile < <(make --no-print-directory -s print-flags | tr ' ' '\n' | sed '/^$/d')

check_clang_tidy() {
    printf '%s\n' "${sources[@]}" | xargs -P 2 -I FILE \
        clang-tidy --quiet --warnings-as-errors='*' FILE -- "${compile[@]}" 2>&1 |
        sed '/ warnings\? generated\.$/d'
}

spectral() {
    tests/node_modules/.bin/spectral lint --fail-severity=warn --ruleset openapi/.spectral.yaml \
        openapi/openapi.yaml
}

# Prints the lines that end in white space, and fails if there are any.
no_trailing_space() {
    ! grep -rnIE '[[:blank:]]+$' --exclude-dir=node_modules --exclude-dir=vendor --exclude-dir='.[!c]*' \
        --exclude-dir=build .
}

# First, because it makes the generated sources, which the others read.
check "gcc, every warning an error" make --no-print-directory --quiet build
check "no trailing white space" no_trailing_space
check clang-format clang-format --dry-run -Werror "${formatted[@]}"
check clang-tidy check_clang_tidy
check cppcheck cppcheck --quiet --error-exitcode=1 --std=c11 \
    --enable=warning,performance,portability --inline-suppr --suppress=missingIncludeSystem \
    --suppress=normalCheckLevelMaxBranches -Iservice -Ibuild/generated \
    -DETS144_SCHEMA='""' -DETS144_VERSION='""' "${sources[@]}"
check shellcheck shellcheck "${scripts[@]}"
check squawk tests/node_modules/.bin/squawk -c sql/squawk.toml sql/deploy/*.sql
check redocly tests/node_modules/.bin/redocly lint --config openapi/redocly.yaml \
    openapi/openapi.yaml
check spectral spectral

echo "lint: $((number - failed)) passed, $failed failed"
[ "$failed" -eq 0 ]
