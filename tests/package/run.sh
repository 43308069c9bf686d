#!/bin/bash
# Builds the Debian package and checks it; then installs, runs, upgrades and purges it in a bare Debian
# that debootstrap makes and systemd-nspawn boots without a network, with the commands of docker/README.md
# as they are printed. Prints TAP; where a program is missing, skips what needs it and names it.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8
# shellcheck source=tests/tap.sh
. tests/tap.sh
begin package
root=$scratch/root
machine=ets144-${scratch##*-}
nspawn=
leader=

finish() {
    power_off
    rm -rf --one-file-system "$scratch"
}

# --- The package -----------------------------------------------------------------------------

unpacked=$scratch/unpacked

is_built() {
    package=$(make --no-print-directory --quiet deb | tail -n 1)
    echo "$package"
    [ -n "$package" ] && dpkg-deb -x "$package" "$unpacked" && cp "$package" "$scratch/"
}

# The next version, for an upgrade.
next_is_built() {
    local next
    next=$(docker/deb.sh "$scratch" "$version.1") && dpkg-deb -x "$next" "$scratch/next" &&
        [ "$(dpkg-deb -f "$next" Version)" = "$version.1" ] &&
        "$scratch/next/usr/bin/ets144" --version | grep -F "ets144 $version.1,"
}

# The bill of materials (SPDX 2.3) names the packages of Depends, but for the base system's.
lists_its_materials() {
    local bill=$unpacked/usr/share/doc/ets144/ets144.spdx.json name
    jq -e '.spdxVersion == "SPDX-2.3" and (.packages | length) > 10' "$bill" || return 1
    dpkg-deb -f "$package" Depends | grep -oE '\blib[a-z0-9.+-]+' | sort -u >"$scratch/libraries"
    while read -r name; do
        jq -e --arg name "$name" 'any(.packages[]; .name == $name)' "$bill" >/dev/null || {
            echo "$name is not in the bill of materials"
            return 1
        }
    done <"$scratch/libraries"
}

is_confined() {
    local unit=$unpacked/lib/systemd/system/ets144.service
    systemd-analyze security --offline=true --threshold=20 "$unit"
    local status=$?
    echo "# $(systemd-analyze security --offline=true "$unit" | grep -o 'exposure level.*: [0-9.]*')" >&3
    return "$status"
}

default_of() {
    "$unpacked/usr/bin/ets144" --help | sed -nE "s/^ *ETS144_$1 .*\(default: ([^;)]*).*\)$/\1/p"
}

# The unit's time to stop, against the defaults of the service.
is_given_time_to_stop() {
    local given grace delay
    given=$(sed -n 's/^TimeoutStopSec=//p' "$unpacked/lib/systemd/system/ets144.service")
    grace=$(default_of SHUTDOWN_GRACE)
    delay=$(default_of DRAIN_DELAY_MS)
    [ -n "$grace" ] && [ "$given" -gt "$((grace + ${delay:-0} / 1000 + 5))" ]
}

manual_has_no_fault() {
    man --warnings=w -Tutf8 -l "$unpacked/usr/share/man/man8/ets144.8.gz" >"$scratch/manual" \
        2>"$scratch/faults"
    local status=$?
    cat "$scratch/faults"
    [ "$status" -eq 0 ] && [ ! -s "$scratch/faults" ] && [ "$(wc -l <"$scratch/manual")" -gt 100 ]
}

# Each setting is in the file and in the manual, with its default, and nothing else is.
settings_are_listed() {
    local name standard listed=0 status=0
    col -bx <"$scratch/manual" >"$scratch/manual.txt"
    while read -r name; do
        listed=$((listed + 1))
        standard=$(default_of "$name")
        [ "$standard" != none ] || standard=
        grep -qE "^ *ETS144_$name\$" "$scratch/manual.txt" || status=1
        ( # shellcheck disable=SC1090  # The file is the package's, its settings uncommented.
            unset "${!ETS144_@}" && . <(sed 's/^#ETS144_/ETS144_/' "$unpacked/etc/ets144/ets144.env")
            setting=ETS144_$name
            [ "${!setting-absent}" = "$standard" ]
        ) || {
            echo "ETS144_$name is not listed as $standard"
            status=1
        }
    done < <("$unpacked/usr/bin/ets144" --help | sed -nE 's/^ *ETS144_([A-Z0-9_]+) .*/\1/p')
    [ "$listed" -gt 30 ] && [ "$status" -eq 0 ] &&
        [ "$(grep -c '^#ETS144_' "$unpacked/etc/ets144/ets144.env")" = \
            "$((listed + $(grep -c '^#ETS144_[A-Z_]*_URL_FILE=$' "$unpacked/etc/ets144/ets144.env")))" ]
}

test_package() {
    check 'the package is built' is_built
    version=$(make --no-print-directory -s print-version)
    check 'its version is that of the Makefile' \
        test "$(dpkg-deb -f "$package" Version)" = "$version"
    check 'lintian finds nothing' lintian --allow-root --fail-on error,warning "$package"
    check 'it has a bill of materials, of each library that it depends on' lists_its_materials
    check 'the unit has an exposure below 2.0, by systemd-analyze' is_confined
    check 'it is given more time to stop than it takes' is_given_time_to_stop
    check 'the manual is set without a warning' manual_has_no_fault
    check 'manual and ets144.env list every setting of --help, with its default' settings_are_listed
    check 'a higher version is built' next_is_built
}

# --- A machine -------------------------------------------------------------------------------

# Runs a command in the machine, in a directory with the packages where README has them.
inside() {
    nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup --root --wdns=/srv -- \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        HOME=/root "$@"
}

# Finds the machine's first process, by its id here.
find_leader() {
    local process
    for process in $(pgrep -P "$nspawn"); do
        if [ "$(cat "/proc/$process/comm")" = systemd ]; then
            leader=$process
            return 0
        fi
    done
    return 1
}

is_up() {
    find_leader && inside systemctl is-system-running | grep -qE 'running|degraded'
}

power_on() {
    local options=(--register=no --private-network --resolv-conf=off)
    # Without systemd here, the machine stays in the control group of this script.
    [ -d /run/systemd/system ] || options+=(--keep-unit)
    systemd-nspawn --quiet "${options[@]}" -M "$machine" -D "$root" --boot \
        </dev/null >"$results/machine.log" 2>&1 &
    nspawn=$!
    within 60 is_up
}

power_off() {
    [ -n "$nspawn" ] || return 0
    kill -TERM "$nspawn" 2>/dev/null
    within 30 is_off || kill -KILL "$nspawn" "$leader" 2>/dev/null
    wait "$nspawn" 2>/dev/null
    nspawn=
    find "/run/systemd/nspawn/propagate/$machine" -xdev -depth -type d -delete 2>/dev/null
}

is_off() {
    ! kill -0 "$nspawn"
}

# Downloads what the package needs, since the machine has no network.
is_furnished() {
    mkdir -p "$root" && tar -C "$root" -xf "$results/base.tar" && mkdir -p "$root/srv/build" &&
        cp "$scratch"/*.deb "$root/srv/build/" && cp -L /etc/resolv.conf "$root/etc/resolv.conf" &&
        chroot "$root" apt-get -qq update &&
        chroot "$root" apt-get -qq install --download-only "/srv/build/${package##*/}"
}

