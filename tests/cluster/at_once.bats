#!/usr/bin/env bats
# Fifty at once: hooks over overlapping node lists, and people who each ask for any free node. On real
# nova, fewer: tests/real/killed.bats.

load ../lab/lib
load books
load at_once

setup_file() {
  lab_up --nodes 60 --compute-nodes 50 --quota-instances 200 --latency 20ms --boot-time 300ms \
    --resume-timeout 3000 --suspend-time 3000
  cloud_runs_nothing
}
teardown_file() { lab_down; }

@test "fifty hooks at once over overlapping lists: no intent is lost, and the last one counts" {
  hooks_at_once 50 60
}

@test "node create without a name, fifty times at once: fifty nodes, fifty addresses" {
  creates_at_once 50
}
