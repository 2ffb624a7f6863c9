#!/usr/bin/env bats
# The worker is killed (kill -9) at every step of making room and of giving it back: at named places, by
# itself, not by luck. The next one goes on, nobody steps aside in vain, and the room is there in the end.

bats_require_minimum_version 1.5.0

load ../lab/lib
load books
load troubles
load holds
load reclaim

setup_file() {
  # Nothing is looked for by itself, and rounds come quickly.
  reclaim_lab_up 4 '{opportunistic: [{name: osg, partitions: [osg], min_run: 0s}], settle: 1s, poll: 1s,
      keep: 1s, drop_folder: @LAB@/drop}' --suspend-time 3600
  install -d -o slurm -g slurm -m 1777 "$LAB_DIR/drop"
  local hook
  for hook in resume suspend; do
    sed -i "2i [[ ! -e $LAB_DIR/kill-at ]] || export TIDEPOOL_KILL_AT=\$(<$LAB_DIR/kill-at)" "$LAB_DIR/bin/$hook"
  done
  warm 'osg-[001-004]' 4
  echo reclaims.round.before >"$LAB_DIR/kill-at"
  pilots 3 --exclude osg-004
}
teardown_file() { lab_down; }
setup() { mapfile -t PILOTS <"$LAB_DIR/pilots"; }
teardown() { :; }

# dies_at PLACE: a worker that goes on with what is wanted dies there. slurmctld calls SuspendProgram for an
# idle node meanwhile: the worker that its hook starts dies before it looks at any request, but one that we
# start beside it leaves the work to it.
dies_at() {
  local code try
  echo "killed at $1"
  for try in {1..5}; do
    wait_until 60 no_worker
    code=0
    TIDEPOOL_KILL_AT=$1 timeout 100 tidepool work || code=$?
    ((code == 0)) || break
    echo "try $try: nothing to do, or another worker"
  done
  [ "$code" -eq 137 ]
}
# intent PLACE COMMAND...: the worker that the command starts dies there.
intent() {
  TIDEPOOL_KILL_AT=$1 "${@:2}"
  wait_until 60 no_worker
}
holds_in_all() { store "SELECT COUNT(*) FROM holds"; }

@test "making room: an idle node goes, then one pilot steps aside; killed at each step" {
  pilots_run
  intent reclaims.round.before tidepool reclaim --cores 2 --deadline 600s --keep 1s
  dies_at reclaims.take.before
  # The first victim is written down, the second is not.
  dies_at reclaims.take.idle
  dies_at reclaims.idle.drained
  dies_at reclaims.idle.powering
  dies_at reclaims.take.hold
  dies_at holds.halting.before
  # What it leaves undone the next one does, and then the room is there.
  dies_at holds.leaving.before
  dies_at reclaims.free
  [ "$(used cores)" -le 2 ]
  [ "$(holds_in_all)" = 1 ]
}

@test "giving it back: killed when the request ends, and when the pilot's return is decided and done" {
  dies_at reclaims.end
  dies_at reclaims.return
  dies_at holds.returning.after
  tidepool work
  wait_until 60 no_holds
  no_requests
  [ "$(holds_in_all)" = 1 ]
}

@test "a node that finds no room: killed when that is found, when pilots leave, and when it is made" {
  rm "$LAB_DIR/kill-at"
  warm osg-004 1
  pilots 1 -w osg-004
  begun "${PILOTS[3]}"
  note "$(memory "${PILOTS[3]}")"
  wait_until 100 no_worker
  echo reclaims.node >"$LAB_DIR/kill-at"
  srun -p compute -N 1 hostname >"$LAB_DIR/jobs/normal.out" 3>&- &
  wait_until 60 hooks_called resume compute-01
  wait_until 60 no_worker
  rm "$LAB_DIR/kill-at"
  dies_at reclaims.take.hold
  dies_at holds.leaving.after
  dies_at reclaims.end
  tidepool work &
  wait_until 200 grep -qx compute-01 "$LAB_DIR/jobs/normal.out"
  used_at_most 4
  [ "$(holds_in_all)" = 2 ]
  # Its node goes, and the pilot comes back.
  scontrol update NodeName=compute-01 State=POWER_DOWN
  wait_until 200 no_holds
}

@test "a file in the drop folder: killed when it is taken, and when it is answered" {
  wait_until 60 no_worker
  printf 'cores=1\ndeadline=600s\nkeep=1s\n' >"$LAB_DIR/drop/room"
  dies_at reclaims.drop.taken
  dies_at reclaims.drop.answered
  tidepool work
  [ -e "$LAB_DIR/drop/room.done" ]
  # Taken once.
  [ "$(store "SELECT COUNT(*) FROM reclaims WHERE asked_by LIKE '%room%'")" = 1 ]
}

@test "all pilots go on and complete" {
  wait_until 200 no_holds
  all_end_right "${PILOTS[@]}"
  [ "$(scontrol -o show job | grep -c 'Restarts=[1-9]')" = 0 ]
}
