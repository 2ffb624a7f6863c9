#!/usr/bin/env bats
# Running jobs step aside on real nova, in every mode that nova's fake driver can carry out, all at once;
# the lab freezes, stops and boots their machines as nova's servers say. Hibernation needs a guest's
# kernel: tests/cluster/hold_modes.bats has it, on the simulator.

bats_require_minimum_version 1.5.0

load ../lab/lib
load real
load ../cluster/holds

readonly SLURMD_TIMEOUT=20 # of holds_lab_up
declare -gA NODE=([pause]=osg-001 [suspend]=osg-002 [shelve]=osg-003 [stop]=osg-004 [cancelled]=osg-005)

setup_file() {
  local way
  holds_lab_up 5 '{mode: [suspend]}'
  warm 'osg-[001-005]' 5
  for way in "${!NODE[@]}"; do
    printf 'JOB[%s]=%s\n' "$way" "$(remember_on "${NODE[$way]}")"
  done >"$LAB_DIR/jobs_by_way"
}
teardown_file() { real_down; }
setup() {
  declare -gA JOB=()
  # shellcheck source=/dev/null
  source "$LAB_DIR/jobs_by_way"
}

mode_is() { hold_says "${JOB[$1]}" ".step == \"held\" and .mode == \"$2\""; } # WAY MODE
# is_held WAY MODE STATUS MACHINE-STATE JOB-STATE: in full, and its machine with it.
is_held() {
  wait_until 200 mode_is "$1" "$2"
  wait_until 60 away "${NODE[$1]}" "$3"
  wait_until 60 machine_is "${NODE[$1]}" "$4"
  wait_until 60 job_is "${JOB[$1]}" "$5"
}

@test "asked for at once, each in its mode" {
  local way
  begun "${JOB[@]}"
  for way in "${!JOB[@]}"; do
    note "$(memory "${JOB[$way]}")"
    echo "$way $(server_of "${NODE[$way]}")"
  done >"$LAB_DIR/servers_before"
  for way in pause suspend shelve stop; do tidepool hold --job "${JOB[$way]}" --mode "$way"; done
  # In the mode of its pool.
  tidepool hold --job "${JOB[cancelled]}"
}

@test "pause and suspend: the machines are frozen, the jobs suspended" {
  local way
  is_held pause pause PAUSED frozen SUSPENDED
  is_held suspend suspend SUSPENDED frozen SUSPENDED
  date +%s >"$LAB_DIR/held_since"
  for way in pause suspend; do cp "$(memory "${JOB[$way]}")" "$LAB_DIR/jobs/$way.standing"; done
}

@test "shelve and stop: the machines are off, the jobs in the queue, held there" {
  local way
  is_held shelve shelve SHELVED_OFFLOADED stopped PENDING
  is_held stop stop SHUTOFF stopped PENDING
  for way in shelve stop; do
    [ "$(job_field "${JOB[$way]}" Priority)" = 0 ]
    [[ $(admin_comment "${JOB[$way]}") == *tidepool* ]]
    is_same_server "$way"
  done
}
is_same_server() { grep -qxF "$1 $(server_of "${NODE[$1]}")" "$LAB_DIR/servers_before"; }

@test "scancel of a held job: its server is deleted, its lease freed" {
  local server
  is_held cancelled suspend SUSPENDED frozen SUSPENDED
  server=$(server_of osg-005)
  scancel "${JOB[cancelled]}"
  wait_until 120 has_no_server "$server"
  wait_until 60 job_is "${JOB[cancelled]}" CANCELLED
  wait_until 60 row_is osg-005 free
  wait_until 60 no_hold_of "${JOB[cancelled]}"
  wait_until 60 no_port_of "$server"
}
no_port_of() { [[ $(cloud_ports | jq --arg id "$1" 'any(.[]; .server == $id)') == false ]]; }

@test "back from shelve and stop: the same servers, and the jobs start anew on them" {
  local way job
  tidepool release --job "${JOB[shelve]},${JOB[stop]}" --wait --timeout 200
  for way in shelve stop; do
    job=${JOB[$way]}
    is_same_server "$way"
    wait_until 100 back "${NODE[$way]}"
    wait_until 250 fresh_start "$job"
    [ "$(job_field "$job" Restarts)" = 1 ]
    [ "$(job_field "$job" BatchHost)" = "${NODE[$way]}" ]
    touch "$(memory "$job").end"
    wait_until 100 job_is "$job" COMPLETED
  done
}

@test "pause and suspend for more than three times SlurmdTimeout: nothing moved, nobody was called dead" {
  local held_for way
  held_for=$(($(date +%s) - $(cat "$LAB_DIR/held_since")))
  ((held_for > 3 * SLURMD_TIMEOUT + 5)) || sleep $((3 * SLURMD_TIMEOUT + 5 - held_for))
  away osg-001 PAUSED
  away osg-002 SUSPENDED
  for way in pause suspend; do
    job_is "${JOB[$way]}" SUSPENDED
    cmp "$(memory "${JOB[$way]}")" "$LAB_DIR/jobs/$way.standing"
  done
  run ! grep -E 'osg-00[1-5].*(not responding, setting DOWN|unexpectedly rebooted)' "$LAB_DIR/log/slurmctld.log"
}

@test "back from pause and suspend: the same processes go on and complete" {
  local way
  tidepool release --job "${JOB[pause]},${JOB[suspend]}" --wait --timeout 200
  for way in pause suspend; do
    ends_right "${JOB[$way]}"
    wait_until 100 back "${NODE[$way]}"
    is_same_server "$way"
  done
}

@test "nothing is left of the holds" {
  wait_until 60 no_holds
  [ -z "$(tidepool status --json | jq -r '.failed[]')" ]
}
