#!/bin/bash
# tests/terraform/mirror.sh: finds the providers of terraform/aws on this machine, or fetches them,
# and writes the directory that has them to .cache/terraform-mirror. Terraform itself must be there.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mkdir -p "$top/.cache"

version=$(sed -n 's/^ *version *= "\(.*\)"/\1/p' "$top/terraform/aws/.terraform.lock.hcl")

# A mirror is HOST/NAMESPACE/NAME/VERSION/…; Terraform's own working directories are none of ours.
find_mirror() {
    find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /tmp -o -name .terraform \) -prune \
        -o -type d -path "*/registry.terraform.io/hashicorp/aws/$version" -print -quit
}

command -v terraform >/dev/null || {
    echo "mirror.sh: terraform is not installed; the tests of terraform/ need 1.7 or later" >&2
    exit 1
}
mirror=$(cat "$top/.cache/terraform-mirror" 2>/dev/null || true)
[ -d "${mirror:-/nowhere}/registry.terraform.io/hashicorp/aws/$version" ] && exit 0
found=$(find_mirror)
if [ -n "$found" ]; then
    mirror=${found%/registry.terraform.io/*}
else
    mirror=$top/.cache/providers
    terraform -chdir="$top/terraform/aws" providers mirror "$mirror"
fi
echo "$mirror" >"$top/.cache/terraform-mirror"
