#!/bin/bash
# The service beside others that do the same, in one run, interleaved, three rounds or more:
#   bench.sh [ROUNDS [SECONDS]]
# Prints ratios (the service's figure by the rival's, median and spread) and writes them, with the
# machine and the versions, to tests/load/RESULTS.md. A goal that is missed is said to be missed.
set -euo pipefail
cd "$(dirname "$0")/../.."
unset "${!PG@}" "${!ETS144_@}"
rounds=${1:-3}
seconds=${2:-3}
top=$PWD
scratch=$(mktemp -d /tmp/ets144-bench-XXXXXX)
chmod 755 "$scratch"
figures=$scratch/figures
threads=$(nproc)
pids=()

finish() {
    [ "${#pids[@]}" -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
    sql/cluster.sh stop "$scratch/cluster" || true
    rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# Starts a command in the background and waits until its port answers.
start() {
    local port=$1
    shift
    "$@" >>"$scratch/log" 2>&1 &
    pids+=($!)
    for _ in $(seq 100); do
        ! curl -s -o /dev/null "http://127.0.0.1:$port/" || return 0
        sleep 0.1
    done
    echo "$1 does not answer; see:" >&2
    tail -n 5 "$scratch/log" >&2
    exit 1
}

# note CASE CONTESTANT FIGURE
note() {
    echo "$1 $2 $3" >>"$figures"
}

# What was answered with success in a second. By h2load, since it takes a 304 that tells the length of
# what it leaves out (RFC 9110 §8.6); wrk would wait for the bytes.
rate() {
    h2load --h1 -t1 -c"${clients:-32}" -D"$seconds" "$@" |
        awk -v seconds="$seconds" '/^requests:/ {print $8 / seconds}'
}

tag() {
    curl -s -I "$1" | awk 'tolower($1) == "etag:" {sub(/\r/, ""); print $2}'
}

# The statement of a file with its parameters set: NAME=SQL ...; the others are null.
statement() {
    local text pair
    text=$(grep -v '^--' "sql/queries/$1.sql")
    shift
    for pair in "$@"; do
        text=${text//":'${pair%%=*}'"/${pair#*=}}
    done
    # shellcheck disable=SC2001 # a pattern with a class
    sed "s/:'[a-z_]*'/null/g" <<<"$text"
    echo ';'
}

echo "preparing"
make --no-print-directory --quiet build
[ -d tests/load/node_modules ] || (cd tests/load && npm install --no-audit --no-fund --no-save >/dev/null)
for program in raw_mhd pollers dawdlers; do
    gcc -O2 -Wall -Wextra -o "$scratch/$program" "tests/load/$program.c" -lmicrohttpd
done
sql/cluster.sh start "$scratch/cluster" throw-away
socket=$(sql/cluster.sh socket "$scratch/cluster")
sql/cluster.sh deploy "postgresql:///ets144?host=$socket&user=postgres" >/dev/null
psql "postgresql:///ets144?host=$socket&user=postgres" -X -q -v data="$top/sql/data" -f sql/load.sql
export ETS144_DATABASE_URL="postgresql:///ets144?host=$socket&user=ets144_service"
export ETS144_ADMIN_DATABASE_URL="postgresql:///ets144?host=$socket&user=ets144_admin"
export ETS144_LOG_LEVEL=warning ETS144_THREADS=$threads ETS144_DATABASE_HEARTBEAT_TIMEOUT_MS=5000
export ETS144_CHECKOUT_TIMEOUT_MS=5000
token=$(build/release/ets144 token create --name bench --scope actions:write 2>/dev/null)

own=$(free_port)
ETS144_PORT=$own start "$own" build/release/ets144 serve
service=${pids[-1]}
cold=$(free_port)
# A thread that waits for the database answers nobody else: for cold reads there are more of them.
ETS144_PORT=$cold ETS144_CACHE_ENTRIES=0 ETS144_CACHE_WARMING=no ETS144_POOL_SIZE=$threads ETS144_THREADS=8 \
    start "$cold" build/release/ets144 serve
mkdir "$scratch/html"
curl -s "http://127.0.0.1:$own/v1/states" >"$scratch/html/list"
curl -s "http://127.0.0.1:$own/v1/states/ITA" >"$scratch/html/item"
gzip -k6 "$scratch/html/list"
chmod -R a+rX "$scratch/html"
web=$(free_port)
cat >"$scratch/nginx.conf" <<EOF
worker_processes $threads; worker_rlimit_nofile 20000; pid $scratch/nginx.pid; daemon off;
error_log $scratch/nginx.log;
events { worker_connections 12000; }
http { access_log off; keepalive_requests 100000000; gzip_static on; open_file_cache max=100;
       server { listen 127.0.0.1:$web backlog=4096; root $scratch/html; default_type application/json; } }
EOF
start "$web" nginx -c "$scratch/nginx.conf"
raw=$(free_port)
start "$raw" "$scratch/raw_mhd" "$raw" "$threads" "$scratch/html/list"
other=$(free_port)
start "$other" node tests/load/fastify.mjs "$other" "$socket"
another=$(free_port)
start "$another" /usr/bin/python3 tests/load/fastapi_list.py "$another" "$socket"

# A day that nobody asked for before, each time: all clients of h2load would ask for the same ones.
cat >"$scratch/days.lua" <<'EOF'
math.randomseed(os.time())
request = function()
    return wrk.format("GET", "/v1/states?as_of=" .. os.date("!%Y-%m-%d", math.random(700, 1700) * 1000000))
end
EOF
cold_rate() {
    wrk -t1 -c16 -d"${seconds}s" -s "$scratch/days.lua" "http://127.0.0.1:$cold" |
        awk -v seconds="$seconds" '/requests in/ {all = $1} /Non-2xx/ {refused = $NF}
            END {print (all - refused) / seconds}'
}
document='{"state":"AUT","kind":"signature","date":"2026-01-01","verification":"unconfirmed"}'
echo "$document" >"$scratch/document"
# The very statements of a cold read and of a write; a write is rolled back, so that the record that
# is judged stays the same for all.
{
    echo '\set day random(1, 11000)'
    statement states "as_of=(date '1993-01-01' + :day::integer)" "lang='en'"
} >"$scratch/read.sql"
{
    echo 'begin;'
    statement write_begin "token_digest=sha256('$token')"
    statement action_record "document='$document'"
    statement actions "known_at='infinity'" "reference='AUT-1'" "lang='en'" "limit='1'"
    statement state "as_of='2026-11-24'" "known_at='infinity'" "state='AUT'" "lang='en'"
    statement consequences "as_of='2026-11-24'" "revision='2'" "revision_before='1'" "lang='en'"
    echo 'rollback;'
} >"$scratch/write.sql"
bench_database() {
    PGOPTIONS='-c jit=off -c plan_cache_mode=force_generic_plan' pgbench -n -M prepared -c "$threads" \
        -j 1 -T "$seconds" -f "$1" -h "$socket" -U ets144_service ets144 2>>"$scratch/log" |
        awk '/^tps/ {print $3}'
}

own_tag=$(tag "http://127.0.0.1:$own/v1/states")
web_tag=$(tag "http://127.0.0.1:$web/list")
for round in $(seq "$rounds"); do
    echo "round $round of $rounds"
    note item service "$(rate "http://127.0.0.1:$own/v1/states/ITA")"
    note item nginx "$(rate "http://127.0.0.1:$web/item")"
    note list service "$(rate "http://127.0.0.1:$own/v1/states")"
    note list nginx "$(rate "http://127.0.0.1:$web/list")"
    note list libmicrohttpd "$(rate "http://127.0.0.1:$raw/")"
    note list fastify "$(rate "http://127.0.0.1:$other/v1/states")"
    note list fastapi "$(rate "http://127.0.0.1:$another/v1/states")"
    note 304 service "$(rate -H "If-None-Match: $own_tag" "http://127.0.0.1:$own/v1/states")"
    note 304 nginx "$(rate -H "If-None-Match: $web_tag" "http://127.0.0.1:$web/list")"
    note 304 libmicrohttpd "$(rate -H 'If-None-Match: "raw"' "http://127.0.0.1:$raw/")"
    note gzip service "$(rate -H 'Accept-Encoding: gzip' "http://127.0.0.1:$own/v1/states")"
    note gzip nginx "$(rate -H 'Accept-Encoding: gzip' "http://127.0.0.1:$web/list")"
    note cold service "$(cold_rate)"
    note cold pgbench "$(bench_database "$scratch/read.sql")"
    note write service "$(clients=4 rate -d "$scratch/document" -H 'Content-Type: application/json' \
        -H "Authorization: Bearer $token" "http://127.0.0.1:$own/v1/actions?dry_run=true")"
    note write pgbench "$(bench_database "$scratch/write.sql")"
done

# Beside five thousand clients that send or fetch a byte a second, as against without them.
for round in $(seq "$rounds"); do
    "$scratch/dawdlers" "$own" /v1/states 5000 $((seconds + 8)) >>"$scratch/log" 2>&1 &
    slow=$!
    sleep 4
    note dawdlers with "$(rate "http://127.0.0.1:$own/v1/states/ITA")"
    wait "$slow" || true
    note dawdlers without "$(rate "http://127.0.0.1:$own/v1/states/ITA")"
done

# Beside 40 cold questions a second of the dearest kinds, as against without them.
for round in $(seq "$rounds"); do
    said=$(node tests/load/attack.mjs "$own" $((seconds * 150)))
    echo "  cached beside cold questions, p99 quiet and attacked in ms; cold ones answered of all: $said"
    note attack-p99 quiet "$(awk '{print $1}' <<<"$said")"
    note attack-p99 attacked "$(awk '{print $2}' <<<"$said")"
done

# How soon what is written to the database shows here.
for round in $(seq "$rounds"); do
    said=$(/usr/bin/python3 tests/load/freshness.py "$ETS144_DATABASE_URL" "$token" "$own" 200)
    note freshness p50 "$(awk '{print $1}' <<<"$said")"
    note freshness p99 "$(awk '{print $2}' <<<"$said")"
done

# What stands now, read from a register with a million versions and from this one.
psql -h "$socket" -U postgres -d postgres -X -q -c "select pg_terminate_backend(pid)
    from pg_stat_activity where datname = 'ets144'" -c 'create database grown template ets144' >/dev/null
psql -h "$socket" -U postgres -d grown -X -q -v versions=1000000 -f tests/load/history.sql
{
    statement states "as_of='2026-11-24'" "known_at=now()" "lang='en'"
} >"$scratch/list.sql"
{
    statement state "as_of='2026-11-24'" "known_at=now()" "lang='en'" "state='ITA'"
} >"$scratch/item.sql"
for round in $(seq "$rounds"); do
    for case in list item; do
        for database in grown ets144; do
            note "history-$case" "$database" "$(PGOPTIONS='-c jit=off -c plan_cache_mode=force_generic_plan' \
                pgbench -n -M prepared -c 1 -T "$seconds" -f "$scratch/$case.sql" -h "$socket" \
                -U ets144_service "$database" 2>>"$scratch/log" | awk '/^tps/ {print $3}')"
        done
    done
done

# Ten thousand dashboards, or as many as the limit of open files allows.
dashboards=$(($(ulimit -Hn) - 500 < 10000 ? $(ulimit -Hn) - 500 : 10000))
echo "$dashboards dashboards"
own_tag=$(tag "http://127.0.0.1:$own/v1/states")
memory() {
    awk '/VmHWM/ {print $2 / 1024}' "/proc/$1/status"
}
for round in $(seq "$rounds"); do
    for who in service nginx; do
        port=$web path=/list etag=$web_tag
        [ $who = nginx ] || { port=$own path=/v1/states etag=$own_tag; }
        said=$("$scratch/pollers" "$port" "$path" "$etag" "$dashboards" 10 || true)
        echo "  $who: $said"
        note "dashboards-p99" $who "$(awk '{print $8}' <<<"$said")"
        note "dashboards-errors" $who "$(awk '{print $2}' <<<"$said")"
    done
done
note memory service "$(memory "$service")"

/usr/bin/python3 tests/load/report.py "$figures" "$dashboards" tests/load/RESULTS.md
