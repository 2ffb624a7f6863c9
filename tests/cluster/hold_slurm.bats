#!/usr/bin/env bats
# What Slurm does by itself, or at an administrator's word, to nodes and jobs that are away.

# Each test is a subshell of its own.
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds

setup_file() {
  holds_lab_up 8 '{mode: [suspend]}' --suspend-time 12
  # Two jobs fit on a node.
  sed -i 's/^\(NodeName=DEFAULT .*\)CPUs=1 /\1CPUs=2 /' "$LAB_DIR/etc/slurm.conf"
  cp "$LAB_DIR/etc/slurm.conf" "$LAB_DIR/slurm.conf.whole"
  restart_slurmctld
}
teardown_file() { lab_down; }
# The next test needs the nodes, whatever has become of this one.
teardown() { scancel --user root; }

# a_job NODE [SBATCH_ARGUMENT...]: alone on its node; it remembers something. JOB and FILE.
a_job() {
  warm "$1" 1
  JOB=$(remember_on "$1" --exclusive "${@:2}")
  FILE=$(memory "$JOB")
  begun "$JOB"
  note "$FILE"
}
held() { tidepool hold --job "$JOB" --wait --timeout 150; }
released() { tidepool release --job "$JOB" --wait --timeout 150; }

# refuses WORDS HOLD_ARGUMENT...: and nothing has been touched.
refuses() {
  run tidepool hold "${@:2}" --wait
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *"$1"* ]]
  no_holds
}

@test "power saving leaves a held node alone, takes others meanwhile, and puts it away when its job has ended" {
  local before
  a_job osg-001
  held
  before=$(hooks_log | wc -l)
  warm osg-002 1
  # Idle after the held node was last busy, for longer than SuspendTime.
  wait_until 150 node_is osg-002 idle~
  sleep 5
  away osg-001 SUSPENDED
  run ! grep -E ' suspend .*osg-(001|\[001)' <(hooks_log | tail -n "+$((before + 1))")
  released
  ends_right "$JOB"
  wait_until 150 node_is osg-001 idle~
  wait_until 60 row_is osg-001 free
}

@test "SuspendProgram and ResumeProgram called for a held node do nothing to it" {
  local server
  a_job osg-003
  held
  server=$(server_of osg-003)
  as_slurm tidepool-suspend osg-003
  as_slurm tidepool-resume-fail osg-003
  sleep 3
  away osg-003 SUSPENDED
  as_slurm tidepool-resume osg-003
  sleep 3
  away osg-003 SUSPENDED
  released
  ends_right "$JOB"
  [ "$(server_of osg-003)" = "$server" ]
}

@test "an administrator's POWER_DOWN waits until the job has ended" {
  a_job osg-004
  held
  scontrol update NodeName=osg-004 State=POWER_DOWN
  sleep 3
  server_is osg-004 SUSPENDED
  job_is "$JOB" SUSPENDED
  released
  job_is "$JOB" RUNNING
  ends_right "$JOB"
  wait_until 150 node_is osg-004 idle~
  wait_until 60 row_is osg-004 free
}

@test "a job in a reservation, and one that waits for it" {
  local waiting
  scontrol create reservation ReservationName=ours StartTime=now Duration=60 Nodes=osg-005 Users=root
  # warm: in the reservation too.
  timeout 280 srun -p osg -w osg-005 --reservation ours true
  JOB=$(remember_on osg-005 --exclusive --reservation ours)
  FILE=$(memory "$JOB")
  begun "$JOB"
  note "$FILE"
  waiting=$(submit -p compute --dependency "afterok:$JOB" --wrap hostname)
  held
  job_is "$waiting" PENDING
  [ "$(job_field "$waiting" Reason)" = Dependency ]
  released
  [ "$(job_field "$JOB" Reservation)" = ours ]
  job_is "$waiting" PENDING
  ends_right "$JOB"
  wait_until 150 job_is "$waiting" COMPLETED
  scontrol delete ReservationName=ours
}

@test "refused: what is not there to be held" {
  local pending
  refuses "no job 4711" --job 4711
  refuses "no pool" keeper
  refuses "no job runs on node osg-008" osg-008
  pending=$(submit -p osg --hold --wrap hostname)
  refuses "is pending" --job "$pending"
  scancel "$pending"
  refuses "has ended" --job "$pending"
}

