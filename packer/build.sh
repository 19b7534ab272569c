#!/bin/bash
# packer/build.sh SOURCE [OPTION…]: makes the image of a machine that is a node at its first boot.
# SOURCE is qemu, amazon-ebs or digitalocean; OPTIONs are of `packer build`, e.g. -var output=node.
#
#   --check   only checks: `packer validate`
#
# Run it where this repository is; docs/images.md says which variables there are. Debian's Packer is
# enough (apt-get install packer); one of HashiCorp's needs `packer init packer/plugins` once.
set -euo pipefail

die() {
    echo "build.sh: $*" >&2
    exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
source='' verb=build options=() release='' output=image
while [ $# -gt 0 ]; do
    case $1 in
        -var=*)
            set -- -var "${1#-var=}" "${@:2}"
            continue
            ;;
        --check) verb=validate ;;
        -h | --help)
            sed -n '/^# packer/,/^set/{ /^set/d; s/^# \{0,1\}//p }' packer/build.sh
            exit 0
            ;;
        qemu | amazon-ebs | digitalocean) source=$1 ;;
        -var)
            case ${2:-} in
                release=*) release=${2#*=} ;;
                output=*) output=${2#*=} ;;
            esac
            options+=("$1" "${2:-}")
            shift
            ;;
        *) options+=("$1") ;;
    esac
    shift
done

check() {
    local found
    [ -n "$source" ] || die "name a source: qemu, amazon-ebs or digitalocean"
    command -v packer >/dev/null || die "needs packer: apt-get install packer"
    [ -n "$release" ] || die "name the folder that distro/offline/make.sh made: -var release=faasd-offline"
    [ -f "$release/SHA256SUMS" ] || die "$release is no folder made by distro/offline/make.sh"
    for found in "$output" "$output".*; do
        [ ! -e "$found" ] || die "$found is there already: name another output, or remove it"
    done
    if [ "$source" = qemu ]; then
        command -v qemu-img >/dev/null || die "needs qemu: apt-get install qemu-system-x86 qemu-utils"
    fi
}

# By it, and only while it builds, Packer gets into the machine. Nothing of it is in the image.
make_seed() {
    (umask 077 && ssh-keygen -q -t ed25519 -N '' -C packer -f "$work/key")
    printf '#cloud-config\nssh_authorized_keys: ["%s"]\n' "$(cat "$work/key.pub")" >"$work/user-data"
    printf 'instance-id: packer-%s\nlocal-hostname: packer\n' "${work##*.}" >"$work/meta-data"
}

check
version=$(cd "$release/packages" && echo faasd_*_all.deb)
version=${version#faasd_}
version=${version%_all.deb}
# The mark of a version of Debian's own does not fit a name.
version=${version//[+~]/-}
work=$(mktemp -d -t faasd-packer.XXXXXX)
trap 'rm -rf "$work"' EXIT
make_seed
export CHECKPOINT_DISABLE=1
# A build that fails leaves nothing that looks like one that did not.
packer "$verb" -only="$source.node" -var version="$version" -var qemu_seed="$work" "${options[@]}" packer || {
    rm -f "$output".{sbom.cdx.json,about.json,packer.json}
    exit 1
}
