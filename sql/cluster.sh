#!/bin/bash
# A private PostgreSQL cluster in a directory, reached by a Unix socket only:
#   cluster.sh start DIRECTORY [throw-away]    makes it if need be; prints nothing when it stands
#   cluster.sh stop DIRECTORY
#   cluster.sh url DIRECTORY ROLE              the libpq URL of the database ets144
#   cluster.sh socket DIRECTORY                the directory of the socket
#   cluster.sh deploy URL                      deploys sql/ with Sqitch, unless it is deployed
# PostgreSQL refuses to run as root; then it runs as the user postgres, and where that user cannot
# reach the directory its data stand below /var/tmp, with a link to them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
server_user=postgres

fail() {
    echo "ets144: $*" >&2
    exit 1
}

programs() {
    local newest
    newest=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 2>/dev/null | sort -V | tail -n 1)
    [ -n "$newest" ] || fail "PostgreSQL is not installed (package postgresql-15)."
    echo "$newest/bin"
}

# Runs a command as the user who owns the cluster.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        runuser -u "$server_user" -- "$@"
    else
        "$@"
    fi
}

hash_of() {
    printf '%s' "$1" | sha256sum | cut -c 1-12
}

# A socket's path may have 107 bytes; a deep tree has its socket in /tmp.
socket_directory() {
    local directory="$1/socket"
    if [ "${#directory}" -gt 80 ]; then
        directory="/tmp/ets144-$(hash_of "$1")"
    fi
    echo "$directory"
}

# Makes the directory such that the server's user can work in it.
make_directory() {
    local directory=$1
    mkdir -p "$(dirname "$directory")"
    [ ! -e "$directory" ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        mkdir -m 700 "$directory"
        return
    fi
    if as_server test -x "$(dirname "$directory")"; then
        install -d -m 755 -o "$server_user" "$directory"
    else
        local elsewhere
        elsewhere="/var/tmp/ets144-$(hash_of "$directory")"
        install -d -m 755 -o "$server_user" "$elsewhere"
        ln -s "$elsewhere" "$directory"
    fi
}

initialise() {
    local directory=$1 bin=$2
    as_server "$bin/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 \
        --no-instructions >"$directory.log" 2>&1 || {
        tail -n 3 "$directory.log" >&2
        fail "the database cluster in $directory could not be made."
    }
}

start() {
    local directory=$1 kind=${2:-kept} bin socket options
    bin=$(programs)
    make_directory "$directory"
    directory=$(readlink -f "$directory")
    [ -e "$directory/data/PG_VERSION" ] || initialise "$directory" "$bin"
    socket=$(socket_directory "$directory")
    if as_server "$bin/pg_ctl" -D "$directory/data" status >/dev/null 2>&1; then
        return 0
    fi
    # Other users of the machine are kept out: the socket's directory is the owner's, and as root
    # root's too.
    if [ "$(id -u)" -eq 0 ]; then
        install -d -m 700 -o "$server_user" "$socket"
    else
        install -d -m 700 "$socket"
    fi
    options="-k '$socket' -c listen_addresses= -c log_min_messages=warning"
    if [ "$kind" = throw-away ]; then
        options+=" -c fsync=off -c full_page_writes=off -c synchronous_commit=off"
        options+=" -c track_functions=all -c max_connections=200"
    fi
    as_server "$bin/pg_ctl" -D "$directory/data" -l "$directory/data/server.log" -w -t 30 -s \
        -o "$options" start >/dev/null || {
        as_server tail -n 3 "$directory/data/server.log" >&2
        fail "the database cluster in $directory does not start."
    }
    as_server "$bin/psql" -h "$socket" -U postgres -d postgres -XAtq \
        -c "select 1 from pg_database where datname = 'ets144'" | grep -q 1 ||
        as_server "$bin/createdb" -h "$socket" -U postgres ets144
}

stop() {
    local directory bin
    [ -e "$1" ] || return 0
    directory=$(readlink -f "$1")
    bin=$(programs)
    as_server "$bin/pg_ctl" -D "$directory/data" -m fast -w -s stop >/dev/null 2>&1 || true
}

socket() {
    socket_directory "$(readlink -f "$1")"
}

url() {
    echo "postgresql:///ets144?host=$(socket "$1")&user=$2"
}

# The last change of the plan, and the last one deployed.
planned() {
    awk '/^[a-z]/ {last = $1} END {print last}' "$here/sqitch.plan"
}

deploy() {
    local url=$1 rest log
    rest=${url#postgresql:}
    psql "$url" -XAtqc 'select 1' >/dev/null 2>&1 || fail "the database does not answer."
    if [ "$(psql "$url" -XAtqc 'select service.schema_version()' 2>/dev/null)" = "$(planned)" ]; then
        return 0
    fi
    log=$(mktemp)
    if ! (cd "$here" && sqitch deploy --verify "db:pg:$rest") >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        fail "sql/ could not be deployed."
    fi
    rm -f "$log"
}

verb=${1:-}
[ "$#" -ge 2 ] || fail "cluster.sh takes start, stop, url, socket or deploy."
shift
case $verb in
start | stop | url | socket | deploy) "$verb" "$@" ;;
*) fail "cluster.sh takes start, stop, url, socket or deploy." ;;
esac
