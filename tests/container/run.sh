#!/bin/bash
# Builds the images and runs the compose files for what they are, with Podman and without a registry:
# run.sh [image] [compose] [ha]     all of them where none is named
# Prints TAP. What is missing to run it is named, and then all of it is skipped.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
scratch=$(mktemp -d /tmp/ets144-container-XXXXXX)
results=build/container
mkdir -p "$results"
number=0
failed=0
# This works without systemd and cgroup v2, too.
export CONTAINERS_CONF=$scratch/containers.conf
cat >"$CONTAINERS_CONF" <<'TEXT'
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
TEXT
export COMPOSE=podman-compose SECRETS=$scratch/secrets REGISTER_PORT=${REGISTER_PORT:-18443}
export POSTGRES_IMAGE=ets144-test/postgres HAPROXY_IMAGE=ets144-test/haproxy

# The last test's verdict: ok SENTENCE, after what it is about.
verdict() {
    local status=$1
    number=$((number + 1))
    if [ "$status" -eq 0 ]; then
        echo "ok $number - $2"
    else
        echo "not ok $number - $2"
        failed=$((failed + 1))
    fi
}

check() {
    local sentence=$1
    shift
    "$@" >"$results/last.log" 2>&1
    local status=$?
    verdict "$status" "$sentence"
    [ "$status" -eq 0 ] || tail -n 30 "$results/last.log" | cut -c 1-200 | sed 's/^/#   /'
}

missing() {
    local tool
    [ "$(id -u)" -eq 0 ] || echo "root's rights"
    for tool in buildah podman podman-compose runc debootstrap iptables curl openssl; do
        command -v "$tool" >/dev/null || echo "$tool"
    done
}

finish() {
    docker/compose.sh down -v >/dev/null 2>&1
    docker/compose.sh ha down -v >/dev/null 2>&1
    rm -rf "$scratch"
}

get() {
    curl -s --max-time 5 --cacert "$SECRETS/proxy_certificate" "https://localhost:$REGISTER_PORT$1"
}

# Whether a condition comes to hold within so many seconds.
within() {
    local seconds=$1 until
    shift
    until=$((SECONDS + seconds))
    until "$@" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$until" ] || return 1
        sleep 0.2
    done
}

# --- The image -------------------------------------------------------------------------------

inspect() {
    podman inspect --format "$1" ets144
}

in_image() {
    podman run --rm --read-only --cap-drop all --security-opt no-new-privileges "$@"
}

build_images() {
    IMAGE_TOOL=buildah docker/image.sh "$@" --isolation chroot --network host \
        --build-arg BASE=localhost/ets144-test/base
}

is_small() {
    local size
    size=$(podman inspect --format '{{.Size}}' ets144)
    echo "# the service's image has $((size / 1000000)) MB" >&3
    [ "$size" -lt 120000000 ]
}

has_no_shell() {
    ! in_image --entrypoint /bin/sh ets144 -c true && ! in_image --entrypoint sh ets144 -c true
}

# The layers of the same tree, built again from nothing.
is_built_alike() {
    local before
    before=$(inspect '{{.RootFS.Layers}}')
    build_images service --no-cache && [ "$(inspect '{{.RootFS.Layers}}')" = "$before" ]
}

says_what_it_is() {
    [ "$(inspect '{{index .Labels "org.opencontainers.image.title"}}')" = ets144 ] &&
        [ "$(inspect '{{index .Labels "org.opencontainers.image.revision"}}')" = \
            "$(git rev-parse HEAD)" ] &&
        in_image ets144 --version | grep -q '^ets144 '
}

test_image() {
    check 'the images are built' build_images service migrate
    check 'the service needs less than 120 MB' is_small
    check 'it runs without rights, on a root it cannot write to, and has labels' says_what_it_is
    check 'it is nobody in particular' test "$(inspect '{{.Config.User}}')" = 65532:65532
    check 'its health can be asked' test "$(inspect '{{.HealthCheck.Test}}')" = \
        '[CMD /usr/bin/ets144 health]'
    check 'there is no shell in it' has_no_shell
    check 'the same tree gives the same image' is_built_alike
}

# --- The compose files -----------------------------------------------------------------------

# One of the two, by the name of its part here.
comes_up() {
    local which=()
    [ "$1" = compose ] || which=(ha)
    docker/compose.sh "${which[@]}" up >"$scratch/up"
    local status=$?
    cat "$scratch/up"
    token=$(grep -oE '^ets144_[A-Za-z0-9_-]+$' "$scratch/up")
    return "$status"
}

serves_the_record() {
    get /v1/states/ITA | grep -q '"status":"party"' && get '/v1/states?lang=fr' | grep -q Norvège
}

# Prints the status of the answer.
write() {
    curl -s --max-time 10 --cacert "$SECRETS/proxy_certificate" -o /dev/null -w '%{http_code}' \
        "https://localhost:$REGISTER_PORT/v1/outlook" -H "Authorization: Bearer $token" \
        -H "Idempotency-Key: $1" -H 'Content-Type: application/json' -d '{"state": "PRT",
        "stage": "no_information", "date": "2026-01-05", "visibility": "public", "sources": [],
        "note_en": "'"$1"'"}'
}

