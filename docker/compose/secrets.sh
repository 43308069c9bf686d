#!/bin/bash
# Makes the secrets that the compose files name, as files in a directory: secrets.sh DIRECTORY
# Existing files stay; to use another certificate, put it with its key into proxy_certificate.
set -euo pipefail
directory=$1

# Writes its input to a secret's file, unless the file exists. Any user may read the file, because the
# container's user must; the directory's mode keeps others out.
secret() {
    if [ -e "$directory/$1" ]; then
        cat >/dev/null
    else
        cat >"$directory/$1"
        chmod 444 "$directory/$1"
    fi
}

password() {
    openssl rand -hex 24 | secret "$1"
}

url() {
    local name=$1 user=$2 hosts=$3 more=$4
    echo "postgresql://$user:$(<"$directory/${user#ets144_}_password")@$hosts/ets144$more" |
        secret "$name"
}

certificate() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
        -keyout - -out - 2>/dev/null
}

mkdir -p "$directory"
chmod 700 "$directory"
for name in postgres replication service admin; do
    password "${name}_password"
done
url deploy_url postgres postgres ''
url database_url ets144_service postgres ''
url admin_database_url ets144_admin postgres ''
three=postgres-1,postgres-2,postgres-3
url ha_deploy_url postgres $three '?target_session_attrs=read-write'
url ha_database_url ets144_service $three '?target_session_attrs=read-write'
url ha_read_database_url ets144_service $three '?target_session_attrs=prefer-standby'
url ha_admin_database_url ets144_admin $three '?target_session_attrs=read-write'
[ -e "$directory/proxy_certificate" ] || certificate | secret proxy_certificate
