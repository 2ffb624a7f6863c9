#!/usr/bin/env bats
# Who steps aside, when, and who comes back: each rule of the pool file's section reclaim by itself.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds
load reclaim

setup_file() {
  reclaim_lab_up 6 '{opportunistic: [{name: osg, partitions: [osg], min_run: 0s}], settle: 1s, poll: 1s, keep: 1s}'
  warm 'osg-[001-006]' 6
}
teardown_file() { lab_down; }
setup() { rm -f "$LAB_DIR/pilots"; }

# policy RECLAIM: the section is another one, from the next worker on.
policy() {
  wait_until 100 no_worker
  sed -i '/^reclaim: /,$d' "$TIDEPOOL_CONFIG"
  printf 'reclaim: %s\n' "$1" >>"$TIDEPOOL_CONFIG"
}
# room CORES [OPTION...]: asks, and waits until it is there.
room() { tidepool reclaim --cores "$1" --deadline 200s --wait "${@:2}"; }
nothing_left() {
  wait_until 150 no_holds
  wait_until 60 no_requests
  # Powered-down nodes are up again for the next test.
  wait_until 100 usable
  warm 'osg-[001-006]' 6
}
usable() { [[ $(sinfo -h -p osg -N -o %t | grep -cE '^(idle~?|idle)$') == 6 ]]; }
# end_all: the pilots complete as what they were.
end_all() {
  all_end_right "${PILOTS[@]}"
  nothing_left
}
aside_is() { [[ $(suspended | xargs) == "$*" ]]; }

@test "idle nodes go first, and no pilot" {
  pilots 4
  pilots_run
  room 2 --keep 1s
  suspended_are 0
  no_holds
  (($(used cores) <= 4))
  [ "$(cloud_servers | jq length)" = 4 ]
  end_all
}

@test "the one with the least at stake goes; one that is too young stays, and so does one that was away often enough" {
  policy '{opportunistic: [
      {name: young, partitions: [osg], accounts: [young], min_run: 1h},
      {name: once, partitions: [osg], accounts: [once], min_run: 0s, max_holds: 1},
      {name: osg, partitions: [osg], min_run: 0s}], settle: 1s, poll: 1s, keep: 1s}'
  pilots 1 --account young -w osg-001
  pilots 1 --account once -w osg-002
  pilots 4
  pilots_run
  # Not enough: 1.
  run -1 tidepool reclaim --cores 6 --dry-run
  echo "$output"
  [[ $output == *min_run* ]]
  # All but the young one; then the one of `once` has had its turn.
  room 5 --keep 1s
  aside_is "${PILOTS[@]:1}"
  wait_until 150 no_holds
  run -1 tidepool reclaim --cores 5 --deadline 8s --keep 1s --wait
  echo "$output"
  [[ $output == *max_holds* ]]
  wait_until 150 no_holds
  job_is "${PILOTS[0]}" RUNNING
  end_all
}

@test "a job of two nodes goes whole" {
  local pair
  pair=$(remember_pair osg-001,osg-002)
  wait_until 100 counts "$(memory "$pair").0"
  wait_until 100 counts "$(memory "$pair").1"
  pilots 4
  pilots_run
  note "$(memory "$pair")".{0,1}
  room 5 --keep 1s
  [[ " $(suspended | xargs) " == *" $pair "* ]]
  [ "$(server_status osg-001) $(server_status osg-002)" = "SHELVED_OFFLOADED SHELVED_OFFLOADED" ]
  wait_until 150 no_holds
  ends_right "$pair" "$(memory "$pair").0" "$(memory "$pair").1"
  end_all
}

@test "headroom: what is missing of it is made, and pilots do not take it again; not in quiet hours" {
  local job node
  policy "{opportunistic: [{name: osg, partitions: [osg], min_run: 0s}], headroom: {cores: 2}, settle: 1s, poll: 1s,
      quiet_hours: ['00:00-24:00']}"
  pilots 6
  pilots_run
  service
  # Some looks at the quota, for nothing.
  wait_until 60 looked_at_limits 3
  suspended_are 0
  service_ends
  policy '{opportunistic: [{name: osg, partitions: [osg], min_run: 0s}], headroom: {cores: 2}, settle: 1s, poll: 1s}'
  service
  wait_until 100 uses 4
  wait_until 60 held_are 2
  # There it stays: room for those two would be the headroom.
  wait_until 60 looked_at_limits 6
  held_are 2
  uses 4
  # One of the four ends, its node goes, and one of those that are away comes back.
  job=$(running | head -n 1)
  node=$(squeue -h -j "$job" -o %N)
  finish_all "$job"
  wait_until 60 job_is "$job" COMPLETED
  scontrol update NodeName="$node" State=POWER_DOWN
  wait_until 150 held_are 1
  used_at_most 6
  quota_is 8
  wait_until 150 no_holds
  finish_all "${PILOTS[@]}"
  quota_is 6
  service_ends
  wait_until 100 all_completed
  policy '{opportunistic: [{name: osg, partitions: [osg], min_run: 0s}], settle: 1s, poll: 1s, keep: 1s}'
  nothing_left
}
# looked_at_limits N: more often than N times since it was asked for the first time.
looked_at_limits() {
  local n file=$BATS_TEST_TMPDIR/limits.$1
  n=$(sim_api GET counts | jq '[.routes | to_entries[] | select(.key | test("^GET .*/limits$")) | .value] | add // 0')
  [[ -s $file ]] || echo "$n" >"$file"
  ((n > $(cat "$file") + $1))
}
all_completed() { [[ $(squeue -h -p osg -t all -o %T | sort -u) == COMPLETED ]]; }

@test "they come back in the order in which they went, when the room has been there for a while" {
  local job
  policy '{opportunistic: [{name: osg, partitions: [osg], min_run: 0s}], settle: 3s, poll: 1s, keep: 1h}'
  pilots 6
  pilots_run
  for job in 1 2; do
    room 1
    wait_until 60 held_are "$job"
    held >"$LAB_DIR/held.$job"
  done
  # Room for one at a time.
  quota_is 5
  requests | jq -r '.[].id' | while read -r job; do tidepool reclaim --cancel "$job"; done
  wait_until 100 aside_is "$(comm -13 "$LAB_DIR/held.1" "$LAB_DIR/held.2")"
  quota_is 6
  end_all
}
