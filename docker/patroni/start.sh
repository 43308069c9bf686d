#!/bin/bash
# In the image `patroni`: one PostgreSQL server under Patroni, called by its host name. MEMBERS names
# the etcd servers; passwords are files below /run/secrets.
set -euo pipefail
name=$(hostname)
etcd=
for member in $MEMBERS; do
    etcd+=${etcd:+,}$member:2379
done

# A commit waits for a standby, and another server takes over within about 20 seconds.
(umask 077 && cat >/tmp/patroni.yaml) <<TEXT
scope: ets144
name: $name
restapi:
  listen: 0.0.0.0:8008
  connect_address: $name:8008
etcd3:
  hosts: $etcd
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 5
    retry_timeout: 5
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      parameters:
        timezone: UTC
        wal_log_hints: 'on'
  initdb:
    - encoding: UTF8
    - locale: C.UTF-8
    - data-checksums
  pg_hba:
    - local all all peer
    - host replication replicator all scram-sha-256
    - host all all all scram-sha-256
  post_bootstrap: /ets144/docker/patroni/create_database.sh
postgresql:
  listen: 0.0.0.0:5432
  connect_address: $name:5432
  data_dir: /var/lib/postgresql/data
  bin_dir: /usr/lib/postgresql/15/bin
  pgpass: /tmp/pgpass
  # A new standby does not wait until the primary's next checkpoint is through, which takes minutes.
  basebackup:
    - checkpoint: fast
  parameters:
    unix_socket_directories: /tmp
    password_encryption: scram-sha-256
  authentication:
    superuser:
      username: postgres
      password: '$(</run/secrets/postgres_password)'
    replication:
      username: replicator
      password: '$(</run/secrets/replication_password)'
TEXT
exec patroni /tmp/patroni.yaml
