#!/bin/bash
# Runs the register from a source tree, or one step of that:
#   run.sh serve | deploy | load | token WORD... | check | backup FILE | restore FILE
#
# Without ETS144_DATABASE_URL it starts a private cluster in .run/cluster and stops it at the end.
# With it, the service connects to that database (as the role ets144_service), and the other steps
# use ETS144_ADMIN_DATABASE_URL, or the same.
set -euo pipefail
cd "$(dirname "$0")/.."
cluster=.run/cluster
binary=build/release/ets144
service=
keeps_cluster=no

fail() {
    echo "ets144: $*" >&2
    exit 1
}

# Ctrl-C signals every process of the terminal's foreground group, so make as well, which would then
# report an error. With -m bash and its children become the foreground group. A script that is not in
# the foreground (in the background, without a terminal) is left alone.
become_foreground_group() {
    local group front
    case $- in
    *m*) set +m ;;
    *)
        read -r _ _ _ _ group _ _ front _ <"/proc/$$/stat"
        [ "$group" != "$front" ] || exec bash -m "$PWD/service/run.sh" "$@"
        ;;
    esac
}

# On every exit: SIGINT, on which the service finishes running requests but does not wait for proxies
# to switch; then the cluster stops.
finish() {
    local status=$?
    trap '' INT TERM
    if [ -n "$service" ]; then
        kill -INT "$service" 2>/dev/null || true
        wait "$service" || status=$?
    fi
    if [ "$keeps_cluster" = yes ]; then
        sql/cluster.sh stop "$cluster" || status=1
    fi
    exit "$status"
}

# The first line of libpq's message, as part of a sentence.
libpq_message() {
    head -n 1 | sed -E 's/^psql: (error: )?//; s/[.[:space:]]*$//'
}

reach_given_database() {
    local said
    deployer_url=${ETS144_ADMIN_DATABASE_URL:-$ETS144_DATABASE_URL}
    export ETS144_ADMIN_DATABASE_URL=$deployer_url PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-5}
    said=$(psql "$deployer_url" -XAtqc 'select 1' 2>&1 >/dev/null) ||
        fail "the database does not answer: $(libpq_message <<<"$said")."
}

# The script that holds .run/lock starts and stops the cluster; others use it while it runs.
reach_private_cluster() {
    mkdir -p .run
    touch .run/lock 2>/dev/null ||
        fail ".run belongs to $(stat -c %U .run); run this as that user, or remove it to start over."
    exec 9>.run/lock
    if flock -n 9; then
        keeps_cluster=yes
        # Without the lock: the server survives a script that is killed.
        sql/cluster.sh start "$cluster" 9>&-
    elif [ "$1" = serve ]; then
        fail "this tree is already being served by another make run; stop that first."
    fi
    unset "${!PG@}"
    deployer_url=$(sql/cluster.sh url "$cluster" postgres)
    ETS144_DATABASE_URL=$(sql/cluster.sh url "$cluster" ets144_service)
    ETS144_ADMIN_DATABASE_URL=$(sql/cluster.sh url "$cluster" ets144_admin)
    export ETS144_DATABASE_URL ETS144_ADMIN_DATABASE_URL
}

reach_database() {
    if [ -n "${ETS144_DATABASE_URL:-}" ]; then
        reach_given_database
    else
        reach_private_cluster "$1"
    fi
}

deploy() {
    sql/cluster.sh deploy "$deployer_url"
}

load() {
    psql "$deployer_url" -X -v data="$PWD/sql/data" -f sql/load.sql
}

check_port() {
    local address=${ETS144_LISTEN_ADDRESS:-127.0.0.1} port=${ETS144_PORT:-8144}
    if (exec 3<>"/dev/tcp/$address/$port") 2>/dev/null; then
        fail "port $port on $address is in use; stop what listens there or set ETS144_PORT."
    fi
}

# The address of the service on this machine.
base_url() {
    local address=${ETS144_LISTEN_ADDRESS:-127.0.0.1}
    case $address in
    0.0.0.0) address=127.0.0.1 ;;
    ::) address='[::1]' ;;
    *:*) address="[$address]" ;;
    esac
    echo "http://$address:${ETS144_PORT:-8144}"
}

# Prints the first token, once, with commands ready to paste.
print_first_token() {
    local token base
    token=$("$binary" token create --first --name first --scope actions:write \
        --scope calls:write --scope states:write --scope memberships:write \
        --scope outlook:write --scope outlook:read --scope notes:write --scope notes:read \
        --scope imports:write --scope imports:admin --scope webhooks:write \
        --scope webhooks:admin 2>/dev/null)
    [ -n "$token" ] || return 0
    base=$(base_url)
    cat <<TEXT

The first write token, shown this once:

    $token

Read the status of Italy:

    curl $base/v1/states/ITA

Record that Portugal signed, and see its status change (with ?dry_run=true, only try it):

    curl -X POST $base/v1/actions -H 'Authorization: Bearer $token' \\
         -H 'Content-Type: application/json' -d '{"state": "PRT", "kind": "signature",
         "date": "$(date -u +%F)", "verification": "single_source",
         "sources": ["https://www.coe.int/en/web/conventions"]}'

TEXT
}

serve() {
    check_port
    reach_database serve
    deploy
    load >/dev/null
    print_first_token
    echo "Serving the register on $(base_url); Ctrl-C stops it."
    # On the private cluster it serves this machine only, so links can be absolute.
    if [ "$keeps_cluster" = yes ] && [ -z "${ETS144_TLS_CERTIFICATE_FILE:-}" ]; then
        export ETS144_PUBLIC_URL=${ETS144_PUBLIC_URL-$(base_url)}
    fi
    # In a session of its own: finish() stops it, not Ctrl-C.
    setsid "$binary" serve &
    service=$!
    local status=0
    wait "$service" || status=$?
    service=
    return "$status"
}

verb=${1:-}
case $verb in
serve | deploy | load | token | check) ;;
backup | restore) [ -n "${2:-}" ] || fail "$verb needs a file: make $verb FILE=register.dump" ;;
*) fail "run.sh takes serve, deploy, load, token, check, backup or restore." ;;
esac
become_foreground_group "$@"
shift
trap finish EXIT
trap 'exit 0' INT TERM
case $verb in
serve) serve ;;
deploy)
    reach_database deploy
    deploy
    ;;
load)
    reach_database load
    deploy
    load
    ;;
token | check)
    reach_database "$verb"
    "$binary" "$verb" "$@"
    ;;
backup)
    reach_database backup
    sql/backup.sh dump "$deployer_url" "$1"
    ;;
restore)
    reach_database restore
    sql/backup.sh restore "$deployer_url" "$1"
    "$binary" check
    ;;
esac
