#!/bin/bash
# tests/images/pi.sh [ARCH…]: builds the images of Pis for QEMU that tests/images/test_pi_boot.py
# boots, in .cache/pi/dist, outside every sandbox: it needs apt's mirror. What has not changed is not
# made again.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$top/.cache/pi/dist
cd "$top"
[ $# -gt 0 ] || set -- arm64 armhf

key=$(find distro provider_app pyproject.toml setup.py -type f ! -path '*/__pycache__/*' \
    ! -name '*_pb2.py*' -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)
for architecture; do
    [ "$(cat "$out/$architecture.key" 2>/dev/null)" != "$key" ] || continue
    mkdir -p "$out"
    rm -f "$out/$architecture.key"
    build=(distro/pi/build.sh --arch "$architecture" --out "$out" --patience 4 --level 1)
    # A mirror may lack the lists of one architecture for a while.
    "${build[@]}" || "${build[@]}" --without-security
    echo "$key" >"$out/$architecture.key"
done
