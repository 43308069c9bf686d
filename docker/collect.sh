#!/bin/bash
# Puts a program and all it needs to run below a directory, as the root of an image:
#   collect.sh PROGRAM DIRECTORY VERSION
# Its libraries, certificates to trust, a user; and what the packages that these are from say of
# themselves, so that an inspection of the image finds their versions and licences: for dpkg, and as a
# bill of materials (SPDX).
set -euo pipefail
program=$1
root=$2
version=$3

mkdir -p "$root"/{etc/ssl/certs,usr/bin,usr/lib,usr/lib64,var/lib/dpkg/status.d}
ln -s usr/bin usr/lib usr/lib64 "$root"
install "$program" "$root/usr/bin/"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
echo 'ets144:x:65532:65532::/:/usr/bin/ets144' >"$root/etc/passwd"
echo 'ets144:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

# Some packages still name their files as they were before /lib became a link.
package_of() {
    { dpkg -S "$1" 2>/dev/null || dpkg -S "${1#/usr}"; } | cut -d : -f 1
}

packages=(ca-certificates)
while read -r library; do
    place=$(realpath "$(dirname "$library")")/$(basename "$library")
    install -D "$(realpath "$library")" "$root$place"
    packages+=("$(package_of "$(realpath "$library")")")
done < <(ldd "$program" | grep -oE '/[^ ]+')

mapfile -t packages < <(printf '%s\n' "${packages[@]}" | sort -u)
for package in "${packages[@]}"; do
    dpkg -s "$package" >"$root/var/lib/dpkg/status.d/$package"
    install -D -m 644 "/usr/share/doc/$package/copyright" "$root/usr/share/doc/$package/copyright"
done

mkdir -p "$root/usr/share/doc/ets144"
/usr/bin/python3 docker/sbom.py "$version" "${packages[@]}" >"$root/usr/share/doc/ets144/ets144.spdx.json"

# Docker keeps the files' dates, which would make builds of the same files differ.
find "$root" -exec touch -h -d @0 {} +
