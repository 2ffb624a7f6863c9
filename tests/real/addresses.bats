#!/usr/bin/env bats
# By name only: a minute and a half; main_path.bats has the plain case of either kind.
# Static addresses and `address: dhcp` on real neutron, side by side in one cluster: both end with the
# right NodeAddr in slurmctld. "Right" is what neutron's port says and what the node itself says.

bats_require_minimum_version 1.5.0
load ../lab/lib
load real
load ../cluster/books
load ../cluster/addresses

setup_file() {
  real_up --nodes 2 --compute-nodes 1 --suspend-time 600 --node-addr stale
  pool_by_dhcp
}
teardown_file() { real_down; }

# port_address NODE: what neutron has given its server.
port_address() {
  member GET "networking/v2.0/ports?device_id=$(server_of "$1")" | jq -r '.ports[].fixed_ips[].ip_address'
}

@test "the live cloud finds nothing wrong with the pool file" {
  run -0 tidepool check
  echo "$output"
}

@test "address: dhcp ends with the right NodeAddr" {
  dhcp_address_told osg-001
  address=$(node_field osg-001 NodeAddr)
  # Of the subnet's allocation pool, which the fixed ones are not.
  [[ $address =~ ^10\.20\.(8|9|1[0-5])\. ]]
  [ "$(port_address osg-001)" = "$address" ]
}

@test "a fixed address ends with the right NodeAddr" {
  address=$(row compute-01 | jq -r .address)
  [ "$address" = 10.20.2.1 ]
  run ! grep -qF "NodeAddr=$address" "$SLURM_CONF"
  [ "$(timeout 280 srun -p compute -w compute-01 hostname -I | tr -d ' ')" = "$address" ]
  [ "$(node_field compute-01 NodeAddr)" = "$address" ]
  [ "$(port_address compute-01)" = "$address" ]
}

@test "the next server of the dhcp node may get another address, and slurmctld learns that one" {
  tidepool node delete osg-001
  wait_until 120 node_is osg-001 idle~
  [ -z "$(row osg-001 | jq -r '.address // ""')" ]
  # Somebody takes the address meanwhile.
  theirs=$(make_server theirs '{"made-by": "tidepool-test"}' "$(node_field osg-001 NodeAddr)")
  cloud_settles
  own=$(timeout 280 srun -p osg -w osg-001 hostname -I | tr -d ' ')
  [ "$(node_field osg-001 NodeAddr)" = "$own" ]
  [ "$(port_address osg-001)" = "$own" ]
  [ "$(member GET "compute/v2.1/servers/$theirs" | jq -r '.server.status')" = ACTIVE ]
}

@test "dhcp on somebody else's network, where we may choose no address: also for a second server" {
  wait_until 120 no_worker
  sed -i '/^  osg:/,/^  compute:/ s/^    network: .*/    network: campus/' "$TIDEPOOL_CONFIG"
  # The lab's bridge is not that network.
  echo osg-002 >"$LAB_DIR/etc/dead-nodes"
  before=$(log_length)
  scontrol update NodeName=osg-002 State=POWER_UP
  wait_until 120 said_since "$before" "server active node=osg-002" 1
  [[ $(row osg-002 | jq -r .address) =~ ^10\.99\.0\. ]]
  # Given back and asked for again at once: another server for the same lease.
  as_slurm tidepool-suspend osg-002
  wait_until 120 said_since "$before" "server deleted node=osg-002" 1
  as_slurm tidepool-resume osg-002
  wait_until 120 said_since "$before" "server active node=osg-002" 2
  address=$(row osg-002 | jq -r .address)
  [[ $address =~ ^10\.99\.0\. ]]
  [ "$(port_address osg-002)" = "$address" ]
  wait_until 60 told_address osg-002 "$address"
  none_called_bad
}
told_address() { [[ $(node_field "$1" NodeAddr) == "$2" ]]; }
