#!/usr/bin/env bats
# The store is lost while ten nodes run jobs: the cloud alone knows enough to make it again.

load ../lab/lib
load cloud

setup_file() { lab_up --nodes 10 --suspend-time 10 --suspend-timeout 5 --resume-timeout 600; }
teardown_file() { lab_down; }

running() { [[ $(squeue -h -r -t RUNNING -o %A | wc -l) == "$1" ]]; }
completed() { [[ $(squeue -h -r -t COMPLETED -j "$1" -o %A | wc -l) == "$2" ]]; }
statuses_are() { [[ $(tidepool pool list osg --json | jq -r '.[].status' | sort | uniq -c | xargs) == "$1" ]]; }
# lease: what the store says of each node, without times.
leases() { tidepool pool list --json | jq -c '.[] | [.name, .address, .server, .status]'; }

@test "ten jobs run; the store is deleted; rebuild restores it from the cloud alone" {
  array=$(submit -p osg -N1 --array=1-10 --wrap "while [ ! -e '$LAB_DIR/jobs/go' ]; do sleep 0.5; done")
  echo "$array" >"$LAB_DIR/array"
  wait_until 250 running 10
  wait_until 100 statuses_are "10 up"
  wait_until 100 no_worker
  leases >"$LAB_DIR/before"
  # Somebody else's server, with a node's name; it is no lease of ours.
  make_server osg-010 '{"tidepool-cluster": "other", "tidepool-node": "osg-010", "tidepool-lease": "6a1b2c3d-0000-4000-8000-000000000001"}'
  sim_api GET 'settle?timeout=100s'
  find "$LAB_DIR/state/tidepool" -mindepth 1 -delete

  run tidepool rebuild --dry-run --json
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(jq -r '.restored | length' <<<"$output")" -eq 10 ]
  statuses_are "10 free"
  run tidepool rebuild --json
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(jq -r '.restored | length' <<<"$output")" -eq 10 ]
  [ "$(jq -r '.left | length' <<<"$output")" -eq 0 ]
  wait_until 100 statuses_are "10 up"
  leases | diff "$LAB_DIR/before" -
}

@test "a second rebuild changes nothing" {
  wait_until 100 no_worker
  run tidepool rebuild --json
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(jq -r '.restored | length' <<<"$output")" -eq 0 ]
  [ "$(jq -r '.kept | length' <<<"$output")" -eq 10 ]
  leases | diff "$LAB_DIR/before" -
}

@test "the jobs went on all the time; afterwards the idle nodes' servers go" {
  array=$(cat "$LAB_DIR/array")
  running 10
  touch "$LAB_DIR/jobs/go"
  wait_until 200 completed "$array" 10
  # Not one had to start again.
  run bash -c "scontrol -o show job $array | grep -c ' Restarts=0 '"
  [ "$output" -eq 10 ]
  wait_until 200 servers_are 1
  wait_until 100 statuses_are "10 free"
  wait_until 100 all_powered_down
}
all_powered_down() { [[ $(sinfo -h -N -p osg -o %T | sort -u) == idle~ ]]; }
