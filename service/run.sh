#!/bin/bash
# The register in one command, and its steps: run.sh serve | deploy | load
#
# Without ETS144_DATABASE_URL a private cluster in .run/cluster is used: started, and with serve
# stopped again. With it, the database it names is: ETS144_ADMIN_DATABASE_URL then is who deploys,
# loads and hands out tokens, and ETS144_DATABASE_URL whom the service connects as
# (the role ets144_service).
set -euo pipefail
cd "$(dirname "$0")/.."
cluster=.run/cluster
binary=build/release/ets144

fail() {
    echo "ets144: $*" >&2
    exit 1
}

reach_database() {
    if [ -n "${ETS144_DATABASE_URL:-}" ]; then
        deployer_url=${ETS144_ADMIN_DATABASE_URL:-$ETS144_DATABASE_URL}
        export ETS144_ADMIN_DATABASE_URL=$deployer_url
        psql "$deployer_url" -XAtqc 'select 1' >/dev/null 2>&1 ||
            fail "the database that ETS144_DATABASE_URL names does not answer."
        private=no
    else
        mkdir -p .run
        sql/cluster.sh start "$cluster"
        deployer_url=$(sql/cluster.sh url "$cluster" postgres)
        ETS144_DATABASE_URL=$(sql/cluster.sh url "$cluster" ets144_service)
        ETS144_ADMIN_DATABASE_URL=$(sql/cluster.sh url "$cluster" ets144_admin)
        export ETS144_DATABASE_URL ETS144_ADMIN_DATABASE_URL
        private=yes
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

# The first token is printed once, with commands that work as they stand.
hand_out_token() {
    local token base="http://${ETS144_LISTEN_ADDRESS:-127.0.0.1}:${ETS144_PORT:-8144}"
    if "$binary" token list | grep -q .; then
        return 0
    fi
    token=$("$binary" token create --name first --scope actions:write \
        --scope calls:write --scope outlook:write --scope outlook:read 2>/dev/null)
    cat <<TEXT

The first write token, shown this once:

    $token

Read where Italy stands:

    curl $base/v1/states/ITA

Record that Portugal signed, and see its status change (add ?dry_run=true to try it only):

    curl -X POST $base/v1/actions -H 'Authorization: Bearer $token' \\
         -H 'Content-Type: application/json' -d '{"state": "PRT", "kind": "signature",
         "date": "2026-11-02", "verification": "single_source",
         "sources": ["https://www.coe.int/en/web/conventions"]}'

TEXT
}

stop_all() {
    trap '' INT TERM
    if [ -n "${service:-}" ]; then
        kill -TERM "$service" 2>/dev/null || true
        wait "$service" || status=$?
    fi
    [ "$private" = no ] || sql/cluster.sh stop "$cluster"
}

serve() {
    local status=0
    check_port
    reach_database
    # Ctrl-C reaches the whole group; the service is given its own, and told by us.
    trap 'stop_all; exit $status' INT TERM
    if ! { deploy && load >/dev/null && hand_out_token; }; then
        stop_all
        exit 1
    fi
    setsid "$binary" serve &
    service=$!
    wait "$service" || status=$?
    service=
    stop_all
    exit "$status"
}

case ${1:-} in
serve) serve ;;
deploy) reach_database && deploy ;;
load) reach_database && deploy && load ;;
*) fail "run.sh takes serve, deploy or load." ;;
esac
