#!/bin/bash
# Builds the images and runs the compose files, with Podman and without a registry:
# run.sh [image] [compose] [ha]     all of them without arguments
# Prints TAP; where a program is missing, skips everything and names it. Images, containers, volumes and
# networks are below build/container, apart from those of the user; they make the next run shorter.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
here=$PWD/tests/container
# shellcheck source=tests/tap.sh
. tests/tap.sh
begin container
# A copy of the tree, with the secrets in their usual place.
tree=$scratch/tree
secrets=$tree/docker/compose/secrets
port=${REGISTER_PORT:-18443}
project=ets144-test-$$
export CONTAINERS_CONF=$scratch/containers.conf CONTAINERS_STORAGE_CONF=$scratch/storage.conf
export COMPOSE=podman-compose COMPOSE_PROJECT_NAME=$project REGISTER_PORT=$port
export POSTGRES_IMAGE=ets144-test/postgres HAPROXY_IMAGE=ets144-test/haproxy
unset SECRETS REGISTER_IMAGE MIGRATE_IMAGE PATRONI_IMAGE

# Podman remembers where its images were; the tree may have moved since.
rm -rf "$results/storage/libpod"
# These settings work without systemd and cgroup v2.
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

# Ends the suite without running any of it.
skip_all() {
    skip 'images and compose files' "$*"
    conclude
    exit
}

last_line() {
    tail -n 1 "$scratch/probe" | cut -c 1-200
}

says_a_word() {
    [ "$(podman run --rm ets144-test/base echo word 2>"$scratch/probe")" = word ]
}

# Skips everything where containers cannot run.
probe() {
    local lacks
    lacks=$(lacking_as_root buildah podman podman-compose runc debootstrap iptables curl openssl git ip \
        /usr/lib/podman/netavark /usr/lib/podman/aardvark-dns)
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

# Copies the tree like a clone, with changes that are not committed.
copy_tree() {
    git clone -q --shared --no-checkout . "$1" && git ls-files -z | xargs -0 cp --parents -t "$1"
}

# --- What it leaves --------------------------------------------------------------------------

# The machine's interfaces, mounts and container helpers, and what Podman lists.
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
    # podman-compose leaves the network.
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
    # Images of earlier trees.
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

# The programs in the image, by their paths; libraries do not count.
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

# Images built for an earlier commit are labelled with this one.
has_its_labels() {
    local image
    for image in ets144 ets144-migrate; do
        podman inspect --format '{{json .Labels}}' "$image"
        [ "$(podman inspect --format '{{index .Labels "org.opencontainers.image.revision"}}' \
            "$image")" = "$(git rev-parse HEAD)" ] || return 1
    done
    [ "$(inspect '{{index .Labels "org.opencontainers.image.title"}}')" = ets144 ] &&
        in_image ets144 --version | grep -q '^ets144 '
}

# The bill of materials (SPDX 2.3) names the packages that dpkg's own list names.
has_its_materials() {
    local container root=$scratch/materials
    mkdir -p "$root" && container=$(podman create ets144) &&
        podman export "$container" | tar -x -C "$root" usr/share/doc var/lib/dpkg
    podman rm "$container" >/dev/null
    jq -r '.packages[].name' "$root/usr/share/doc/ets144/ets144.spdx.json" | grep -v '^ets144$' | sort |
        diff - <(ls "$root/var/lib/dpkg/status.d")
}

# Builds the same tree again, in another place and without cached layers, and compares the layers.
is_built_alike() {
    local before tree=$scratch/elsewhere
    before=$(inspect '{{.RootFS.Layers}}')
    copy_tree "$tree" && build_images service --no-cache --layers=false || return 1
    inspect '{{.Created}} {{.RootFS.Layers}}'
    [ "$(inspect '{{.RootFS.Layers}}')" = "$before" ]
}

# The secrets exist before any image is built. Of a file with a key, the key's first line is searched.
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
    check 'it runs without rights, on a root it cannot write to, and has labels' has_its_labels
    check 'it runs as user 65532' test "$(inspect '{{.Config.User}}')" = 65532:65532
    check 'it has a health check' test "$(inspect '{{.HealthCheck.Test}}')" = \
        '[CMD /usr/bin/ets144 health]'
    check 'there is no shell in it, nor any other program' has_no_shell
    check 'it has a bill of materials' has_its_materials
    check 'no secret is in it' shows_no_secret ets144
    check 'no secret is in the image that migrates' shows_no_secret ets144-migrate
    check 'the same tree gives the same image' is_built_alike
}

# --- The compose files -----------------------------------------------------------------------

# Brings up one of the two, by the name of its part here.
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

# Runs the health checks of image and compose file, for some seconds each.
are_healthy() {
    local service
    for service in "$@"; do
        within 20 podman healthcheck run "$(container "$service")" || return 1
        echo "$service is healthy"
    done
}

# Each replica, not the proxy.
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

# There are $1 entries, with different notes.
has_notes() {
    get /v1/states/PRT/outlook | grep -o '"note":"[^"]*"' | sort >"$scratch/notes"
    [ "$(wc -l <"$scratch/notes")" = "$1" ] && [ "$(uniq "$scratch/notes" | wc -l)" = "$1" ]
}

# Reads until $scratch/stop exists; writes how many reads failed.
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

# The number of requests in a replica's log.
requests() {
    podman logs "$(container "$1")" 2>&1 | grep -c '"route":"/v1/'
}

# Sends a request; whether this replica has logged more than $2 by now.
is_asked() {
    get /v1/states/ITA >/dev/null
    [ "$(requests "$1")" -gt "$2" ]
}

hides_metrics() {
    [ "$(curl -s -o /dev/null -w '%{http_code}' --cacert "$secrets/proxy_certificate" \
        "https://localhost:$port/metrics")" = 404 ]
}

# Asks until a request has come to the replica whose log is read: haproxy chooses among both.
asks_both() {
    for _ in {1..20}; do
        get /v1/states/ITA >/dev/null
        ! logs_requests || return 0
    done
    return 1
}

test_compose() {
    local asked
    check 'one command brings it up' comes_up compose
    check 'it prints a first token' test -n "$token"
    check 'it serves the record over TLS' serves_the_record
    check 'the database and both replicas are healthy' are_healthy postgres register-1 register-2
    check 'the replicas have no rights, and a root they cannot write to' are_contained
    check 'the migration has exited with 0' test \
        "$(podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' "$(container migrate)")" = \
        'exited 0'
    check 'a write goes through' is_written first
    check 'the log has the requests' asks_both
    check 'the proxy does not pass on the metrics' hides_metrics
    start_reading
    podman stop -t 30 "$(container register-1)" >/dev/null 2>&1
    sleep 5
    check 'a replica is stopped: no read fails' no_read_failed
    check 'and it has exited with 0' test \
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
    check 'and gets requests again, at its new address' within 20 is_asked register-1 "$asked"
    get /v1/states >/dev/null
    start_reading
    podman stop -t 30 "$(container postgres)" >/dev/null 2>&1
    sleep 4
    check 'the database is stopped: a write answers 503' test "$(write third)" = 503
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
