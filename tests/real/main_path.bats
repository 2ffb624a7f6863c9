#!/usr/bin/env bats
# The main job on real nova: a queued job wakes a node, runs on it, and the node goes away. The same
# cases as on the simulator (tests/cluster/main_path.bats, rebuild.bats).

bats_require_minimum_version 1.5.0
load ../lab/lib
load real
load ../cluster/main_path
load ../cluster/rebuild
load ../cluster/addresses

NODES=3

setup_file() {
  real_up --nodes "$NODES" --compute-nodes 2 --suspend-time 5 --suspend-timeout 5 --node-addr stale
}
teardown_file() { real_down; }

@test "a job on a powered-down node completes; the node comes, and goes" {
  a_job_wakes osg-001
}

@test "the address is told before slurmd registers" {
  address_told_first osg-002
}

@test "a two-node job and an array run, each node with one server" {
  several_at_once
}

@test "servers carry cluster, node and lease, and start at the node's address" {
  made_by_hand osg-003
}

@test "jobs run on all nodes; the store is deleted; rebuild restores it from the cloud alone" {
  store_is_lost_and_rebuilt
}

@test "a second rebuild changes nothing" {
  rebuilt_again
}

@test "the jobs went on all the time; afterwards the idle nodes' servers go" {
  jobs_went_on
}

# More about addresses: addresses.bats.
@test "address: dhcp ends with the right NodeAddr" {
  wait_until 120 no_worker
  pool_by_dhcp
  dhcp_address_told osg-002
}
