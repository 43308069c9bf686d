# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of the bench share their variables
# Cached responses to many clients at once, and beside clients that are a burden.
cases_of_crowd='slow-clients cold-questions dashboards'

prepare_crowd() {
    local program
    for program in pollers dawdlers; do
        gcc -O2 -Wall -Wextra -o "$scratch/$program" "tests/load/$program.c"
    done
    start_nginx
    list_tag_of_nginx=$(tag "http://127.0.0.1:${port[nginx]}/list")
    # As many as the limit of open files allows.
    dashboards=$(($(ulimit -Hn) - 500 < 10000 ? $(ulimit -Hn) - 500 : 10000))
    note dashboards-asked own "$dashboards"
}

finish_crowd() {
    note memory service "$(awk '/VmHWM/ {print $2 / 1024}' "/proc/${pid[own]}/status")"
}

# Beside five thousand clients that send or fetch a byte a second, as against without them.
measure_slow-clients() {
    local slow
    "$scratch/dawdlers" "$own" /v1/states 5000 $((seconds + 8)) >>"$scratch/log" 2>&1 &
    slow=$!
    sleep 4
    note slow-clients with "$(rate "http://127.0.0.1:$own/v1/states/ITA")"
    wait "$slow" || true
    note slow-clients without "$(rate "http://127.0.0.1:$own/v1/states/ITA")"
}

# Beside 40 cold questions a second of the dearest kinds, as against without them.
measure_cold-questions() {
    local said
    said=$(node tests/load/attack.mjs "$own" $((seconds * 150)))
    echo "  cached beside cold questions, p99 quiet and attacked in ms; cold ones answered of all: $said"
    note cold-questions quiet "$(awk '{print $1}' <<<"$said")"
    note cold-questions attacked "$(awk '{print $2}' <<<"$said")"
}

measure_dashboards() {
    local said who path etag
    for who in own nginx; do
        path=/list etag=$list_tag_of_nginx
        [ $who = nginx ] || { path=/v1/states etag=$(tag "http://127.0.0.1:$own/v1/states"); }
        said=$("$scratch/pollers" "${port[$who]}" "$path" "$etag" "$dashboards" 10 || true)
        echo "  $who, $dashboards dashboards: $said"
        note dashboards $who "$(awk '{print $8}' <<<"$said")"
        note dashboard-errors $who "$(awk '{print $2}' <<<"$said")"
    done
}