is_written() {
    [ "$(write "$1")" = 201 ]
}

# So many entries, each with a note of its own.
has_notes() {
    get /v1/states/PRT/outlook | grep -o '"note":"[^"]*"' | sort >"$scratch/notes"
    [ "$(wc -l <"$scratch/notes")" = "$1" ] && [ "$(uniq "$scratch/notes" | wc -l)" = "$1" ]
}

# Reads until it is told to stop; says how many did not succeed.
read_on() {
    local failures=0 reads=0
    while [ ! -e "$scratch/stop" ]; do
        get /v1/states | grep -q '"items"' || failures=$((failures + 1))
        reads=$((reads + 1))
        sleep 0.05
    done
    echo "$failures of $reads" >"$scratch/reads"
}

start_reading() {
    rm -f "$scratch/stop"
    read_on &
    reading=$!
}

no_read_failed() {
    touch "$scratch/stop"
    wait "$reading"
    echo "# reads that failed: $(<"$scratch/reads")" >&3
    [[ $(<"$scratch/reads") == 0\ of* ]]
}

shows_no_secret() {
    local secret image
    for image in ets144 ets144-migrate; do
        podman save -q "$image" >"$scratch/layers" || return 1
        for secret in "$SECRETS"/*_password; do
            ! grep -qF "$(<"$secret")" "$scratch/layers" || return 1
        done
    done
}

test_compose() {
    check 'one command brings it up' comes_up compose
    check 'it prints a first token' test -n "$token"
    check 'it serves the record over TLS' serves_the_record
    check 'a write goes through' is_written first
    check 'no secret is in an image' shows_no_secret
    check 'both replicas are healthy' podman healthcheck run ets144_register-1_1
    start_reading
    podman kill -s KILL ets144_register-1_1 >/dev/null 2>&1
    check 'a replica is killed: writes go on' within 10 is_written second
    sleep 5
    check 'and no read failed' no_read_failed
    podman start ets144_register-1_1 >/dev/null 2>&1
    within 20 podman healthcheck run ets144_register-1_1
    get /v1/states >/dev/null
    start_reading
    podman stop -t 30 ets144_postgres_1 >/dev/null 2>&1
    sleep 4
    check 'the database is stopped: a write is told so' test "$(write third)" = 503
    check 'and no read failed' no_read_failed
    podman start ets144_postgres_1 >/dev/null 2>&1
    check 'it is started again: writes go on' within 30 is_written third
    docker/compose.sh down >/dev/null 2>&1
    check 'taken down and up again, the register is there, and no second token' \
        comes_up_again
    docker/compose.sh down -v >/dev/null 2>&1
}

comes_up_again() {
    local first=$token
    comes_up compose && [ -z "$token" ] && token=$first && is_written first && has_notes 3
}

primary() {
    local n
    for n in 1 2 3; do
        if podman exec "ets144-ha_postgres-${n}_1" psql -XAtqc 'select not pg_is_in_recovery()' \
            2>/dev/null | grep -q t; then
            echo "ets144-ha_postgres-${n}_1"
        fi
    done
}

is_synchronous() {
    podman exec "$(primary)" psql -XAtqc 'select sync_state from pg_stat_replication' | grep -q sync
}

test_ha() {
    local killed before i acknowledged=0
    check 'the image of PostgreSQL with Patroni is built' build_images patroni
    check 'one command brings it up' comes_up ha
    check 'it serves the record over TLS' serves_the_record
    check 'one PostgreSQL has a standby that commits wait for' within 60 is_synchronous
    for i in {1..5}; do
        [ "$(write "before-$i")" != 201 ] || acknowledged=$((acknowledged + 1))
    done
    check 'writes go through' test "$acknowledged" = 5
    start_reading
    killed=$(primary)
    before=$(date +%s)
    podman kill -s KILL "$killed" >/dev/null 2>&1
    check 'the primary is killed: writes resume' within 90 is_written after
    echo "# writes resumed $(($(date +%s) - before)) s after the kill"
    check 'and no read failed' no_read_failed
    check 'another server is the primary' test "$(primary)" != "$killed"
    check 'what was acknowledged is there, once' within 10 has_notes 6
    podman start "$killed" >/dev/null 2>&1
    check 'the killed server comes back as a standby' within 120 is_standby "$killed"
    docker/compose.sh ha down -v >/dev/null 2>&1
}

is_standby() {
    podman exec "$1" psql -XAtqc 'select pg_is_in_recovery()' | grep -q t
}

exec 3>&1
mapfile -t lacking < <(missing)
if [ "${#lacking[@]}" -gt 0 ]; then
    echo "ok 1 - images and compose files # SKIP this needs ${lacking[*]}"
    echo 1..1
    rm -rf "$scratch"
    exit 0
fi
trap finish EXIT
trap 'exit 130' INT TERM
token=
[ "$#" -gt 0 ] || set -- image compose ha
check 'the stand-ins are built' tests/container/base.sh "$results"
for part in "$@"; do
    "test_$part"
done
echo "1..$number"
[ "$failed" -eq 0 ]
