#!/usr/bin/env bats
# A package replaces tidepool's programs while jobs are held. The worker that a hook or a command has
# started looks after them for days: it must hand over to the new program, without systemd, and no job may
# notice.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds

setup_file() {
  holds_lab_up 2 '{mode: [suspend]}'
  warm 'osg-[001-002]' 2
  JOB=$(remember_on osg-001)
  export JOB PROGRAM=$LAB_DIR/bin/programs/tidepool
  begun "$JOB"
  note "$(memory "$JOB")"
  tidepool hold --job "$JOB" --wait --timeout 120
}
teardown_file() { lab_down; }

# replace FILE: as dpkg and rpm do it: unpacked beside the old one, then put in its place.
replace() {
  install -m 755 "$1" "$PROGRAM.new"
  mv "$PROGRAM.new" "$PROGRAM"
}

# worker_pid: of the worker that has the lock.
worker_pid() {
  local pid=
  read -r pid 2>/dev/null <"$LAB_DIR/state/tidepool/worker.lock" || true
  [[ $pid && -d /proc/$pid ]] && echo "$pid"
}
worker_runs() { worker_pid; }
log_has() { grep -qE "$1" "$LAB_DIR/log/tidepool.log"; }
runs_the_new_one() { [[ /proc/$(worker_pid)/exe -ef $PROGRAM ]]; }

@test "a program that does not start yet is left alone, and the worker goes on" {
  wait_until 60 worker_runs
  worker_pid >"$LAB_DIR/worker"
  cp "$PROGRAM" "$LAB_DIR/bin/kept"
  # Its libraries are unpacked after it.
  printf '#!/bin/sh\nexit 127\n' >"$BATS_TEST_TMPDIR/broken"
  replace "$BATS_TEST_TMPDIR/broken"
  wait_until 60 log_has "the program in its place does not start"
  wait_until 60 worker_runs
  [ "$(worker_pid)" = "$(cat "$LAB_DIR/worker")" ]
}

@test "the worker hands over to the new program: the same process, no step lost, the job still held" {
  # The same bytes but for the version.
  LC_ALL=C sed 's/0\.1\.0/0.1.9/g' "$LAB_DIR/bin/kept" >"$BATS_TEST_TMPDIR/newer"
  replace "$BATS_TEST_TMPDIR/newer"
  [ "$(tidepool --version)" = 0.1.9 ]
  wait_until 60 log_has 'worker hands over'
  wait_until 60 runs_the_new_one
  [ "$(worker_pid)" = "$(cat "$LAB_DIR/worker")" ]
  wait_until 60 log_has 'worker starts.*0\.1\.9'
  away osg-001 SUSPENDED
  hold_says "$JOB" '.step == "held"'
}

@test "the new program goes on with what the old one has begun: the job is released and was never restarted" {
  tidepool release --job "$JOB" --wait --timeout 120
  ends_right "$JOB"
  wait_until 60 back osg-001
  wait_until 60 no_holds
}

@test "a hold that is under way when the program is replaced ends as it should" {
  local job
  job=$(remember_on osg-002)
  begun "$job"
  note "$(memory "$job")"
  tidepool hold --job "$job"
  replace "$LAB_DIR/bin/kept"
  wait_until 120 away osg-002 SUSPENDED
  wait_until 60 runs_the_new_one
  tidepool release --job "$job" --wait --timeout 120
  ends_right "$job"
}

@test "a program that was removed: the worker ends, and the next one goes on" {
  local job
  job=$(remember_on osg-002)
  begun "$job"
  note "$(memory "$job")"
  tidepool hold --job "$job" --wait --timeout 120
  worker_pid >"$LAB_DIR/worker"
  rm "$PROGRAM"
  wait_until 100 log_has 'the program was removed'
  wait_until 60 test ! -e "/proc/$(cat "$LAB_DIR/worker")"
  replace "$LAB_DIR/bin/kept"
  away osg-002 SUSPENDED
  tidepool release --job "$job" --wait --timeout 120
  ends_right "$job"
}
