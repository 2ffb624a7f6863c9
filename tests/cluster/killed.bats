#!/usr/bin/env bats
# The worker and hooks are killed at random moments while forty nodes come and go. SEED=N repeats the
# moments of an earlier run; KILLS=N makes it longer or shorter. On real nova: tests/real/killed.bats.

load ../lab/lib
load books
load storm

NODES=40

setup_file() {
  lab_up --nodes "$NODES" --quota-instances 200 --latency 30ms --boot-time 300ms --resume-timeout 3000 \
    --suspend-time 3000 --node-addr stale
  cloud_runs_nothing
}
teardown_file() { lab_down; }

@test "asked for, given back while they are built, and asked for again" {
  minds_change 3
}

@test "killed two hundred times, then left alone: everything is as wanted, nothing leaks" {
  start_seed
  storm "${KILLS:-200}" 300
  peace
}

@test "the same with a cloud that does its work and then hangs up" {
  start_seed
  sim_api POST faults '{"match": {"method": "POST", "path": "/servers$"}, "drop_after": true, "times": -1}'
  sim_api POST faults '{"match": {"method": "DELETE", "path": "/servers/"}, "drop_after": true, "times": -1}'
  storm $((${KILLS:-200} / 4)) 300
  peace
}
