#!/bin/bash
# ./test.sh [lint|unit|terraform|fuzz|contract|node|e2e|conformance|product|systemd|public|backup|offline|images|images_quick|vm|all]: checks everything, on a bare Debian 12.
#
# Installs what it needs by apt and into .venv. What starts containers or networks runs in a
# machine of its own (tests/sandbox/enter), so that nothing of it reaches this one.
# The last line is "N passed, N failed". A skipped test is a failed one.
#
# `all` has of the images of machines what needs no emulator (`images_quick`; the whole: `images`), and
# emulated servers, which are made, killed, rebooted, cut off and filled up (`vm`, 25 minutes), last.
#
#   PYTEST_ARGS  more arguments for pytest, e.g. PYTEST_ARGS='-k deploy -x'
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

what=${1:-all}
case $what in
    lint | unit | terraform | fuzz | contract | node | e2e | conformance | product | systemd | public | backup | offline | images | images_quick | vm | all) ;;
    *) echo "usage: ./test.sh [lint|unit|terraform|fuzz|contract|node|e2e|conformance|product|systemd|public|backup|offline|images|images_quick|vm|all]" >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo "test.sh needs root, for containers and apt: sudo ./test.sh" >&2; exit 2; }

export PATH=$PWD/.venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL=C.UTF-8 PYTHONDONTWRITEBYTECODE=1 PYTHONNOUSERSITE=1 HOME=${HOME:-/root}
export MYPYPATH=distro:.
unset PYTHONPATH PYTHONHOME VIRTUAL_ENV PYTEST_ADDOPTS

started=$SECONDS
tally=$(mktemp -d)
trap 'rm -rf "$tally"' EXIT
failed_steps=()

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

install_packages() {
    local wanted missing=()
    mapfile -t wanted < <(sed '/^#/d; /^$/d' tests/sandbox/packages.txt)
    for package in "${wanted[@]}"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "apt: ${missing[*]}"
    # It is for checking files only: its services must never set this machine up.
    if [[ " ${missing[*]} " == *" cloud-init "* ]]; then
        mkdir -p /etc/cloud
        touch /etc/cloud/cloud-init.disabled
    fi
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends install "${missing[@]}"
}

requirements_of() { # an extra of pyproject.toml
    /usr/bin/python3 - "$1" <<'PYTHON'
import sys
import tomllib
with open("pyproject.toml", "rb") as file:
    print("\n".join(tomllib.load(file)["project"]["optional-dependencies"][sys.argv[1]]))
PYTHON
}

make_venv() {
    local wanted hash
    [ -x .venv/bin/python ] || /usr/bin/python3 -m venv --system-site-packages .venv
    wanted=$(requirements_of dev)
    hash=$(sha256sum <<<"$wanted")
    [ "$(cat .venv/dev-hash 2>/dev/null)" != "$hash" ] || return 0
    say "pip: the dev tools of pyproject.toml"
    .venv/bin/python -m pip install -q --disable-pip-version-check -r <(echo "$wanted")
    echo "$hash" >.venv/dev-hash
}

generate_protos() { # in place; generated code is not in git
    [ -f setup.py ] || return 0
    say "protobuf"
    /usr/bin/python3 -W ignore setup.py -q build_protos
}

# step NAME COMMAND…: runs it, remembers how it ended, goes on.
step() {
    local name=$1 began=$SECONDS
    shift
    say "$name"
    if "$@"; then
        touch "$tally/ok-$name"
        echo "$name: ok, $((SECONDS - began)) s"
    else
        failed_steps+=("$name")
        echo "$name: FAILED, $((SECONDS - began)) s"
    fi
}

