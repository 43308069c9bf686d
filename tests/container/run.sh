#!/bin/bash
# Builds the images and runs the compose files for what they are, with Podman and without a registry:
# run.sh [image] [compose] [ha]     all of them where none is named
# Prints TAP. Where something is missing to run it, that is named and all of it is skipped.
#
# It has images, containers, volumes and networks of its own, below build/container: those of whoever
# calls it are neither seen nor touched. What is kept there makes the next time shorter.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
here=$PWD/tests/container
results=$PWD/build/container
scratch=$(mktemp -d /tmp/ets144-container-XXXXXX)
# The tree as whoever builds has it, with the secrets where they are by default.
tree=$scratch/tree
secrets=$tree/docker/compose/secrets
port=${REGISTER_PORT:-18443}
project=ets144-test-$$
mkdir -p "$results"
# shellcheck source=tests/tap.sh
. tests/tap.sh
export CONTAINERS_CONF=$scratch/containers.conf CONTAINERS_STORAGE_CONF=$scratch/storage.conf
export COMPOSE=podman-compose COMPOSE_PROJECT_NAME=$project REGISTER_PORT=$port
export POSTGRES_IMAGE=ets144-test/postgres HAPROXY_IMAGE=ets144-test/haproxy
unset SECRETS REGISTER_IMAGE MIGRATE_IMAGE PATRONI_IMAGE

# Podman would go by where its images were when it last ran, were the tree elsewhere since.
rm -rf "$results/storage/libpod"
# This works without systemd and cgroup v2, too.
cat >"$CONTAINERS_CONF" <<TEXT
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
[network]
network_backend = "netavark"
network_config_dir = "$results/networks"
TEXT
cat >"$CONTAINERS_STORAGE_CONF" <<TEXT
[storage]
driver = "overlay"
graphroot = "$results/storage"
runroot = "$results/run"
TEXT

get() {
    curl -s --max-time 5 --cacert "$secrets/proxy_certificate" "https://localhost:$port$1"
}

# --- What it takes ---------------------------------------------------------------------------

# Ends the suite: none of it was run.
skip_all() {
    skip 'images and compose files' "$*"
    conclude
    exit
}

missing() {
    local lacks
    lacks=$(lacking buildah podman podman-compose runc debootstrap iptables curl openssl git ip \
        /usr/lib/podman/netavark /usr/lib/podman/aardvark-dns)
    [ "$(id -u)" -eq 0 ] || lacks="root's rights $lacks"
    echo "$lacks"
}

last_line() {
    tail -n 1 "$scratch/probe" | cut -c 1-200
}

says_a_word() {
    [ "$(podman run --rm ets144-test/base echo word 2>"$scratch/probe")" = word ]
}

# Skips everything where containers cannot be run, whatever the reason is.
probe() {
    local lacks
    lacks=$(missing)
    [ -z "$lacks" ] || skip_all "this needs $lacks"
    unshare --mount --net true 2>"$scratch/probe" || skip_all "no container can be run: $(last_line)"
    "$here/base.sh" "$results" >"$scratch/probe" 2>&1 ||
        skip_all "no base for images can be made: $(last_line)"
    says_a_word || skip_all "no container can be run: $(last_line)"
}

build_servers() {
    local target
    for target in postgres haproxy; do
        buildah build --isolation chroot --network host --format docker --layers -q \
            -f "$here/Dockerfile" --target "$target" -t "ets144-test/$target" "$here" || return 1
    done
}

# A copy of the tree, as a clone of it has it; what was changed and is not committed comes along.
copy_tree() {
    git clone -q --shared --no-checkout . "$1" && git ls-files -z | xargs -0 cp --parents -t "$1"
}

# --- What it leaves --------------------------------------------------------------------------

