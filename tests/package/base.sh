#!/bin/bash
# A bare Debian with systemd, PostgreSQL and Sqitch, to install the package on: base.sh DIRECTORY RELEASE MIRROR
# makes base.tar in the directory, unless it is there from the last time.
set -euo pipefail
directory=$1
release=$2
mirror=$3
root=$directory/root
packages=(curl libdbd-pg-perl libnss-systemd postgresql sqitch sudo)

[ ! -e "$directory/base.tar" ] || exit 0
rm -rf "$root"
mkdir -p "$directory"
debootstrap --variant=minbase --include=ca-certificates,systemd "$release" "$root" "$mirror"
echo ets144 >"$root/etc/hostname"
echo '127.0.0.1 localhost ets144' >"$root/etc/hosts"
# A machine that is thrown away need not be safe from a power cut.
echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe"
echo 'APT::Get::Assume-Yes "true";' >"$root/etc/apt/apt.conf.d/yes"
# Nothing is to be started outside of the machine's own systemd.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod 755 "$root/usr/sbin/policy-rc.d"
chroot "$root" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
    apt-get install --no-install-recommends "${packages[@]}"
rm "$root/usr/sbin/policy-rc.d"
# Another PostgreSQL on this machine may have had the usual port when this one looked for its own.
sed -i 's/^port = .*/port = 5432/' "$root"/etc/postgresql/*/main/postgresql.conf
find "$root/usr/share/doc" -type f ! -name copyright -delete
rm -rf "$root"/usr/share/{man,locale,info}/* "$root"/var/cache/apt/archives/*.deb "$root"/var/log/*.log
tar -C "$root" -c . >"$directory/base.tar.new"
mv "$directory/base.tar.new" "$directory/base.tar"
rm -rf "$root"
