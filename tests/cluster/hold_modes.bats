#!/usr/bin/env bats
# Every hold mode, there and back, a job for each, all in the same span of time. What keeps the memory
# must show the same process and secret; what loses it must say so and run the job anew.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds

# mode -> node; those that hibernate in a way of their own have one too.
declare -gA NODE=([pause]=osg-001 [suspend]=osg-002 [hibernate]=osg-003 [refuses]=osg-004 [thaws]=osg-005
  [forgets]=osg-006 [shelve]=osg-007 [stop]=osg-008 [snapshot]=osg-009 [requeue]=osg-010
  [power-key]=compute-01)

setup_file() {
  local way
  holds_lab_up 10 "{mode: [suspend], hibernate_command: [@LAB@/bin/hibernate, '{node}', '{address}'],
      hibernate_timeout: 10s}"
  # The pool compute has no command: nova presses the power key.
  sed -i '/^  compute:/,$ { s/hibernate_command: [^]]*], *//; s/^    hold:/    guest: {hibernate: image}\n&/ }' \
    "$LAB_DIR/etc/tidepool.yaml"
  printf '%s\n' 'osg-004 refuses' 'osg-005 thaws' 'osg-006 forgets' 'compute-01 power-key' >"$LAB_DIR/etc/guests"
  warm 'osg-[001-010]' 10 &
  srun -p compute -N 1 true
  wait
  for way in "${!NODE[@]}"; do
    printf 'JOB[%s]=%s\n' "$way" "$(remember_on "${NODE[$way]}" -p "${NODE[$way]%-*}")"
  done >"$LAB_DIR/jobs_by_way"
}
teardown_file() { lab_down; }
setup() {
  declare -gA JOB=()
  # shellcheck source=/dev/null
  source "$LAB_DIR/jobs_by_way"
}
teardown() { :; }

# hold_way WAY MODES
hold_way() { tidepool hold --job "${JOB[$1]}" --mode "$2"; }
mode_is() { hold_says "${JOB[$1]}" ".step == \"held\" and .mode == \"$2\""; } # WAY MODE
state_is() { job_is "${JOB[$1]}" "$2"; }

@test "asked for, each in its mode" {
  local way
  begun "${JOB[@]}"
  for way in "${!JOB[@]}"; do note "$(memory "${JOB[$way]}")"; done
  for way in pause suspend hibernate shelve stop snapshot requeue; do hold_way "$way" "$way"; done
  for way in refuses thaws; do hold_way "$way" hibernate,suspend; done
  for way in forgets power-key; do hold_way "$way" hibernate; done
}

@test "pause and suspend: away, memory and capacity kept" {
  wait_until 100 away osg-001 PAUSED
  wait_until 100 away osg-002 SUSPENDED
  wait_until 100 mode_is pause pause
  wait_until 100 mode_is suspend suspend
  state_is pause SUSPENDED
  state_is suspend SUSPENDED
}

@test "hibernate: the guest is down with its memory on its disk, the server shelved, its capacity free" {
  local way
  for way in hibernate power-key forgets; do
    wait_until 100 mode_is "$way" hibernate
    away "${NODE[$way]}" SHELVED_OFFLOADED
    state_is "$way" SUSPENDED
    [ "$(sim_api GET servers | jq --arg n "${NODE[$way]}" '.servers[] | select(.name == $n) | .allocated')" = false ]
  done
}

@test "a guest that refuses to hibernate, and one that does not manage: the next mode of the list" {
  local way
  for way in refuses thaws; do
    wait_until 150 mode_is "$way" suspend
    away "${NODE[$way]}" SUSPENDED
  done
  noted osg-004 "Not enough swap space"
}

@test "shelve, stop, snapshot: the job is back in the queue, held there; its node's disk is kept" {
  local way
  for way in shelve stop snapshot; do
    wait_until 150 mode_is "$way" "$way"
    state_is "$way" PENDING
    [ "$(job_field "${JOB[$way]}" Reason)" = JobHeldAdmin ] || [ "$(job_field "${JOB[$way]}" Priority)" = 0 ]
  done
  away osg-007 SHELVED_OFFLOADED
  away osg-008 SHUTOFF
  [ -z "$(server_of osg-009)" ]
  [ "$(member GET image/v2/images | jq '[.images[] | select(.image_type == "snapshot" and (.name | contains("shelved") | not)
    and .status == "active")] | length')" = 1 ]
}

@test "requeue: no hold at all; the job starts anew, and says why" {
  local job=${JOB[requeue]}
  wait_until 100 requeued_once "$job"
  [[ $(admin_comment "$job") == *tidepool* ]]
  # Where it was is a powered-down node, then a fresh one.
  wait_until 250 fresh_start "$job"
  touch "$(memory "$job").end"
  wait_until 100 job_is "$job" COMPLETED
}
requeued_once() { [[ $(job_field "$1" Restarts) == 1 ]]; }

@test "back: what kept its memory goes on" {
  local way
  tidepool release --job "$(IFS=, && echo "${JOB[pause]},${JOB[suspend]},${JOB[hibernate]},${JOB[power-key]},${JOB[refuses]},${JOB[thaws]}")" \
    --wait --timeout 200
  for way in pause suspend hibernate power-key refuses thaws; do
    ends_right "${JOB[$way]}"
    wait_until 60 back "${NODE[$way]}"
  done
}

@test "back: a hibernation that ended in a fresh boot is found out, and the job starts anew" {
  local job=${JOB[forgets]}
  # It is not what was asked for: the exit code says so.
  run -1 tidepool release --job "$job" --wait --timeout 200
  [[ $output == *"booted afresh"* ]]
  wait_until 100 requeued_once "$job"
  wait_until 250 fresh_start "$job"
  [[ $(admin_comment "$job") == *tidepool* ]]
  touch "$(memory "$job").end"
  wait_until 100 job_is "$job" COMPLETED
}

@test "back: shelve, stop, snapshot bring the node's disk, and the job starts anew on it" {
  local way
  for way in shelve stop; do echo "$way $(server_of "${NODE[$way]}")"; done >"$LAB_DIR/servers_before"
  tidepool release --job "${JOB[shelve]},${JOB[stop]},${JOB[snapshot]}" --wait --timeout 200
  for way in shelve stop; do grep -qxF "$way $(server_of "${NODE[$way]}")" "$LAB_DIR/servers_before"; done
  for way in shelve stop snapshot; do
    wait_until 60 back "${NODE[$way]}"
    wait_until 250 fresh_start "${JOB[$way]}"
    [ "$(job_field "${JOB[$way]}" Restarts)" = 1 ]
    touch "$(memory "${JOB[$way]}").end"
    wait_until 100 job_is "${JOB[$way]}" COMPLETED
  done
  # The image was only for that.
  wait_until 60 no_images_of_ours
}
no_images_of_ours() { [[ $(member GET image/v2/images | jq '[.images[] | select(.image_type == "snapshot")] | length') == 0 ]]; }

@test "nothing is left" {
  wait_until 60 no_holds
  [ -z "$(tidepool status --json | jq -r '.failed[]')" ]
}
