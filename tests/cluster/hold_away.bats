#!/usr/bin/env bats
# What befalls a job while it is away, and on the way back: it comes later, or starts anew with the reason
# said. None is lost silently, and no node is left over.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds
load hold_cases

setup_file() { cases_lab_up 8; }
teardown_file() { lab_down; }

@test "no host has room for it on the way back: asked again until one has" {
  a_job osg-001
  held osg-001 SHELVED_OFFLOADED --mode hibernate
  all_hosts_have 0
  tidepool release --job "$JOB"
  wait_until 100 hold_says "$JOB" '.step == "returning" and .trouble != null'
  server_is osg-001 SHELVED_OFFLOADED
  all_hosts_have 64
  goes_on osg-001
}

@test "a quota that is full on the way back: asked again until it is not" {
  a_job osg-002
  held osg-002 SUSPENDED
  action_fault resume '"status": 403, "times": 2, "body": {"forbidden": {"code": 403, "message": "Quota exceeded for cores"}}'
  released
  goes_on osg-002
}

@test "a server that goes to ERROR on the way back: the job starts anew" {
  a_job osg-003
  held osg-003 SUSPENDED
  sim_api POST outcomes '{"action": "resume", "server": "osg-003", "result": "error", "message": "save file is gone"}'
  run -1 tidepool release --job "$JOB" --wait --timeout 150
  starts_anew "save file is gone"
}

@test "a server that somebody deletes: the job starts anew" {
  a_job osg-004
  held osg-004 SUSPENDED
  sim_api DELETE "servers/$(server_of osg-004)"
  starts_anew "server"
}

@test "a server that somebody wakes is put away again, a job that somebody resumes is suspended again" {
  a_job osg-005
  held osg-005 SUSPENDED
  member POST "compute/v2.1/servers/$(server_of osg-005)/action" '{"resume": null}'
  wait_until 60 noted osg-005 "put away again"
  wait_until 60 away osg-005 SUSPENDED
  scontrol resume "$JOB"
  wait_until 60 job_is "$JOB" SUSPENDED
  wait_until 60 noted osg-005 "suspended again"
  released
  goes_on osg-005
}

@test "scancel: its server is deleted, its lease is freed, its node is like any other" {
  local server
  a_job osg-006
  held osg-006 SUSPENDED
  server=$(server_of osg-006)
  scancel "$JOB"
  wait_until 60 has_no_server "$server"
  wait_until 60 job_is "$JOB" CANCELLED
  wait_until 60 row_is osg-006 free
  wait_until 60 no_hold_of "$JOB"
  [ "$(run_on 1 osg-006)" = osg-006 ]
}

@test "max_held is over: the job is requeued, the server given back" {
  local server
  a_job osg-007
  held osg-007 SUSPENDED --max-held 3s
  server=$(server_of osg-007)
  wait_until 60 has_no_server "$server"
  starts_anew "max_held"
}

@test "the stand-in is killed: said loudly, and the held node is kept alive without it" {
  a_job osg-008
  held osg-008 SUSPENDED
  "$LAB" standin stop
  wait_until 60 noted keeper "stand-in is down"
  # More than twice SlurmdTimeout.
  sleep 45
  server_is osg-008 SUSPENDED
  job_is "$JOB" SUSPENDED
  [[ $(flags osg-008) != DOWN* ]]
  "$LAB" standin start
  wait_until 60 noted keeper "stand-in answers again"
  wait_until 60 has_no_flag osg-008 NOT_RESPONDING
  released
  goes_on osg-008
}

@test "those that went back to the queue run anew" { those_run_anew; }
