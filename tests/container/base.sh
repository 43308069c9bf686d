#!/bin/bash
# A stand-in for debian:12-slim where no registry can be reached: base.sh DIRECTORY
# makes the image ets144-test/base with debootstrap, from the mirror that apt uses here, and cuts it
# down as that one is. What is there already is kept.
set -euo pipefail
root=$1/base

cut_down() {
    find "$root/usr/share/doc" -type f ! -name copyright -delete
    rm -rf "$root"/usr/share/{man,locale,info}/* "$root"/var/cache/{apt,debconf}/* \
        "$root"/var/lib/apt/lists/* "$root"/var/log/*
}

! podman image exists ets144-test/base || exit 0
mirror=$(apt-get indextargets 'Codename: bookworm' | awk '$1 == "Site:" && !seen++ {print $2}')
rm -rf "$root"
debootstrap --variant=minbase --include=ca-certificates bookworm "$root" \
    "${mirror:-http://deb.debian.org/debian}"
cut_down
tar -C "$root" -c . | podman import -q - ets144-test/base
rm -rf "$root"
