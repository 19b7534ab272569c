#!/bin/bash
# tests/systemd/root.sh: makes what these tests boot, and prints where it is: .cache/systemd, outside
# every sandbox, because in one there is no mirror. What has not changed is not made again.
#
#   root.tar       a minimal Debian 12 with systemd, containerd and what our package depends on
#   now.deb        the package of this tree
#   later.deb      the same as a higher version, to upgrade to
#   echo.tar, static.tar   the sample functions
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=$top/.cache/systemd
suite=bookworm
mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$top"

# shellcheck source=tests/sandbox/keep.sh
. tests/sandbox/keep.sh

build_now() {
    distro/debian/build.sh "$work/now"
    mv "$work"/now/*.deb "$work/now.deb"
}

build_later() { # of a copy whose version is a little higher
    local copy=$work/copy version
    version=$(sed -n '1s/.*(\(.*\)).*/\1/p' distro/debian/changelog)
    mkdir "$copy"
    cp -r pyproject.toml README.md LICENSE docs distro provider_app setup.py "$copy/"
    sed -i "1s/($version)/($version+later)/" "$copy/distro/debian/changelog"
    sed -i "s/^version = \"$version\"/version = \"$version+later\"/" "$copy/pyproject.toml"
    "$copy/distro/debian/build.sh" "$work/later"
    mv "$work"/later/*.deb "$work/later.deb"
}

packages() { # what the package depends on, and what a person would have on a node
    dpkg-deb -f "$cache/now.deb" Depends | tr , "\n" | sed 's/^ *//; s/[ (|:].*//'
    printf '%s\n' systemd systemd-sysv dbus procps curl apt
}

sources() {
    local file
    for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
        [ ! -s "$file" ] || printf '%s\n' "$file"
    done
}

build_root() {
    local from
    mapfile -t from < <(sources)
    apt-config dump --format '%F "%v";%n' Acquire >"$work/apt.conf"
    TMPDIR=$work mmdebstrap --quiet --variant=minbase --aptopt="$work/apt.conf" \
        --include="$(paste -sd, "$work/packages")" "$suite" "$work/root.tar" "${from[@]}"
}

tree=$(digest distro provider_app docs setup.py pyproject.toml README.md LICENSE)
keep now.deb "$tree" build_now
keep later.deb "$tree" build_later
packages | sed '/^$/d' | sort -u >"$work/packages"
# shellcheck disable=SC2046  # several packages
versions=$(apt-cache policy $(cat "$work/packages") | sed -n '/^[^ ]/p; /^  Candidate/p' | sha256sum)
keep root.tar "$(digest tests/systemd/root.sh) $versions" build_root
for sample in echo static; do
    keep "$sample.tar" "$(digest distro/functions)" distro/functions/build.sh "$sample" "$work/$sample.tar"
done
echo "$cache"
