# What the suites that are scripts say, in TAP; sourced by tests/*/run.sh. What a check said is in
# $results/last.log until the next one.
# shellcheck shell=bash
number=0
failed=0

# verdict STATUS SENTENCE
verdict() {
    local status=$1
    number=$((number + 1))
    if [ "$status" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=$((failed + 1))
    fi
}

# check SENTENCE COMMAND...: it holds where the command succeeds.
check() {
    local sentence=$1
    shift
    "$@" >"${results:?}/last.log" 2>&1
    local status=$?
    verdict "$status" "$sentence"
    [ "$status" -eq 0 ] || tail -n 30 "${results:?}/last.log" | cut -c 1-200 | sed 's/^/#   /'
}

# skip SENTENCE REASON
skip() {
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# The plan, and whether all of it held.
conclude() {
    echo "1..$number"
    [ "$failed" -eq 0 ]
}

# Those of the programs that are not there, in a line.
lacking() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || echo "$tool"
    done | paste -s -d ' '
}

# within SECONDS COMMAND...: whether it comes to hold.
within() {
    local seconds=$1 until
    shift
    until=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.2
    done
}
