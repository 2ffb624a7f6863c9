#!/usr/bin/env bats
# The promise: running jobs step aside for longer than Slurm waits for a dead node, and go on as if
# nothing had happened. All kinds of jobs in one span of time, in which slurmctld is reconfigured and
# restarted, the worker is killed, and then there is no worker at all for longer than SlurmdTimeout.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds

readonly SLURMD_TIMEOUT=20 # of holds_lab_up

# 1 batch, 2 a time limit shorter than the hold, 3 and 4 a pair, 5 an array's task, 6 srun, 7 salloc
setup_file() {
  holds_lab_up 8 '{mode: [suspend]}'
  warm 'osg-[001-007]' 7
  begin_jobs >"$LAB_DIR/begun"
}
teardown_file() { lab_down; }
# shellcheck source=/dev/null
setup() { source "$LAB_DIR/begun"; }
# The span of time goes over several tests: nothing of it ends with one.
teardown() { :; }

begin_jobs() {
  local task
  printf 'BATCH=%s\n' "$(remember_on osg-001)"
  printf 'PAIR=%s\n' "$(remember_pair osg-003,osg-004)"
  task=$(remember_on osg-005 --array 7)
  printf 'TASK=%s\n' "$task"
  # Each writes its exit code when it ends. bats waits for whoever holds its descriptor 3.
  (
    code=0
    srun -p osg -w osg-006 --job-name interactive "$REMEMBER" "$LAB_DIR/jobs/srun.memory" || code=$?
    echo "$code" >"$LAB_DIR/jobs/srun.code"
  ) 3>&- >"$LAB_DIR/jobs/srun.out" 2>&1 &
  (
    code=0
    salloc -p osg -w osg-007 --job-name allocation srun "$REMEMBER" "$LAB_DIR/jobs/salloc.memory" || code=$?
    echo "$code" >"$LAB_DIR/jobs/salloc.code"
  ) 3>&- >"$LAB_DIR/jobs/salloc.out" 2>&1 &
  # The last, because its minute begins now.
  printf 'SHORT=%s\n' "$(remember_on osg-002 --time 1)"
}
named() { squeue -h -n "$1" -o %A; }
ended_with_0() { [[ $(cat "$LAB_DIR/jobs/$1.code") == 0 ]]; }

files() {
  printf '%s\n' "$(memory "$BATCH")" "$(memory "$SHORT")" "$(memory "$PAIR").0" "$(memory "$PAIR").1" \
    "$(memory "$TASK")" "$LAB_DIR"/jobs/{srun,salloc}.memory
}
all_away() {
  local node
  for node in osg-00{1..7}; do away "$node" SUSPENDED || return; done
}

@test "held: the jobs are suspended, their nodes drained, their servers off the hypervisor" {
  local file
  begun "$BATCH" "$SHORT" "$TASK"
  for file in $(files); do wait_until 100 counts "$file"; done
  mapfile -t all < <(files)
  note "${all[@]}"
  tidepool hold --job "$BATCH,$SHORT,$PAIR,$TASK,$(named interactive),$(named allocation)" --wait --timeout 120
  date +%s >"$LAB_DIR/held_since"
  all_away
  [ "$(squeue -h -t SUSPENDED -o %A | wc -l)" = 6 ]
  for file in "${all[@]}"; do cp "$file" "$file.standing"; done
  # Whoever asks is told.
  hold_says "$PAIR" '.step == "held" and .mode == "suspend"'
  [ "$(tidepool pool list osg --json | jq -r '[.[] | select(.status == "held") | .name] | join(" ")')" = \
    "osg-001 osg-002 osg-003 osg-004 osg-005 osg-006 osg-007" ]
}

@test "reconfigured, the worker killed, slurmctld restarted, and no worker for longer than SlurmdTimeout" {
  scontrol reconfigure
  wait_until 60 kill_worker
  sleep $((SLURMD_TIMEOUT / 4))
  restart_slurmctld 3
  no_worker
  # Only the stand-in carries them now.
  sleep $((SLURMD_TIMEOUT + 10))
  no_worker
  all_away
  # The nodes whose jobs go on elsewhere know nothing of it.
  warm osg-008 1
}

@test "held for more than three times SlurmdTimeout: nothing moved, nobody was called dead" {
  local held_for
  held_for=$(($(date +%s) - $(cat "$LAB_DIR/held_since")))
  ((held_for > 3 * SLURMD_TIMEOUT + 5)) || sleep $((3 * SLURMD_TIMEOUT + 5 - held_for))
  all_away
  for file in $(files); do cmp "$file" "$file.standing"; done
  [ "$(squeue -h -t SUSPENDED -o %A | wc -l)" = 6 ]
  run ! grep -E 'osg-00[1-7].*(not responding, setting DOWN|unexpectedly rebooted)' "$LAB_DIR/log/slurmctld.log"
}

@test "released: the batch jobs, the array's task, and the job whose time limit is shorter than the hold" {
  tidepool release --all --wait --timeout 120
  # Its minute goes on.
  ends_right "$SHORT"
  ends_right "$BATCH"
  ends_right "$TASK"
}

@test "released: two nodes, with the connection between them" {
  ends_right "$PAIR" "$(memory "$PAIR").0" "$(memory "$PAIR").1"
}

@test "released: srun and salloc, whose terminals waited all the time" {
  local name
  for name in srun salloc; do
    wait_until 60 same_memory "$LAB_DIR/jobs/$name.memory"
    touch "$LAB_DIR/jobs/$name.memory.end"
    wait_until 100 ended_with_0 "$name"
    [[ $(cat "$LAB_DIR/jobs/$name.memory") == *' ended' ]]
  done
}

@test "nothing is left of the holds: the nodes are as they were" {
  local node
  wait_until 60 no_holds
  for node in osg-00{1..7}; do wait_until 60 back "$node"; done
  [ "$(run_on 7 'osg-[001-007]')" = "osg-001 osg-002 osg-003 osg-004 osg-005 osg-006 osg-007" ]
}
