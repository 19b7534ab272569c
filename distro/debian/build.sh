#!/bin/bash
# distro/debian/build.sh [OUTDIR]: builds faasd_VERSION_all.deb into OUTDIR (default: dist/).
#
# Works on a copy: nothing in this tree changes but OUTDIR. The same tree gives the same bytes.
set -euo pipefail

say() { echo "build: $*"; }

# The commit of this tree, if it has one; a bare machine has no git to ask.
find_commit() {
    local head
    head=$(cat "$top/.git/HEAD" 2>/dev/null) || return 0
    case $head in
        ref:*) cat "$top/.git/${head#ref: }" 2>/dev/null || sed -n "s# ${head#ref: }\$##p" "$top/.git/packed-refs" ;;
        *) echo "$head" ;;
    esac
}

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$(realpath -m "${1:-$top/dist}")
cd "$top"

version=$(sed -n '1s/.*(\(.*\)).*/\1/p' distro/debian/changelog)
grep -qx "version = \"$version\"" pyproject.toml || {
    echo "build: version $version of distro/debian/changelog is not that of pyproject.toml" >&2
    exit 1
}
# No compiler is needed, so build-essential is not asked for.
missing=$(cd distro && dpkg-checkbuilddeps -I 2>&1) || {
    echo "build: ${missing##*error: }: install them by apt-get" >&2
    exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
say "copying the tree"
mkdir "$work/faasd"
cp -r pyproject.toml README.md LICENSE docs distro provider_app "$work/faasd/"
[ ! -f setup.py ] || cp setup.py "$work/faasd/"
cp -r distro/debian "$work/faasd/debian"
cd "$work/faasd"
find . \( -name __pycache__ -o -name '*_pb2.py' -o -name '*_pb2.pyi' -o -name '*.egg-info' \) \
    -prune -exec rm -rf {} +

export LC_ALL=C.UTF-8 TZ=UTC PATH=/usr/sbin:/usr/bin:/sbin:/bin
commit=$(find_commit)
[ -z "$commit" ] || echo "$commit" >distro/faasd/assets/commit
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(dpkg-parsechangelog -S Timestamp)}

say "faasd $version${commit:+ of commit $commit}"
if ! dpkg-buildpackage -us -uc -b -d >"$work/log" 2>&1; then
    tail -n 40 "$work/log" >&2
    echo "build: dpkg-buildpackage failed; the end of what it said is above" >&2
    exit 1
fi
mkdir -p "$out"
mv "$work/faasd_${version}_all.deb" "$out/"
say "$out/faasd_${version}_all.deb, $(stat -c %s "$out/faasd_${version}_all.deb") bytes"
