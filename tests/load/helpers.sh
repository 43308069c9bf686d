# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # the files of the bench share their variables
# What the files of the bench share: servers, databases, and figures.
#
#   scratch   a directory of this run        socket   of the cluster
#   token     may record actions             port[X]  of the server X
#   own       the port of the service on the real record
declare -A port=() pid=()
threads=$(nproc)
figures=$scratch/figures

free_port() {
    /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# serve NAME COMMAND...: starts a server, %port% in its command replaced, and waits until it answers.
serve() {
    local name=$1
    port[$name]=${port[$name]:-$(free_port)}
    shift
    "${@//%port%/${port[$name]}}" >>"$scratch/log" 2>&1 &
    pid[$name]=$!
    for _ in $(seq 200); do
        ! curl -s -o /dev/null "http://127.0.0.1:${port[$name]}/" || return 0
        sleep 0.1
    done
    echo "$name does not answer; see:" >&2
    tail -n 5 "$scratch/log" >&2
    exit 1
}

# service NAME DATABASE SETTING=VALUE...
service() {
    local name=$1 database=$2
    shift 2
    serve "$name" env ETS144_PORT=%port% "ETS144_DATABASE_URL=$(url_of "$database" ets144_service)" "$@" \
        build/release/ets144 serve
}

# The settings under which each response is worked out anew. A thread that waits for the database answers
# nobody else, so there are more threads than sessions.
cold=(ETS144_CACHE_ENTRIES=0 ETS144_CACHE_WARMING=no "ETS144_POOL_SIZE=$threads" ETS144_THREADS=8)

# What takes too long is to be measured, too.
patient=(ETS144_STATEMENT_TIMEOUT_MS=60000)

# stop NAME...
stop() {
    local name
    for name; do
        kill "${pid[$name]}" 2>/dev/null || true
        wait "${pid[$name]}" 2>/dev/null || true
        unset "pid[$name]" "port[$name]"
    done
}

url_of() {
    echo "postgresql:///$1?host=$socket&user=$2"
}

# sql DATABASE, then arguments of psql
sql() {
    local database=$1
    shift
    psql "$(url_of "$database" postgres)" -X -q -A -t -v ON_ERROR_STOP=1 "$@"
}

# copy NAME [TEMPLATE]: a database like the real record
copy() {
    sql postgres -c "drop database if exists $1 with (force)" -c "create database $1 template ${2:-real}" 2>>"$scratch/log"
}

# note CASE CONTESTANT FIGURE: without a figure the goal is missed
note() {
    echo "$1 $2 ${3:-nan}" >>"$figures"
}

# A rate in milliseconds for each.
milliseconds() {
    awk -v rate="$1" 'BEGIN {print 1000 / rate}'
}

# What was answered with success in a second. By h2load, since it takes a 304 that tells the length of
# what it leaves out (RFC 9110 §8.6); wrk would wait for the bytes.
rate() {
    h2load --h1 -t1 -c"${clients:-32}" -D"$seconds" "$@" |
        awk -v seconds="$seconds" '/^requests:/ {print $8 / seconds}'
}

# scripted_rate CLIENTS SCRIPT PORT WORD...: the same of requests that a script of wrk makes, since all
# clients of h2load would ask for the same ones
scripted_rate() {
    local clients=$1 script=$2 where=$3
    shift 3
    wrk -t1 -c"$clients" -d"${seconds}s" -s "tests/load/$script" "http://127.0.0.1:$where" -- "$@" |
        tee -a "$scratch/log" |
        awk -v seconds="$seconds" '/requests in/ {all = $1} /Non-2xx/ {refused = $NF}
            END {print (all - refused) / seconds}'
}

# database_rate CLIENTS DATABASE FILE [NAME=VALUE...]: transactions a second of a file of pgbench, with the
# settings of the service's sessions
database_rate() {
    local clients=$1 database=$2 file=$3
    shift 3
    PGOPTIONS='-c jit=off -c plan_cache_mode=force_generic_plan' \
        pgbench -n -M prepared -c "$clients" -j 1 -T "$seconds" -f "$file" "${@/#/-D}" -h "$socket" \
        -U ets144_service "$database" 2>>"$scratch/log" | awk '/^tps/ {print $3}'
}

# median_latency URL: of five requests in turn, in milliseconds
median_latency() {
    for _ in 1 2 3 4 5; do
        curl -sf -o "$scratch/body" -w '%{time_total}\n' "$1" || echo nan
    done | sort -g | awk 'NR == 3 {print $1 * 1000}'
}

# The statement of the service for pgbench: parameters as the service binds them; a variable that is not
# set is null.
prepared() {
    grep -v '^ *--' "sql/queries/$1.sql" | sed -E "s/:'([a-z_]+)'/:\1/g"
    echo ';'
}

# The statement with its parameters written into it: NAME=SQL ...; the others are null.
statement() {
    local text pair
    text=$(grep -v '^ *--' "sql/queries/$1.sql")
    shift
    for pair; do
        text=${text//":'${pair%%=*}'"/${pair#*=}}
    done
    # shellcheck disable=SC2001 # a pattern with a class
    sed "s/:'[a-z_]*'/null/g" <<<"$text"
}

tag() {
    curl -s -I "$1" | awk 'tolower($1) == "etag:" {sub(/\r/, ""); print $2}'
}

# nginx with the bytes of the list and of a State.
start_nginx() {
    [ -z "${port[nginx]:-}" ] || return 0
    mkdir "$scratch/html"
    curl -s "http://127.0.0.1:$own/v1/states" >"$scratch/html/list"
    curl -s "http://127.0.0.1:$own/v1/states/ITA" >"$scratch/html/item"
    gzip -k6 "$scratch/html/list"
    chmod -R a+rX "$scratch/html"
    port[nginx]=$(free_port)
    cat >"$scratch/nginx.conf" <<EOF
worker_processes $threads; worker_rlimit_nofile 20000; pid $scratch/nginx.pid; daemon off;
error_log $scratch/nginx.log;
events { worker_connections 12000; }
http { access_log off; keepalive_requests 100000000; gzip_static on; open_file_cache max=100;
       server { listen 127.0.0.1:${port[nginx]} backlog=4096; root $scratch/html;
                default_type application/json; } }
EOF
    serve nginx nginx -c "$scratch/nginx.conf"
}
