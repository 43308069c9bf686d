#!/bin/bash
# In the image `patroni`: one of the etcd servers that MEMBERS names, called by its host name.
set -euo pipefail
name=$(hostname)
cluster=
for member in $MEMBERS; do
    cluster+=${cluster:+,}$member=http://$member:2380
done
exec etcd --name "$name" --data-dir /var/lib/etcd/data \
    --listen-client-urls http://0.0.0.0:2379 --advertise-client-urls "http://$name:2379" \
    --listen-peer-urls http://0.0.0.0:2380 --initial-advertise-peer-urls "http://$name:2380" \
    --initial-cluster "$cluster" --initial-cluster-token ets144 \
    --heartbeat-interval 300 --election-timeout 3000 --auto-compaction-retention 1 --logger zap --log-level warn