# All files, but for those that change while the machine runs.
list_files() {
    inside find / -xdev \( -path /srv -o -path /proc -o -path /sys -o -path /dev -o -path /run \
        -o -path /tmp -o -path /var/tmp -o -path /var/log -o -path /var/cache -o -path /var/lib/apt \
        -o -path /var/lib/dpkg -o -path /var/lib/postgresql \) -prune -o -print | sort
}

unit() {
    inside systemctl show --value -p "$1" ets144
}

get() {
    inside curl -s --max-time 5 --retry 20 --retry-connrefused --retry-delay 1 \
        "http://127.0.0.1:8144$1"
}

serves_the_record() {
    get /v1/states/ITA | grep '"status":"party"'
}

is_left_alone() {
    [ "$(inside systemctl is-enabled ets144)" = disabled ] &&
        [ "$(inside systemctl is-active ets144)" = inactive ]
}

are_in_place() {
    inside stat -c '%a %U:%G %n' /usr/bin/ets144 /etc/ets144/ets144.env /etc/ets144/credentials \
        /usr/share/ets144/sql/cluster.sh /usr/share/ets144/sql/sqitch.plan \
        /usr/share/ets144/sql/data/actions.csv /usr/share/man/man8/ets144.8.gz \
        /lib/systemd/system/ets144.service | diff - <(
        cat <<'TEXT'
755 root:root /usr/bin/ets144
600 root:root /etc/ets144/ets144.env
700 root:root /etc/ets144/credentials
755 root:root /usr/share/ets144/sql/cluster.sh
644 root:root /usr/share/ets144/sql/sqitch.plan
644 root:root /usr/share/ets144/sql/data/actions.csv
644 root:root /usr/share/man/man8/ets144.8.gz
644 root:root /lib/systemd/system/ets144.service
TEXT
    )
}

runs_there() {
    inside ets144 --version | grep "^ets144 $version, schema " && inside ets144 --help | grep ETS144_PORT
}

# systemd-analyze finds nothing in the unit.
unit_is_sound() {
    local said
    said=$(inside systemd-analyze --man=no verify ets144.service 2>&1)
    local status=$?
    echo "$said"
    [ "$status" -eq 0 ] && ! grep -q ets144 <<<"$said"
}

