#!/bin/bash
# Builds images with Docker, Buildah or Podman, whichever is there: image.sh [TARGET...] [OPTION...]
# A target is one of docker/Dockerfile: service (which gives the image ets144), migrate, patroni; the
# first two where none is named. Options are handed on to the tool, such as --build-arg BASE=…
# IMAGE_TOOL chooses the tool.
# The same tree on the same base gives the same image, whatever is kept from earlier ones: files bear
# no date, and what differs between commits is not in a layer but in labels.
set -euo pipefail
cd "$(dirname "$0")/.."

version=$(make --no-print-directory -s print-version)
revision=$(git rev-parse HEAD 2>/dev/null || echo unknown)
committed=$(git log -1 --format=%ct 2>/dev/null || echo 0)

# Docker may be installed without its daemon.
find_tool() {
    local name
    for name in docker buildah podman; do
        if command -v "$name" >/dev/null && { [ "$name" != docker ] || docker info; } >/dev/null 2>&1; then
            echo "$name"
            return
        fi
    done
}

tool=${IMAGE_TOOL:-$(find_tool)}
case $tool in
docker)
    export SOURCE_DATE_EPOCH=0 DOCKER_BUILDKIT=1
    build=(docker build)
    ;;
# Only the format of Docker has a place for the health check.
buildah | podman) build=("$tool" build --format docker --layers --timestamp 0) ;;
*)
    echo "ets144: an image needs Docker, Buildah or Podman, and none is installed." >&2
    exit 1
    ;;
esac

targets=()
while [[ ${1:-} == [a-z]* ]]; do
    targets+=("$1")
    shift
done
[ "${#targets[@]}" -gt 0 ] || targets=(service migrate)

labels=(
    "org.opencontainers.image.version=$version"
    "org.opencontainers.image.revision=$revision"
    "org.opencontainers.image.created=$(date -u -d "@$committed" +%FT%TZ)"
)

# Where every layer was kept, Buildah 1.28 leaves the labels of its options at what they were then; the
# words of a file it looks at.
label_again() {
    printf '%s\n' "FROM $1:$version" "LABEL ${labels[*]}" |
        "${build[@]}" -q -f - -t "$1:$version" -t "$1:latest" .
}

for target in "${targets[@]}"; do
    name=ets144
    [ "$target" = service ] || name=ets144-$target
    "${build[@]}" -f docker/Dockerfile --target "$target" -t "$name:$version" -t "$name:latest" \
        "${labels[@]/#/--label=}" "$@" .
    [ "$tool" = docker ] || label_again "localhost/$name"
done
