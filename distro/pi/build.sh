#!/bin/bash
# distro/pi/build.sh --arch arm64|armhf [--firmware] [--out DIR]: makes the image of a card with
# which a Raspberry Pi is a node at its first boot; --help says more, docs/raspberry-pi.md all.
#
#   SOURCE_DATE_EPOCH  the time of what is made, seconds (that of distro/debian/changelog)
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
[ "$(id -u)" = 0 ] || { echo "build.sh: needs root: sudo $0" >&2; exit 1; }
export LC_ALL=C.UTF-8 TZ=UTC PATH=/usr/sbin:/usr/bin:/sbin:/bin PYTHONDONTWRITEBYTECODE=1
export PYTHONPATH=$here/..
umask 022
# Whatever is mounted meanwhile, nobody else sees, and it goes with the last of these processes.
exec unshare --mount --propagation private -- /usr/bin/python3 -P -m pi "$@"
