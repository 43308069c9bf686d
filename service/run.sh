#!/bin/bash
# The register in one command, and its steps:
#   run.sh serve | deploy | load | token WORD... | check | backup FILE | restore FILE
#
# Without ETS144_DATABASE_URL a private cluster in .run/cluster is used: started, and stopped again
# at the end. With it, the database it names is: ETS144_ADMIN_DATABASE_URL then is who deploys,
# loads and hands out tokens, and ETS144_DATABASE_URL whom the service connects as
# (the role ets144_service).
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

# A Ctrl-C goes to every program in front of the terminal, so to make too, which would end with an
# error. With -m bash takes the front for itself, and what it starts afterwards stands there with it.
# A script that is not in front (in the background, without a terminal) stays where it is.
stand_alone_in_front() {
    local group front
    case $- in
    *m*) set +m ;;
    *)
        read -r _ _ _ _ group _ _ front _ <"/proc/$$/stat"
        [ "$group" != "$front" ] || exec bash -m "$PWD/service/run.sh" "$@"
        ;;
    esac
}

# At the end, however it comes: the service finishes what it is doing, without waiting for proxies
# that it does not have, then the cluster stops.
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

# The first line of what libpq says, as a part of a sentence.
complaint() {
    head -n 1 | sed -E 's/^psql: (error: )?//; s/[.[:space:]]*$//'
}

reach_given_database() {
    local said
    deployer_url=${ETS144_ADMIN_DATABASE_URL:-$ETS144_DATABASE_URL}
    export ETS144_ADMIN_DATABASE_URL=$deployer_url PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-5}
    said=$(psql "$deployer_url" -XAtqc 'select 1' 2>&1 >/dev/null) ||
        fail "the database that was named does not answer: $(complaint <<<"$said")."
}

# Whoever holds .run/lock starts and stops the cluster; the others find it running, and leave it so.
reach_private_cluster() {
    mkdir -p .run
    touch .run/lock 2>/dev/null ||
        fail ".run belongs to $(stat -c %U .run); run this as that user, or remove it to begin anew."
    exec 9>.run/lock
    if flock -n 9; then
        keeps_cluster=yes
        # The server outlives a script that is killed, and must not hold the lock for it then.
        sql/cluster.sh start "$cluster" 9>&-
    elif [ "$1" = serve ]; then
        fail "this tree is already being served by another make run; stop it first."
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

# Where the service is to be found from this machine.
base_url() {
    local address=${ETS144_LISTEN_ADDRESS:-127.0.0.1}
    case $address in
    0.0.0.0) address=127.0.0.1 ;;
    ::) address='[::1]' ;;
    *:*) address="[$address]" ;;
    esac
    echo "http://$address:${ETS144_PORT:-8144}"
}

# The first token is printed once, with commands that work as they stand.
hand_out_token() {
    local token base
    token=$("$binary" token create --first --name first --scope actions:write \
        --scope calls:write --scope outlook:write --scope outlook:read --scope imports:write \
        --scope webhooks:write 2>/dev/null)
    [ -n "$token" ] || return 0
    base=$(base_url)
    cat <<TEXT

The first write token, shown this once:

    $token

Read where Italy stands:

    curl $base/v1/states/ITA

Record that Portugal signed, and see its status change (add ?dry_run=true to try it only):

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
    hand_out_token
    echo "Serving the register on $(base_url); Ctrl-C stops it."
    # Who tries it out on this machine finds it here, so its addresses can be whole.
    if [ "$keeps_cluster" = yes ] && [ -z "${ETS144_TLS_CERTIFICATE_FILE:-}" ]; then
        export ETS144_PUBLIC_URL=${ETS144_PUBLIC_URL-$(base_url)}
    fi
    # The service is told to stop by this script, not by the terminal.
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
stand_alone_in_front "$@"
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
