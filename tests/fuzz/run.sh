#!/bin/bash
# Replays the corpus, then fuzzes: run.sh SECONDS [TARGET...]; prints TAP.
# A new input of a longer run is kept in build/fuzz/corpus, and so is what broke something, as
# build/fuzz/NAME-crash-*. JOBS targets run at once.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
# shellcheck source=tests/tap.sh
source tests/tap.sh
seconds=$1
shift
mapfile -t targets < <(sed -n 's/^TARGET.\([a-z0-9_]*\),.*/\1/p' tests/fuzz/targets.def)
[ "$#" -eq 0 ] || targets=("$@")
logs=build/fuzz/logs
mkdir -p "$logs"
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=0

longest() {
    sed -n "s/^TARGET.$1, \([0-9]*\).*/\1/p" tests/fuzz/targets.def
}

# fuzz TARGET SECONDS LONGEST: what finds nothing exits 0. An input that is given 25 s is too slow. The
# socket's target has threads of its own, whose memory is the service's until its end.
fuzz() {
    local leaks=1
    [[ $1 != socket && $1 != request ]] || leaks=0
    mkdir -p "build/fuzz/corpus/$1"
    "build/fuzz/target_$1" -max_total_time="$2" -max_len="$3" -timeout=25 -rss_limit_mb=2048 \
        -detect_leaks=$leaks -print_final_stats=1 -artifact_prefix="build/fuzz/$1-" \
        -dict="tests/fuzz/dictionaries/$1.dict" "build/fuzz/corpus/$1" "tests/fuzz/corpus/$1" \
        >"build/fuzz/logs/$1.log" 2>&1
    echo $? >"build/fuzz/logs/$1.status"
}
export -f fuzz

executions() {
    sed -n 's/^stat::number_of_executed_units: *//p' "$logs/$1.log"
}

for target in "${targets[@]}"; do
    build/coverage/replay "$target" "tests/fuzz/corpus/$target"/* >"$logs/replay.log" 2>&1
    verdict $? "$target: the corpus replays"
    [ ! -s "$logs/replay.log" ] || sed 's/^/#   /' "$logs/replay.log" | tail -n 20
done
if [ ! -x "build/fuzz/target_${targets[0]}" ]; then
    for target in "${targets[@]}"; do
        skip "$target: $seconds s of fuzzing find nothing" 'clang has no libFuzzer here'
    done
    conclude
    exit
fi

for target in "${targets[@]}"; do
    echo "$target $seconds $(longest "$target")"
done | xargs -P "${JOBS:-$(nproc)}" -L 1 bash -c 'fuzz "$@"' fuzz
total=0
for target in "${targets[@]}"; do
    count=$(executions "$target")
    total=$((total + ${count:-0}))
    verdict "$(cat "$logs/$target.status")" \
        "$target: $seconds s of fuzzing find nothing in ${count:-?} executions"
    [ "$(cat "$logs/$target.status")" -eq 0 ] || tail -n 40 "$logs/$target.log" | sed 's/^/#   /'
done
echo "# $total executions"
conclude