# The machine's interfaces, mounts and the helpers of containers, and what Podman knows of here.
traces() {
    ip -br link | cut -d ' ' -f 1
    cut -d ' ' -f 5 /proc/self/mountinfo
    cat /proc/[0-9]*/comm 2>/dev/null | grep -xE 'conmon|aardvark-dns'
    podman ps -aq
    podman volume ls -q
    podman network ls -q
}

take_down() {
    local which=("$@")
    "$tree/docker/compose/compose.sh" "${which[@]}" down -v >/dev/null 2>&1
    # podman-compose leaves it.
    podman network rm -f "$project${which[*]:+-ha}_default" >/dev/null 2>&1
}

leaves_nothing() {
    traces | sort | comm -13 "$scratch/before" - >"$scratch/left"
    cat "$scratch/left"
    [ ! -s "$scratch/left" ]
}

finish() {
    if [ -e "$tree" ]; then
        take_down
        take_down ha
    fi
    # What earlier trees gave is nobody's now.
    [ ! -e "$scratch/before" ] || podman image prune -f >/dev/null 2>&1
    rm -rf "$scratch"
}

# --- The image -------------------------------------------------------------------------------

inspect() {
    podman inspect --format "$1" ets144
}

# Runs it as the compose files do.
in_image() {
    podman run --rm --read-only --cap-drop all --security-opt no-new-privileges "$@"
}

build_images() {
    IMAGE_TOOL=buildah "$tree/docker/image.sh" "$@" --isolation chroot --network host \
        --build-arg BASE=localhost/ets144-test/base
}

is_small() {
    local size
    size=$(podman inspect --format '{{.Size}}' ets144)
    echo "# the service's image has $((size / 1000000)) MB" >&3
    [ "$size" -lt 120000000 ]
}

# What can be run in it, by where it is; libraries are no programs.
programs() {
    local container
    container=$(podman create ets144)
    podman export "$container" | tar -tv | awk '$1 ~ /^-.*x/ && $NF !~ /\.so(\.|$)/ {print $NF}'
    podman rm "$container" >/dev/null
}

has_no_shell() {
    programs | tee "$scratch/programs"
    [ "$(<"$scratch/programs")" = usr/bin/ets144 ] || return 1
    in_image --entrypoint /bin/sh ets144 -c true
    [ "$?" -eq 127 ]
}

# Those that were kept from an earlier commit say that they are of this one.
says_what_it_is() {
    local image
    for image in ets144 ets144-migrate; do
        podman inspect --format '{{json .Labels}}' "$image"
        [ "$(podman inspect --format '{{index .Labels "org.opencontainers.image.revision"}}' \
            "$image")" = "$(git rev-parse HEAD)" ] || return 1
    done
    [ "$(inspect '{{index .Labels "org.opencontainers.image.title"}}')" = ets144 ] &&
        in_image ets144 --version | grep -q '^ets144 '
}

# The layers of the same tree in another place, built again from nothing.
is_built_alike() {
    local before tree=$scratch/elsewhere
    before=$(inspect '{{.RootFS.Layers}}')
    copy_tree "$tree" && build_images service --no-cache --layers=false || return 1
    inspect '{{.Created}} {{.RootFS.Layers}}'
    [ "$(inspect '{{.RootFS.Layers}}')" = "$before" ]
}

