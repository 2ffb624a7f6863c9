#!/usr/bin/env bats
# Quota of 5, ten nodes asked: five jobs run, five are told so at once, and start when there is room.
# Then a job of two nodes of which only one fits: it gets none, and nothing is left of the other.
# On real nova: tests/real/quota.bats.

load ../lab/lib
load cloud
load quota

setup_file() {
  lab_up --nodes 10 --compute-nodes 2 --quota-instances 5 --suspend-time 5 --suspend-timeout 5 \
    --resume-timeout 600 --policy cool_off=5s
}
teardown_file() { lab_down; }

@test "five run; five nodes are down with a Reason that names the quota, and their jobs are requeued" {
  some_fit 5 10
}

@test "they start once there is room, and nothing is left in the end" {
  the_rest_follows 10
}

@test "a two-node job of which one node fits gives up both, says why, and leaves no server" {
  neither_of_two
}
