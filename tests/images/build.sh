#!/bin/bash
# tests/images/build.sh [--disk]: makes what the tests of packer/ begin from, and prints where it is:
# .cache/images, outside every sandbox, because in one there is no mirror. What has not changed is
# not made again.
#
#   release/   the folder of distro/offline/make.sh
#   root.tar   a Debian 12 with SSH, and nothing of what a node needs
#   base.qcow2   with --disk: a Debian 12 as clouds ship it, with partitions and GRUB
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=$top/.cache/images
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
umask 022
export LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONDONTWRITEBYTECODE=1
cd "$top"

# shellcheck source=tests/sandbox/keep.sh
. tests/sandbox/keep.sh

make_release() {
    FAASD_CORE_IMAGES=$top/.cache/core-images distro/offline/make.sh "$work/release"
}

sources() { # this machine's own, of Debian
    local file
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
        [ ! -s "$file" ] || ! grep -q bookworm "$file" || echo "$file"
    done
}

# shellcheck disable=SC2016  # $1 is the hooks'
make_root() {
    local from
    mapfile -t from < <(sources)
    apt-config dump --format '%F "%v";%n' Acquire >"$work/apt.conf"
    TMPDIR=$work mmdebstrap --quiet --variant=minbase --aptopt="$work/apt.conf" \
        --include=cloud-guest-utils,dbus,e2fsprogs,iproute2,openssh-server,procps,sudo,systemd,systemd-sysv,udev \
        --customize-hook='rm -rf "$1"/etc/apt/sources.list* "$1"/var/lib/apt/lists/*' \
        bookworm "$work/root.tar" "${from[@]}"
}

keep release "$(digest distro provider_app docs setup.py pyproject.toml README.md LICENSE install.sh)" make_release
keep root.tar "$(declare -f make_root sources | sha256sum)" make_root
if [ "${1:-}" = --disk ]; then
    machine=$(tests/vm/build.sh)
    keep base.qcow2 "$(basename "$machine"/machine-*) $(digest "$here/disk")" "$here/disk" "$machine"/machine-* "$work/base.qcow2"
fi
echo "$cache"
