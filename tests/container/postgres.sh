#!/bin/bash
# What the official image's entry does with the settings that compose.yaml gives it.
set -euo pipefail
if [ "$(id -u)" = 0 ]; then
    install -d -o postgres -m 700 "$PGDATA"
    chown postgres "$PGDATA"
    exec setpriv --reuid postgres --regid postgres --init-groups \
        env POSTGRES_PASSWORD="$(<"$POSTGRES_PASSWORD_FILE")" "$0"
fi
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    initdb -U postgres -E UTF8 --locale=C.UTF-8 -A scram-sha-256 \
        --pwfile=<(echo "$POSTGRES_PASSWORD") >/dev/null
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    sed -i 's/^local .*all  .*/local all all trust/' "$PGDATA/pg_hba.conf"
    echo "listen_addresses = '*'" >>"$PGDATA/postgresql.conf"
    pg_ctl -w -s -o '-c listen_addresses=' start
    psql -U postgres -Xqc "create database $POSTGRES_DB"
    pg_ctl -w -s stop
fi
exec postgres
