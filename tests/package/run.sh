#!/bin/bash
# Builds the Debian package and looks it over; then installs, runs, upgrades and purges it on a
# machine of its own: a bare Debian that debootstrap makes and systemd-nspawn boots, cut off from
# every network, on which README's commands are run as they stand there.
# Prints TAP. What is missing to run it is named, and then what needs it is skipped.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8
scratch=$(mktemp -d /tmp/ets144-package-XXXXXX)
results=build/package
root=$scratch/root
machine=ets144-${scratch##*-}
mkdir -p "$results"
nspawn=
leader=
# shellcheck source=tests/tap.sh
. tests/tap.sh

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

# What the service takes to stop, by its settings as they come.
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

# Each setting with its default, in the file and in the manual; and none that is not one.
settings_are_told() {
    local name standard told=0 status=0
    col -bx <"$scratch/manual" >"$scratch/manual.txt"
    while read -r name; do
        told=$((told + 1))
        standard=$(default_of "$name")
        [ "$standard" != none ] || standard=
        grep -qE "^ *ETS144_$name\$" "$scratch/manual.txt" || status=1
        ( # shellcheck disable=SC1090  # The file is the package's, its settings uncommented.
            unset "${!ETS144_@}" && . <(sed 's/^#ETS144_/ETS144_/' "$unpacked/etc/ets144/ets144.env")
            setting=ETS144_$name
            [ "${!setting-absent}" = "$standard" ]
        ) || {
            echo "ETS144_$name is not told as $standard"
            status=1
        }
    done < <("$unpacked/usr/bin/ets144" --help | sed -nE 's/^ *ETS144_([A-Z0-9_]+) .*/\1/p')
    [ "$told" -gt 30 ] && [ "$status" -eq 0 ] &&
        [ "$(grep -c '^#ETS144_' "$unpacked/etc/ets144/ets144.env")" = \
            "$((told + $(grep -c '^#ETS144_[A-Z_]*_URL_FILE=$' "$unpacked/etc/ets144/ets144.env")))" ]
}

test_package() {
    check 'the package is built' is_built
    version=$(make --no-print-directory -s print-version)
    check 'its version is that of the Makefile' \
        test "$(dpkg-deb -f "$package" Version)" = "$version"
    check 'lintian has nothing to say' lintian --allow-root --fail-on error,warning "$package"
    check 'the unit has an exposure below 2.0, by systemd-analyze' is_confined
    check 'it is given more time to stop than it takes' is_given_time_to_stop
    check 'the manual is set without a warning' manual_has_no_fault
    check 'manual and ets144.env tell every setting of --help, with its default' settings_are_told
    check 'a higher version is built' next_is_built
}

# --- A machine -------------------------------------------------------------------------------

# Runs a command there, in a directory where packages stand as README has them.
inside() {
    nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup --root --wdns=/srv -- \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
        HOME=/root "$@"
}

# The first process of the machine, as this one sees it.
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
    # Where systemd is not there to give it one, it stays in the control group of this script.
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

# What the package needs is fetched before, since the machine has no network.
is_furnished() {
    mkdir -p "$root" && tar -C "$root" -xf "$results/base.tar" && mkdir -p "$root/srv/build" &&
        cp "$scratch"/*.deb "$root/srv/build/" && cp -L /etc/resolv.conf "$root/etc/resolv.conf" &&
        chroot "$root" apt-get -qq update &&
        chroot "$root" apt-get -qq install --download-only "/srv/build/${package##*/}"
}

# Every path but those of what runs meanwhile.
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

# systemd has nothing to complain of in the unit.
unit_is_sound() {
    local said
    said=$(inside systemd-analyze --man=no verify ets144.service 2>&1)
    local status=$?
    echo "$said"
    [ "$status" -eq 0 ] && ! grep -q ets144 <<<"$said"
}

# The commands of README's section, from one that begins so on, up to and without another.
commands() {
    awk '/^### / {inside = $0 == "### From a Debian package"} inside && /^    / {print substr($0, 5)}' \
        README.md | awk -v from="$1" -v to="$2" 'index($0, from) == 1 {on = 1}
            to != "" && index($0, to) == 1 {on = 0} on'
}

follow() {
    commands "$@" >"$root/srv/commands"
    cat "$root/srv/commands"
    [ -s "$root/srv/commands" ] && inside bash -ex /srv/commands
}

is_nobody_in_particular() {
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

comes_back() {
    local before
    before=$(unit MainPID)
    inside systemctl kill -s KILL ets144 && within 20 is_another "$before" && serves_the_record
}

is_another() {
    [ "$(unit MainPID)" -gt 0 ] && [ "$(unit MainPID)" != "$1" ]
}

# README's commands for a password that is a credential, against the database that is there.
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

# The file is root's, and nobody else reads the copy of it.
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
    inside systemctl reload ets144 && within 10 says_that_it_read &&
        [ "$(unit MainPID)" = "$before" ]
}

says_that_it_read() {
    inside journalctl -u ets144 -o cat | grep 'certificate_reloaded'
}

# A bad setting ends it for good, and says which.
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
    inside systemctl start ets144 && within 20 says_it_listens && inside systemctl stop ets144 &&
        [ "$(unit Result)" = success ] && [ "$(unit ExecMainStatus)" = 0 ]
}

says_it_listens() {
    inside curl -sk --max-time 5 https://127.0.0.1:8144/health/live
}

is_upgraded() {
    local before
    echo '# A line of the operator.' >>"$root/etc/ets144/ets144.env"
    sha256sum <"$root/etc/ets144/ets144.env" >"$scratch/sum"
    inside systemctl start ets144
    within 20 says_it_listens || return 1
    before=$(unit MainPID)
    inside apt-get install "./build/ets144_$version.1_$(dpkg --print-architecture).deb" &&
        inside ets144 --version | grep -F "ets144 $version.1," && is_another "$before" &&
        within 20 says_it_listens
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
    check 'it is installed with what it needs' follow 'sudo apt install ./build' 'sudo apt install postgresql'
    check 'nothing of it is enabled or started yet' is_left_alone
    check 'its files are in place, each with its owner and mode' are_in_place
    check 'the program runs there' runs_there
    check 'systemd-analyze finds the unit sound' unit_is_sound
    check "README's commands deploy, load and start it, and make a token" \
        follow 'sudo apt install postgresql' 'sudo install -m 600'
    check 'it serves the record' serves_the_record
    check 'it is a user that is made up, without capabilities, behind a filter of system calls' \
        is_nobody_in_particular
    check 'it may hold ten thousand connections' holds_ten_thousand
    check 'a write goes through' writes
    check 'the packaged script backs it up' is_backed_up
    check 'killed, it comes back' comes_back
    check "README's commands give it a password as a credential" takes_a_credential
    check 'which is in no environment, and for nobody else' keeps_the_credential
    check 'a certificate and its key may be credentials, too' speaks_tls
    check 'it reloads without a new start' reloads
    check 'a setting that is no good stops it for good' gives_up
    check 'told to stop, it ends well' stops_in_time
    check 'an upgrade starts the new program in place of the old' is_upgraded
    check 'and keeps settings that were edited' settings_are_kept
    check 'removed, it is gone, and its settings stay' is_removed
    check 'purged, nothing of it is left' is_purged
}

exec 3>&1
trap finish EXIT
trap 'exit 130' INT TERM
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
lacks=$(lacking debootstrap systemd-nspawn nsenter pgrep curl openssl)
[ "$(id -u)" -eq 0 ] || lacks="root's rights $lacks"
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
