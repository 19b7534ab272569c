#!/bin/bash
# ./install.sh: makes a fresh Debian 12 a node that runs functions, and proves it by calls.
#
#   sudo ./install.sh               build all, install, start, deploy a sample and call it
#   sudo ./install.sh --deb FILE    the same with a package that was built elsewhere
#   sudo ./install.sh --offline DIR the same from a folder made by distro/offline/make.sh, without
#                                   any network; the install.sh in such a folder needs no option
#   sudo ./install.sh --image       install only: no login, nothing started; for the image of a
#                                   machine, whose copies each make their own (docs/images.md)
#   sudo ./install.sh --uninstall   take everything away but data and login
#   sudo ./install.sh --purge       take everything away
#
# It may be run again at any time, also after it was cut off in the middle. Nothing is asked.
# FAASD_WHEELS=DIR takes the one Python library that Debian lacks from DIR, not from pip's index.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=/var/cache/faasd
sample=localhost/echo:latest
least_memory=450000 # kB; functions come on top
least_disk=1500000  # kB below /var

export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 PATH=/usr/sbin:/usr/bin:/sbin:/bin
umask 022

say() { printf '\n== %s\n' "$*"; }
die() {
    echo "install.sh: $*" >&2
    exit 1
}
usage() { sed -n '/^# \.\/install/,/^$/s/^# \{0,1\}//p; /^set/q' "$0"; }

action=install deb='' offline='' image=''
[ ! -f "$top/packages/Packages" ] || offline=$top
while [ $# -gt 0 ]; do
    case $1 in
        --uninstall) action=uninstall ;;
        --purge) action=purge ;;
        --image) image=yes ;;
        --deb)
            [ -f "${2:-}" ] || die "--deb needs the file of a package"
            deb=$(realpath "$2")
            shift
            ;;
        --offline)
            [ -f "${2:-}/SHA256SUMS" ] || die "--offline needs a folder made by distro/offline/make.sh"
            offline=$(realpath "$2")
            shift
            ;;
        -h | --help)
            usage
            exit 0
            ;;
        *) die "unknown option $1; ./install.sh --help says which there are" ;;
    esac
    shift
done

has_systemd() { [ -d /run/systemd/system ]; }
is_installed() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q '^install ok installed'; }
has_faasd() { is_installed faasd && [ -x /usr/bin/faasd ]; }

check_machine() {
    local id version architecture memory disk
    [ "$(id -u)" = 0 ] || die "needs root: sudo ./install.sh"
    id=$(. /etc/os-release && echo "${ID:-}")
    version=$(. /etc/os-release && echo "${VERSION_ID:-}")
    case $id-$version in
        debian-12 | raspbian-12) ;;
        *) die "needs Debian 12 (bookworm); this is ${id:-unknown} ${version:-}" ;;
    esac
    architecture=$(dpkg --print-architecture)
    case $architecture in
        amd64 | arm64 | armhf) ;;
        *) die "needs amd64, arm64 or armhf; this is $architecture" ;;
    esac
    memory=$(awk '/^MemTotal/ { print $2 }' /proc/meminfo)
    [ "$memory" -ge "$least_memory" ] || die "needs $((least_memory / 1000)) MB of memory; there are $((memory / 1000))"
    disk=$(df -kP /var | awk 'NR == 2 { print $4 }')
    [ "$disk" -ge "$least_disk" ] || die "needs $((least_disk / 1000)) MB free below /var; there are $((disk / 1000))"
    echo "$id $version, $architecture, $((memory / 1000)) MB of memory, $((disk / 1000)) MB of disk free"
}

take_lock() {
    mkdir -p /run/lock
    exec 9>/run/lock/faasd-install
    flock -n 9 || die "another install.sh is at work"
}

# Without a network: what a folder holds is checked, and is all that apt knows of.
apt_source=()
use_folder() {
    local own=$cache/offline
    (cd "$offline" && sha256sum --check --quiet --strict SHA256SUMS) ||
        die "the folder $offline is not whole: copy it again"
    [ "$(cat "$offline/architecture")" = "$(dpkg --print-architecture)" ] ||
        die "the folder $offline is for $(cat "$offline/architecture"), this machine is $(dpkg --print-architecture)"
    mkdir -p "$own/lists/partial" "$own/cache/archives/partial"
    # A link, for apt takes no path with spaces.
    ln -sfn "$offline" "$own/folder"
    echo "deb [trusted=yes] file:$own/folder packages/" >"$own/sources.list"
    apt_source=(-o Dir::Etc::sourcelist="$own/sources.list" -o Dir::Etc::sourceparts=/dev/null
        -o Dir::State::lists="$own/lists" -o Dir::Cache="$own/cache" -o APT::Sandbox::User=root)
}

# What apt and dpkg say is shown only when they fail. They do not get the lock: daemons that they
# start would keep it.
apt_get() {
    quietly apt-get "${apt_source[@]}" -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        -o APT::Install-Recommends=false "$@"
}

