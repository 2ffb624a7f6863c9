#!/usr/bin/env bats
# A hold that goes wrong on the way out, by each thing that can: the job goes on where it is, or goes back
# to the queue with the reason said, and no node is left over.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds
load hold_cases

setup_file() { cases_lab_up 9; }
teardown_file() { lab_down; }

@test "policy forbids it: the job goes on where it was" {
  a_job osg-001
  sim_api PUT policy '{"deny": ["suspend"]}'
  refused "suspend"
  sim_api PUT policy '{"deny": []}'
  goes_on osg-001
}

@test "policy forbids it: the next mode of the list" {
  a_job osg-002
  sim_api PUT policy '{"deny": ["suspend"]}'
  held osg-002 PAUSED --mode suspend,pause
  sim_api PUT policy '{"deny": []}'
  hold_says "$JOB" '.mode == "pause"'
  released
  goes_on osg-002
}

@test "policy forbids it: the end of the list is requeue" {
  a_job osg-003
  sim_api PUT policy '{"deny": ["suspend"]}'
  tidepool hold --job "$JOB" --mode suspend,requeue --wait --timeout 150
  sim_api PUT policy '{"deny": []}'
  starts_anew "requeue"
}

@test "a cloud that is busy, and loses answers: held all the same" {
  a_job osg-004
  action_fault suspend '"status": 503, "times": 2'
  action_fault suspend '"status": 409, "times": 1, "body": {"conflictingRequest": {"code": 409, "message": "in task_state"}}'
  action_fault suspend '"drop_after": true, "times": 1'
  held osg-004 SUSPENDED
  action_fault resume '"drop_after": true, "times": 1'
  released
  goes_on osg-004
}

@test "a suspend that nova loses is asked for again" {
  a_job osg-005
  sim_api POST outcomes '{"action": "suspend", "server": "osg-005", "result": "lost"}'
  held osg-005 SUSPENDED
  released
  goes_on osg-005
}

@test "a suspend that hangs is given up, and should it come late, the server is woken" {
  local server
  a_job osg-006
  sim_api POST outcomes '{"action": "suspend", "server": "osg-006", "result": "hang"}'
  refused "suspending"
  wait_until 60 job_is "$JOB" RUNNING
  wait_until 60 same_memory "$FILE"
  # The compute host gets to it after all; tidepool.service sees it.
  service
  server=$(server_of osg-006)
  "$LAB_DIR/bin/vm" freeze "$server"
  sim_api PUT "servers/$server" '{"vm_state": "suspended", "power_state": 4}'
  wait_until 100 server_is osg-006 ACTIVE
  goes_on osg-006
  service_ends
}

@test "a server that goes to ERROR: the job starts anew" {
  a_job osg-007
  sim_api POST outcomes '{"action": "suspend", "server": "osg-007", "result": "error", "message": "no space on the hypervisor"}'
  run -1 tidepool hold --job "$JOB" --wait --timeout 150
  starts_anew "no space on the hypervisor"
}

@test "released before it was away" {
  a_job osg-008
  sim_api PUT times '{"suspend": "4s"}'
  tidepool hold --job "$JOB"
  wait_until 60 job_is "$JOB" SUSPENDED
  released
  sim_api PUT times '{"suspend": "500ms"}'
  goes_on osg-008
}

@test "a locked server is refused before its job is touched; one that is locked while away comes back when it is not" {
  local server
  a_job osg-009
  server=$(server_of osg-009)
  sim_api PUT "servers/$server" '{"locked": "admin"}'
  refused "locked"
  job_is "$JOB" RUNNING
  has_no_flag osg-009 DRAIN
  sim_api PUT "servers/$server" '{"locked": ""}'
  held osg-009 SUSPENDED
  sim_api PUT "servers/$server" '{"locked": "admin"}'
  tidepool release --job "$JOB"
  wait_until 60 hold_says "$JOB" '.trouble != null'
  sim_api PUT "servers/$server" '{"locked": ""}'
  goes_on osg-009
}

@test "those that went back to the queue run anew" { those_run_anew; }
