#!/usr/bin/env bats
# Hooks at once, and the worker and hooks killed at random moments, while servers come and go on real
# nova. The same cases as on the simulator (tests/cluster/at_once.bats, killed.bats), with fewer nodes and
# kills: each server costs real nova and neutron a second or two of the machine. SEED=N repeats the
# moments of an earlier run. More of it: killed_long.bats.

load ../lab/lib
load real
load ../cluster/books
load ../cluster/at_once
load ../cluster/storm

NODES=6

setup_file() {
  real_up --nodes "$NODES" --compute-nodes 4 --suspend-time 3000 --node-addr stale
  cloud_runs_nothing
}
teardown_file() { real_down; }

@test "twenty hooks at once over overlapping lists: no intent is lost, and the last one counts" {
  hooks_at_once 20 "$NODES"
}

@test "asked for, given back while they are built, and asked for again" {
  minds_change 2
}

@test "killed twenty times, then left alone: everything is as wanted, nothing leaks" {
  start_seed
  storm "${KILLS:-20}" 1500
  peace
}

@test "node create without a name, four times at once: four nodes, four addresses" {
  creates_at_once 4
}
