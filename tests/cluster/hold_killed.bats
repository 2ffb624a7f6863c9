#!/usr/bin/env bats
# The worker is killed (kill -9) at every step of a hold and of a release: at named places, by itself,
# not by luck. The next worker goes on where it was, and the jobs end as if nothing had happened.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds

# Kept in memory: one, a pair, one that hibernates. Lost: one that is shelved, one whose server becomes
# an image. They go through all steps together, so one death hits them all in the middle of theirs.
setup_file() {
  holds_lab_up 6 "{mode: [suspend], hibernate_command: [@LAB@/bin/hibernate, '{node}', '{address}']}"
  warm 'osg-[001-006]' 6
  cat >"$LAB_DIR/begun" <<JOBS
ONE=$(remember_on osg-001)
PAIR=$(remember_pair osg-002,osg-003)
HIBERNATED=$(remember_on osg-004)
SHELVED=$(remember_on osg-005)
IMAGED=$(remember_on osg-006)
JOBS
}
teardown_file() { lab_down; }
# shellcheck source=/dev/null
setup() { source "$LAB_DIR/begun"; }
teardown() { :; }

# dies_at PLACE: a worker that goes on with what is wanted dies there. holds.STEP.before: the step has
# been written down, nothing of it was done; holds.STEP.after: all of it was done, the next step has not
# been written down. PLACE:N is its N-th passing.
dies_at() {
  local code=0
  echo "killed at $1"
  TIDEPOOL_KILL_AT=$1 timeout 100 tidepool work || code=$?
  [ "$code" -eq 137 ]
}

# intent PLACE COMMAND...: the worker that the command starts dies there.
intent() {
  TIDEPOOL_KILL_AT=$1 "${@:2}"
  wait_until 60 no_worker
}

files() { printf '%s\n' "$(memory "$ONE")" "$(memory "$PAIR")".{0,1} "$(memory "$HIBERNATED")" "$(memory "$SHELVED")" "$(memory "$IMAGED")"; }

@test "killed at every step of the way out" {
  local step file
  begun "$ONE" "$HIBERNATED" "$SHELVED" "$IMAGED"
  for file in $(files); do wait_until 100 counts "$file"; done
  mapfile -t all < <(files)
  note "${all[@]}"
  # The guest goes down, and nobody hears its answer.
  intent holds.leaving.hibernated tidepool hold --job "$HIBERNATED" --mode hibernate
  intent holds.planned.after tidepool hold --job "$ONE,$PAIR"
  intent holds.planned.after tidepool hold --job "$SHELVED" --mode shelve
  intent holds.planned.after tidepool hold --job "$IMAGED" --mode snapshot
  for step in draining halting redirecting; do
    dies_at "holds.$step.before"
    dies_at "holds.$step.after"
  done
  dies_at holds.leaving.before
  # Nova has been asked for one of the servers, and has not answered; then for two more.
  dies_at holds.leaving.server
  dies_at holds.leaving.server:2
  dies_at holds.leaving.after
  dies_at holds.held.before
  service
  wait_until 150 all_away
  service_ends
}
all_away() {
  [[ $(tidepool status --json | jq '[.holds[] | select(.step == "held")] | length') == 5 ]] &&
    away osg-001 SUSPENDED && away osg-002 SUSPENDED && away osg-003 SUSPENDED &&
    away osg-004 SHELVED_OFFLOADED && away osg-005 SHELVED_OFFLOADED && [[ -z $(server_of osg-006) ]]
}

@test "killed at every step of the way back" {
  local step
  intent holds.held.after tidepool release --all
  dies_at holds.returning.before
  dies_at holds.returning.server
  dies_at holds.returning.server:2
  dies_at holds.returning.after
  for step in rejoining resuming undraining; do
    dies_at "holds.$step.before"
    dies_at "holds.$step.after"
  done
  tidepool work
  wait_until 60 no_holds
  ends_right "$ONE"
  ends_right "$PAIR" "$(memory "$PAIR").0" "$(memory "$PAIR").1"
  ends_right "$HIBERNATED"
  for job in "$SHELVED" "$IMAGED"; do
    wait_until 250 fresh_start "$job"
    [ "$(job_field "$job" Restarts)" = 1 ]
    touch "$(memory "$job").end"
    wait_until 100 job_is "$job" COMPLETED
  done
  for node in osg-00{1..6}; do wait_until 60 back "$node"; done
}

@test "killed at every step of giving up" {
  local job step server
  job=$(remember_on osg-001)
  begun "$job"
  note "$(memory "$job")"
  server=$(server_of osg-001)
  intent holds.planned.after tidepool hold --job "$job" --mode requeue
  for step in requeueing discarding; do
    dies_at "holds.$step.before"
    dies_at "holds.$step.after"
  done
  tidepool work
  wait_until 60 no_holds
  has_no_server "$server"
  wait_until 250 fresh_start "$job"
  [ "$(job_field "$job" Restarts)" = 1 ]
  touch "$(memory "$job").end"
  wait_until 100 job_is "$job" COMPLETED
}
