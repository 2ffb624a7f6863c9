#!/usr/bin/env bats
# --hold-mode, --no-hold and --max-held: from the command line to what tidepool's worker reads, through
# the plugins in real commands, slurmctld and slurmd.

bats_require_minimum_version 1.5.0
load ../lab/lib

setup_file() {
  local root plugins
  root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
  plugins=$(dirname "${TIDEPOOL_BIN:-$root/build/bin}")/plugins
  # Slurm's daemons have no sanitizers, so a build with them has no plugins.
  ! grep -qs '^TIDEPOOL_SANITIZE:STRING=.' "$plugins/../CMakeCache.txt" || skip "a build with sanitizers"
  lab_up --nodes 1 --compute-nodes 1 --suspend-time 600 --plugins "$plugins"
  # osg is narrow; compute is as a pool that says nothing.
  sed -i '/^  osg:/a\    hold: {mode: [suspend, requeue], allow: [shelve], max_held: 24h, owner_may_refuse: false}' \
    "$TIDEPOOL_CONFIG"
  write_policy
  tail -n +2 "$LAB_DIR/etc/job-policy"
}
teardown_file() { lab_down; }
teardown() { scancel --user "$(id -un)" || true; }

write_policy() { tidepool slurm-conf --job-policy >"$LAB_DIR/etc/job-policy"; }

jobs_made() { squeue -h -t all -o %A | sort -u | wc -l; }

# refused WORDS ARGUMENT...: by all three commands, with those words, and no job is made.
refused() {
  local words=$1 command before
  shift
  before=$(jobs_made)
  for command in sbatch srun salloc; do
    case $command in
      sbatch) run sbatch "$@" --wrap true ;;
      *) run timeout 60 "$command" "$@" true ;;
    esac
    echo "$command: $output"
    [ "$status" -ne 0 ]
    [ "$status" -ne 124 ]
    [[ $output == *"$words"* ]]
  done
  [ "$(jobs_made)" = "$before" ]
}

# comment_of SBATCH_ARGUMENT...: the admin_comment that a job submitted so has.
comment_of() { job_field "$(submit --hold "$@" --wrap true)" AdminComment; }

# variables COMMAND...: tidepool's, of a job that prints its environment.
variables() { "$@" | grep '^TIDEPOOL_\(HOLD_MODE\|NO_HOLD\|MAX_HELD\)=' | sort | xargs; }

# One test for each wrong argument.
@test "refused: a word that is no mode" {
  refused "'freeze' is not a hold mode; use one of pause, suspend, hibernate, shelve, stop, snapshot, requeue" \
    --hold-mode=freeze
}
@test "refused: an empty mode" { refused "'' is not a hold mode" --hold-mode=; }
@test "refused: an empty mode in a list" { refused "'' is not a hold mode" --hold-mode=suspend,; }
@test "refused: one wrong mode in a list" { refused "'melt' is not a hold mode" --hold-mode=suspend,melt; }
@test "refused: a mode twice" { refused "'stop' is there twice" --hold-mode=stop,stop; }
@test "refused: a mode after requeue" { refused "'stop' comes after requeue" --hold-mode=requeue,stop; }
@test "refused: --hold-mode without a value" { refused "--hold-mode" --hold-mode --no-hold; }
@test "refused: a time that is none" { refused "'soon' is not a duration" --max-held=soon; }
@test "refused: an unknown unit" { refused "'3weeks' is not a duration" --max-held=3weeks; }
@test "refused: a time below zero" { refused "'-1h' is not a duration" --max-held=-1h; }
@test "refused: no time at all" { refused "'0s' is no time at all; to refuse holds say --no-hold" --max-held=0s; }
@test "refused: an empty time" { refused "'' is not a duration" --max-held=; }
@test "refused: a fraction of a second" { refused "'1500ms' is not a whole number of seconds" --max-held=1500ms; }
@test "refused: more than ten years" { refused "'3651d' is too long; at most 3650d" --max-held=3651d; }
@test "refused: --no-hold with a value" { refused "no-hold" --no-hold=yes; }
@test "refused: --no-hold after --hold-mode" {
  refused "--no-hold and --hold-mode contradict each other" --hold-mode=stop --no-hold
}
@test "refused: --hold-mode after --no-hold" {
  refused "--no-hold and --hold-mode contradict each other" --no-hold --hold-mode=stop
}
@test "refused: --no-hold with --max-held" {
  refused "--no-hold and --max-held contradict each other" --no-hold --max-held=1h
}
@test "refused: a wrong line in a batch script" {
  printf '#!/bin/sh\n#SBATCH --hold-mode=freeze\ntrue\n' >"$BATS_TEST_TMPDIR/job"
  run -255 sbatch "$BATS_TEST_TMPDIR/job"
  [[ $output == *"'freeze' is not a hold mode"* ]]
}

