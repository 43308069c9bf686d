#!/bin/bash
# A register in one file, and back again:
#   backup.sh dump URL FILE       writes the whole database to a new file, as of one moment
#   backup.sh restore URL FILE    into an empty database: everything, or nothing
# Passwords of the roles belong to the cluster and are in no backup.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
export PGCONNECT_TIMEOUT=${PGCONNECT_TIMEOUT:-5}

fail() {
    echo "ets144: $*" >&2
    exit 1
}

ask() {
    psql "$url" -XAtqc "$1"
}

# Runs a program of PostgreSQL; prints its output only if it fails.
quietly() {
    local said
    said=$("$@" 2>&1) || {
        head -n 5 <<<"$said" >&2
        return 1
    }
}

dump() {
    local file=$1
    [ ! -e "$file" ] || fail "$file is there already; a backup overwrites nothing."
    ask 'select number from register.revision' >/dev/null 2>&1 ||
        fail "there is no register in this database, or it does not answer."
    (umask 077 && quietly pg_dump -Fc -f "$file.part" "$url") || {
        rm -f "$file.part"
        fail "no backup could be made."
    }
    sync "$file.part"
    mv "$file.part" "$file"
}

# Reverting the first change leaves only the roles, which a backup does not contain.
make_roles() {
    quietly psql "$url" -Xq -v ON_ERROR_STOP=1 -f "$here/deploy/roles.sql" \
        -f "$here/revert/roles.sql"
}

restore() {
    local file=$1 database status=0
    pg_restore -l "$file" >/dev/null 2>&1 || fail "$file is not a backup that can be read."
    [ "$(ask "select count(*) from pg_namespace
                where nspname in ('register', 'service', 'sqitch')")" = 0 ] ||
        fail "there is a register in this database already; restore into an empty one."
    database=$(ask 'select quote_ident(current_database())')
    make_roles || fail "the roles could not be made."
    # Everything belongs to a single role here, whichever role deployed the original.
    ask "grant create on database $database to ets144_owner"
    quietly pg_restore -d "$url" --single-transaction --no-owner --role=ets144_owner "$file" ||
        status=1
    ask "revoke create on database $database from ets144_owner"
    [ "$status" -eq 0 ] || fail "$file could not be restored, and nothing of it was."
}

verb=${1:-}
case $verb:$# in
dump:3 | restore:3)
    url=$2
    "$verb" "$3"
    ;;
*) fail "backup.sh takes dump or restore, a database's URL and a file." ;;
esac