@test "refused: a job that is completing, or that cannot be requeued in a mode that loses its memory" {
  local job
  warm osg-006 1
  job=$(remember_on osg-006 --exclusive --no-requeue)
  begun "$job"
  refuses "requeue" --job "$job" --mode shelve
  job_is "$job" RUNNING
  has_no_flag osg-006 DRAIN
  # Its node is gone, so it cannot end.
  "$LAB_DIR/bin/vm" freeze "$(server_of osg-006)"
  scancel "$job"
  wait_until 60 job_is "$job" COMPLETING
  refuses "is completing" --job "$job"
  "$LAB_DIR/bin/vm" thaw "$(server_of osg-006)"
  wait_until 100 job_is "$job" CANCELLED
}

@test "an interactive job is not requeued; one on a shared node is held with the others, or not at all" {
  local one other
  warm osg-007 1
  one=$(remember_on osg-007 -n 1)
  begun "$one"
  begin srun -p osg -w osg-007 -n 1 --job-name shares "$REMEMBER" "$LAB_DIR/jobs/shares.memory"
  wait_until 60 counts "$LAB_DIR/jobs/shares.memory"
  other=$(squeue -h -n shares -o %A)
  refuses "interactive" --job "$other" --mode stop --all-jobs
  refuses "shared with job $other" --job "$one"
  note "$(memory "$one")" "$LAB_DIR/jobs/shares.memory"
  tidepool hold --job "$one" --all-jobs --wait --timeout 150
  job_is "$one" SUSPENDED
  job_is "$other" SUSPENDED
  [ "$(hold_of "$one" | jq -c '[.jobs[].id] | sort')" = "$(jq -nc "[$one, $other] | sort")" ]
  refuses_again "is in hold" --job "$one"
  tidepool release osg-007 --wait --timeout 150
  ends_right "$one"
  wait_until 60 same_memory "$LAB_DIR/jobs/shares.memory"
  touch "$LAB_DIR/jobs/shares.memory.end"
  wait_until 60 job_is "$other" COMPLETED
}
refuses_again() {
  run -1 tidepool hold "${@:2}"
  [[ $output == *"$1"* ]]
}

@test "an array: its running tasks, each a hold of its own; a heterogeneous job: whole" {
  local array het
  warm 'osg-[006-008]' 3
  array=$(remember_on 'osg-006' --exclusive --array 1-2)
  wait_until 100 job_is "${array}_1" RUNNING
  het=$(submit -p osg -w osg-007 --exclusive : -p osg -w osg-008 --exclusive \
    --wrap "srun --het-group=0,1 $REMEMBER $LAB_DIR/jobs/\$SLURM_JOB_ID.memory")
  wait_until 100 job_is "$het" RUNNING
  begun "$het"
  run tidepool hold --job "$array,$het" --wait --timeout 150
  echo "$output"
  [ "$status" -eq 0 ]
  [[ $output == *"left out"* ]]
  away osg-006 SUSPENDED
  away osg-007 SUSPENDED
  away osg-008 SUSPENDED
  [ "$(tidepool status --json | jq -c '[.holds[].nodes | length] | sort')" = "[1,2]" ]
  tidepool release --all --wait --timeout 150
  job_is "${array}_1" RUNNING
  job_is "$het" RUNNING
}

@test "a node that is taken out of slurm.conf while it is away: its job is lost, and nothing is left over" {
  local server
  a_job osg-008
  held
  server=$(server_of osg-008)
  sed -i 's/osg-\[001-008\]/osg-[001-007]/g; s/\.1\.\[1-8\]/.1.[1-7]/' "$LAB_DIR/etc/slurm.conf"
  restart_slurmctld
  wait_until 100 no_hold_of "$JOB"
  wait_until 60 has_no_server "$server"
  wait_until 60 row_is osg-008 free
  # slurmctld itself decided on the job.
  run squeue -h -t SUSPENDED -j "$JOB"
  [ -z "$output" ]
  cp "$LAB_DIR/slurm.conf.whole" "$LAB_DIR/etc/slurm.conf"
  restart_slurmctld
  [ "$(run_on 1 osg-008)" = osg-008 ]
}
