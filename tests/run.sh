#!/bin/bash
# Runs suites against a throw-away cluster: run.sh SUITE...
# Prints each suite's counts and ends with the line "N passed, N failed". A suite that ran no test
# has failed, unless it was skipped and says why. What the suites said in full stays in build/results.
set -euo pipefail
cd "$(dirname "$0")/.."
# Nobody's settings for other databases or another register have a say in these.
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
    # What it started is its own to end.
    [ -z "$running" ] || { kill "$running" && wait "$running"; } 2>/dev/null || true
    sql/cluster.sh stop "$cluster" || true
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

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

# The suite of the law has a database of its own. A setting on each SQL function, whichever, keeps
# PostgreSQL from melting it into its caller, where the call would not be counted.
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

# Counts a TAP stream's lines; a subtest's lines are indented and count by their own summary, and
# what was skipped has not passed. A suite of which nothing was left has not failed, if it says why.
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

suite_law() {
    local status=0
    prepare_law
    pg_prove -h "$ETS144_TEST_SOCKET" -U postgres -d law --verbose --failures \
        tests/law/*.sql >"$results/law.tap" 2>&1 || status=$?
    grep -vE '^ *(ok|1\.\.)' "$results/law.tap" | grep -E 'not ok|Failed|ERROR|#|Dubious' || true
    count_tap law "$results/law.tap"
    # A file that stops half-way, or plans another number of tests than it runs, has failed.
    if [ "$status" -ne 0 ] && ! grep -qE '^not ok ' "$results/law.tap"; then
        tail -n 20 "$results/law.tap"
        count "law (a file did not run to its end)" 0 1
    fi
}

# A second telling of the Convention, in another language. Its length is a setting for who has time.
suite_model() {
    local status=0
    /usr/bin/python3 -B tests/law/agreement.py "$(database ets144)" "${PAIRS:-1000}" "${ORDERS:-3}" \
        >"$results/model.tap" 2>&1 || status=$?
    grep -vE '^(ok|1\.\.)' "$results/model.tap" || true
    count_tap model "$results/model.tap"
    if [ "$status" -ne 0 ] && ! grep -qE '^not ok ' "$results/model.tap"; then
        count "model (the process ended with $status)" 0 1
    fi
}

suite_instructions() {
    local status=0
    make --no-print-directory --quiet --jobs="$(nproc)" build/release/ets144
    tests/load/instructions.sh "$(database ets144)" >"$results/instructions.tap" 2>&1 || status=$?
    grep -vE '^(ok|1\.\.)' "$results/instructions.tap" || true
    count_tap instructions "$results/instructions.tap"
    if [ "$status" -ne 0 ] && ! grep -qE '^not ok ' "$results/instructions.tap"; then
        count "instructions (the process ended with $status)" 0 1
    fi
}

# Scripts that install or start what they try, and take it down again: they are told to end, and not just
# left. What cannot be done here they name.
suite_of_script() {
    local suite=$1 status=0
    "tests/$suite/run.sh" >"$results/$suite.tap" 2>&1 &
    running=$!
    wait "$running" || status=$?
    running=
    grep -vE '^(ok|1\.\.)' "$results/$suite.tap" || true
    count_tap "$suite" "$results/$suite.tap"
    if [ "$status" -ne 0 ] && ! grep -qE '^not ok ' "$results/$suite.tap"; then
        count "$suite (the process ended with $status)" 0 1
    fi
}

suite_unit() {
    make --no-print-directory --quiet --jobs="$(nproc)" build/coverage/unit
    local status=0
    build/coverage/unit >"$results/unit.tap" 2>&1 || status=$?
    grep -vE '^(ok|1\.\.)' "$results/unit.tap" || true
    count_tap unit "$results/unit.tap"
    # A sanitizer's finding or a leak ends the process badly after every test has passed.
    if [ "$status" -ne 0 ] && ! grep -qE '^not ok ' "$results/unit.tap"; then
        count "unit (the process ended with $status)" 0 1
    fi
}

# The release build under load. With SOAK_REQUESTS it goes on for as long as those take.
suite_soak() {
    make --no-print-directory --quiet --jobs="$(nproc)" build/release/ets144
    ETS144_TEST_BINARY=$top/build/release/ets144 \
        suite_node soak "$((900 + ${SOAK_REQUESTS:-0} / 1000))"
    sed -n 's/^ *# figures: /  /p' "$results/soak.tap"
}

# The suites in Node.js: their summary is "# pass N" and "# fail N".
suite_node() {
    local suite=$1 limit=${2:-900} status=0
    # A test that waits for ever is ended, with the services it started.
    (cd tests && exec timeout --kill-after=10 "$limit" \
        node --test --test-reporter=tap --test-concurrency=2 "$suite"/*.test.mjs) \
        >"$results/$suite.tap" 2>&1 &
    running=$!
    wait "$running" || status=$?
    running=
    grep -E '^ *ok .* # SKIP' "$results/$suite.tap" | sed 's/^ *ok [0-9]* - /skipped: /' || true
    grep -E '^ *(not ok|#   )|error:|expected:|actual:|ERR_|^    at ' "$results/$suite.tap" |
        grep -v '# Subtest' | head -n 80 || true
    local passed failed
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

mkdir -p "$results"
make --no-print-directory --quiet --jobs="$(nproc)" build/coverage/ets144
find build/coverage -name '*.gcda' -delete
prepare_database
for suite in "$@"; do
    case $suite in
    law | model | unit | instructions | soak) "suite_$suite" ;;
    package | container) suite_of_script "$suite" ;;
    api | contract | fault | browser) suite_node "$suite" ;;
    *)
        echo "ets144: there is no suite $suite." >&2
        exit 2
        ;;
    esac
done
print_coverage
[[ " $* " != *" law "* ]] || print_law_coverage
echo "$total_passed passed, $total_failed failed"
[ "$total_failed" -eq 0 ]