# The commands of a section of docker/README.md, from one that begins with $1 to before one with $2.
commands() {
    awk '/^## / {inside = $0 == "## From a Debian package"} /^```/ {fenced = $0 == "```sh"; next}
        inside && fenced' docker/README.md |
        awk -v from="$1" -v to="$2" 'index($0, from) == 1 {on = 1}
            to != "" && index($0, to) == 1 {on = 0} on'
}

follow() {
    commands "$@" >"$root/srv/commands"
    cat "$root/srv/commands"
    [ -s "$root/srv/commands" ] && inside bash -ex /srv/commands
}

runs_without_rights() {
    local status
    status=/proc/$(unit MainPID)/status
    inside stat -c %U "/proc/$(unit MainPID)" | grep -x ets144 &&
        ! inside grep -q ets144 /etc/passwd &&
        inside grep -E '^CapBnd:\s0+$' "$status" && inside grep -E '^CapEff:\s0+$' "$status" &&
        inside grep -E '^NoNewPrivs:\s1$' "$status" && inside grep -E '^Seccomp:\s2$' "$status"
}

holds_ten_thousand() {
    inside journalctl -u ets144 -o cat | grep -oE '"connection_limit":[0-9]+' | tail -n 1 |
        awk -F : '{print; exit !($2 >= 10000)}'
}

writes() {
    local token
    token=$(inside sudo -u postgres \
        ETS144_ADMIN_DATABASE_URL='postgresql:///ets144?user=ets144_admin' \
        ets144 token create --name writer --scope outlook:write | grep -oE 'ets144_[A-Za-z0-9_-]+')
    inside curl -s --max-time 10 -o /dev/null -w '%{http_code}' http://127.0.0.1:8144/v1/outlook \
        -H "Authorization: Bearer $token" -H 'Content-Type: application/json' -d '{"state": "PRT",
        "stage": "no_information", "date": "2026-01-05", "visibility": "public", "sources": [],
        "note_en": "A first note."}' | grep -x 201
}

is_backed_up() {
    inside sudo -u postgres /usr/share/ets144/sql/backup.sh dump postgresql:///ets144 \
        /var/lib/postgresql/register.dump &&
        inside sudo -u postgres pg_restore -l /var/lib/postgresql/register.dump | grep action_version
}

is_started_again() {
    local before
    before=$(unit MainPID)
    inside systemctl kill -s KILL ets144 && within 20 is_another "$before" && serves_the_record
}

is_another() {
    [ "$(unit MainPID)" -gt 0 ] && [ "$(unit MainPID)" != "$1" ]
}

# README's commands for a password as a credential, with the database of this machine.
takes_a_credential() {
    commands 'sudo install -m 600' '' |
        sed 's|ets144_service:PASSWORD@db/ets144|ets144_service:secret@127.0.0.1/ets144|' \
            >"$root/srv/commands"
    grep -q :secret@ "$root/srv/commands" &&
        inside sudo -u postgres psql -Xqc "alter role ets144_service password 'secret'" &&
        inside bash -ex /srv/commands && serves_the_record &&
        inside sudo -u postgres psql -XAtc "select count(*) from pg_stat_activity
            where usename = 'ets144_service' and client_addr is not null" | grep -E '^[1-9]'
}

# The file is root's, and no other user can read the copy.
keeps_the_credential() {
    inside grep -rsq secret "/proc/$(unit MainPID)/environ" && return 1
    [ "$(inside stat -c '%a %U' /etc/ets144/credentials/database_url)" = '600 root' ] &&
        inside test -s /run/credentials/ets144.service/ets144_database_url &&
        ! inside sudo -u nobody cat /run/credentials/ets144.service/ets144_database_url
}

speaks_tls() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=localhost \
        -keyout "$root/etc/ets144/credentials/key" -out "$root/etc/ets144/credentials/certificate" &&
        chmod 600 "$root/etc/ets144/credentials/"* &&
        cat >>"$root/etc/ets144/ets144.env" <<'TEXT' &&
ETS144_TLS_CERTIFICATE_FILE=/run/credentials/ets144.service/ets144_certificate
ETS144_TLS_KEY_FILE=/run/credentials/ets144.service/ets144_key
TEXT
        inside systemctl restart ets144 &&
        inside curl -sk --max-time 5 --retry 20 --retry-connrefused --retry-delay 1 \
            https://127.0.0.1:8144/v1/states/ITA | grep '"status":"party"'
}

reloads() {
    local before
    before=$(unit MainPID)
    inside systemctl reload ets144 && within 10 logs_the_reload &&
        [ "$(unit MainPID)" = "$before" ]
}

logs_the_reload() {
    inside journalctl -u ets144 -o cat | grep 'certificate_reloaded'
}

