#!/usr/bin/env bats
# A hold that goes wrong, by each thing that can: the job goes on where it is, or comes back later, or
# goes back to the queue with the reason said. None is lost silently, and no node is left over.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds

setup_file() {
  holds_lab_up 16 "{mode: [suspend], action_timeout: 8s, return_timeout: 10m,
      hibernate_command: [@LAB@/bin/hibernate, '{node}', '{address}'], hibernate_timeout: 20s}"
  warm 'osg-[001-016]' 16
}
teardown_file() { lab_down; }

# a_job NODE [SBATCH_ARGUMENT...]: it remembers something; JOB and FILE.
a_job() {
  JOB=$(remember_on "$@")
  FILE=$(memory "$JOB")
  begun "$JOB"
  note "$FILE"
}
# held NODE STATUS [OPTION...]: holds JOB.
held() {
  tidepool hold --job "$JOB" --wait --timeout 150 "${@:3}"
  away "$1" "$2"
}
released() { tidepool release --job "$JOB" --wait --timeout 150; }
# goes_on NODE: the job and its node are as if nothing had been.
goes_on() {
  wait_until 60 job_is "$JOB" RUNNING
  ends_right "$JOB"
  wait_until 60 back "$1"
  wait_until 60 no_hold_of "$JOB"
}
no_hold_of() { [[ -z $(hold_of "$1") ]]; }
# starts_anew NODE WORDS: requeued, with these words in its admin_comment, and it runs again.
starts_anew() {
  wait_until 150 restarted "$JOB"
  [[ $(admin_comment "$JOB") == *"$2"* ]]
  wait_until 60 no_hold_of "$JOB"
  wait_until 250 fresh_start "$JOB"
  touch "$FILE.end"
  wait_until 100 job_is "$JOB" COMPLETED
}
restarted() { (($(job_field "$1" Restarts) >= 1)); }
# refused WORDS [OPTION...]: the hold comes to nothing, and its command says why.
refused() {
  run tidepool hold --job "$JOB" --wait --timeout 150 "${@:2}"
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *"$1"* ]]
}
outcome() { sim_api POST outcomes "$1"; }
fault() { sim_api POST faults "$1"; }
action_fault() { # ACTION JSON
  fault "{\"match\": {\"method\": \"POST\", \"path\": \"/action$\", \"body\": \"\\\"$1\\\"\"}, $2}"
}

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
  starts_anew osg-003 "requeue"
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
  outcome '{"action": "suspend", "server": "osg-005", "result": "lost"}'
  held osg-005 SUSPENDED
  released
  goes_on osg-005
}

@test "a suspend that hangs is given up, and should it come late, the server is woken" {
  local server
  a_job osg-006
  outcome '{"action": "suspend", "server": "osg-006", "result": "hang"}'
  refused "suspending"
  wait_until 60 job_is "$JOB" RUNNING
  wait_until 60 further "$FILE"
  # The compute host gets to it after all.
  server=$(server_of osg-006)
  "$LAB_DIR/bin/vm" freeze "$server"
  sim_api PUT "servers/$server" '{"vm_state": "suspended", "power_state": 4}'
  wait_until 100 server_is osg-006 ACTIVE
  goes_on osg-006
}
further() { same_memory "$1"; }

@test "a server that goes to ERROR on the way out: the job starts anew" {
  a_job osg-007
  outcome '{"action": "suspend", "server": "osg-007", "result": "error", "message": "no space on the hypervisor"}'
  run -1 tidepool hold --job "$JOB" --wait --timeout 150
  starts_anew osg-007 "no space on the hypervisor"
}

@test "a server that goes to ERROR on the way back: the job starts anew" {
  a_job osg-008
  held osg-008 SUSPENDED
  outcome '{"action": "resume", "server": "osg-008", "result": "error", "message": "save file is gone"}'
  run -1 tidepool release --job "$JOB" --wait --timeout 150
  starts_anew osg-008 "save file is gone"
}

