#!/bin/bash
# Installs what the suites and linters need of Node.js: Debian's own where no Node.js 18 or later is
# there, and the packages of tests/package-lock.json, once for each lock file:
#   install-node.sh [deep]      with `deep` also PostgreSQL 18, which only `make test-deep` wants
set -euo pipefail
cd "$(dirname "$0")"

fail() {
    echo "ets144: $*" >&2
    exit 1
}

node_is_good() {
    command -v node >/dev/null && command -v npm >/dev/null &&
        [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 18')" = true ]
}

if ! node_is_good; then
    ../docker/install.sh node
    node_is_good || fail "Node.js 18 or later is needed and could not be installed."
fi

# install FOLDER WHAT: the packages of the folder's lock file
install() {
    local stamp=$1/node_modules/.installed
    if ! cmp -s "$1/package-lock.json" "$stamp"; then
        echo "Installing $2"
        # Not `npm ci`: it refuses a lock file without the optional packages of other platforms,
        # which some registry mirrors do not list. The versions and hashes of the lock file hold here
        # too.
        (cd "$1" && npm install --no-save --no-audit --no-fund --loglevel=error </dev/null)
        cp "$1/package-lock.json" "$stamp"
    fi
}

install . "the test tools of tests/package-lock.json"
case ${1:-} in
"") ;;
deep) install deep "PostgreSQL 18 of tests/deep/package-lock.json" ;;
*) fail "install-node.sh takes nothing, or deep." ;;
esac
