#!/bin/bash
# Recovery to any point in time, from base backups and the write-ahead log that PostgreSQL hands
# over. Everything is in a single directory, best on another machine's disk:
#   archive.sh keep FILE ARCHIVE             takes a segment of the log; as the server's
#                                            archive_command: '…/archive.sh keep %p ARCHIVE'
#   archive.sh base URL ARCHIVE              takes a base backup, as a role with REPLICATION
#   archive.sh recover ARCHIVE DATA [TIME]   makes a data directory that recovers, when a server
#                                            starts on it, to the time, or as far as there is log
# To be run as the user the server runs as.
set -euo pipefail

fail() {
    echo "ets144: $*" >&2
    exit 1
}

# An identical segment was archived before, but the server stopped before it knew.
keep() {
    local file=$1 kept=$2/log/${1##*/}
    mkdir -p "$2/log"
    if [ -e "$kept" ]; then
        cmp -s "$file" "$kept" || fail "$kept is there already and holds something else."
        return 0
    fi
    cp "$file" "$kept.part"
    sync "$kept.part"
    mv "$kept.part" "$kept"
    sync "$2/log"
}

# A base backup is named after the time at which it was complete; it serves any later time.
base() {
    local url=$1 archive=$2 making
    mkdir -p "$archive/base"
    making=$(mktemp -d "$archive/base/.making-XXXXXX")
    if ! pg_basebackup -d "$url" -D "$making" -X none -c fast >/dev/null; then
        rm -rf "$making"
        fail "no base backup could be made."
    fi
    sync -f "$making"
    mv "$making" "$archive/base/$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)"
}

# The last base backup that was complete at the time.
base_before() {
    local archive=$1 time=$2 name chosen=
    for name in "$archive"/base/*Z; do
        [[ ${name##*/} > $time ]] || chosen=$name
    done
    [ -e "$chosen" ] || fail "no base backup of $archive is from before $time."
    echo "$chosen"
}

recover() {
    local archive data=$2 time base
    archive=$(realpath "$1")
    [ ! -e "$data" ] || fail "$data is there already; recovery makes a new directory."
    time=$(date -u -d "${3:-now}" +%Y-%m-%dT%H:%M:%S.%6NZ 2>/dev/null) ||
        fail "\"$3\" is not a time."
    base=$(base_before "$archive" "$time")
    (umask 077 && cp -r "$base" "$data")
    # Drops the log settings of the backed-up server.
    cat >>"$data/postgresql.auto.conf" <<TEXT
archive_mode = off
restore_command = 'cp "$archive/log/%f" "%p"'
recovery_target_timeline = 'latest'
recovery_target_action = 'promote'
TEXT
    [ -z "${3:-}" ] || echo "recovery_target_time = '${time%Z}+00'" >>"$data/postgresql.auto.conf"
    touch "$data/recovery.signal"
}

verb=${1:-}
case $verb:$# in
keep:3 | base:3 | recover:3 | recover:4)
    shift
    "$verb" "$@"
    ;;
*) fail "archive.sh takes keep, base or recover." ;;
esac