@test "no host has room for it on the way back: asked again until one has" {
  local host
  a_job osg-009
  held osg-009 SHELVED_OFFLOADED --mode hibernate
  for host in $(sim_api GET hosts | jq -r '.hosts[].name'); do sim_api PUT "hosts/$host" '{"cores": 0}'; done
  tidepool release --job "$JOB"
  wait_until 100 hold_says "$JOB" '.step == "returning" and .trouble != null'
  server_is osg-009 SHELVED_OFFLOADED
  for host in $(sim_api GET hosts | jq -r '.hosts[].name'); do sim_api PUT "hosts/$host" '{"cores": 64}'; done
  wait_until 100 job_is "$JOB" RUNNING
  goes_on osg-009
}

@test "a quota that is full on the way back: asked again until it is not" {
  a_job osg-010
  held osg-010 SUSPENDED
  action_fault resume '"status": 403, "times": 2, "body": {"forbidden": {"code": 403, "message": "Quota exceeded for cores"}}'
  released
  goes_on osg-010
}

@test "a server that somebody deletes while it is away: the job starts anew" {
  a_job osg-011
  held osg-011 SUSPENDED
  sim_api DELETE "servers/$(server_of osg-011)"
  starts_anew osg-011 "server"
}

@test "a server that somebody wakes is put away again, a job that somebody resumes is suspended again" {
  a_job osg-012
  held osg-012 SUSPENDED
  member POST "compute/v2.1/servers/$(server_of osg-012)/action" '{"resume": null}'
  wait_until 60 noted osg-012 "put away again"
  wait_until 60 away osg-012 SUSPENDED
  scontrol resume "$JOB"
  wait_until 60 job_is "$JOB" SUSPENDED
  wait_until 60 noted osg-012 "suspended again"
  released
  goes_on osg-012
}

@test "scancel of a held job: its server is deleted, its lease is freed" {
  local server
  a_job osg-013
  held osg-013 SUSPENDED
  server=$(server_of osg-013)
  scancel "$JOB"
  wait_until 60 has_no_server "$server"
  wait_until 60 job_is "$JOB" CANCELLED
  wait_until 60 row_is osg-013 free
  wait_until 60 no_hold_of "$JOB"
  # And the node is one of Slurm's like any other.
  [ "$(run_on 1 osg-013)" = osg-013 ]
}

@test "max_held is over: the job is requeued, the server given back" {
  local server
  a_job osg-014
  held osg-014 SUSPENDED --max-held 3s
  server=$(server_of osg-014)
  wait_until 60 has_no_server "$server"
  starts_anew osg-014 "max_held"
}

@test "released on the way out" {
  a_job osg-015
  sim_api PUT times '{"suspend": "4s"}'
  tidepool hold --job "$JOB"
  wait_until 60 job_is "$JOB" SUSPENDED
  released
  sim_api PUT times '{"suspend": "500ms"}'
  goes_on osg-015
}

@test "a locked server is refused before its job is touched; one that is locked while away comes back when it is not" {
  local server
  a_job osg-016
  server=$(server_of osg-016)
  sim_api PUT "servers/$server" '{"locked": "admin"}'
  refused "locked"
  job_is "$JOB" RUNNING
  has_no_flag osg-016 DRAIN
  sim_api PUT "servers/$server" '{"locked": ""}'
  held osg-016 SUSPENDED
  sim_api PUT "servers/$server" '{"locked": "admin"}'
  tidepool release --job "$JOB"
  wait_until 60 hold_says "$JOB" '.trouble != null'
  sim_api PUT "servers/$server" '{"locked": ""}'
  wait_until 100 job_is "$JOB" RUNNING
  goes_on osg-016
}

@test "the stand-in is killed: said loudly, and the held node is kept alive without it" {
  a_job osg-001
  held osg-001 SUSPENDED
  "$LAB" standin stop
  wait_until 60 noted keeper "stand-in is down"
  # More than twice SlurmdTimeout.
  sleep 45
  away osg-001 SUSPENDED
  job_is "$JOB" SUSPENDED
  run -1 tidepool hold osg-002
  [[ $output == *stand-in* || $output == *"no job"* ]]
  "$LAB" standin start
  wait_until 60 noted keeper "stand-in answers again"
  wait_until 60 has_no_flag osg-001 NOT_RESPONDING
  released
  goes_on osg-001
}
