#!/usr/bin/env bats
# A cloud that is overloaded, that loses its answers, or a server: the jobs run all the same, a little
# later, and no server is made twice or left over.

load ../lab/lib
load cloud
load troubles

setup_file() { troubles_lab_up 8; }
teardown_file() { lab_down; }
setup() { sim_api POST counts/reset '{}'; }

refused() { (($(creates 503) + $(creates 429) > 0)); }

@test "5xx, throttling and tokens that expire in the middle delay a job, and nothing else" {
  sim_api POST faults '{"match": {"method": "POST", "path": "/servers$"}, "times": 3, "status": 503, "body": "<html>busy</html>"}'
  sim_api POST faults '{"match": {"method": "POST", "path": "/servers$"}, "times": 2, "status": 429, "headers": {"Retry-After": "2"},
    "body": {"overLimit": {"code": 429, "message": "This request was rate-limited.", "retryAfter": "2"}}}'
  sim_api POST faults '{"match": {"method": "GET", "path": "/servers/detail"}, "times": 2, "status": 500, "body": "oops"}'
  begin run_on 4 'osg-[001-004]' >"$LAB_DIR/out"
  srun=$!
  wait_until 200 refused
  sim_api POST tokens/expire
  wait "$srun"
  [ "$(cat "$LAB_DIR/out")" = "osg-001 osg-002 osg-003 osg-004" ]
  [ "$(creates 202)" -eq 4 ]
  [ "$(creates 503)" -eq 3 ]
  [ "$(creates 429)" -eq 2 ]
  nothing_left
}

@test "an answer that is lost, or cut short, after the work was done makes no second server" {
  sim_api POST faults '{"match": {"method": "POST", "path": "/servers$", "body": "osg-005"}, "drop_after": true}'
  sim_api POST faults '{"match": {"method": "POST", "path": "/servers$", "body": "osg-006"}, "truncate": true}'
  [ "$(run_on 2 'osg-[005-006]')" = "osg-005 osg-006" ]
  nothing_left
  # Each was found again by its lease, and nobody had to remove another.
  run noted osg-005 "duplicate"
  [ "$status" -ne 0 ]
  run noted osg-006 "duplicate"
  [ "$status" -ne 0 ]
  (($(sim_api GET counts | jq '.routes["DELETE /compute/v2.1/servers/{id}"]') == 2))
}

@test "a cloud that is out when a node is to go: the server goes when it is back" {
  [ "$(run_on 1 osg-007)" = osg-007 ]
  sim_api PUT traffic '{"outage": "503", "outage_time": "15s"}'
  nothing_left
  wait_until 200 node_is osg-007 idle~
  [ "$(creates 202)" -eq 1 ]
}

@test "a server that somebody deletes while its job runs: told at once, the job runs again" {
  service
  job=$(submit -p osg -w osg-008 --wrap "[ ! -e '$LAB_DIR/jobs/go' ] || exec hostname
    touch '$LAB_DIR/jobs/started'
    sleep 3600")
  wait_until 250 test -e "$LAB_DIR/jobs/started"
  touch "$LAB_DIR/jobs/go"
  sim_api DELETE "servers/$(server_of osg-008)"
  wait_until 100 noted osg-008 "was deleted outside tidepool"
  wait_until 250 job_is "$job" COMPLETED
  [ "$(job_field "$job" Restarts)" -ge 1 ]
  nothing_left
  service_ends
}

@test "credentials that are replaced under a running worker: it goes on with the new ones" {
  local clouds=$LAB_DIR/etc/clouds.yaml
  service
  [ "$(run_on 1 osg-001)" = osg-001 ]
  # The password counts no more, and neither do the tokens that it gave.
  sim_api POST faults '{"match": {"method": "POST", "path": "/auth/tokens$", "body": "demo-secret"}, "times": 10000, "status": 401,
    "body": {"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}}'
  sed -e 's/^  demo:/  old:/' -e 's/^  demo-appcred:/  demo:/' "$clouds" >"$clouds.new"
  install -o slurm -g slurm -m 600 "$clouds.new" "$clouds"
  wait_until 100 grep -q 'clouds.yaml has changed' "$LAB_DIR/log/tidepool.log"
  sim_api POST tokens/expire
  [ "$(run_on 1 osg-002)" = osg-002 ]
  nothing_left
  service_ends
}
