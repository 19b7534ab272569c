# shellcheck shell=bash
# Cgroups of a sandbox: one below the caller's own in every hierarchy, removed at the end.

cgroup_root=/sys/fs/cgroup

# hierarchy lines are "OPTIONS PATH": v1 controllers as `mount -o` takes them, "" for cgroup v2
cgroup_lines() {
    sed -n 's/^[0-9]*:\([^:]*\):\(.*\)$/\1 \2/p' /proc/self/cgroup
}

cgroups_are_v2() {
    ! cgroup_lines | grep -Eq '^[a-z]+[a-z,_]* ' || return 1
}

cgroup_directory() {
    case $1 in
        '') cgroups_are_v2 && echo "$cgroup_root" || echo "$cgroup_root/unified" ;;
        *) echo "$cgroup_root/${1#name=}" ;;
    esac
}

cgroup_mount_one() { # OPTIONS
    local directory
    directory=$(cgroup_directory "$1")
    mountpoint -q "$directory" && return 0
    mkdir -p "$directory"
    case $1 in
        '') mount -t cgroup2 cgroup2 "$directory" ;;
        name=*) mount -t cgroup -o "none,$1" cgroup "$directory" ;;
        *) mount -t cgroup -o "$1" cgroup "$directory" ;;
    esac
}

cgroups_mount() {
    local options path
    if ! cgroups_are_v2 && ! mountpoint -q "$cgroup_root"; then
        mount -t tmpfs -o mode=755 cgroup "$cgroup_root"
    fi
    while read -r options path; do
        [ -n "$path" ] || { path=$options; options=''; }
        cgroup_mount_one "$options"
    done < <(cgroup_lines)
    cgroup_link_controllers
}

cgroup_link_controllers() { # cpu,cpuacct is also found as cpu and as cpuacct
    local directory part
    for directory in "$cgroup_root"/*,*; do
        [ -d "$directory" ] || continue
        for part in $(basename "$directory" | tr , ' '); do
            [ -e "$cgroup_root/$part" ] || ln -s "$(basename "$directory")" "$cgroup_root/$part"
        done
    done
}

# The caller's own cgroup of one hierarchy as a directory. On v2 the top one: only there may
# controllers be handed on while it holds processes.
cgroup_own() { # OPTIONS PATH
    local directory root
    directory=$(cgroup_directory "$1")
    if [ -z "$1" ] && cgroups_are_v2; then
        echo "$directory"
        return
    fi
    root=$(awk -v at="$directory" '$5 == at { found = $4 } END { print found }' /proc/self/mountinfo)
    [ "$root" = / ] && root=''
    echo "$directory${2#"$root"}"
}

cgroup_owns() {
    local options path
    while read -r options path; do
        [ -n "$path" ] || { path=$options; options=''; }
        cgroup_own "$options" "$path"
    done < <(cgroup_lines)
}

cgroups_make() { # NAME
    local own
    cgroups_are_v2 && cgroup_hand_on "$cgroup_root" "$1-outside"
    while read -r own; do
        mkdir -p "$own/$1"
        cgroup_copy_cpuset "$own" "$own/$1"
    done < <(cgroup_owns)
}

cgroup_copy_cpuset() { # FROM TO: an empty v1 cpuset takes no process
    local key
    for key in cpuset.cpus cpuset.mems; do
        if [ -e "$2/cgroup.clone_children" ] && [ -e "$2/$key" ]; then
            cat "$1/$key" >"$2/$key"
        fi
    done
}

# Let the cgroups below have every controller. In a container the top one is not the machine's, and
# must first be empty: its processes wait in ASIDE.
cgroup_hand_on() { # DIRECTORY [ASIDE]
    local wanted
    wanted=$(sed 's/[a-z_][a-z_]*/+&/g' "$1/cgroup.controllers")
    [ -n "$wanted" ] || return 0
    echo "$wanted" 2>/dev/null >"$1/cgroup.subtree_control" && return 0
    cgroup_move "$1" "$1/$2"
    echo "$wanted" >"$1/cgroup.subtree_control"
}

cgroup_move() { # FROM TO
    local process
    mkdir -p "$2"
    while read -r process; do
        echo "$process" 2>/dev/null >"$2/cgroup.procs" || true
    done <"$1/cgroup.procs"
}

cgroups_join() { # NAME
    local own
    while read -r own; do
        echo "$BASHPID" >"$own/$1/cgroup.procs"
    done < <(cgroup_owns)
}

# Once its cgroup is the top of a namespace: on v2 that one must be empty to hand controllers on.
cgroups_step_aside() { # NAME
    cgroups_are_v2 || return 0
    mkdir -p "$cgroup_root/$1/init"
    echo "$BASHPID" >"$cgroup_root/$1/init/cgroup.procs"
}

# Removing succeeds only when no process is left in it: the proof that nothing stayed behind.
cgroups_remove() { # NAME
    local own handed failed=0
    while read -r own; do
        cgroup_remove_tree "$own/$1" || failed=1
    done < <(cgroup_owns)
    if cgroups_are_v2 && [ -d "$cgroup_root/$1-outside" ]; then
        handed=$(sed 's/[a-z_][a-z_]*/-&/g' "$cgroup_root/cgroup.subtree_control")
        echo "$handed" >"$cgroup_root/cgroup.subtree_control" || true
        cgroup_move "$cgroup_root/$1-outside" "$cgroup_root"
        rmdir "$cgroup_root/$1-outside" || failed=1
    fi
    return "$failed"
}

cgroup_remove_tree() { # DIRECTORY
    local try
    for try in 1 2 3 4 5 6 7 8 9 10; do
        [ -d "$1" ] || return 0
        find "$1" -depth -type d -exec rmdir {} + 2>/dev/null && return 0
        sleep "0.$try"
    done
    [ ! -d "$1" ]
}
