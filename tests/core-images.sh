#!/bin/bash
# tests/core-images.sh [NAME…]: builds the core services' images for tests, and prints where they
# are: .cache/core-images/NAME.tar, outside every sandbox. What has not changed is not built again:
# only the image `python` holds our own code.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$top/.cache/core-images
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(nats prometheus router python)

digest() { # FILE-OR-DIRECTORY…: of what is in them, whatever its dates
    (cd "$top" && find "$@" -type f ! -path '*/__pycache__/*' ! -name '*_pb2.py*' -print0 |
        sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)
}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9

stale=()
for name in "${names[@]}"; do
    parts=(distro/core-image/build.sh distro/core-image/base "distro/core-image/$name")
    [ "$name" != python ] || parts+=(distro/faasd)
    key=$(digest "${parts[@]}")
    if [ ! -f "$cache/$name.tar" ] || [ "$(cat "$cache/$name.key" 2>/dev/null)" != "$key" ]; then
        rm -f "$cache/$name.key"
        stale+=("$name $key")
    fi
done
if [ ${#stale[@]} -gt 0 ]; then
    "$top/distro/core-image/build.sh" "$cache" "${stale[@]%% *}" >&2 9>&-
    for pair in "${stale[@]}"; do echo "${pair#* }" >"$cache/${pair%% *}.key"; done
fi
echo "$cache"