shell_files() {
    local file first
    git ls-files -co --exclude-standard 2>/dev/null | while read -r file; do
        [ -f "$file" ] || continue
        case $file in *.py | *.md | *.json | *.proto | *.tar) continue ;; esac
        first=$(head -c 64 "$file" | head -n 1 | tr -d '\0')
        [[ $first =~ ^\#\!.*/(env\ )?(ba|da)?sh || $first == '# shellcheck shell='* ]] && echo "$file"
    done || true
}

check_shell() {
    local files
    mapfile -t files < <(shell_files)
    shellcheck -x "${files[@]}"
}

lint() {
    step ruff ruff check .
    step format ruff format --check .
    step mypy mypy -p faasd -p provider_app -p pi -p tests -p bench
    step imports env PYTHONPATH=distro:. lint-imports
    step shellcheck check_shell
    step shape python -m tests.guards.shape distro provider_app
    step shape-of-tests python -m tests.guards.shape tests bench
}

# tests NAME ARGUMENT…: one run of pytest; tests/conftest.py writes its counts into $tally.
tests() {
    local name=$1
    shift
    # shellcheck disable=SC2086  # several arguments
    step "$name" env FAASD_TALLY="$tally/count-$name" "${place[@]}" \
        .venv/bin/python -m pytest -q --color=auto "$@" ${PYTEST_ARGS:-}
}

unit() { place=(); tests unit tests/unit tests/sandbox; }
fuzz() { place=(); tests fuzz tests/fuzz; }
# AWS's API on loopback, and the scan of policies, apart from .venv: they pin libraries of their own.
make_cloud_venv() {
    local wanted hash
    wanted=$(requirements_of cloud-test)
    hash=$(sha256sum <<<"$wanted")
    [ "$(cat .venv/cloud/hash 2>/dev/null)" != "$hash" ] || return 0
    say "pip: moto and checkov"
    /usr/bin/python3 -m venv --clear .venv/cloud
    .venv/cloud/bin/python -m pip install -q --disable-pip-version-check -r <(echo "$wanted")
    echo "$hash" >.venv/cloud/hash
}
terraform() {
    make_cloud_venv
    step terraform-providers tests/terraform/mirror.sh
    step terraform terraform_halves
}
# A node's life at AWS is mostly waiting.
terraform_halves() {
    place=(tests/sandbox/enter)
    side_by_side terraform-aws tests/terraform/test_aws.py \
        -- terraform tests/terraform --ignore=tests/terraform/test_aws.py
}
# side_by_side NAME ARGUMENT… -- NAME ARGUMENT…: two runs of pytest at once, each in a `place` of its
# own. The first one's log is shown after the other's.
side_by_side() {
    local first=() other ended=0
    while [ "$1" != -- ]; do first+=("$1"); shift; done
    shift
    half "${first[@]}" >"$tally/half.log" 2>&1 &
    other=$!
    half "$@" || ended=1
    wait "$other" || ended=1
    cat "$tally/half.log"
    return "$ended"
}
half() {
    local name=$1
    shift
    # shellcheck disable=SC2086  # several arguments
    env FAASD_TALLY="$tally/count-$name" "${place[@]}" \
        .venv/bin/python -m pytest -q --color=auto "$@" ${PYTEST_ARGS:-} && return
    [ $? = 5 ] && [ -n "${PYTEST_ARGS:-}" ] # what is asked for may all be in the other half
}
contract() {
    place=(); tests contract-memory tests/contract -m 'not containerd'
    place=(tests/sandbox/enter); tests contract-containerd tests/contract -m containerd
}
core_images() { step core-images tests/core-images.sh; } # outside: in a sandbox is no mirror
node() { core_images; place=(tests/sandbox/enter); tests node tests/node; }
e2e() { place=(tests/sandbox/enter); tests e2e tests/e2e; }
conformance() {
    core_images; place=(tests/sandbox/enter)
    tests conformance-provider tests/conformance
    place=(env CONFORMANCE_ASYNC=1 tests/sandbox/enter); tests conformance-router tests/conformance
}
product() { core_images; place=(tests/sandbox/enter); tests product tests/product; }
systemd() {
    core_images
    step systemd-root tests/systemd/root.sh # outside, too
    place=(tests/sandbox/enter); tests systemd tests/systemd
}
public() { core_images; place=(tests/sandbox/enter); tests public tests/public; }
# Emulated servers, two at a time. One of the first two is made by terraform/aws; tests of a node's life
# go on from the node that the first boot made and kept.
vm() {
    make_cloud_venv
    step terraform-providers tests/terraform/mirror.sh
    step vm-machine tests/vm/build.sh # outside: see core_images
    export FAASD_VM_TIMES=$tally/vm-times
    : >"$FAASD_VM_TIMES"
    place=(tests/sandbox/enter)
    # One half makes the node, and the other waits for it (tests/vm/conftest.py), where both run whole.
    if [ -z "${PYTEST_ARGS:-}" ]; then
        rm -rf .cache/vm/installed-*
        place=(env FAASD_VM_BESIDE=1 "${place[@]}")
    fi
    # In this order: what goes on from the first boot would wait for it.
    step vm side_by_side vm-others -p no:randomly \
        tests/vm/test_{failed_boot,terraform,reboot,no_network,accidents}.py \
        -- vm-first tests/vm/test_{first_boot,kills,power_cut}.py
    step vm-times cat "$FAASD_VM_TIMES"
}
backup() { core_images; place=(tests/sandbox/enter); tests backup tests/backup; }
offline() { core_images; place=(); tests offline tests/offline; } # outside: the folder is made from apt's mirror

# Outside: the folder, and what is booted, are made from apt's mirror.
images() {
    make_cloud_venv
    core_images
    step images-pi tests/images/pi.sh
    step images-parts tests/images/build.sh --disk
    place=(tests/sandbox/enter)
    step images side_by_side images-pis tests/images/test_pi_boot.py \
        -- images-others tests/images --ignore=tests/images/test_pi_boot.py
}
images_quick() {
    make_cloud_venv
    core_images
    step images-parts tests/images/build.sh
    place=(tests/sandbox/enter); tests images tests/images -m 'not emulated'
}

# One file a pytest run: "PASSED FAILED SKIPPED CONTAINERD".
summary() {
    local passed=0 failed=0 skipped=0 real=0 checks=0 p f s r file
    for file in "$tally"/count-*; do
        [ -f "$file" ] || continue
        read -r p f s r <"$file"
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s)) real=$((real + r))
    done
    for file in ruff format mypy imports shellcheck shape shape-of-tests; do
        [ ! -f "$tally/ok-$file" ] || checks=$((checks + 1))
    done
    say "summary"
    echo "$((passed + failed)) tests ran, $real of them on real containerd; $skipped skipped;" \
        "$checks checks of the code passed; $((SECONDS - started)) s"
    [ ${#failed_steps[@]} -eq 0 ] || echo "failed: ${failed_steps[*]}"
    failed=$((failed + skipped))
    # A step that failed without a failing test (a check, a crash) counts as one.
    [ "$failed" -gt 0 ] || failed=${#failed_steps[@]}
    echo "$((passed + checks)) passed, $failed failed"
    [ "$failed" -eq 0 ]
}

install_packages
make_venv
generate_protos
case $what in
    all) lint; unit; contract; fuzz; node; e2e; conformance; product; systemd; public; backup; offline; images_quick; terraform; vm ;;
    *) "$what" ;;
esac
summary
