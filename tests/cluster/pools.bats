#!/usr/bin/env bats
# What a pool file may say besides the plain case: addresses by DHCP, idle nodes kept instead of deleted.

bats_require_minimum_version 1.5.0
load ../lab/lib
load cloud
load addresses

setup_file() {
  lab_up --nodes 2 --compute-nodes 2 --suspend-time 4 --suspend-timeout 4
  pool_by_dhcp
  # An idle node's server is stopped, and kept.
  sed -i -e '/^  compute:/,$ { s/^    partition: .*/&\n    on_suspend: stop/; }' "$TIDEPOOL_CONFIG"
}
teardown_file() { lab_down; }

status_of() { row "$1" | jq -r .status; }

@test "the pool file is in order" {
  run -0 tidepool check
  echo "$output"
}

@test "address: dhcp ends with the right NodeAddr" {
  dhcp_address_told osg-001
}

@test "on_suspend: stop keeps the server and its address, and starts it again" {
  srun -p compute -w compute-01 true
  server=$(field_of compute-01 server)
  wait_until 60 row_is compute-01 parked
  [ "$(server_status compute-01)" = SHUTOFF ]
  wait_until 60 node_is compute-01 idle~
  srun -p compute -w compute-01 true
  [ "$(field_of compute-01 server)" = "$server" ]
  wait_until 60 row_is compute-01 parked
}

@test "a parked node deleted by hand is gone" {
  wait_until 60 row_is compute-01 parked
  tidepool node delete compute-01
  [ "$(status_of compute-01)" = free ]
  [ -z "$(server_status compute-01)" ]
}

@test "what is a name, what is an address: node create answers, never guesses" {
  run -2 tidepool node create nosuch
  [[ $output == *"node 'nosuch' is in no pool"* ]]
  run -2 tidepool node create compute-01 --ip 10.0.0.1
  [[ $output == *"10.0.0.1"* ]]
  other=$(field_of compute-02 address)
  run -2 tidepool node create compute-01 --ip "$other"
  [[ $output == *"address $other belongs to node compute-02, not to compute-01"* ]]
  run -2 tidepool node create --dns not-an-address --pool compute
  [[ $output == *"--dns"* ]]
  run -2 tidepool node create
  [[ $output == *"--pool"* ]]
}

@test "node create by address gives the node; name servers and slurm.conf reach the VM" {
  address=$(field_of compute-02 address)
  printf 'ClusterName=by-hand\n' >"$LAB_DIR/etc/other.conf"
  run -0 tidepool node create --ip "$address" --dns 10.9.8.7,10.9.8.6 --slurm-conf "$LAB_DIR/etc/other.conf" --json
  [ "$(jq -r .name <<<"$output")" = compute-02 ]
  id=$(jq -r .server <<<"$output")
  jq -r '.user_data // .server.user_data' "$LAB_DIR/vm/$id/server.json" | base64 -d >"$LAB_DIR/user-data"
  cat "$LAB_DIR/user-data"
  grep -q '^hostname: compute-02$' "$LAB_DIR/user-data"
  grep -q 'nameserver 10.9.8.7' "$LAB_DIR/user-data"
  grep -q 'ClusterName=by-hand' "$LAB_DIR/user-data"
  run -1 tidepool node create compute-02
  [[ $output == *"in use already"* ]]
  tidepool node delete compute-02
}
