#!/bin/bash
# How many instructions of the service a GET takes, from the socket and back, counted by callgrind: a figure
# that does not depend on what else the machine does. A cold one is worked out anew each time; the database
# is another process, and does not count.
#   instructions.sh URL          TAP; a rise above 10 % of tests/load/instructions.txt fails
#   instructions.sh URL --write  writes the figures down
# Each figure is the difference of two runs, so that the start does not count.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
unset "${!ETS144_@}"
url=$1
figures=tests/load/instructions.txt
scratch=$(mktemp -d /tmp/ets144-count-XXXXXX)
trap 'rm -rf "$scratch"' EXIT

# ask PORT PATH REQUESTS CONDITION: over one connection
ask() {
    /usr/bin/python3 - "$@" <<'EOF'
import http.client
import sys
port, path, count, condition = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
connection = http.client.HTTPConnection('127.0.0.1', port)
tag = None
for _ in range(count):
    connection.request('GET', path, headers={'If-None-Match': tag} if tag and condition == '304' else {})
    answer = connection.getresponse()
    answer.read()
    tag = answer.getheader('ETag') or tag
assert answer.status == (304 if condition == '304' else 200), answer.status
EOF
}

# total PATH REQUESTS CONDITION CACHE_ENTRIES
total() {
    local port='' service
    env ETS144_DATABASE_URL="$url" ETS144_PORT=0 ETS144_THREADS=1 ETS144_POOL_SIZE=1 \
        ETS144_CACHE_WARMING=no "ETS144_CACHE_ENTRIES=$4" ETS144_DATABASE_HEARTBEAT_TIMEOUT_MS=60000 \
        ETS144_STATEMENT_TIMEOUT_MS=60000 ETS144_CHECKOUT_TIMEOUT_MS=60000 ETS144_DRAIN_DELAY_MS=0 \
        valgrind --quiet --tool=callgrind --callgrind-out-file="$scratch/out" \
        build/release/ets144 serve 2>"$scratch/log" &
    service=$!
    for _ in $(seq 600); do
        port=$(sed -nE 's/.*"event":"listening",.*"port":([0-9]+).*/\1/p' "$scratch/log")
        [ -z "$port" ] || ! grep -q 'listener_connected' "$scratch/log" || break
        sleep 0.1
    done
    ask "$port" "$1" "$2" "$3"
    kill "$service"
    wait "$service"
    awk '/^(summary|totals):/ {print $2; exit}' "$scratch/out"
}

count=0
failed=0
: >"$scratch/figures"
for case in 'item /v1/states/ITA 200 1000 200 2200' 'list /v1/states 200 1000 200 2200' \
    'unchanged /v1/states 304 1000 200 2200' 'cold-item /v1/states/ITA 200 0 20 220' \
    'cold-list /v1/states 200 0 20 120'; do
    read -r name path condition entries few many <<<"$case"
    low=$(total "$path" "$few" "$condition" "$entries")
    high=$(total "$path" "$many" "$condition" "$entries")
    figure=$(((high - low) / (many - few)))
    echo "$name $figure" >>"$scratch/figures"
    [ "${2:-}" != --write ] || continue
    count=$((count + 1))
    known=$(awk -v name="$name" '$1 == name {print $2}' "$figures")
    if [ "$figure" -gt 0 ] && [ "$figure" -le "$((known * 110 / 100))" ]; then
        echo "ok $count - $name: $figure instructions a request, written down are $known"
    else
        echo "not ok $count - $name: $figure instructions a request, written down are $known"
        failed=1
    fi
done
if [ "${2:-}" = --write ]; then
    cp "$scratch/figures" "$figures"
    cat "$figures"
else
    echo "1..$count"
fi
exit "$failed"
