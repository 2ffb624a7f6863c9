#!/usr/bin/env bats
# A cloud that is overloaded, silent, gone for a while, or that loses a server: the jobs run all the
# same, a little later, and no server is made twice or left over.

load ../lab/lib
load cloud

setup_file() {
  lab_up --nodes 8 --suspend-time 5 --suspend-timeout 5 --resume-timeout 900 --policy cool_off=2s \
    --policy cool_off_max=2s
}
teardown_file() { lab_down; }

setup() { sim_api POST counts/reset '{}'; }

# creates STATUS: how many requests for a server were answered so.
creates() {
  sim_api GET 'journal?route=POST%20/compute/v2.1/servers' |
    jq --argjson status "$1" '[.requests[] | select(.route == "POST /compute/v2.1/servers" and .status == $status)] | length'
}
run_on() { timeout 280 srun -p osg -N "$1" -w "$2" hostname | sort | xargs; }
reason_has() { [[ $(node_field "$1" Reason) == "tidepool: "*"$2"* ]]; }

@test "5xx, throttling and tokens that expire in the middle delay a job, and nothing else" {
  sim_api POST faults '{"match": {"method": "POST", "path": "/servers$"}, "times": 3, "status": 503, "body": "<html>busy</html>"}'
  sim_api POST faults '{"match": {"method": "POST", "path": "/servers$"}, "times": 2, "status": 429, "headers": {"Retry-After": "2"},
    "body": {"overLimit": {"code": 429, "message": "This request was rate-limited.", "retryAfter": "2"}}}'
  sim_api POST faults '{"match": {"method": "GET", "path": "/servers/detail"}, "times": 2, "status": 500, "body": "oops"}'
  run_on 4 'osg-[001-004]' >"$LAB_DIR/out" 3>&- &
  srun=$!
  wait_until 200 refused
  sim_api POST tokens/expire
  wait "$srun"
  [ "$(cat "$LAB_DIR/out")" = "osg-001 osg-002 osg-003 osg-004" ]
  [ "$(creates 202)" -eq 4 ]
  [ "$(creates 503)" -eq 3 ]
  [ "$(creates 429)" -eq 2 ]
  wait_until 200 servers_are 0
  no_ports
}
refused() { (($(creates 503) + $(creates 429) > 0)); }

@test "an answer that is cut off after the work was done makes no second server" {
  sim_api POST faults '{"match": {"method": "POST", "path": "/servers$"}, "times": 1, "drop_after": true}'
  [ "$(run_on 1 osg-005)" = osg-005 ]
  wait_until 200 servers_are 0
  no_ports
  # The one whose answer was lost was found again by its lease.
  run noted osg-005 "duplicate"
  [ "$status" -ne 0 ]
}

@test "a cloud that cannot be reached for a while" {
  sim_api PUT traffic '{"outage": "refuse", "outage_time": "12s"}'
  [ "$(run_on 1 osg-006)" = osg-006 ]
  [ "$(creates 202)" -eq 1 ]
  # And gone when a node is to be deleted: the server goes when the cloud is back.
  sim_api PUT traffic '{"outage": "503", "outage_time": "12s"}'
  wait_until 200 servers_are 0
  no_ports
}

@test "a server that somebody deletes while its job runs: told at once, the job runs again" {
  tidepool work --stay 3>&- &
  worker=$!
  job=$(submit -p osg -w osg-007 --wrap "[ -e '$LAB_DIR/jobs/go' ] || sleep 3600; hostname")
  wait_until 250 job_is "$job" RUNNING
  touch "$LAB_DIR/jobs/go"
  sim_api DELETE "servers/$(server_of osg-007)"
  wait_until 100 noted osg-007 "was deleted outside tidepool"
  wait_until 250 job_is "$job" COMPLETED
  [ "$(job_field "$job" Restarts)" -ge 1 ]
  kill -TERM "$worker"
  wait "$worker"
  wait_until 200 servers_are 0
}
