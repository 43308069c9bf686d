#!/bin/bash
# In the image `migrate`: deploys sql/, loads the record and gives the service's roles their
# passwords. Repeatable; what is there already stays as it is. Everything comes as files:
#   ETS144_DEPLOY_URL_FILE           the database's URL for a role that may create roles
#   ETS144_SERVICE_PASSWORD_FILE     the password of ets144_service; without it none is set
#   ETS144_ADMIN_PASSWORD_FILE       the password of ets144_admin; without it none is set
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "ets144: $*" >&2
    exit 1
}

# A password, as SQL has it; it stands in no command line.
set_password() {
    local role=$1 file=$2 password
    [ -n "$file" ] || return 0
    password=$(<"$file")
    psql "$url" -Xq -v ON_ERROR_STOP=1 <<<"alter role $role password '${password//\'/\'\'}'"
}

url=$(<"${ETS144_DEPLOY_URL_FILE:?names the file with the URL of the database}")
for _ in {1..60}; do
    ! psql "$url" -XAtqc 'select 1' >/dev/null 2>&1 || break
    sleep 1
done
sql/cluster.sh deploy "$url"
psql "$url" -X -v data="$PWD/sql/data" -f sql/load.sql
set_password ets144_service "${ETS144_SERVICE_PASSWORD_FILE:-}"
set_password ets144_admin "${ETS144_ADMIN_PASSWORD_FILE:-}"
