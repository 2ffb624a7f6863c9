# For bats files on real keystone, placement, glance, neutron and nova (tests/openstack, which must be
# up). `load real` after ../lab/lib:
#
#   setup_file()    { real_up --nodes 4; }
#   teardown_file() { real_down; }
#
# A lab as in tests/cluster, whose VMs follow the states of nova's servers (tests/lab/follow). It has the
# network of the cloud, and so there is one at a time. The words about the cloud are those of
# tests/cluster/cloud.bash; what they say is what real nova and neutron say.
#
# Environment: TIDEPOOL_REAL_CLOUD_DIR, the folder of `tests/openstack/cloud up --dir`; TIDEPOOL_BIN.

# The lab's number: the network hpc is 10.20.0.0/20 (tests/openstack/python/resources.py).
REAL_NUMBER=20
CLOUD_FLAVOR=m1.small

# real_up [OPTION VALUE]...: of `lab up`. What another file has left behind, killed or failed, goes first.
real_up() {
  [[ -r ${TIDEPOOL_REAL_CLOUD_DIR:-}/clouds.yaml ]] || {
    echo "needs real services: ./run openstack up --dir DIR, and TIDEPOOL_REAL_CLOUD_DIR=DIR"
    return 1
  }
  real_tidy
  lab_up --cloud "$TIDEPOOL_REAL_CLOUD_DIR/clouds.yaml" --cloud-name demo --network hpc \
    --flavor "$CLOUD_FLAVOR" --image rocky9-slurm --number "$REAL_NUMBER" --resume-timeout 900 "$@"
}

# real_down: the lab first, whose worker would make again what is deleted.
real_down() {
  lab_down
  real_tidy
}

# real_tidy: none of our servers and ports, no server that a test made by hand (make_server), no quota.
real_tidy() {
  local deadline=$((SECONDS + 240)) LAB_DIR
  # Tokens are asked for anew: this may be before or after a lab.
  LAB_DIR=$(mktemp -d)
  quota_instances -1
  until _nothing_is_left; do
    ((SECONDS < deadline)) || {
      echo "servers and ports that do not go:"
      _leftover_servers
      cloud_ports
      return 1
    }
    sleep 1
  done
  rm -rf "$LAB_DIR"
}

_nothing_is_left() {
  local servers ports id
  servers=$(_leftover_servers) && ports=$(_leftover_ports) || return
  for id in $servers; do member DELETE "compute/v2.1/servers/$id" || true; done
  # Nova takes a server's ports away itself, unless it was disturbed.
  [[ -n $servers ]] || for id in $ports; do member DELETE "networking/v2.0/ports/$id" || true; done
  [[ -z $servers$ports ]]
}

_leftover_servers() {
  member GET compute/v2.1/servers/detail | jq -r --arg ours "lab$REAL_NUMBER" '.servers[]
    | select(.metadata["tidepool-cluster"] == $ours or .metadata["made-by"] == "tidepool-test") | .id'
}
_leftover_ports() { _ports | jq -r '.[].id'; }

# _ports: neutron's, of nova's making and at the nodes' addresses, whoever has them.
_ports() {
  member GET 'networking/v2.0/ports?fields=id&fields=device_id&fields=device_owner&fields=fixed_ips' |
    jq '[.ports[] | select(.device_owner | startswith("compute:"))
      | {id, server: .device_id, address: .fixed_ips[0].ip_address}
      | select(.address | test("^10\\.20\\.[12]\\."))]'
}

cloud_url() {
  local base
  base=$(sed -n 's/^PORT_BASE=//p' "$TIDEPOOL_REAL_CLOUD_DIR/settings")
  # In the order of tests/openstack/lib/ports.bash.
  case $1 in
    identity) ;;
    image) base=$((base + 2)) ;;
    networking) base=$((base + 3)) ;;
    compute) base=$((base + 4)) ;;
    *) return 1 ;;
  esac
  echo "http://127.0.0.1:$base"
}
cloud_password() { sed -n "s/^${1^^}_PASSWORD=//p" "$TIDEPOOL_REAL_CLOUD_DIR/secrets"; }

# See tests/cluster/simulator.bash. Only the lab's own: the project may have others.
cloud_servers() {
  member GET compute/v2.1/servers/detail | jq --arg ours "lab$REAL_NUMBER" '[.servers[]
    | select(.metadata["tidepool-cluster"] == $ours)
    | {id, name, status, metadata, addresses: [.addresses[][].addr]}]'
}
cloud_ports() { _ports | jq 'map({server, address})'; }
cloud_settles() { wait_until 120 _cloud_is_settled; }
_cloud_is_settled() {
  member GET compute/v2.1/servers/detail |
    jq -e 'all(.servers[]; .status != "BUILD" and .["OS-EXT-STS:task_state"] == null)'
}
quota_instances() {
  # force: also below what is in use.
  admin PUT "compute/v2.1/os-quota-sets/$(_project demo)" \
    "{\"quota_set\": {\"instances\": $1, \"force\": true}}" >/dev/null
}
_project() { admin GET "identity/v3/projects?name=$1" | jq -r '.projects[0].id'; }

# nova_asked METHOD PATH-RE: how many such requests nova has answered since its start, by its own log.
nova_asked() { grep -cE "\"$1 $2(\\?[^\"]*)?\" status:" "$TIDEPOOL_REAL_CLOUD_DIR/log/nova-api.log" || true; }

# machine_state NODE: of the lab's machine that is that node: running, frozen, stopped; nothing: there is none.
machine_state() {
  local id
  for id in $(vm_of "$1"); do cat "$LAB_DIR/vm/$id/state"; done
}
machine_is() { [[ $(machine_state "$1") == "$2" ]]; }

# shellcheck source=tests/cluster/cloud.bash
source "$(dirname "${BASH_SOURCE[0]}")/../cluster/cloud.bash"
