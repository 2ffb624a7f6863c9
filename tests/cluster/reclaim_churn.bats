#!/usr/bin/env bats
# Twenty pilots step aside and come back for a minute, as requests come at random, and workers are killed
# meanwhile. A thousand for ten minutes: reclaim_churn_long.bats, by name.

bats_require_minimum_version 1.5.0

load ../lab/lib
load books
load troubles
load holds
load reclaim
load churn

readonly PILOTS_IN_ALL=20

setup_file() {
  reclaim_lab_up "$PILOTS_IN_ALL" '{opportunistic: [{name: osg, partitions: [osg], min_run: 0s}], settle: 1s, poll: 2s}'
  warm 'osg-[001-020]' 20
  pilots 20
}
teardown_file() { lab_down; }

@test "a minute of requests: no pilot lost, no quota overrun, nobody aside in vain, a fair order" {
  mapfile -t PILOTS <"$LAB_DIR/pilots"
  pilots_run
  churn 60 7 5
  wait_until 200 no_requests
  wait_until 200 no_holds
  running_are 20
  no_flapping >&3
  fair
  used_at_most 20
  all_end_right "${PILOTS[@]}"
  none_restarted
  none_called_dead
}
