#!/bin/bash
# distro/core-image/build.sh OUT_DIR [NAME…]: builds the images of the core services from Debian
# packages, without a registry: OUT_DIR/NAME.tar, an OCI archive of localhost/faasd/NAME:latest.
#
# Packages come from this machine's own apt sources. Every image is the same base layer and one
# thin layer on top: packages that the base has are not taken again. NAME is a directory here:
#   packages  Debian packages, one a line (what they depend on comes along)
#   exclude   paths left out of them, globs, one a line (optional)
#   image     options of umoci-config(1), one a line
#   stage     called with the layer's root: adds what is in no package (optional)
# The same packages give the same bytes.
#
#   ARCHITECTURE       another architecture than this machine's: nothing of it is run
#   APT_SOURCES        other sources than /etc/apt's: files, separated by spaces
#   FAASD_WHEELS       a directory that holds python/requirements.txt's wheels, for no network
#   SOURCE_DATE_EPOCH  the time in the images, seconds (0)
set -euo pipefail

[ $# -ge 1 ] || { echo "usage: ${0##*/} OUT_DIR [NAME…]" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$(realpath -m "$1")
shift
names=("$@")
[ ${#names[@]} -gt 0 ] || names=(nats prometheus router python)

for program in mmdebstrap umoci; do
    command -v "$program" >/dev/null ||
        { echo "build.sh: needs $program: apt-get install $program" >&2; exit 1; }
done
[ "$(id -u)" = 0 ] || { echo "build.sh: needs root, for file owners in the images" >&2; exit 1; }
for name in "${names[@]}"; do
    [ -f "$here/$name/image" ] || { echo "build.sh: there is no core image $name" >&2; exit 2; }
done

export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-0}
created=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%dT%H:%M:%SZ)
history=(--history.created "$created" --history.created_by faasd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR=$work
umask 022

# Wanted by maintainer scripts only, which do not run here.
unneeded=(adduser debconf dpkg init-system-helpers lsb-base perl-base passwd sysvinit-utils)
kept=/usr/share/faasd/packages # in the images: what they are made of, "NAME VERSION" a line

lines() { [ ! -f "$1" ] || sed '/^#/d; /^$/d' "$1"; }

sources() {
    local file files
    read -ra files <<<"${APT_SOURCES:-}"
    [ ${#files[@]} -gt 0 ] || files=(/etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources})
    for file in "${files[@]}"; do
        [ ! -s "$file" ] || printf '%s\n' "$file"
    done
}

installed() { # NAME VERSION: a paragraph of dpkg's status
    printf 'Package: %s\nStatus: install ok installed\nVersion: %s\n' "$1" "$2"
    printf 'Architecture: %s\nMulti-Arch: foreign\nMaintainer: none\nDescription: none\n\n' "$architecture"
}
own=$(dpkg --print-architecture)
architecture=${ARCHITECTURE:-$own}
platform=() # as images call it; umoci knows this machine's
case $architecture in
    "$own") ;;
    amd64 | arm64) platform=(--architecture="$architecture") ;;
    armhf) platform=(--architecture=arm) ;;
    *) echo "build.sh: there are images for amd64, arm64 and armhf, none for $architecture" >&2; exit 2 ;;
esac

prepare_status() { # what apt takes for there already: the unneeded and the base's
    local package version
    for package in "${unneeded[@]}"; do installed "$package" 999; done >"$work/status"
    [ ! -f "$work/base-packages" ] || while read -r package version; do
        installed "$package" "$version"
    done <"$work/base-packages" >>"$work/status"
}

# extract NAME ROOT: the packages of NAME, without those of the base, in ROOT.
extract() {
    local options=(--quiet --variant=extract --mode=root --format=directory) path
    options+=("--architectures=$architecture")
    while read -r path; do options+=("--dpkgopt=path-exclude=$path"); done \
        < <(lines "$here/base/exclude"; [ "$1" = base ] || lines "$here/$1/exclude")
    mapfile -t from < <(sources)
    prepare_status
    # shellcheck disable=SC2016  # $1 is the hook's
    mmdebstrap "${options[@]}" --aptopt="$work/apt.conf" \
        --include="$(lines "$here/$1/packages" | paste -sd,)" \
        --setup-hook='cd "$1" && mkdir -p usr/bin usr/sbin usr/lib usr/lib64 var/lib/dpkg' \
        --setup-hook='cd "$1" && for d in bin sbin lib lib64; do ln -s usr/$d $d; done' \
        --setup-hook="cp '$work/status' \"\$1/var/lib/dpkg/status\"" \
        --extract-hook="for deb in \"\$1\"/var/cache/apt/archives/*.deb; do
            dpkg-deb --show --showformat='\${Package} \${Version}\n' \"\$deb\"
        done >'$work/$1-packages'" \
        '' "$2" "${from[@]}"
    # What mmdebstrap and dpkg leave is no use in an image; the runtime makes /dev.
    (cd "$2" && rm -rf dev tmp var/{cache,log,lib/dpkg,lib/apt} etc/{apt,dpkg,fstab,hostname})
    rm -f "$2/etc/resolv.conf"
    install -Dm 644 "$work/$1-packages" "$2$kept/$1"
}

# add_layer NAME: a layer of NAME's packages and own files, on what is in the layout.
add_layer() {
    local root=$work/$1-root
    extract "$1" "$root"
    [ ! -x "$here/$1/stage" ] || "$here/$1/stage" "$root"
    find "$root" -depth -type d -empty -path '*/usr/share/*' -delete
    find "$root" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
    umoci insert "${history[@]}" --image "$layout:image" "$root" /
    rm -rf "$root"
}

# umoci's own tags cannot hold a full reference.
name_image() { # LAYOUT REFERENCE
    local tag='"org.opencontainers.image.ref.name":"image"'
    sed -i "s#$tag#\"io.containerd.image.name\":\"$2\",\"org.opencontainers.image.ref.name\":\"$2\"#" \
        "$1/index.json"
    grep -qF "$2" "$1/index.json" || { echo "build.sh: could not name the image" >&2; exit 1; }
}

build_base() {
    layout=$work/base-layout
    umoci init --layout "$layout"
    umoci new --image "$layout:image"
    add_layer base
}

build() { # NAME
    local options reference=localhost/faasd/$1:latest
    layout=$work/$1-layout
    cp -a "$work/base-layout" "$layout"
    add_layer "$1"
    mapfile -t options < <(lines "$here/$1/image")
    umoci config "${history[@]}" --created "$created" --image "$layout:image" "${platform[@]}" "${options[@]}"
    umoci gc --layout "$layout"
    name_image "$layout" "$reference"
    tar -C "$layout" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 \
        --numeric-owner -cf "$work/$1.tar" .
    mkdir -p "$out"
    mv "$work/$1.tar" "$out/$1.tar"
    rm -rf "$layout"
    echo "built $reference: $out/$1.tar, $(stat -c %s "$out/$1.tar") bytes, $((SECONDS - began)) s"
}

# How this machine reaches its mirrors (proxies and the like) holds for the images too.
apt-config dump --format '%F "%v";%n' Acquire >"$work/apt.conf"
began=$SECONDS
build_base
for name in "${names[@]}"; do
    began=$SECONDS
    build "$name"
done