quietly() {
    local output
    output=$("$@" 2>&1 9>&-) && return
    tail -n 30 <<<"$output" >&2
    die "failed: $*"
}

refresh_lists() { # once in a run, and only when something is to be installed
    [ -z "${lists_are_fresh:-}" ] || return 0
    apt_get update
    lists_are_fresh=yes
}

installed_packages() { dpkg-query -W -f '${db:Status-Status} ${Package}\n' | sed -n 's/^installed //p' | sort; }
# What came along with something else and is needed, or recommended, by nothing any more.
removable_packages() {
    apt-get -s -o APT::AutoRemove::SuggestsImportant=false autoremove | sed -n 's/^Remv \([^ ]*\).*/\1/p' | sort
}

build_packages() {
    sed -n '/^Build-Depends:/,/^[A-Z]/{ s/^ \([a-z0-9.+-]*\).*/\1/p }' "$top/distro/debian/control" |
        sed 's/^debhelper-compat$/debhelper/'
    echo dpkg-dev
}

# install_for_building PACKAGE…: what was not there before is written down, and removed at the end.
install_for_building() {
    local package missing=()
    for package; do is_installed "$package" || missing+=("$package"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    mkdir -p "$cache"
    [ -f "$cache/packages-before" ] || {
        installed_packages >"$cache/packages-before.new"
        mv "$cache/packages-before.new" "$cache/packages-before"
    }
    echo "for the build only: ${missing[*]}"
    refresh_lists
    apt_get install "${missing[@]}"
}

# Removes what the build brought and nothing needs now.
remove_build_packages() {
    local brought unneeded
    if [ ! -f "$cache/packages-before" ]; then
        echo "nothing"
        return
    fi
    brought=$(installed_packages | comm -13 "$cache/packages-before" - | grep -vx faasd || true)
    # shellcheck disable=SC2086  # several packages
    [ -z "$brought" ] || apt-mark -qq auto $brought >/dev/null
    unneeded=$(removable_packages | comm -12 - <(echo "$brought"))
    # shellcheck disable=SC2086
    [ -z "$unneeded" ] || apt_get purge $unneeded
    rm -f "$cache/packages-before"
    echo "$(wc -w <<<"$unneeded") packages removed"
}

tree_digest() {
    (cd "$top" && find distro provider_app docs setup.py pyproject.toml README.md LICENSE -type f \
        ! -path '*/__pycache__/*' ! -name '*_pb2.py*' -print0 2>/dev/null |
        sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1)
}

# The package and the sample's image are kept, and built again only when the tree has changed.
build() {
    local digest
    if [ -n "$offline" ]; then
        deb=$(echo "$offline"/packages/faasd_*_all.deb)
        cp "$offline/echo.tar" "$cache/echo.tar"
        echo "nothing: all comes from $offline"
        return
    fi
    digest=$(tree_digest)
    if [ -z "$deb" ]; then
        if [ "$(cat "$cache/built" 2>/dev/null)" != "$digest" ]; then
            # shellcheck disable=SC2046  # several packages
            install_for_building $(build_packages)
            rm -rf "$cache/deb" "$cache/built"
            "$top/distro/debian/build.sh" "$cache/deb"
            echo "$digest" >"$cache/built"
        else
            echo "this tree's package was built before: $cache/deb"
        fi
        deb=$(echo "$cache"/deb/faasd_*_all.deb)
    fi
    if [ ! -f "$cache/echo.tar" ] || [ "$(cat "$cache/echo.built" 2>/dev/null)" != "$digest" ]; then
        install_for_building busybox-static umoci
        "$top/distro/functions/build.sh" echo "$cache/echo.tar"
        echo "$digest" >"$cache/echo.built"
    else
        echo "the sample's image was built before: $cache/echo.tar"
    fi
}

install_package() {
    local wanted=("$deb")
    # An image's machines have systemd, whatever builds it.
    [ -n "$image" ] || has_systemd || is_installed runit || wanted+=(runit)
    if [ "$(sha256sum <"$deb")" = "$(cat "$cache/installed" 2>/dev/null)" ] && has_faasd &&
        [ ${#wanted[@]} = 1 ]; then
        echo "installed already: $(dpkg-query -W faasd)"
        return
    fi
    refresh_lists
    # apt reads the file as another user, who may not see where it lies.
    install -m 644 "$deb" "$cache/faasd.deb"
    wanted[0]=$cache/faasd.deb
    apt_get install --reinstall --allow-downgrades "${wanted[@]}"
    [ ${#wanted[@]} = 1 ] || apt-mark -qq auto runit >/dev/null
    sha256sum <"$deb" >"$cache/installed"
    dpkg-query -W faasd
}

# The core services' images hold our code and Debian's packages: built where either is newer.
build_core_images() {
    if [ -n "$offline" ]; then
        faasd core-images import "$offline/core-images.tar" || die "the folder's images do not fit, see above"
        return
    fi
    if faasd core-images list >/dev/null 2>&1; then
        echo "built before, and current"
        return
    fi
    install_for_building mmdebstrap umoci python3-pip
    refresh_lists
    faasd core-images build 9>&- || die "the core services' images could not be built, see above"
}

show_logs() {
    echo "--- faasd status" >&2
    faasd status >&2 || true
    echo "--- the end of the logs" >&2
    if has_systemd; then
        journalctl --no-pager -n 30 -u containerd -u faasd -u faasd-provider >&2 || true
    else
        tail -n 15 /var/log/faasd/*/current >&2 || true
    fi
}

start_node() {
    # Daemons must not hold the lock.
    faasd start 9>&- || {
        show_logs
        die "the node's programs did not start, see above"
    }
}

# Sets $state. Functions of yours that are not ready (3) are no failure of the installation.
wait_for_all_parts() {
    local status end=$((SECONDS + 90))
    while :; do
        status=0
        state=$(faasd status) || status=$?
        [ "$status" = 1 ] || return 0
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 1
    done
}

prove_node() {
    faasd image load "$cache/echo.tar"
    proof=$(faasd prove "$sample") || {
        show_logs
        die "the sample function did not answer, see above"
    }
    wait_for_all_parts || {
        show_logs
        die "not all of the node is as it should be, see above"
    }
}

report() {
    local secrets=/var/lib/faasd/secrets url sudo='' curl=''
    url=$(faasd url)
    command -v sudo >/dev/null && sudo='sudo '
    command -v curl >/dev/null || curl="   (curl is not installed: ${sudo}apt-get install curl)"
    say "ready in $SECONDS s"
    cat <<TEXT
$state

URL       $url
user      $(cat $secrets/basic-auth-user)
password  in $secrets/basic-auth-password: ${sudo}cat $secrets/basic-auth-password
state     ${sudo}faasd status
sample    curl -d hello $url/function/echo$curl

$proof
TEXT
}

install_node() {
    say "checking this machine"
    check_machine
    take_lock
    mkdir -p "$cache"
    [ -z "$offline" ] || use_folder
    if [ -n "$(dpkg --audit)" ]; then
        say "finishing what dpkg was cut off at"
        quietly dpkg --force-confdef --force-confold --configure -a
        apt_get --fix-broken install
    fi
    say "building"
    build
    say "installing by apt"
    install_package
    say "building the core services' images"
    build_core_images
    say "removing what only the build needed"
    remove_build_packages
    [ -z "$image" ] || {
        say "installed in $SECONDS s; nothing is set up or started"
        return
    }
    say "setting the node up"
    faasd install
    say "starting"
    start_node
    say "deploying the sample function and calling it"
    prove_node
    report
}

# remove_node [--purge]
remove_node() {
    local before unneeded verb=remove
    [ "$(id -u)" = 0 ] || die "needs root: sudo ./install.sh"
    take_lock
    [ $# = 0 ] || verb=purge
    before=$(removable_packages)
    if has_faasd; then
        say "removing containers, network and files"
        faasd uninstall "$@" 9>&-
    fi
    say "removing the package and what only it needed"
    remove_build_packages >/dev/null
    if dpkg-query -W faasd >/dev/null 2>&1; then
        apt_get "$verb" faasd
    else
        echo "no package faasd"
    fi
    unneeded=$(removable_packages | comm -13 <(echo "$before") -)
    # shellcheck disable=SC2086  # several packages
    [ -z "$unneeded" ] || apt_get purge $unneeded
    [ $# = 0 ] || remove_rest
    rm -rf "$cache"
    rmdir --ignore-fail-on-non-empty /etc/cni/net.d /etc/cni 2>/dev/null || true
    say "done in $SECONDS s"
    [ $# -gt 0 ] || report_kept
}

# What --uninstall leaves, as far as it is there.
report_kept() {
    local path kept=()
    for path in /var/lib/faasd /var/lib/faasd-provider /var/log/faasd \
        /etc/cni/net.d/10-openfaas.conflist /etc/sysctl.d/90-faasd.conf; do
        [ ! -e "$path" ] || kept+=("$path")
    done
    [ ${#kept[@]} -gt 0 ] || return 0
    echo "kept: ${kept[*]} (login, functions, secrets, logs, what you edited)"
    echo "./install.sh brings the node back with them; ./install.sh --purge removes them, too"
}

remove_rest() {
    rm -rf /var/lib/faasd /var/lib/faasd-provider /var/log/faasd
    # containerd's own store is empty of ours; where the program is gone, it is nobody's.
    is_installed containerd || rm -rf /var/lib/containerd /run/containerd /etc/containerd
    is_installed containernetworking-plugins || rm -rf /var/lib/cni
}

case $action in
    install) install_node ;;
    uninstall) remove_node ;;
    purge) remove_node --purge ;;
esac
