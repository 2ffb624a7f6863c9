# The words of cloud.bash for the simulator. tests/real/real.bash has the same ones for real services:
# what a test says in these words it says of both.

# cloud_url identity|compute|image|networking: where that service is.
cloud_url() {
  local url
  url=$(jq -r .url "$LAB_DIR/sim/sim.json")
  if [[ $1 == identity ]]; then echo "$url"; else echo "$url/$1"; fi
}
cloud_password() { echo "$1-secret"; } # of the user of that name

# cloud_servers: a JSON array of all servers: id, name, status, metadata, addresses (an array).
cloud_servers() { sim_api GET servers | jq '[.servers[] | .addresses |= [.[]]]'; }
# cloud_ports: a JSON array of the ports that nova made: server (its id), address.
cloud_ports() { sim_api GET ports | jq '[.ports[] | select(.made_by_nova) | {server: .device_id, address}]'; }
# cloud_settles: returns when no server is on its way from one state to another any more.
cloud_settles() { sim_api GET 'settle?timeout=100s'; }
# quota_instances N: the project's quota.
quota_instances() { sim_api PUT quotas/demo "{\"instances\": $1}"; }

CLOUD_FLAVOR=hpc.small
