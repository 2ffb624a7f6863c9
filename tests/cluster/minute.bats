#!/usr/bin/env bats
# A cloud that is down for a minute: nothing is lost, and nothing is made twice.

load ../lab/lib
load cloud
load troubles

setup_file() { troubles_lab_up 4; }
teardown_file() { lab_down; }
setup() { sim_api POST counts/reset '{}'; }

@test "down for a minute: commands say so, the worker tries again, the jobs run" {
  # A node that runs when the cloud goes stays up; its server goes when the cloud is back.
  [ "$(run_on 1 osg-001)" = osg-001 ]
  sim_api PUT traffic '{"outage": "refuse", "outage_time": "60s"}'
  SECONDS=0
  begin run_on 1 osg-002 >"$LAB_DIR/out"
  srun=$!
  run tidepool reconcile --dry-run
  echo "$output"
  [ "$status" -eq 4 ]
  [[ $output == *"127.0.0.1"* || $output == *"onnect"* ]]
  wait_until 100 grep -q 'the cloud cannot be listed kind=unreachable' "$LAB_DIR/log/tidepool.log"
  wait "$srun"
  ((SECONDS >= 55))
  [ "$(cat "$LAB_DIR/out")" = osg-002 ]
  [ "$(creates 202)" -eq 2 ]
  nothing_left
}
