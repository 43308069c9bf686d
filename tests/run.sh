#!/bin/bash
# Runs suites against a throw-away cluster: run.sh SUITE|FILE...
#   tests/run.sh api contract                                            two suites
#   tests/run.sh tests/api/cache.test.mjs                                a file
#   TEST='never goes back' tests/run.sh tests/api/cache.test.mjs         a test, by a part of its name
# Prints each suite's counts and ends with the line "N passed, N failed". A suite that ran no test
# has failed, unless it was skipped and says why. The full output is in build/results.
set -euo pipefail
cd "$(dirname "$0")/.."
# The suites have a database and settings of their own.
unset "${!PG@}" "${!ETS144_@}"
top=$PWD
binary=$top/build/coverage/ets144
scratch=$(mktemp -d /tmp/ets144-test-XXXXXX)
chmod 755 "$scratch"
cluster=$scratch/cluster
results=$top/build/results
total_passed=0
total_failed=0
running=

finish() {
    [ -z "$running" ] || { kill "$running" && wait "$running"; } 2>/dev/null || true
    sql/cluster.sh stop "$cluster" || true
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
    echo "ets144: $*" >&2
    exit 2
}

compile() {
    make --no-print-directory --quiet --jobs="$(nproc)" "$1"
}

database() {
    echo "postgresql:///$1?host=$ETS144_TEST_SOCKET&user=postgres"
}

prepare_database() {
    sql/cluster.sh start "$cluster" throw-away
    ETS144_TEST_SOCKET=$(sql/cluster.sh socket "$cluster")
    export ETS144_TEST_SOCKET ETS144_TEST_BINARY=$binary
    # The schema is deployed, reverted and deployed again, so that every script is run.
    sql/cluster.sh deploy "$(database ets144)"
    (cd sql && sqitch revert -y "db:pg:$(database ets144 | cut -d : -f 2-)" >/dev/null)
    sql/cluster.sh deploy "$(database ets144)"
    psql "$(database ets144)" -X -q -v data="$top/sql/data" -f sql/load.sql
}

# The law's suite has its own database. A setting on an SQL function, here jit, keeps PostgreSQL from
# inlining it into its caller, where the call would not be counted.
prepare_law() {
    psql "$(database postgres)" -X -q -c 'create database law template ets144'
    psql "$(database law)" -X -q <<'SQL'
create extension pgtap;
select format('alter function %s set jit = off', p.oid::regprocedure)
  from pg_proc as p
 where p.pronamespace in ('register'::regnamespace, 'service'::regnamespace)
   and p.prolang = (select oid from pg_language where lanname = 'sql') \gexec
SQL
}

# Adds a suite's counts to the totals and prints them.
count() {
    local suite=$1 passed=$2 failed=$3
    if [ "$((passed + failed))" -eq 0 ]; then
        failed=1
        echo "$suite: no test ran"
    fi
    echo "$suite: $passed passed, $failed failed"
    total_passed=$((total_passed + passed))
    total_failed=$((total_failed + failed))
}

# Counts the lines of a TAP stream. A subtest's lines are indented and count by their own summary; a
# skipped test has not passed. A suite that skipped everything has not failed, if it says why.
count_tap() {
    local suite=$1 file=$2 passed failed
    passed=$(grep -E '^ok ' "$file" | grep -vciE '# *skip' || true)
    failed=$(grep -cE '^not ok ' "$file" || true)
    sed -nE 's/^ok [0-9]+ (- )?(.*)# SKIP (.+)$/skipped: \2(\3)/p' "$file"
    if [ "$((passed + failed))" -eq 0 ] && grep -qE '^ok [0-9]+ .*# SKIP .+' "$file"; then
        echo "$suite: 0 passed, 0 failed"
    else
        count "$suite" "$passed" "$failed"
    fi
}

# Runs a command in the background, so that finish() can end it: its output in build/results, its
# status in $status.
run() {
    local suite=$1
    shift
    status=0
    "$@" >"$results/$suite.tap" 2>&1 &
    running=$!
    wait "$running" || status=$?
    running=
}

# run_tap SUITE COMMAND...: runs a command that prints TAP, and shows of its output, beside what failed,
# the lines that match $shown. A process that ends badly without a failed test (a sanitizer's finding, a
# file that stops half-way or plans another number of tests than it runs) has failed.
run_tap() {
    local suite=$1 status
    run "$@"
    grep -vE '^ *(ok|1\.\.)' "$results/$suite.tap" | grep -E "${shown:-.}" || true
    count_tap "$suite" "$results/$suite.tap"
    if [ "$status" -ne 0 ] && ! grep -qE '^not ok ' "$results/$suite.tap"; then
        tail -n 20 "$results/$suite.tap"
        count "$suite (the process ended with $status)" 0 1
    fi
}

# The files of a suite that were named, or else all that match the pattern.
files_of() {
    if [ -n "${files[$1]:-}" ]; then
        tr ' ' '\n' <<<"${files[$1]# }"
    else
        compgen -G "$2"
    fi
}

