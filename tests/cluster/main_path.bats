#!/usr/bin/env bats
# The main job: a queued job wakes a node, runs on it, and the node goes away. On real nova:
# tests/real/main_path.bats.

bats_require_minimum_version 1.5.0
load ../lab/lib
load cloud
load main_path

setup_file() { lab_up --nodes 4 --compute-nodes 2 --suspend-time 5 --suspend-timeout 5 --node-addr stale; }
teardown_file() { lab_down; }

@test "a job on a powered-down node completes; the node comes, and goes" {
  a_job_wakes osg-001
}

@test "the address is told before slurmd registers" {
  address_told_first osg-002
}

@test "a two-node job and an array run, each node with one server" {
  several_at_once
}

@test "each new node cost one create, and nobody asked for one server at a time" {
  counts=$(sim_api GET counts)
  echo "$counts"
  asked() { jq --arg r "$1" '[.routes | to_entries[] | select(.key | test($r)) | .value] | add // 0' <<<"$counts"; }
  # osg-001, osg-002, a pair for -N2 (one of them may have been up still), two of compute.
  [ "$(asked '^POST .*/servers$')" -le 6 ]
  [ "$(asked '^POST .*/servers$')" -ge 5 ]
  [ "$(asked '^GET .*/servers/\{')" -eq 0 ]
  [ "$(asked '^POST .*/auth/tokens$')" -eq 1 ]
  [ "$(asked '/flavors')" -le 2 ]
}

@test "servers carry cluster, node and lease, and start at the node's address" {
  made_by_hand osg-003
}

@test "a node that is up is deleted by hand, and slurmctld uses it again" {
  deleted_under_slurm osg-004
}
