#!/bin/bash
# The service beside others that do the same, in one run, interleaved, three rounds or more:
#   bench.sh [ROUNDS [SECONDS]]
#   CASES='cold write' bench.sh     some only: groups (cached cold writing volume crowd) or cases of them
# Prints ratios (the service's figure by the rival's, median and spread). A whole run writes them, with the
# machine and the versions, to tests/load/RESULTS.md. A goal that is missed is said to be missed.
#
# A file of each group, GROUP.sh, has the names of its cases, prepare_GROUP, finish_GROUP, and for each
# case a function that measures one round of it. report.py has the goals.
set -euo pipefail
cd "$(dirname "$0")/../.."
unset "${!PG@}" "${!ETS144_@}"
rounds=${1:-3}
seconds=${2:-3}
groups=(cached cold writing volume crowd)
scratch=$(mktemp -d /tmp/ets144-bench-XXXXXX)
chmod 755 "$scratch"
# shellcheck source=tests/load/helpers.sh
. tests/load/helpers.sh
for group in "${groups[@]}"; do
    # shellcheck source=/dev/null
    . "tests/load/$group.sh"
done

finish() {
    [ "${#pid[@]}" -eq 0 ] || kill "${pid[@]}" 2>/dev/null || true
    sql/cluster.sh stop "$scratch/cluster" || true
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

# The cases of a group that were asked for.
selected_of() {
    local case cases=cases_of_$1
    for case in ${!cases}; do
        for asked in ${CASES:-$1}; do
            [[ $asked != "$1" && $asked != "$case" ]] || echo "$case"
        done
    done
}

for asked in ${CASES:-}; do
    known=no
    for group in "${groups[@]}"; do
        cases=cases_of_$group
        [[ " $group ${!cases} " != *" $asked "* ]] || known=yes
    done
    [ $known = yes ] || { echo "there is no case or group $asked" >&2; exit 2; }
done

echo 'preparing'
make --no-print-directory --quiet build
sql/cluster.sh start "$scratch/cluster" throw-away
socket=$(sql/cluster.sh socket "$scratch/cluster")
sql/cluster.sh deploy "$(url_of ets144 postgres)" >/dev/null
# The throw-away cluster counts calls of functions, for the suites; that takes time.
sql ets144 -c 'alter role all set track_functions = none' -c 'vacuum'
copy empty ets144
sql ets144 -v data="$PWD/sql/data" -f sql/load.sql
sql ets144 -c 'vacuum analyze'
export ETS144_LOG_LEVEL=warning ETS144_THREADS=$threads ETS144_DATABASE_HEARTBEAT_TIMEOUT_MS=5000
export ETS144_CHECKOUT_TIMEOUT_MS=5000 ETS144_DRAIN_DELAY_MS=0
# shellcheck disable=SC2034 # read by the groups
token=$(ETS144_ADMIN_DATABASE_URL=$(url_of ets144 ets144_admin) \
    build/release/ets144 token create --name bench --scope actions:write 2>/dev/null)
copy real ets144
service own ets144
own=${port[own]}

for group in "${groups[@]}"; do
    selected=$(selected_of "$group" | tr '\n' ' ')
    [ -n "$selected" ] || continue
    echo "$group: $selected"
    "prepare_$group"
    for round in $(seq "$rounds"); do
        echo "  round $round of $rounds"
        for case in $selected; do
            "measure_$case"
        done
    done
    "finish_$group"
done

results=tests/load/RESULTS.md
[ -z "${CASES:-}" ] || results=
/usr/bin/python3 tests/load/report.py "$figures" $results # no file: printed only
