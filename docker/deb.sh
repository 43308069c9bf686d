#!/bin/bash
# Builds the Debian package, as docker/debian describes it: deb.sh DIRECTORY VERSION
# puts it in the directory and prints its path. DEBFULLNAME and DEBEMAIL, which Debian's tools know,
# say who vouches for it.
# What is not tracked has no part in it: it is made from a copy of what is.
set -euo pipefail
cd "$(dirname "$0")/.."
directory=$1
version=$2
work=build/deb
source=$work/source
parts=(Makefile README.md docker openapi service sql)
keepers="The register's keepers"
maintainer="${DEBFULLNAME:-$keepers} <${DEBEMAIL:-keepers@register.example}>"

# The paths of the sources, each with a zero byte after it.
list_sources() {
    if [ -e .git ]; then
        git ls-files -z -- "${parts[@]}"
    else
        find "${parts[@]}" -path docker/compose/secrets -prune -o -type f -print0
    fi
}

# The packages of a section, as a field of a control file has them.
packages_of() {
    awk -v section="$1" '$1 == section {print $2}' docker/packages | sort -u | paste -s -d , |
        sed 's/,/, /g'
}

write_control() {
    sed -e "s/@MAINTAINER@/$maintainer/" -e "s/@BUILD@/$(packages_of build)/" \
        -e "s/@MIGRATE@/$(packages_of migrate)/" docker/debian/control
}

write_changelog() {
    local revision committed
    revision=$(git rev-parse HEAD 2>/dev/null || echo 'an unknown revision')
    committed=$(git log -1 --format=%ct 2>/dev/null || echo 0)
    cat <<TEXT
ets144 ($version) bookworm; urgency=medium

  * Built from $revision.

 -- $maintainer  $(date -u -R -d "@$committed")
TEXT
}

rm -rf "$work"
mkdir -p "$source" "$directory"
list_sources | tar --null -T - -c | tar -x -C "$source"
cp -r docker/debian "$source/debian"
write_control >"$source/debian/control"
write_changelog >"$source/debian/changelog"
# The options of the make that called this are for it alone.
if ! (cd "$source" && unset MAKEFLAGS MFLAGS MAKELEVEL &&
    DEB_BUILD_OPTIONS=parallel=$(nproc) dpkg-buildpackage -b -us -uc) >"$work/log" 2>&1; then
    tail -n 20 "$work/log" >&2
    echo "ets144: the package could not be built; $work/log has it all." >&2
    exit 1
fi
name=ets144_${version}_$(dpkg --print-architecture).deb
cp "$work/$name" "$directory/"
echo "$directory/$name"
