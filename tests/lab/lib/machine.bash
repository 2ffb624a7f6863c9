# One "VM": a network namespace with one leg in the lab's bridge, its own host name, mounts and
# process ids, and a cgroup that holds all its processes. Its disk is LAB_DIR/vm/SERVER_ID.

# machine_use SERVER_ID: sets what follows from the id. Interface names hold 15 characters at most.
machine_use() {
  MACHINE_ID=$1
  MACHINE_DISK=$LAB_DIR/vm/$1
  MACHINE_CGROUP=vm-$1
  MACHINE_NETNS=$LAB_BRIDGE-$1
  local sum
  sum=$(sha1sum <<<"$1")
  MACHINE_LINK=v$LAB_ID-${sum:0:10}
}

# machine_boot NAME IP, the server's JSON on standard input. Starts from nothing but the disk, so it
# may be called again, after a stop, or over the leftovers of a boot that was interrupted. A machine
# that has hibernated wakes up instead, with all that ran on it.
machine_boot() {
  local name=$1 ip=$2
  mkdir -p "$MACHINE_DISK"
  # Holds the user data, which may be confidential.
  (umask 077 && cat >"$MACHINE_DISK/server.json")
  printf '%s\n' "$name" >"$MACHINE_DISK/name"
  printf '%s\n' "$ip" >"$MACHINE_DISK/ip"
  if _machine_wakes; then
    machine_thaw
    return
  fi
  _machine_off
  _machine_wire "$ip"
  _machine_power_on "$name" "$(_machine_node)" "$(_machine_slurmd_options)"
  _machine_state running
}

# _machine_wire IP: its network namespace, with one leg in the bridge.
_machine_wire() {
  local ip=$1
  # In batches: a burst of boots is mostly the start of processes.
  ip netns add "$MACHINE_NETNS"
  ip -batch - <<BATCH
link add $MACHINE_LINK type veth peer name eth0 netns $MACHINE_NETNS
link set $MACHINE_LINK master $LAB_BRIDGE up
BATCH
  ip -n "$MACHINE_NETNS" -batch - <<BATCH
link set lo up
addr add $ip/20 dev eth0
link set eth0 up
BATCH
}

# The Slurm node that the machine is to be, empty for one that somebody made by hand: only the
# cluster's own image has its slurmd and its munge key. Nodes listed in LAB_DIR/etc/dead-nodes (one a
# line) boot without slurmd, so that a test can see what becomes of a node that never registers.
_machine_node() {
  local node
  [[ $(_machine_metadata tidepool-cluster) == "lab$LAB_ID" ]] || return 0
  node=$(_machine_metadata tidepool-node) || return 0
  grep -qxF -e "$node" "$LAB_DIR/etc/dead-nodes" 2>/dev/null || echo "$node"
}

# What the server's user data says that slurmd's options are, when it shall fetch slurm.conf: as the unit
# of the distribution's package reads them. Empty: slurmd reads the controller's file.
_machine_slurmd_options() {
  local pattern='"user_data"[[:space:]]*:[[:space:]]*"([A-Za-z0-9+/=]+)"' text
  [[ $(<"$MACHINE_DISK/server.json") =~ $pattern ]] || return 0
  text=$(base64 -d <<<"${BASH_REMATCH[1]}")
  pattern='SLURMD_OPTIONS="([^"]*--conf-server[^"]*)"'
  [[ ! $text =~ $pattern ]] || echo "${BASH_REMATCH[1]}"
}

# _machine_metadata KEY: a value of the server's metadata. Matched rather than parsed, because jq takes
# longer to start than all the rest of a boot: keys and values are plain words, and a quote inside any
# other string of the JSON is escaped, so that only a real key can match.
_machine_metadata() {
  local pattern="\"$1\"[[:space:]]*:[[:space:]]*\"([^\"\\]*)\""
  [[ $(<"$MACHINE_DISK/server.json") =~ $pattern ]] && echo "${BASH_REMATCH[1]}"
}

# Mounts follow the host's as a slave, so that a namespace that the host deletes is not kept alive
# by a copy of its mount in here.
_machine_power_on() {
  local name=$1 node=$2 options=${3:-}
  (
    cgroup_enter "$MACHINE_CGROUP"
    close_inherited
    exec setsid nsenter --net="/run/netns/$MACHINE_NETNS" \
      unshare --uts --mount --propagation slave --pid --fork --kill-child --mount-proc \
      "$LAB_HOME/guest-init" "$LAB_DIR" "$MACHINE_DISK" "$name" "$node" "$options" \
      </dev/null >>"$MACHINE_DISK/console.log" 2>&1
  ) &
  disown
}

machine_freeze() {
  _machine_exists || die "no such machine: $MACHINE_ID"
  ip link set "$MACHINE_LINK" down
  cgroup_freeze "$MACHINE_CGROUP" || die "machine $MACHINE_ID does not freeze"
  _machine_state frozen
}

machine_thaw() {
  _machine_exists || die "no such machine: $MACHINE_ID"
  cgroup_thaw "$MACHINE_CGROUP" || die "machine $MACHINE_ID does not thaw"
  ip link set "$MACHINE_LINK" up
  _machine_state running
}

# machine_hibernate: its memory goes to its disk and it switches itself off. Here a frozen process tree
# is that memory. Fails when the guest does not hibernate: its processes run on.
machine_hibernate() {
  ! _machine_guest thaws || die "machine $MACHINE_ID has too little swap and runs on"
  machine_freeze
  _machine_state hibernated
}

# The power key. A guest that has hibernated already is off, and its memory is on its disk.
machine_stop() {
  ! _machine_is hibernated || return 0
  if _machine_is running && _machine_guest power-key; then
    machine_hibernate
    return
  fi
  _machine_off
  [[ ! -d $MACHINE_DISK ]] || _machine_state stopped
}

machine_destroy() {
  _machine_off
  rm -rf "$MACHINE_DISK"
}

_machine_exists() { [[ -e /sys/class/net/$MACHINE_LINK ]]; }
_machine_is() { [[ $(cat "$MACHINE_DISK/state" 2>/dev/null) == "$1" ]]; }

# _machine_guest WORD: is that said of this machine's node in LAB_DIR/etc/guests? See README.md.
_machine_guest() {
  local name
  name=$(cat "$MACHINE_DISK/name" 2>/dev/null) || return 1
  grep -qxF -e "$name $1" "$LAB_DIR/etc/guests" 2>/dev/null
}

# Does the memory on its disk fit the machine that it wakes up on?
_machine_wakes() { _machine_is hibernated && _machine_exists && ! _machine_guest forgets; }
_machine_state() { printf '%s\n' "$1" >"$MACHINE_DISK/state"; }

# Processes first: a namespace with a process in it lives on without its name.
_machine_off() {
  cgroup_destroy "$MACHINE_CGROUP"
  ! _machine_exists || ip link del "$MACHINE_LINK" 2>/dev/null || true
  [[ ! -e /run/netns/$MACHINE_NETNS ]] || ip netns del "$MACHINE_NETNS" 2>/dev/null || true
}
