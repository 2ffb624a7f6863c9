#!/usr/bin/env bats
# The store is lost while ten nodes run jobs: the cloud alone knows enough to make it again. On real
# nova: tests/real/main_path.bats.

load ../lab/lib
load cloud
load rebuild

NODES=10

setup_file() { lab_up --nodes "$NODES" --suspend-time 10 --suspend-timeout 5 --resume-timeout 600; }
teardown_file() { lab_down; }

@test "ten jobs run; the store is deleted; rebuild restores it from the cloud alone" {
  store_is_lost_and_rebuilt
}

@test "a second rebuild changes nothing" {
  rebuilt_again
}

@test "the jobs went on all the time; afterwards the idle nodes' servers go" {
  jobs_went_on
  servers_are 1
}
