#!/usr/bin/env bats
# By name only: five to ten minutes of servers that come and go.
# killed.bats, with more nodes and kills: KILLS=N, SEED=N.
# Time limit: 1800 s

load ../lab/lib
load real
load ../cluster/books
load ../cluster/at_once
load ../cluster/storm

NODES=16

setup_file() {
  real_up --nodes "$NODES" --compute-nodes 50 --suspend-time 3000 --node-addr stale
  cloud_runs_nothing
}
teardown_file() { real_down; }

@test "fifty hooks at once over overlapping lists: no intent is lost, and the last one counts" {
  hooks_at_once 50 "$NODES"
}

@test "asked for, given back while they are built, and asked for again" {
  minds_change 5
}

@test "killed sixty times, then left alone: everything is as wanted, nothing leaks" {
  start_seed
  storm "${KILLS:-60}" 2500
  peace
}

@test "node create without a name, fifty times at once: fifty nodes, fifty addresses" {
  creates_at_once 50
}
