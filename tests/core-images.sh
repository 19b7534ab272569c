#!/bin/bash
# tests/core-images.sh: builds the core services' images for tests, and prints where they are:
# .cache/core-images/NAME.tar, outside every sandbox. What has not changed is not built again.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=$top/.cache/core-images
PYTHONPATH=$top/distro PYTHONDONTWRITEBYTECODE=1 \
    /usr/bin/python3 -P -m faasd.cli core-images build --out "$cache" >&2
echo "$cache"