suite_law() {
    local sources
    mapfile -t sources < <(files_of law 'tests/law/*.sql')
    prepare_law
    shown='not ok|Failed|ERROR|#|Dubious' \
        run_tap law pg_prove -h "$ETS144_TEST_SOCKET" -U postgres -d law --verbose --failures "${sources[@]}"
}

# The Convention's rules once more, in Python. PAIRS and ORDERS make it longer.
suite_model() {
    run_tap model /usr/bin/python3 -B tests/law/agreement.py "$(database ets144)" "${PAIRS:-1000}" \
        "${ORDERS:-3}"
}

suite_instructions() {
    compile build/release/ets144
    run_tap instructions tests/load/instructions.sh "$(database ets144)"
}

suite_unit() {
    compile build/coverage/unit
    run_tap unit build/coverage/unit
}

# The corpus of each parser, and SECONDS_EACH of fuzzing; see tests/fuzz/README.md.
suite_fuzz() {
    compile build/coverage/replay
    if clang -fsanitize=fuzzer -x c -o "$scratch/fuzzer" - 2>/dev/null \
        <<<'int LLVMFuzzerTestOneInput(const char *b, long n) { return b == 0 && n == 0; }'; then
        compile fuzz-build
    fi
    run_tap fuzz tests/fuzz/run.sh "${SECONDS_EACH:-10}"
}

# The release build under load. With SOAK_REQUESTS it goes on for as long as those take.
suite_soak() {
    compile build/release/ets144
    ETS144_TEST_BINARY=$top/build/release/ets144 suite_node soak "$((900 + ${SOAK_REQUESTS:-0} / 1000))"
    sed -n 's/^ *# figures: /  /p' "$results/soak.tap"
}

# suite_node SUITE [SECONDS]: a suite in Node.js, whose summary is "# pass N" and "# fail N". One that
# hangs is ended, with the services that it started.
suite_node() {
    local suite=$1 limit=${2:-900} status sources passed failed
    local options=(--test --test-reporter=tap --test-concurrency=2)
    [ -z "${TEST:-}" ] || options+=(--test-name-pattern="$TEST")
    mapfile -t sources < <(files_of "$suite" "tests/$suite/*.test.mjs")
    run "$suite" timeout --kill-after=10 "$limit" node "${options[@]}" "${sources[@]}"
    grep -E '^ *ok .* # SKIP' "$results/$suite.tap" | grep -v 'does not match pattern' |
        sed 's/^ *ok [0-9]* - /skipped: /' || true
    grep -E '^ *(not ok|#   )|error:|expected:|actual:|ERR_|^    at ' "$results/$suite.tap" |
        grep -v '# Subtest' | head -n 80 || true
    passed=$(awk '/^# pass / {print $3}' "$results/$suite.tap")
    failed=$(awk '/^# (fail|cancelled) / {n += $3} END {print n + 0}' "$results/$suite.tap")
    if [ "$status" -ne 0 ] && [ "${failed:-0}" -eq 0 ]; then
        tail -n 20 "$results/$suite.tap"
        failed=1
    fi
    count "$suite" "${passed:-0}" "${failed:-0}"
}

print_coverage() {
    echo "coverage of the C:"
    gcovr --root . --filter service/ --print-summary --output "$results/coverage.txt" \
        build/coverage 2>/dev/null | sed 's/^/  /'
}

# PostgreSQL counts no call that ends in an error, but knows that it was made.
print_law_coverage() {
    echo "coverage of the SQL functions, by the suite of the law:"
    psql "$(database law)" -XAtc "
        select format('  functions: %s%% (%s out of %s)%s',
                      round(100.0 * count(*) filter (where called) / count(*), 1),
                      count(*) filter (where called), count(*),
                      '; never called: ' || string_agg(name, ', ') filter (where not called))
          from (select format('%s.%s', n.nspname, p.proname) as name,
                       exists (select from pg_stat_user_functions as s where s.funcid = p.oid)
                       as called
                  from pg_proc as p
                  join pg_namespace as n on n.oid = p.pronamespace
                 where n.nspname in ('register', 'service') and p.prokind = 'f') as function"
}

suites=()
declare -A files=()
for argument in "$@"; do
    suite=$argument
    if [[ $argument == tests/*/* ]]; then
        [ -f "$argument" ] || fail "there is no file $argument."
        suite=${argument#tests/}
        suite=${suite%%/*}
        files[$suite]+=" $argument"
    fi
    [[ " ${suites[*]} " == *" $suite "* ]] || suites+=("$suite")
done

mkdir -p "$results"
compile build/coverage/ets144
find build/coverage -name '*.gcda' -delete
prepare_database
for suite in "${suites[@]}"; do
    case $suite in
    law | model | unit | instructions | fuzz | soak) "suite_$suite" ;;
    package | container) run_tap "$suite" "tests/$suite/run.sh" ;;
    api | contract | fault | browser) suite_node "$suite" ;;
    *) fail "there is no suite $suite." ;;
    esac
done
if [ "${#files[@]}" -eq 0 ]; then
    print_coverage
    [[ " ${suites[*]} " != *" law "* ]] || print_law_coverage
fi
echo "$total_passed passed, $total_failed failed"
[ "$total_failed" -eq 0 ]
