# A lab's number decides all its names: bridge tplabN, network 10.N.0.0/20, cgroup tidepool-lab-N,
# cluster labN. Creating the bridge is what takes the number: the kernel lets only one win.

lab_bridge() { echo "tplab$1"; }
lab_net() { echo "10.$1.0.0/20"; }
lab_address() { echo "10.$1.0.1"; } # of the controller, on the bridge
lab_standin_address() { echo "10.$1.0.2"; }

# shellcheck disable=SC2034 # LAB_NET: for the parts that write configuration
# identity_use N: sets what follows from the number.
identity_use() {
  LAB_ID=$1
  LAB_BRIDGE=$(lab_bridge "$1")
  LAB_ADDRESS=$(lab_address "$1")
  LAB_NET=$(lab_net "$1")
  cgroup_setup "tidepool-lab-$1"
}

# identity_load: the number of the lab in LAB_DIR; fails when there is no lab.
identity_load() {
  local id
  read -r id 2>/dev/null <"$LAB_DIR/id" || return 1
  [[ $id =~ ^[0-9]+$ ]] || return 1
  identity_use "$id"
}

# identity_take: takes the number that was asked for (--number), or finds a free one, starting where the
# folder's name says so that the same folder mostly gets the same number; creates the bridge and writes
# LAB_DIR/id. Nobody finds 20: it is asked for, by labs on the real services' network (10.20.0.0/20).
identity_take() {
  local start id try
  if [[ $NUMBER ]]; then
    _take "$NUMBER" || die "lab number $NUMBER is not free: a lab has it, or a route into $(lab_net "$NUMBER")"
    return
  fi
  start=$(cksum <<<"$LAB_DIR")
  start=$((${start%% *} % 199))
  for ((try = 0; try < 199; try++)); do
    id=$((21 + (start + try) % 199))
    ! _take "$id" || return 0
  done
  die "no free lab number: 199 labs are up?"
}

_take() {
  ! _network_is_foreign "$1" || return 1
  ip link add "$(lab_bridge "$1")" type bridge 2>/dev/null || return 1
  cgroup_detect >"$LAB_DIR/cgroup"
  echo "$1" >"$LAB_DIR/id"
  # Written on the bridge itself: a later run finds the lab even when its folder is gone.
  ip link set "$(lab_bridge "$1")" alias "$LAB_DIR"
  identity_use "$1"
}

# Does the machine already have a route into that network (a real one, or another lab's)?
_network_is_foreign() {
  [[ $(ip -4 route show root "$(lab_net "$1")") ]] && return 0
  ip -4 route show match "$(lab_net "$1")" | grep -qv '^default'
}

# identity_bridge_up: the bridge has our address and no uplink; nothing leaves the machine.
identity_bridge_up() {
  ip addr replace "$LAB_ADDRESS/20" dev "$LAB_BRIDGE"
  ip link set "$LAB_BRIDGE" up
}

# identity_remove: everything that carries the number: processes, cgroups, namespaces, interfaces.
identity_remove() {
  local child link netns
  # The daemons first: they start hooks, and hooks start machines.
  cgroup_destroy daemons
  while read -r child; do
    [[ -z $child ]] || cgroup_destroy "$child"
  done < <(cgroup_children)
  rmdir "$CGROUP_ROOT" 2>/dev/null || [[ ! -d $CGROUP_ROOT ]] || die "$CGROUP_ROOT is still in use"
  while read -r link; do
    ip link del "$link" 2>/dev/null || true
  done < <(ip -o link show | sed -nE "s/^[0-9]+: (v$LAB_ID-[0-9a-f]+)[@:].*/\1/p")
  for netns in /run/netns/"$LAB_BRIDGE"-*; do
    [[ ! -e $netns ]] || ip netns del "${netns##*/}" || true
  done
  # Last: as long as the bridge is there, the number is taken and the next sweep finds the rest.
  ip link del "$LAB_BRIDGE" 2>/dev/null || true
}
