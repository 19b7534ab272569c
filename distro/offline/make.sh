#!/bin/bash
# distro/offline/make.sh OUT_DIR: makes a folder from which a Debian 12 machine without any network
# becomes a node: every package with what it depends on, the core services' images, the sample
# function, and an install.sh that uses nothing else (docs/offline.md).
#
#   --architecture ARCH   for machines of another architecture than this one: amd64, arm64, armhf
#   --core-images FILE    their images, as `faasd core-images export FILE` wrote them on such a node
#   --sample FILE         the sample's image for them: /var/cache/faasd/echo.tar of such a node
#   --deb FILE            a package of faasd that was built before
#   --package NAME        one more package to have there, as often as you like (caddy, curl)
#   FAASD_CORE_IMAGES     a directory that keeps core images, so that the next run is short
#
# Packages come from this machine's apt sources; its own lists and packages stay as they are.
set -euo pipefail

say() { printf '\n== %s\n' "$*"; }
die() {
    echo "make.sh: $*" >&2
    exit 1
}
usage() { sed -n '/^# distro/,/^set/{ /^set/d; s/^# \{0,1\}//p }' "$0"; }

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
own=$(dpkg --print-architecture)
architecture=$own out='' core_images='' sample='' deb='' cache=${FAASD_CORE_IMAGES:-} more=()
export LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022

while [ $# -gt 0 ]; do
    case $1 in
        --architecture | --core-images | --sample | --deb | --package)
            [ -n "${2:-}" ] || die "$1 needs a value"
            case $1 in
                --architecture) architecture=$2 ;;
                --core-images) core_images=$(realpath "$2") ;;
                --sample) sample=$(realpath "$2") ;;
                --deb) deb=$(realpath "$2") ;;
                --package) more+=("$2") ;;
            esac
            shift
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        -*) die "unknown option $1; --help says which there are" ;;
        *)
            [ -z "$out" ] || die "name one folder"
            out=$(realpath -m "$1")
            ;;
    esac
    shift
done

check() {
    [ -n "$out" ] || { usage >&2; exit 2; }
    [ ! -e "$out" ] || die "$out exists already: name another folder, or remove it"
    case $architecture in
        amd64 | arm64 | armhf) ;;
        *) die "there are nodes of amd64, arm64 and armhf, none of $architecture" ;;
    esac
    for file in "$core_images" "$sample" "$deb"; do
        [ -z "$file" ] || [ -f "$file" ] || die "there is no file $file"
    done
    if [ "$architecture" != "$own" ] && { [ -z "$core_images" ] || [ -z "$sample" ]; }; then
        die "images for $architecture are built on such a machine only: give --core-images and --sample"
    fi
    command -v dpkg-scanpackages >/dev/null || die "needs dpkg-scanpackages: apt-get install dpkg-dev"
    [ "$(id -u)" = 0 ] || die "needs root, for file owners in the images"
}

build_package() {
    if [ -z "$deb" ]; then
        "$top/distro/debian/build.sh" "$work/deb"
        deb=$(echo "$work"/deb/faasd_*_all.deb)
    fi
    cp "$deb" "$folder/packages/"
    dpkg-deb --extract "$deb" "$work/extracted"
    code=$work/extracted/usr/lib/python3/dist-packages
    # Beside the code, which build.sh then puts into the images, not another that is installed here.
    cp -r "$work/extracted/usr/share/faasd/core-image" "$code/"
}

# The program of the package itself, so that the images are of its release whatever this tree is.
faasd() { PYTHONPATH=$code PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -P -m faasd.cli "$@"; }

build_images() {
    if [ -z "$core_images" ]; then
        core_images=$work/core-images.tar
        faasd core-images build --out "${cache:-$work/core-images}"
        faasd core-images export --out "${cache:-$work/core-images}" "$core_images"
    fi
    if [ -z "$sample" ]; then
        sample=$work/echo.tar
        "$top/distro/functions/build.sh" echo "$sample"
    fi
    install -m 644 "$core_images" "$folder/core-images.tar"
    install -m 644 "$sample" "$folder/echo.tar"
}

# apt, as it would be on a machine of that architecture that has nothing yet.
apt_elsewhere() {
    apt-get -qq -y -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
        -o Dir::State="$work/apt" -o Dir::State::status="$work/apt/status" -o Dir::Cache="$work/apt/cache" \
        -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Dpkg::Use-Pty=0 "$@"
}

# What is needed, and what that depends on, down to the C library: whatever the machine has, is there.
get_packages() {
    local package
    mkdir -p "$work/apt/lists/partial" "$work/apt/cache/archives/partial"
    : >"$work/apt/status"
    apt_elsewhere update || die "the mirror cannot be read for $architecture, see above"
    apt_elsewhere install --download-only "$folder"/packages/faasd_*_all.deb runit "${more[@]}" >/dev/null ||
        die "not all packages could be fetched for $architecture, see above"
    for package in "$work"/apt/cache/archives/*.deb; do
        mv "$package" "$folder/packages/$(basename "${package//%3a/:}" | sed 's/_[0-9]*:/_/')"
    done
    (cd "$folder" && dpkg-scanpackages --multiversion packages >"packages/Packages" 2>"$work/scan") ||
        die "$(tail -n 5 "$work/scan")"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$work/folder
check
mkdir -p "$folder/packages"
say "the package"
build_package
say "images"
build_images
say "packages for $architecture"
get_packages
cp "$top/install.sh" "$folder/install.sh"
echo "$architecture" >"$folder/architecture"
(cd "$folder" && find . -type f ! -name SHA256SUMS -print0 | sort -z | xargs -0 sha256sum >"$work/sums")
mv "$work/sums" "$folder/SHA256SUMS"
mkdir -p "$(dirname "$out")"
cp -r "$folder" "$out.new"
mv "$out.new" "$out"
say "$out: $(find "$out/packages" -name '*.deb' | wc -l) packages, $(du -sm "$out" | cut -f 1) MB"
echo "on the machine: sudo ${out##*/}/install.sh"
echo "SHA-256 of SHA256SUMS, to be compared there: $(sha256sum <"$out/SHA256SUMS" | cut -d ' ' -f 1)"
