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

# What changes while it is read is mended from the log; tar says so with 1.
copy() {
    local status=0
    tar -C "$source" --exclude='./pg_wal/*' --exclude=./postmaster.pid --exclude=./postmaster.opts \
        --exclude='./pg_stat_tmp/*' --exclude='./pg_replslot/*' --exclude='*/pgsql_tmp*' \
        --warning=no-file-changed --warning=no-file-removed -cf - . | tar -C "$data" -xf - || status=$?
    [ "$status" -le 1 ]
}

mkdir -m 700 "$data"
# A backup begins and ends in one session.
coproc session { "${ask[@]}"; }
# shellcheck disable=SC2154 # the coprocess sets it
exec 3<&"${session[0]}"
echo "select 'begun' from pg_backup_start('tests', true);" >&"${session[1]}"
read -r _ <&3
copy
printf '%s\n' "select pg_walfile_name(lsn) || E'\n' || labelfile from pg_backup_stop(false);" '\q' \
    >&"${session[1]}"
read -r last <&3
cat <&3 >"$data/backup_label"
first=$(sed -nE 's/^START WAL LOCATION: .*\(file (.*)\)$/\1/p' "$data/backup_label")
[ -n "$first" ]
for segment in "$source"/pg_wal/*; do
    file=${segment##*/}
    if [[ $file == *.history || (! $file < $first && ! $file > $last && ! -d $segment) ]]; then
        cp "$segment" "$data/pg_wal/"
    fi
done
if [ -n "$name" ]; then
    echo "primary_conninfo = 'host=$socket user=postgres application_name=$name'" \
        >>"$data/postgresql.auto.conf"
    touch "$data/standby.signal"
fi