# What the partition does not allow is slurmctld's to say.
@test "refused: a mode that the partition does not allow" {
  refused "partition osg does not allow 'stop'; it allows suspend, requeue, shelve" -p osg --hold-mode=suspend,stop
}
@test "refused: longer than the partition holds nodes" {
  refused "partition osg holds nodes for 86400s at most, and 90000s were asked for" -p osg --max-held=25h
}
@test "refused: --no-hold where jobs may not refuse" {
  refused "partition osg does not let jobs refuse to be held" -p osg --no-hold
}
@test "refused: what the default partition does not allow" {
  refused "partition osg does not allow 'stop'" --hold-mode=stop
}
@test "refused: what one of several partitions does not allow" {
  refused "partition osg does not let jobs refuse" -p compute,osg --no-hold
}

@test "what is allowed reaches the job's environment and its admin_comment: srun" {
  [ "$(variables srun -p osg --hold-mode=shelve,requeue --max-held=90m env)" = \
    "TIDEPOOL_HOLD_MODE=shelve,requeue TIDEPOOL_MAX_HELD=5400" ]
  # shellcheck disable=SC2016 # the job's own shell expands it
  [ "$(srun -p osg --hold-mode=shelve --max-held=90m sh -c 'scontrol show job $SLURM_JOB_ID' |
    sed -n 's/^ *AdminComment=\([^ ]*\).*/\1/p')" = "tidepool:hold-mode=shelve;max-held=5400s" ]
}

@test "the same: salloc, and the steps inside" {
  [ "$(variables salloc -p compute --hold-mode=suspend --max-held=2h env)" = \
    "TIDEPOOL_HOLD_MODE=suspend TIDEPOOL_MAX_HELD=7200" ]
  # A step may repeat what its job said, and nothing else.
  run -0 salloc -p compute --hold-mode=suspend srun --hold-mode=suspend env
  [[ $output == *TIDEPOOL_HOLD_MODE=suspend* ]]
  run salloc -p compute --hold-mode=suspend srun --no-hold env
  [ "$status" -ne 0 ]
  [[ $output == *"contradict"* || $output == *"--no-hold is for a whole job"* ]]
  run salloc -p compute srun --max-held=1h env
  [ "$status" -ne 0 ]
  [[ $output == *"--max-held is for a whole job, and this srun runs inside one"* ]]
}

@test "the same: sbatch, also when the job brings no environment" {
  local plain none
  plain=$(submit -p compute --no-hold --wrap env)
  none=$(submit -p compute --export=NONE --hold-mode=suspend --wrap env)
  [ "$(job_field "$plain" AdminComment)" = "tidepool:no-hold" ]
  [ "$(job_field "$none" AdminComment)" = "tidepool:hold-mode=suspend" ]
  wait_until 120 job_is "$plain" COMPLETED
  wait_until 120 job_is "$none" COMPLETED
  [ "$(variables cat "$LAB_DIR/jobs/$plain.out")" = "TIDEPOOL_NO_HOLD=1" ]
  [ "$(variables cat "$LAB_DIR/jobs/$none.out")" = "TIDEPOOL_HOLD_MODE=suspend" ]
}

@test "a job that is submitted inside a job does not inherit" {
  local outer inner
  printf '#!/bin/sh\nsbatch --parsable -p compute --output "%s/jobs/%%j.out" --wrap env\n' "$LAB_DIR" >"$LAB_DIR/inner"
  inner=$(salloc -p compute --no-hold sh "$LAB_DIR/inner" 2>/dev/null)
  outer=$(submit -p compute --no-hold "$LAB_DIR/inner")
  wait_until 120 job_is "$outer" COMPLETED
  for inner in "$inner" "$(cat "$LAB_DIR/jobs/$outer.out")"; do
    [ "$(job_field "$inner" AdminComment)" = "tidepool:hold-mode=suspend" ]
    wait_until 120 job_is "$inner" COMPLETED
    [ -z "$(variables cat "$LAB_DIR/jobs/$inner.out")" ]
  done
}

