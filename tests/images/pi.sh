#!/bin/bash
# tests/images/pi.sh [ARCH…]: builds the images of Pis that tests/images/test_pi_boot.py boots, in .cache/pi/dist, outside every sandbox: it needs apt's mirror. What has not changed is not
# made again.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$top/.cache/pi/dist
cd "$top"
[ $# -gt 0 ] || set -- arm64 armhf

page=$(python3 -m tests.images.pi_page)
# What docs/raspberry-pi.md tells to type, for one architecture, with other options in their places.
follow() {
    local architecture=$1 commands
    shift
    commands=${page//sudo /}
    commands=${commands/apt-get install/apt-get install --yes} # nobody is asked here
    commands=${commands/--arch arm64 --firmware/--arch $architecture --out "'$out'" --patience 4 --level 1 $*}
    bash -euo pipefail -c "$commands" | tee "$out/$architecture.said"
}
# arm64's is for a real Pi, armhf's for QEMU. A mirror may lack what is not free, or the lists of one
# architecture for a while.
build() {
    if [ "$1" = arm64 ] && follow arm64 --firmware; then return; fi
    follow "$1" || follow "$1" --without-security
}

key=$({ echo "$page"; find distro provider_app pyproject.toml setup.py tests/images/pi.sh -type f \
    ! -path '*/__pycache__/*' ! -name '*_pb2.py*' -print0 | sort -z | xargs -0 sha256sum; } |
    sha256sum | cut -d ' ' -f 1)
for architecture; do
    [ "$(cat "$out/$architecture.key" 2>/dev/null)" != "$key" ] || continue
    mkdir -p "$out"
    rm -f "$out/$architecture".* "$out"/faasd-*-pi-"$architecture"[.-]*
    build "$architecture"
    echo "$key" >"$out/$architecture.key"
done