# The secrets were there before anything was built. Of a file with a key, it is the key's first line.
shows_no_secret() {
    local file
    for file in "$secrets"/*; do
        grep -v '^-' "$file" | head -n 1
    done >"$scratch/secrets"
    [ "$(grep -c . "$scratch/secrets")" -gt 10 ] && podman save -q "$1" >"$scratch/layers" || return 1
    ! grep -qaF -f "$scratch/secrets" "$scratch/layers"
}

test_image() {
    check 'the service needs less than 120 MB' is_small
    check 'it runs without rights, on a root it cannot write to, and has labels' says_what_it_is
    check 'it is nobody in particular' test "$(inspect '{{.Config.User}}')" = 65532:65532
    check 'its health can be asked' test "$(inspect '{{.HealthCheck.Test}}')" = \
        '[CMD /usr/bin/ets144 health]'
    check 'there is no shell in it, nor any other program' has_no_shell
    check 'no secret is in it' shows_no_secret ets144
    check 'nor in that which migrates' shows_no_secret ets144-migrate
    check 'the same tree gives the same image' is_built_alike
}

# --- The compose files -----------------------------------------------------------------------

# One of the two, by the name of its part here.
comes_up() {
    local which=()
    [ "$1" = compose ] || which=(ha)
    "$tree/docker/compose/compose.sh" "${which[@]}" up >"$scratch/up"
    local status=$?
    cat "$scratch/up"
    token=$(grep -oE '^ets144_[A-Za-z0-9_-]+$' "$scratch/up")
    return "$status"
}

# The container of a service of compose.yaml.
container() {
    echo "${project}_$1_1"
}

# Asks what the images and the compose file say is to be asked; each has some seconds to come to it.
are_healthy() {
    local service
    for service in "$@"; do
        within 20 podman healthcheck run "$(container "$service")" || return 1
        echo "$service is healthy"
    done
}

# Each replica by itself, not through the proxy.
are_contained() {
    local service
    for service in register-1 register-2; do
        [ "$(podman inspect --format '{{.HostConfig.ReadonlyRootfs}} {{.EffectiveCaps}}
            {{.HostConfig.SecurityOpt}} {{.Config.User}}' "$(container "$service")" | xargs)" = \
            'true [] [no-new-privileges] 65532:65532' ] || return 1
    done
}

serves_the_record() {
    get /v1/states/ITA | grep -q '"status":"party"' && get '/v1/states?lang=fr' | grep -q Norvège
}

# Prints the status of the answer.
write() {
    curl -s --max-time 10 --cacert "$secrets/proxy_certificate" -o /dev/null -w '%{http_code}' \
        "https://localhost:$port/v1/outlook" -H "Authorization: Bearer $token" \
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
    [[ $(<"$scratch/reads") == 0\ of\ [1-9]* ]]
}

logs_requests() {
    "$tree/docker/compose/compose.sh" logs register-1 2>&1 | grep '"route":"/v1/states/{code}"' |
        grep -q '"status":200'
}

# How many requests a replica has in its log.
requests() {
    podman logs "$(container "$1")" 2>&1 | grep -c '"route":"/v1/'
}

# Asks once more; whether this replica has had more requests than so many by now.
is_asked() {
    get /v1/states/ITA >/dev/null
    [ "$(requests "$1")" -gt "$2" ]
}

keeps_figures_in() {
    [ "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$secrets/proxy_certificate" \
        "https://localhost:$port/metrics")" = 404 ]
}

asks_both() {
    local i
    for i in {1..4}; do
        get /v1/states/ITA >/dev/null
    done
    logs_requests
}

test_compose() {
    local asked
    check 'one command brings it up' comes_up compose
    check 'it prints a first token' test -n "$token"
    check 'it serves the record over TLS' serves_the_record
    check 'the database and both replicas are healthy' are_healthy postgres register-1 register-2
    check 'the replicas have no rights, and a root they cannot write to' are_contained
    check 'what migrated has ended well' test \
        "$(podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$(container migrate)")" = \
        'exited 0'
    check 'a write goes through' is_written first
    check 'the log has the requests' asks_both
    check 'the proxy passes no figures on' keeps_figures_in
    start_reading
    podman stop -t 30 "$(container register-1)" >/dev/null 2>&1
    sleep 5
    check 'a replica is stopped: no read fails' no_read_failed
    check 'and it has ended well' test \
        "$(podman inspect --format '{{.State.ExitCode}}' "$(container register-1)")" = 0
    podman start "$(container register-1)" >/dev/null 2>&1
    check 'it is started again and healthy' are_healthy register-1
    start_reading
    podman kill -s KILL "$(container register-1)" >/dev/null 2>&1
    check 'a replica is killed: writes go on' within 10 is_written second
    sleep 5
    check 'and no read failed' no_read_failed
    asked=$(requests register-1)
    podman start "$(container register-1)" >/dev/null 2>&1
    check 'it is started again and healthy' are_healthy register-1
    check 'and is asked again, wherever it is now' within 20 is_asked register-1 "$asked"
    get /v1/states >/dev/null
    start_reading
    podman stop -t 30 "$(container postgres)" >/dev/null 2>&1
    sleep 4
    check 'the database is stopped: a write is told so' test "$(write third)" = 503
    check 'and no read failed' no_read_failed
    podman start "$(container postgres)" >/dev/null 2>&1
    check 'it is started again: writes go on' within 30 is_written third
    "$tree/docker/compose/compose.sh" down >/dev/null 2>&1
    check 'taken down and up again, the register is there, and no second token' \
        comes_up_again
    take_down
    within 20 leaves_nothing
    check 'taken down, it leaves nothing behind' leaves_nothing
}

comes_up_again() {
    local first=$token
    comes_up compose && [ -z "$token" ] && token=$first && is_written first && has_notes 3
}

# --- With three database servers -------------------------------------------------------------

server() {
    echo "$project-ha_postgres-${1}_1"
}

ask_server() {
    podman exec "$1" psql -XAtqc "$2" 2>/dev/null
}

primary() {
    local n
    for n in 1 2 3; do
        if [ "$(ask_server "$(server "$n")" 'select pg_is_in_recovery()')" = f ]; then
            server "$n"
        fi
    done
}

# Two standbys follow, and commits wait for one of them.
is_synchronous() {
    [ "$(ask_server "$(primary)" "select count(*) filter (where state = 'streaming'),
        count(*) filter (where sync_state in ('sync', 'quorum')) from pg_stat_replication
        where application_name like 'postgres-%'")" = '2|1' ]
}

is_standby() {
    [ "$(ask_server "$1" 'select pg_is_in_recovery()')" = t ]
}

is_led_by_another() {
    local leader
    leader=$(primary)
    [ -n "$leader" ] && [ "$leader" != "$1" ]
}

test_ha() {
    local killed before i acknowledged=0
    check 'the image of PostgreSQL with Patroni is built' build_images patroni
    check 'no secret is in it' shows_no_secret ets144-patroni
    check 'one command brings it up' comes_up ha
    check 'it serves the record over TLS' serves_the_record
    check 'the primary has two standbys, and commits wait for one' within 90 is_synchronous
    for i in {1..5}; do
        [ "$(write "before-$i")" != 201 ] || acknowledged=$((acknowledged + 1))
    done
    check 'writes go through' test "$acknowledged" = 5
    start_reading
    killed=$(primary)
    before=$SECONDS
    podman kill -s KILL "$killed" >/dev/null 2>&1
    check 'the primary is killed: writes resume' within 90 is_written after
    echo "# writes resumed $((SECONDS - before)) s after the kill"
    check 'and no read failed' no_read_failed
    check 'another server is the primary' is_led_by_another "$killed"
    check 'what was acknowledged is there, once' within 10 has_notes 6
    podman start "$killed" >/dev/null 2>&1
    check 'the killed server comes back as a standby' within 120 is_standby "$killed"
    check 'and is one of the two that follow' within 60 is_synchronous
    take_down ha
    within 20 leaves_nothing
    check 'taken down, it leaves nothing behind' leaves_nothing
}

exec 3>&1
trap finish EXIT
trap 'exit 130' INT TERM
probe
traces | sort >"$scratch/before"
token=
[ "$#" -gt 0 ] || set -- image compose ha
check 'the tree is copied' copy_tree "$tree"
check 'secrets are made beside it' "$tree/docker/compose/secrets.sh" "$secrets"
check 'the stand-ins are built' build_servers
check 'the images are built' build_images service migrate
for part in "$@"; do
    "test_$part"
done
conclude
