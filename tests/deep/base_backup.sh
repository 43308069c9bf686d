#!/bin/bash
# What pg_basebackup does, by PostgreSQL's own functions, for a server on this machine of whose version
# there is no pg_basebackup; as the user the server runs as:
#   base_backup.sh SOCKET DATA [NAME]     a copy in DATA; with a name, one that is a standby
set -euo pipefail
socket=$1
data=$2
name=${3:-}
ask=(psql -h "$socket" -U postgres -d postgres -XAtq -v ON_ERROR_STOP=1)
source=$("${ask[@]}" -c 'show data_directory')
export source data

mkdir -m 700 "$data"
# What changes while it is read is mended from the log; tar says so with 1.
copy() {
    local status=0
    tar -C "$source" --exclude='./pg_wal/*' --exclude=./postmaster.pid --exclude=./postmaster.opts \
        --exclude='./pg_stat_tmp/*' --exclude='./pg_replslot/*' --exclude='*/pgsql_tmp*' \
        --warning=no-file-changed --warning=no-file-removed -cf - . | tar -C "$data" -xf - || status=$?
    [ "$status" -le 1 ]
}
export -f copy
# The two calls have to come from one session.
"${ask[@]}" >"$data/backup_label" <<'SQL'
select from pg_backup_start('tests', true) \g /dev/null
\! bash -c copy || touch "$data/failed"
select labelfile from pg_backup_stop(false)
SQL
[ ! -e "$data/failed" ] || {
    echo "ets144: $source could not be copied." >&2
    exit 1
}
cp -r "$source/pg_wal/." "$data/pg_wal/"
if [ -n "$name" ]; then
    echo "primary_conninfo = 'host=$socket user=postgres application_name=$name'" \
        >>"$data/postgresql.auto.conf"
    touch "$data/standby.signal"
fi
