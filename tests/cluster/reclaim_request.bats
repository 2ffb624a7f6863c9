#!/usr/bin/env bats
# Room asked for from outside: by command with a deadline, and by a file of somebody without any rights;
# with a victim whose hold fails, and on a cloud that does not show at once what it got back.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds
load hold_cases
load reclaim

setup_file() {
  reclaim_lab_up 6 '{opportunistic: [{name: osg, partitions: [osg], min_run: 0s}], settle: 1s, poll: 2s,
      keep: 1s, drop_folder: @LAB@/drop}'
  install -d -o slurm -g slurm -m 1777 "$LAB_DIR/drop"
  # A batch job on a node that is not up waits for slurmctld's half minute.
  warm 'osg-[001-006]' 6
  pilots 6
}
teardown_file() { lab_down; }
setup() { mapfile -t PILOTS <"$LAB_DIR/pilots"; }
teardown() {
  rm -f "$LAB_DIR/etc/guests"
  all_hosts_have 1000
  sim_api PUT lag '{"after": "0s"}'
}

# all_run: nobody is away any more, and no request goes on.
all_run() {
  wait_until 150 no_holds
  wait_until 60 no_requests
  running_are 6
}

@test "--dry-run says who would step aside and touches nothing" {
  pilots_run
  run -0 tidepool reclaim --cores 2 --dry-run
  echo "$output"
  [ "$(grep -coE 'osg-00[1-6]' <<<"$output")" -ge 2 ]
  no_requests
  no_holds
  running_are 6
}

@test "--wait ends when the room is there in the quota itself, and the pilots come back when it was kept long enough" {
  run -0 tidepool reclaim --cores 2 --deadline 200s --keep 1s --wait
  echo "$output"
  (($(used cores) <= 4))
  all_run
  all_end_right_so_far
}
longer_than() { (($(wc -l <"$2") > $1)); } # LINES FILE
# All that ran is what ran before.
all_end_right_so_far() {
  local job
  for job in "${PILOTS[@]}"; do wait_until 60 same_memory "$(memory "$job")"; done
}

@test "a victim whose guest does not hibernate goes on, and another one steps aside in its place" {
  local node asked=$LAB_DIR/log/hibernate.log before
  before=$(wc -l <"$asked")
  # Whoever is asked first.
  echo "any refuses" >"$LAB_DIR/etc/guests"
  begin tidepool reclaim --cores 1 --deadline 200s --keep 1s --wait
  request=$!
  wait_until 100 longer_than "$before" "$asked"
  rm "$LAB_DIR/etc/guests"
  node=$(sed -n "$((before + 1))p" "$asked" | cut -d ' ' -f 3)
  wait "$request"
  (($(used cores) <= 5))
  noted "$node" "Not enough swap space"
  all_run
  all_end_right_so_far
}

@test "a cloud that does not show what it got back: more step aside, and it is said" {
  # The first two that leave are late in the books.
  sim_api PUT lag '{"after": "600s", "server": "osg-00[1-3]"}'
  run -0 tidepool reclaim --cores 2 --deadline 250s --keep 1s --wait
  echo "$output"
  (($(used cores) <= 4))
  sim_api PUT lag '{"after": "0s"}'
  all_run
  all_end_right_so_far
}

@test "a return that the cloud refuses is put off, not given up; a person may ask for it at once" {
  run -0 tidepool reclaim --cores 1 --deadline 200s --keep 1s --wait
  wait_until 60 held_are 1
  # Those that run stay, and nobody else fits.
  all_hosts_have 0
  wait_until 100 return_refused
  wait_until 60 held_are 1
  all_hosts_have 1000
  tidepool release --all --wait --timeout 100
  all_run
  all_end_right_so_far
}
return_refused() { tidepool status --events 50 --json | jq -e 'any(.events[]; .event + .detail | contains("cannot come back yet"))'; }

@test "what cannot be had by the deadline is missed: exit code, how much is free, what was in the way" {
  run -1 tidepool reclaim --cores 50 --deadline 5s --wait
  echo "$output"
  [[ $output == *core* ]]
  all_run
}

@test "a file in the drop folder is a request, answered beside it, by somebody without any rights" {
  local file=$LAB_DIR/drop/maintenance
  # shellcheck disable=SC2016
  setpriv --reuid nobody --regid nogroup --clear-groups sh -c \
    'printf "cores=1\ndeadline=200s\nkeep=1s\n" >"${0%/*}/.new" && mv "${0%/*}/.new" "$0"' "$file"
  # tidepool.service, on a site, whose worker is SlurmUser's, as the folder is.
  slurm_service
  wait_until 200 test -e "$file.done"
  cat "$file.done"
  all_run
  service_ends
}

@test "a file that makes no sense, and a link, are answered with an error or left alone" {
  local drop=$LAB_DIR/drop
  printf 'cores=many\n' >"$drop/bad"
  ln -s /etc/shadow "$drop/link"
  head -c 2000000 /dev/zero >"$drop/huge"
  slurm_service
  wait_until 100 test -e "$drop/bad.error"
  grep -q cores "$drop/bad.error"
  wait_until 100 test -e "$drop/huge.error"
  run ! grep -r root: "$drop"
  no_requests
  running_are 6
  service_ends
}

@test "all complete as if nothing had been" {
  all_end_right "${PILOTS[@]}"
  used_at_most 6
  [ "$(scontrol -o show job | grep -c 'Restarts=[1-9]')" = 0 ]
}
