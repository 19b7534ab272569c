# shellcheck shell=bash
# tests/sandbox/keep.sh: to be sourced; keeps in $cache what was made in $work, until what it was made
# of changes. Who sources it has set both.
# shellcheck disable=SC2154

digest() { # PATH…: of files and their names
    find "$@" -type f ! -path '*/__pycache__/*' ! -name '*_pb2.py*' -print0 |
        sort -z | xargs -0 sha256sum | sha256sum | cut -d ' ' -f 1
}

# keep NAME KEY COMMAND…: runs the command unless what is there was made with this key.
keep() {
    local name=$1 key=$2
    shift 2
    [ "$(cat "$cache/$name.key" 2>/dev/null)" != "$key" ] || [ ! -e "$cache/$name" ] || return 0
    rm -rf "$cache/$name.key" "${cache:?}/$name"
    "$@" >"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; return 1; }
    mv "$work/$name" "$cache/$name"
    echo "$key" >"$cache/$name.key"
    echo "made $cache/$name" >&2
}
