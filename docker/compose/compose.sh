#!/bin/bash
# Runs the compose files: compose.sh [ha] up | down [-v] | WORD...
# Other words go to Docker Compose or podman-compose, whichever is installed; COMPOSE chooses one.
# COMPOSE_PROJECT_NAME replaces the project name ets144.
set -euo pipefail
cd "$(dirname "$0")"
project=${COMPOSE_PROJECT_NAME:-ets144}
words=(-p "$project" -f compose.yaml)
if [ "${1:-}" = ha ]; then
    project+=-ha
    words=(-p "$project" -f compose.ha.yaml)
    shift
fi
secrets=${SECRETS:-./secrets}
port=${REGISTER_PORT:-8443}

fail() {
    echo "ets144: $*" >&2
    exit 1
}

find_compose() {
    if docker info >/dev/null 2>&1 && docker compose version >/dev/null 2>&1; then
        echo docker compose
    elif command -v podman-compose >/dev/null; then
        echo podman-compose
    fi
}

read -ra compose <<<"${COMPOSE:-$(find_compose)}"
[ "${#compose[@]}" -gt 0 ] || fail "this needs Docker Compose or podman-compose."

# Whether the service that makes the first token has exited with 0; Docker and Podman use the same labels.
token_is_made() {
    "${compose[0]%-compose}" ps -aq --filter "label=com.docker.compose.project=$project" \
        --filter label=com.docker.compose.service=token --filter exited=0 2>/dev/null | grep -q .
}

is_ready() {
    curl -sf --max-time 5 --cacert "$secrets/proxy_certificate" -o /dev/null \
        "https://localhost:$port/health/ready"
}

up() {
    ./secrets.sh "$secrets"
    "${compose[@]}" "${words[@]}" up -d
    for _ in {1..180}; do
        if is_ready && token_is_made; then
            echo "The register is served on https://localhost:$port; the first token, if this is" \
                "the first time:"
            "${compose[@]}" "${words[@]}" logs token 2>/dev/null | grep -oE 'ets144_[A-Za-z0-9_-]{43}' ||
                true
            return 0
        fi
        sleep 1
    done
    fail "the register is not ready after three minutes; compose.sh logs says why."
}

case ${1:-} in
up) up ;;
# Without -t, podman-compose kills each container after a second.
down) exec "${compose[@]}" "${words[@]}" down -t 60 "${@:2}" ;;
'') fail "compose.sh takes up, down, or what else Compose takes." ;;
*) exec "${compose[@]}" "${words[@]}" "$@" ;;
esac
