#!/bin/bash
# A private PostgreSQL cluster in a directory, reached by a Unix socket only:
#   cluster.sh start DIRECTORY [throw-away]    creates it if necessary; prints nothing on success
#   cluster.sh stop DIRECTORY
#   cluster.sh url DIRECTORY ROLE              the libpq URL of the database ets144
#   cluster.sh socket DIRECTORY                the directory of the socket
#   cluster.sh deploy URL                      deploys sql/ with Sqitch, unless it is deployed
# POSTGRESQL_BIN names the directory of the server's programs; without it the newest of Debian's
# does. PostgreSQL refuses to run as root; then it runs as the user postgres, and if that user
# cannot reach the directory, the data are below /var/tmp, with a link to them.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

fail() {
    echo "ets144: $*" >&2
    exit 1
}

programs() {
    local newest
    if [ -n "${POSTGRESQL_BIN:-}" ]; then
        [ -x "$POSTGRESQL_BIN/postgres" ] || fail "there is no PostgreSQL in $POSTGRESQL_BIN."
        echo "$POSTGRESQL_BIN"
        return
    fi
    newest=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 2>/dev/null | sort -V | tail -n 1)
    [ -x "$newest/bin/postgres" ] || fail "PostgreSQL is not installed (package postgresql-15)."
    echo "$newest/bin"
}

# Root works as the owner of the cluster, present or future; any other user as themselves.
server_user() {
    local owner=postgres
    if [ "$(id -u)" -ne 0 ]; then
        id -un
        return
    fi
    [ ! -e "$1" ] || owner=$(stat -L -c %U "$1")
    echo "$owner"
}

# Runs a command as the user who owns the cluster, from where that user may be.
as_server() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && exec runuser -u "$user" -- "$@")
    else
        "$@"
    fi
}

is_running() {
    as_server "$bin/pg_ctl" -D "$1/data" status >/dev/null 2>&1
}

# A directory of the server's own with an unpredictable name.
directory_in() {
    as_server mktemp -d "$1/ets144-XXXXXX"
}

# Makes a directory in which the server's user can work.
make_directory() {
    local directory=$1 parent
    parent=$(dirname "$directory")
    mkdir -p "$parent"
    # A dangling link counts as no directory.
    [ -e "$directory" ] || rm -f "$directory"
    if [ -e "$directory" ]; then
        [ -w "$directory" ] || fail "$directory belongs to $(stat -L -c %U "$directory");" \
            "run this as that user or as root, or remove it to begin anew."
    elif [ "$(id -u)" -ne 0 ]; then
        mkdir -m 700 "$directory"
    elif as_server test -x "$parent"; then
        install -d -m 755 -o "$user" "$directory"
    else
        ln -s "$(directory_in /var/tmp)" "$directory"
    fi
}

# Only the owner may enter the socket's directory, which keeps other users of the machine out. A
# socket's path may have 107 bytes and goes into a URL unescaped; otherwise the socket is below
# /tmp, with a link.
make_socket_directory() {
    local socket=$1/socket
    [ ! -e "$socket" ] || return 0
    if [[ ${#socket} -le 80 && $socket != *[^A-Za-z0-9/._~-]* ]]; then
        as_server mkdir -m 700 "$socket"
    else
        ln -sfn "$(directory_in /tmp)" "$socket"
    fi
}

initialise() {
    local directory=$1 log
    log=$(mktemp)
    if ! as_server "$bin/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 \
        --locale=C.UTF-8 --no-instructions >"$log" 2>&1; then
        tail -n 3 "$log" >&2
        rm -f "$log"
        fail "the database cluster in $directory could not be made."
    fi
    rm -f "$log"
}

# The settings of the server, as words for its command line.
settings() {
    local kind=$1 socket=$2
    # JIT compilation takes a thousand times as long as the register's short statements.
    printf -- "-k '%s' -p 5432 -c listen_addresses= -c log_min_messages=warning" "$socket"
    printf -- ' -c timezone=UTC -c jit=off'
    if [ "$kind" = throw-away ]; then
        printf -- ' -c fsync=off -c full_page_writes=off -c synchronous_commit=off'
        printf -- ' -c track_functions=all -c max_connections=200'
        # Suites copy it while others write to it.
        printf -- ' -c wal_keep_size=256MB'
    fi
}

ask() {
    as_server psql -h "$1" -p 5432 -U postgres -d postgres -XAtqc "$2"
}

start() {
    local directory kind=${2:-kept} bin user socket
    # Settings for other databases do not apply here.
    unset "${!PG@}"
    bin=$(programs)
    directory=$(realpath -ms "$1")
    user=$(server_user "$directory")
    make_directory "$directory"
    directory=$(readlink -f "$directory")
    [ -e "$directory/data/PG_VERSION" ] || initialise "$directory"
    if is_running "$directory"; then
        return 0
    fi
    make_socket_directory "$directory"
    socket=$(readlink -f "$directory/socket")
    if ! as_server "$bin/pg_ctl" -D "$directory/data" -l "$directory/data/server.log" -w -t 60 -s \
        -o "$(settings "$kind" "$socket")" start >/dev/null 2>&1; then
        as_server tail -n 3 "$directory/data/server.log" >&2 || true
        fail "the database cluster in $directory does not start."
    fi
    if [ -z "$(ask "$socket" "select 1 from pg_database where datname = 'ets144'")" ]; then
        ask "$socket" 'create database ets144'
    fi
}

stop() {
    local directory bin user
    [ -e "$1" ] || return 0
    bin=$(programs)
    directory=$(readlink -f "$1")
    user=$(server_user "$directory")
    if is_running "$directory"; then
        as_server "$bin/pg_ctl" -D "$directory/data" -m fast -w -t 60 -s stop >/dev/null ||
            fail "the database cluster in $directory does not stop."
    fi
}

socket() {
    readlink -f "$1/socket"
}

url() {
    echo "postgresql:///ets144?host=$(socket "$1")&user=$2"
}

# The last change of the plan.
planned() {
    awk '/^[a-z]/ {last = $1} END {print last}' "$here/sqitch.plan"
}

deploy() {
    local url=$1 target log
    export PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-5}
    case $url in
    postgresql://* | postgres://*) target=db:pg:${url#*:} ;;
    *) fail "Sqitch takes a database as a URL, postgresql://HOST/DATABASE." ;;
    esac
    if [ "$(psql "$url" -XAtqc 'select service.schema_version()' 2>/dev/null)" = "$(planned)" ]; then
        return 0
    fi
    psql "$url" -XAtqc 'select 1' >/dev/null || fail "the database does not answer."
    log=$(mktemp)
    if ! (cd "$here" && sqitch deploy --verify "$target") >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        fail "sql/ could not be deployed."
    fi
    rm -f "$log"
}

verb=${1:-}
case $verb:$# in
start:[23] | stop:2 | url:3 | socket:2 | deploy:2)
    shift
    "$verb" "$@"
    ;;
*) fail "cluster.sh takes start, stop, url, socket or deploy." ;;
esac
