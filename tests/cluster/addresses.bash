# Where a node's address comes from, and that slurmctld has the right one. `load addresses` after
# ../lab/lib and cloud.

# pool_by_dhcp: from now on the network chooses the addresses of the pool osg.
pool_by_dhcp() {
  sed -i '/^  osg:/,/^  compute:/ { s/^    addresses: .*/    address: dhcp/; /^    subnet:/d; }' "$TIDEPOOL_CONFIG"
}

field_of() { row "$1" | jq -r --arg f "$2" '.[$f]'; }

# dhcp_address_told NODE
dhcp_address_told() {
  local own
  [ "$(field_of "$1" address)" = "" ]
  # What the node itself says its address is, while the job is on it.
  own=$(timeout 280 srun -p osg -w "$1" hostname -I | tr -d ' ')
  [[ $own =~ ^10\.[0-9]+\.[0-9]+\.[0-9]+$ ]]
  [ "$(node_field "$1" NodeAddr)" = "$own" ]
  # The worker sees the server ACTIVE at its next look, which may be after the job.
  wait_until 60 grep -q "server active node=$1 detail=$own " "$LAB_DIR/log/tidepool.log"
}
