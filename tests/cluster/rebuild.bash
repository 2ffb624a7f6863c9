# The store is lost while nodes run jobs: the cloud alone knows enough to make it again.
# `load rebuild` after ../lab/lib and cloud. NODES: how many nodes osg-… the lab has, all of which run.

running() { [[ $(squeue -h -r -t RUNNING -o %A | wc -l) == "$1" ]]; }
completed() { [[ $(squeue -h -r -t COMPLETED -j "$1" -o %A | wc -l) == "$2" ]]; }
statuses_are() { [[ $(tidepool pool list osg --json | jq -r '.[].status' | sort | uniq -c | xargs) == "$1" ]]; }
# leases: what the store says of each node, without times.
leases() { tidepool pool list --json | jq -c '.[] | [.name, .address, .server, .status]'; }
all_powered_down() { [[ $(sinfo -h -N -p osg -o %T | sort -u) == idle~ ]]; }

# store_is_lost_and_rebuilt: a job runs on each node; the store is deleted; rebuild restores it.
store_is_lost_and_rebuilt() {
  local array
  array=$(submit -p osg -N1 --array="1-$NODES" --wrap "while [ ! -e '$LAB_DIR/jobs/go' ]; do sleep 0.5; done")
  echo "$array" >"$LAB_DIR/array"
  wait_until 250 running "$NODES"
  wait_until 100 statuses_are "$NODES up"
  wait_until 100 no_worker
  leases >"$LAB_DIR/before"
  # Somebody else's server, with a node's name; it is no lease of ours.
  make_server osg-001 '{"tidepool-cluster": "other", "tidepool-node": "osg-001", "made-by": "tidepool-test",
    "tidepool-lease": "6a1b2c3d-0000-4000-8000-000000000001"}' >"$LAB_DIR/theirs"
  cloud_settles
  find "$LAB_DIR/state/tidepool" -mindepth 1 -delete

  run tidepool rebuild --dry-run --json
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(jq -r '.restored | length' <<<"$output")" -eq "$NODES" ]
  statuses_are "$NODES free"
  run tidepool rebuild --json
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(jq -r '.restored | length' <<<"$output")" -eq "$NODES" ]
  [ "$(jq -r '.left | length' <<<"$output")" -eq 0 ]
  wait_until 100 statuses_are "$NODES up"
  leases | diff "$LAB_DIR/before" -
}

# rebuilt_again: nothing changes.
rebuilt_again() {
  wait_until 100 no_worker
  run tidepool rebuild --json
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(jq -r '.restored | length' <<<"$output")" -eq 0 ]
  [ "$(jq -r '.kept | length' <<<"$output")" -eq "$NODES" ]
  leases | diff "$LAB_DIR/before" -
}

# jobs_went_on: all the time; afterwards the idle nodes' servers go, and the other one stays.
jobs_went_on() {
  local array
  array=$(cat "$LAB_DIR/array")
  running "$NODES"
  touch "$LAB_DIR/jobs/go"
  wait_until 200 completed "$array" "$NODES"
  # Not one had to start again.
  run bash -c "scontrol -o show job $array | grep -c ' Restarts=0 '"
  [ "$output" -eq "$NODES" ]
  wait_until 200 statuses_are "$NODES free"
  wait_until 100 all_powered_down
  [ -z "$(server_of osg-001)" ]
  member GET "compute/v2.1/servers/$(cat "$LAB_DIR/theirs")"
}
