#!/bin/bash
# tests/vm/build.sh: makes what the VM tests boot and fetch, and prints where it is. Runs outside
# every sandbox: it needs apt's mirror. What has not changed is not made again.
#
# In .cache/vm:
#   release/       what docs/vps.md has a person build: the package, core images, a function
#   machine-KEY/   a Debian 12 as clouds ship it
#   packages-KEY/  the packages that a node installs on its first boot, as an apt repository
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
cache=$top/.cache/vm
mkdir -p "$cache/release"
exec 9>"$cache/lock"
flock 9
exec 3>&1 >&2
work=$(mktemp -d "$cache/work.XXXXXX")
trap 'rm -rf --one-file-system "$work"' EXIT
umask 022
export LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONDONTWRITEBYTECODE=1

say() { echo "vm: $*"; }
key() { cat "$@" | sha256sum | cut -c 1-16; }

# find_or_make KIND KEY: directory $cache/KIND-KEY, made by make_KIND; those of other keys go.
find_or_make() {
    local kind=$1 wanted=$cache/$1-$2 found
    for found in "$cache/$kind"-*; do
        [ ! -d "$found" ] || [ "$found" = "$wanted" ] || rm -rf "$found"
    done
    if [ ! -d "$wanted" ]; then
        mkdir "$work/$kind"
        "make_$kind" "$work/$kind"
        mv "$work/$kind" "$wanted"
    fi
}

# What docs/vps.md has a person do first. apt has been asked by test.sh, so of the package nothing
# but its files is missing: they lie over this machine's for the commands.
make_release() {
    local release=$cache/release
    rm -f "$release"/*.deb
    (cd "$top" && python3 -m tests.vm.page 0) | sed "s#sudo ##; s#\bdist\b#$release#g" >"$work/commands"
    grep "debian/build.sh" "$work/commands" >"$work/package"
    (cd "$top" && bash -euo pipefail "$work/package")
    dpkg-deb -x "$release"/faasd_*_all.deb "$work/tree"
    # shellcheck disable=SC2016  # expanded by that shell
    (cd "$top" && unshare --mount --propagation private -- bash -euo pipefail -c '
        mount -t overlay -o "lowerdir=$1/tree/usr:/usr" overlay /usr
        . <(grep -v "debian/build.sh\|apt-get" "$1/commands")
    ' make_release "$work")
}

make_machine() {
    say "a Debian 12 with systemd, cloud-init and a kernel"
    "$here/machine/build" "$1"
}

# in_root COMMAND…: in the machine's tree, with this machine's way to the mirrors.
in_root() {
    # shellcheck disable=SC2016  # expanded by that shell
    unshare --mount --propagation private -- bash -c '
        root=$1
        shift
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" env -i PATH="$PATH" HOME=/root DEBIAN_FRONTEND=noninteractive "$@"
    ' in_root "$work/root" "$@"
}

make_packages() {
    local root=$work/root wanted
    say "the packages of a first boot"
    mkdir "$root"
    tar -C "$root" -xf "$cache"/machine-*/root.tar
    apt-config dump --format '%F "%v";%n' Acquire >"$root/etc/apt/apt.conf.d/99outside"
    rm -f "$root/etc/resolv.conf"
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
    cp "$cache"/release/faasd_*_all.deb "$root/faasd.deb"
    in_root apt-get -qq update
    mapfile -t wanted < <(sed '/^#/d; /^$/d' "$here/machine/on-first-boot")
    in_root apt-get -qq -y --no-install-recommends --download-only install /faasd.deb "${wanted[@]}"
    mv "$root"/var/cache/apt/archives/*.deb "$1"
    (cd "$1" && dpkg-scanpackages --multiversion . /dev/null 2>/dev/null | gzip >Packages.gz)
}

make_release
find_or_make machine "$(key "$here"/machine/{build,packages,customize,initramfs/*})"
echo "$cache"/machine-* >"$work/machine-name"
find_or_make packages "$(key "$work/machine-name" "$here/machine/on-first-boot" "$top/distro/debian/control")"
echo "$cache" >&3
