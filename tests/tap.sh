# TAP for the suites that are scripts, and for lint.sh; they source this file at the top of the tree.
# The output of a check is in $results/last.log until the next check.
# shellcheck shell=bash
number=0
failed=0

# begin SUITE: makes $scratch, and $results in build/SUITE; finish, which the suite defines, runs at the
# end. Descriptor 3 prints from within a check.
begin() {
    # shellcheck disable=SC2034  # The suites use it.
    scratch=$(mktemp -d "/tmp/ets144-$1-XXXXXX")
    results=$PWD/build/$1
    mkdir -p "$results"
    exec 3>&1
    trap finish EXIT
    trap 'exit 130' INT TERM
}

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

# check SENTENCE COMMAND...: passes if the command succeeds.
check() {
    local sentence=$1
    shift
    "$@" >"${results:?}/last.log" 2>&1
    local status=$?
    verdict "$status" "$sentence"
    [ "$status" -eq 0 ] || tail -n 60 "${results:?}/last.log" | cut -c 1-200 | sed 's/^/#   /'
}

# skip SENTENCE REASON
skip() {
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}

# Prints the plan; fails if a check failed.
conclude() {
    echo "1..$number"
    [ "$failed" -eq 0 ]
}

# Those of the programs that are not installed, in a line.
lacking() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || echo "$tool"
    done | paste -s -d ' '
}

# The same for what only root can run.
lacking_as_root() {
    local lacks
    lacks=$(lacking "$@")
    [ "$(id -u)" -eq 0 ] || lacks="root's rights $lacks"
    echo "$lacks"
}

# within SECONDS COMMAND...: repeats a command until it succeeds.
within() {
    local seconds=$1 until
    shift
    until=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.2
    done
}
