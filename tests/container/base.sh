#!/bin/bash
# A stand-in for the images that a registry would give, where none can be reached, from Debian's
# packages: base.sh DIRECTORY
# makes ets144-test/base from debootstrap, kept in the directory for the next time and cut down as
# debian:12-slim is; and on it ets144-test/postgres and ets144-test/haproxy.
set -euo pipefail
cd "$(dirname "$0")"
directory=$1
build=(buildah build --isolation chroot --network host --format docker --layers)

make_base() {
    local root=$directory/root
    rm -rf "$root"
    mkdir -p "$directory"
    debootstrap --variant=minbase --include=ca-certificates bookworm "$root" >"$directory/log"
    find "$root/usr/share/doc" -type f ! -name copyright -delete
    rm -rf "$root"/usr/share/{man,locale,info}/* "$root"/var/cache/{apt,debconf}/* \
        "$root"/var/lib/apt/lists/* "$root"/var/log/*
    tar -C "$root" -c . >"$directory/base.tar.new"
    mv "$directory/base.tar.new" "$directory/base.tar"
    rm -rf "$root"
}

[ -e "$directory/base.tar" ] || make_base
podman image exists ets144-test/base || podman import -q "$directory/base.tar" ets144-test/base >/dev/null
for target in postgres haproxy; do
    "${build[@]}" -q -f Dockerfile --target "$target" -t "ets144-test/$target" . >/dev/null
done
