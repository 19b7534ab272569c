#!/bin/bash
# distro/functions/build.sh NAME OUT.tar: builds the image of a sample function from what this
# machine has, without any registry: an OCI archive that names its image localhost/NAME:latest.
#
# NAME is a directory beside this file with two files: `stage ROOTFS` puts the image's files there,
# `image` holds options of umoci-config(1), one a line. The same input gives the same bytes.
#
#   BUSYBOX        another machine's static busybox than this one's, for `stage`
#   OCI_PLATFORM   what images call that machine's architecture: amd64, arm64, arm
set -euo pipefail

[ $# = 2 ] || { echo "usage: ${0##*/} NAME OUT.tar" >&2; exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=$1
out=$(realpath -m "$2")
[ -x "$here/$name/stage" ] || { echo "build.sh: there is no function $here/$name" >&2; exit 2; }
command -v umoci >/dev/null || { echo "build.sh: needs umoci: apt-get install umoci" >&2; exit 1; }

epoch=${SOURCE_DATE_EPOCH:-0}
created=$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
export TMPDIR=$work

mkdir "$work/rootfs"
"$here/$name/stage" "$work/rootfs"
find "$work/rootfs" -exec touch -h -d "@$epoch" {} +

mapfile -t options < <(sed '/^#/d; /^$/d' "$here/$name/image")
[ -z "${OCI_PLATFORM:-}" ] || options+=(--architecture="$OCI_PLATFORM")
history=(--history.created "$created" --history.created_by "$name")
owner=()
[ "$(id -u)" = 0 ] || owner=(--rootless)
umoci init --layout "$work/layout"
umoci new --image "$work/layout:image"
umoci insert "${owner[@]}" "${history[@]}" --image "$work/layout:image" "$work/rootfs" /
umoci config "${history[@]}" --created "$created" --image "$work/layout:image" "${options[@]}"
umoci gc --layout "$work/layout"

# umoci's own tags cannot hold a full reference.
ref=localhost/$name:latest
tag='"org.opencontainers.image.ref.name":"image"'
sed -i "s#$tag#\"io.containerd.image.name\":\"$ref\",\"org.opencontainers.image.ref.name\":\"$ref\"#" \
    "$work/layout/index.json"
grep -qF "$ref" "$work/layout/index.json" || { echo "build.sh: could not name the image" >&2; exit 1; }

mkdir -p "$(dirname "$out")"
tar -C "$work/layout" --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
    -cf "$work/out.tar" .
mv "$work/out.tar" "$out"
echo "built $ref: $out, $(stat -c %s "$out") bytes"