@test "the partition's default is added where the owner says nothing" {
  [ "$(comment_of -p osg)" = "tidepool:hold-mode=suspend,requeue;max-held=86400s" ]
  [ "$(comment_of)" = "tidepool:hold-mode=suspend,requeue;max-held=86400s" ]
  [ "$(comment_of -p compute)" = "tidepool:hold-mode=suspend" ]
  [ "$(comment_of -p osg --max-held=1h)" = "tidepool:hold-mode=suspend,requeue;max-held=3600s" ]
  # Each partition has another default: the pool's own applies where the job ends up.
  [ "$(comment_of -p osg,compute)" = "tidepool:max-held=86400s" ]
}

@test "every element of an array and every part of a heterogeneous job has it" {
  local job
  job=$(submit --hold -p osg --array=1-2 --hold-mode=requeue --wrap true)
  [ "$(job_field "${job}_2" AdminComment)" = "tidepool:hold-mode=requeue;max-held=86400s" ]
  job=$(submit --hold -p osg --hold-mode=suspend : -p compute --wrap true)
  [ "$(job_field "$job+0" AdminComment)" = "tidepool:hold-mode=suspend;max-held=86400s" ]
  [ "$(job_field "$job+1" AdminComment)" = "tidepool:hold-mode=suspend" ]
}

@test "a new policy counts for the next job, without a restart" {
  sed -i 's/allow: \[shelve\]/allow: [stop]/' "$TIDEPOOL_CONFIG"
  write_policy
  [ "$(comment_of -p osg --hold-mode=stop)" = "tidepool:hold-mode=stop;max-held=86400s" ]
  refused "partition osg does not allow 'shelve'; it allows suspend, requeue, stop" -p osg --hold-mode=shelve
}

@test "a broken policy file is harmless: the one before counts, and the log says so" {
  sed -i 's/no-hold=no$/no-hold=perhaps/' "$LAB_DIR/etc/job-policy"
  [ "$(comment_of -p osg)" = "tidepool:hold-mode=suspend,requeue;max-held=86400s" ]
  comment_of -p osg
  [ "$(grep -c "job-policy: line 3: no-hold: 'perhaps' is neither yes nor no; the policy that was read before" \
    "$LAB_DIR/log/slurmctld.log")" = 1 ]
}

@test "without a policy file that can be read, jobs are taken as they ask" {
  local file=$LAB_DIR/etc/job-policy
  rm "$file"
  mkfifo "$file"
  restart_slurmctld
  grep -q 'error: .*job-policy: is not a plain file; jobs are taken as they ask' "$LAB_DIR/log/slurmctld.log"
  [ "$(comment_of -p osg --no-hold)" = "tidepool:no-hold" ]
  [ "$(comment_of -p osg)" = "" ] || [ "$(comment_of -p osg)" = "(null)" ]
  rm "$file"
  [ "$(comment_of -p osg --hold-mode=pause)" = "tidepool:hold-mode=pause" ]
  grep -q 'error: .*job-policy: No such file' "$LAB_DIR/log/slurmctld.log"
  write_policy
  [ "$(comment_of -p osg)" = "tidepool:hold-mode=suspend,requeue;max-held=86400s" ]
}

# As lab up starts it.
restart_slurmctld() {
  kill "$(cut -d' ' -f1 "$LAB_DIR/run/slurmctld.pid")"
  wait_until 60 slurmctld_is_down
  (
    for part in log wait process cgroup daemon identity options controller; do
      # shellcheck source=/dev/null
      source "$BATS_TEST_DIRNAME/../lab/lib/$part.bash"
    done
    identity_load && slurmctld_start
  ) 3>&-
}
slurmctld_is_down() { ! kill -0 "$(cut -d' ' -f1 "$LAB_DIR/run/slurmctld.pid")" 2>/dev/null; }
