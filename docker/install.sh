#!/bin/bash
# Installs what is missing of docker/packages: install.sh SECTION...
# Where nothing is missing nothing is run, so that a second start costs nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
    echo "ets144: $*" >&2
    exit 1
}

wanted() {
    local section
    for section in "$@"; do
        awk -v section="$section" '$1 == section {print $2}' docker/packages
    done
}

# Prints those of the packages that are not installed.
missing() {
    comm -23 <(printf '%s\n' "$@" | sort -u) \
        <(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "$@" 2>/dev/null |
            sed -n 's/^.i *//p' | sort -u)
}

# Debian's postgresql-15 would start a cluster of its own beside ours; where no configuration says
# otherwise yet, ask it not to.
keep_postgresql_quiet() {
    local directory=/etc/postgresql-common
    if [ ! -e "$directory/createcluster.conf" ]; then
        "${as_root[@]}" mkdir -p "$directory"
        echo 'create_main_cluster = false' |
            "${as_root[@]}" tee "$directory/createcluster.conf" >/dev/null
    fi
}

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq \
        -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-confold "$@"
}

install_missing() {
    keep_postgresql_quiet && apt update && apt install -y --no-install-recommends "$@"
}

mapfile -t packages < <(wanted "$@")
[ "${#packages[@]}" -gt 0 ] || fail "docker/packages has no section $*."
mapfile -t packages < <(missing "${packages[@]}")
[ "${#packages[@]}" -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null ||
        fail "these packages are missing, and only root or sudo can install them: ${packages[*]}."
    # Asks for the password, if it takes one, while the terminal is still ours.
    sudo true ||
        fail "these packages are missing, and sudo does not let you install them: ${packages[*]}."
    as_root=(sudo)
fi

echo "Installing: ${packages[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! install_missing "${packages[@]}" >"$log" 2>&1 </dev/null; then
    tail -n 5 "$log" >&2
    fail "the missing packages could not be installed: ${packages[*]}."
fi
