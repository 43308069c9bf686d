#!/bin/bash
# Writes schema_objects.tsv, which `ets144 check` compares a database with: sql/ deployed to a cluster
# of its own, and every object there with its digest. `make schema-objects` runs it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
sql=$here/../../sql
place=$(mktemp -d /tmp/ets144-objects-XXXXXX)
chmod 755 "$place"
trap '"$sql/cluster.sh" stop "$place/cluster"; rm -rf "$place"' EXIT
trap 'exit 130' INT TERM

"$sql/cluster.sh" start "$place/cluster" throw-away
url=$("$sql/cluster.sh" url "$place/cluster" postgres)
"$sql/cluster.sh" deploy "$url"
PGOPTIONS='-c search_path=pg_catalog' psql "$url" -XAtq -v ON_ERROR_STOP=1 -F $'\t' \
    -f "$sql/queries/schema_objects.sql" -o "$place/objects"
cp "$place/objects" "$here/schema_objects.tsv"
