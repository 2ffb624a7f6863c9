#!/usr/bin/env bats
# The stock openstack command (python3-openstackclient) against the simulator.

# Each test is a subshell of its own, and sim.bash reads these variables.
# shellcheck disable=SC2030,SC2031,SC2034

load sim

setup_file() {
  # A python elsewhere on PATH must not be taken for the system's.
  export PATH=/usr/bin:$PATH
  sim_start --quota-instances 7
}
teardown_file() { sim_stop; }

# os COMMAND...: fails with what the command said.
os() {
  run openstack "$@"
  [[ $status == 0 ]] || {
    printf '%s\n' "openstack $*" "$output"
    return 1
  }
}

# wait_for SERVER STATUS
wait_for() {
  local tries
  for ((tries = 0; tries < 60; tries++)); do
    os server show "$1" -f value -c status
    [[ $output != "$2" ]] || return 0
    sleep 1
  done
  expect "$2" "$output"
}

@test "token issue: each cloud of clouds.yaml" {
  for OS_CLOUD in demo other admin demo-appcred; do
    os token issue -f value -c id
    [[ $output == gAAAAA* ]]
  done
}

@test "token issue with a wrong password fails with 401" {
  run openstack --os-cloud demo --os-password wrong token issue
  [[ $status != 0 && $output == *401* ]]
}

@test "catalog, flavor, image, network and subnet lists" {
  os catalog list -f value -c Type
  expect "compute identity image network placement" "$(sort <<<"$output" | xargs)"
  os flavor list -f value -c Name -c RAM -c VCPUs
  [[ $output == *"m1.large 8192 4"* ]]
  os image list -f value -c Name
  expect rocky9-slurm "$output"
  os network list -f value -c Name
  expect hpc "$output"
  os subnet list -f value -c Subnet
  expect 10.20.0.0/20 "$output"
}

@test "quota show" {
  os quota show -f json
  expect 7 "$(jq .instances <<<"$output")"
}

@test "server create, list, show, suspend, resume, shelve, unshelve, delete; port list" {
  network=$(openstack network show hpc -f value -c id)
  os server create --flavor m1.small --image rocky9-slurm --property lease=1 \
    --nic "net-id=$network,v4-fixed-ip=10.20.0.7" --wait node-1
  os server list -f json
  expect "node-1 ACTIVE 10.20.0.7 rocky9-slurm m1.small" "$(jq -r '.[] |
    [.Name, .Status, .Networks.hpc[0], .Image, .Flavor] | join(" ")' <<<"$output")"
  os port list --server node-1 -f json
  expect 10.20.0.7 "$(jq -r '.[0]["Fixed IP Addresses"][0].ip_address' <<<"$output")"
  os server suspend node-1
  wait_for node-1 SUSPENDED
  os server resume node-1
  wait_for node-1 ACTIVE
  os server shelve node-1
  wait_for node-1 SHELVED_OFFLOADED
  os server unshelve node-1
  wait_for node-1 ACTIVE
  os server show node-1 -f json
  expect 1 "$(jq -r .properties.lease <<<"$output")"
  os server delete --wait node-1
  os server list -f value -c ID
  expect "" "$output"
  os port list -f value -c ID
  expect "" "$output"
}

@test "a refusal reaches the user in nova's words" {
  run openstack server create --flavor m1.small --image rocky9-slurm --network hpc --min 8 --max 8 many
  [[ $status != 0 && $output == *"Quota exceeded for instances: Requested 8, but already used 0 of 7 instances"* ]]
}

@test "admins list all projects, hypervisors and allocations; members may not" {
  os --os-cloud admin server list --all-projects -f value
  os --os-cloud admin hypervisor list -f value -c "Hypervisor Hostname"
  [[ $output == *compute1* ]]
  run openstack server list --all-projects
  [[ $status != 0 && $output == *"Policy doesn't allow"* ]]
}
