#!/usr/bin/env bats
# By name only: three minutes, most of them slurmctld's own half minutes.
# Nova's quota refuses servers: a Reason that names it, a rest of the pool, the jobs requeued, and run
# once there is room. The same cases as on the simulator (tests/cluster/quota.bats).

load ../lab/lib
load real
load ../cluster/quota

setup_file() {
  real_up --nodes 4 --compute-nodes 2 --suspend-time 5 --suspend-timeout 5 --policy cool_off=5s
}
teardown_file() { real_down; }

@test "two run; two nodes are down with a Reason that names the quota, and their jobs are requeued" {
  quota_instances 2
  some_fit 2 4
}

@test "they start once there is room, and nothing is left in the end" {
  the_rest_follows 4
}

@test "a two-node job of which one node fits gives up both, says why, and leaves no server" {
  neither_of_two
}