# A bad setting ends it, is named in the log, and there is no restart.
gives_up() {
    inside systemctl stop ets144
    cp "$root/etc/ets144/ets144.env" "$scratch/ets144.env"
    echo ETS144_COLOUR=red >>"$root/etc/ets144/ets144.env"
    inside systemctl start ets144
    within 10 is_failed && sleep 3 && is_failed && [ "$(unit NRestarts)" = 0 ] &&
        inside journalctl -u ets144 -o cat | grep 'ETS144_COLOUR is not a setting'
    local status=$?
    cat "$scratch/ets144.env" >"$root/etc/ets144/ets144.env"
    return "$status"
}

is_failed() {
    [ "$(inside systemctl is-failed ets144)" = failed ]
}

stops_in_time() {
    inside systemctl start ets144 && within 20 is_live && inside systemctl stop ets144 &&
        [ "$(unit Result)" = success ] && [ "$(unit ExecMainStatus)" = 0 ]
}

is_live() {
    inside curl -sk --max-time 5 https://127.0.0.1:8144/health/live
}

is_upgraded() {
    local before
    echo '# A line of the operator.' >>"$root/etc/ets144/ets144.env"
    sha256sum <"$root/etc/ets144/ets144.env" >"$scratch/sum"
    inside systemctl start ets144
    within 20 is_live || return 1
    before=$(unit MainPID)
    inside apt-get install "./build/ets144_$version.1_$(dpkg --print-architecture).deb" &&
        inside ets144 --version | grep -F "ets144 $version.1," && is_another "$before" &&
        within 20 is_live
}

settings_are_kept() {
    sha256sum <"$root/etc/ets144/ets144.env" | cmp - "$scratch/sum" &&
        [ "$(inside stat -c '%a %U:%G' /etc/ets144/ets144.env)" = '600 root:root' ]
}

is_removed() {
    inside apt-get remove ets144 && [ ! -e "$root/usr/bin/ets144" ] &&
        [ ! -e "$root/usr/share/ets144" ] && [ "$(inside systemctl is-active ets144)" = inactive ] &&
        settings_are_kept
}

is_purged() {
    inside apt-get purge ets144 && inside apt-get autoremove --purge &&
        list_files | diff "$scratch/before" - &&
        ! inside find /var/lib/dpkg /var/lib/systemd /etc -name '*ets144*' | grep .
}

test_machine() {
    check 'it is installed with its dependencies' follow 'sudo apt install ./build' 'sudo apt install postgresql'
    check 'its unit is neither enabled nor started' is_left_alone
    check 'its files have their places, owners and modes' are_in_place
    check 'the program runs there' runs_there
    check 'systemd-analyze finds the unit sound' unit_is_sound
    check "README's commands deploy, load and start it, and make a token" \
        follow 'sudo apt install postgresql' 'sudo install -m 600'
    check 'it serves the record' serves_the_record
    check 'it runs as a dynamic user, without capabilities, behind a filter of system calls' \
        runs_without_rights
    check 'it may hold ten thousand connections' holds_ten_thousand
    check 'a write goes through' writes
    check 'the packaged script backs it up' is_backed_up
    check 'after a kill systemd starts it again' is_started_again
    check "README's commands give it a password as a credential" takes_a_credential
    check 'the credential is in no environment, and readable by nobody else' keeps_the_credential
    check 'a certificate and its key may be credentials, too' speaks_tls
    check 'it reloads without a restart' reloads
    check 'a bad setting ends it, and it is not started again' gives_up
    check 'it stops in time, with status 0' stops_in_time
    check 'an upgrade restarts it with the new program' is_upgraded
    check 'an upgrade keeps edited settings' settings_are_kept
    check 'removed, its settings stay' is_removed
    check 'purged, no file is left' is_purged
}

package=
version=
lacks=$(lacking dpkg-buildpackage dh lintian man col systemd-analyze)
if [ -n "$lacks" ]; then
    skip 'the package' "this needs $lacks"
    conclude
    exit
fi
test_package

release=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
mirror=$(apt-get indextargets --format "\$(REPO_URI)" "Codename: $release" 'Component: main' |
    head -n 1)
lacks=$(lacking_as_root debootstrap systemd-nspawn nsenter pgrep curl openssl)
[ -n "$lacks" ] || curl -sfIo /dev/null --max-time 20 "${mirror%/}/dists/$release/Release" ||
    lacks="a mirror of Debian that answers"
if [ -n "$lacks" ]; then
    skip 'the package on a machine' "this needs $lacks"
else
    check 'a bare Debian is made' tests/package/base.sh "$results" "$release" "$mirror"
    check 'it is furnished with packages' is_furnished
    if power_on; then
        list_files >"$scratch/before"
        test_machine
    else
        skip 'the package on a machine' 'this needs a kernel on which systemd-nspawn can boot one'
    fi
fi
conclude
