#!/bin/bash
# Takes a version of Swagger UI in: vendor.sh VERSION. The archive comes from the npm registry and is
# checked against the hash the registry names; nothing of it is run. What it is, and the hash of each
# file, is written to vendor/manifest.json, and the suites hold the files against it.
set -euo pipefail
cd "$(dirname "$0")/vendor"
[ $# -eq 1 ] || { echo 'ets144: vendor.sh takes a version of swagger-ui-dist.' >&2; exit 2; }
files=(swagger-ui-bundle.js swagger-ui.css LICENSE NOTICE swagger-ui-bundle.js.LICENSE.txt)
archive=$(mktemp -d)
trap 'rm -rf "$archive"' EXIT

integrity=$(npm view "swagger-ui-dist@$1" dist.integrity)
npm pack --silent --pack-destination "$archive" "swagger-ui-dist@$1" >/dev/null
digest=$(openssl dgst -sha512 -binary "$archive"/*.tgz | base64 --wrap=0)
[ "sha512-$digest" = "$integrity" ] || { echo 'ets144: the archive is another one.' >&2; exit 1; }
tar -xzf "$archive"/*.tgz --strip-components=1 "${files[@]/#/package/}"

{
    printf '{\n  "name": "swagger-ui-dist",\n  "version": "%s",\n' "$1"
    printf '  "license": "Apache-2.0",\n  "integrity": "%s",\n  "files": {\n' "$integrity"
    sha256sum "${files[@]}" | awk '{printf "%s    \"%s\": \"%s\"", separator, $2, $1
                                    separator = ",\n"} END {print ""}'
    printf '  }\n}\n'
} >manifest.json
