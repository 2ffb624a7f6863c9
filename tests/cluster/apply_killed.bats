#!/usr/bin/env bats
# `tidepool apply` killed at every step, forward and back: the cluster works, no job is lost, and the next
# apply finishes or undoes. Pools grow, shrink, and give each other addresses.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds
load applies

setup_file() {
  holds_lab_up 4 '{mode: [suspend]}'
  warm 'osg-[001-003]' 3
  HELD=$(lasting -w osg-001)
  export HELD
  lasting -N 2 -w 'osg-[002-003]' >/dev/null
  submit -p osg -w osg-001 --wrap true >/dev/null
  wait_until 100 running 2
  tidepool hold --job "$HELD" --wait --timeout 120
  picture_of_jobs >"$LAB_DIR/before"
}
teardown_file() { lab_down; }
teardown() { :; }

as_before() {
  scontrol ping | grep -q 'is UP'
  diff "$LAB_DIR/before" <(picture_of_jobs)
}

# killed_at PLACE SECONDS: an apply that sets SuspendTime is killed there.
killed_at() {
  local conf
  conf=$(new_conf "s/^SuspendTime=.*/SuspendTime=$2/")
  run env TIDEPOOL_KILL_AT="apply.$1" tidepool apply --yes --slurm-conf "$conf"
  echo "$1: $output"
  [ "$status" -eq 137 ]
  tidepool status --json | jq -e --arg step "${1%.*}" '.unfinished_apply == $step'
  as_before
}
nothing_unfinished() { tidepool status --json | jq -e '.unfinished_apply == null' && [ ! -e "$LAB_DIR/state/tidepool/apply/record.json" ]; }

@test "killed on the way: the next apply finishes it" {
  local place time=3000
  for place in installing.before installing.half installing.after telling.recorded telling.after \
    answering.after addressing.after pushing.after proving.after finishing.after; do
    time=$((time + 1))
    killed_at "$place" "$time"
    run -0 tidepool apply
    echo "$output"
    [[ $output == *'was interrupted at step'*applied* ]]
    nothing_unfinished
    as_before
    [ "$(configured SuspendTime)" = "$time" ]
    grep -qx "SuspendTime=$time" "$LAB_DIR/etc/slurm.conf"
  done
}

@test "killed before it has changed anything: nothing is" {
  local before
  before=$(configured SuspendTime)
  killed_at draining.before 3500
  run tidepool apply
  [[ $output == *'it had changed nothing yet'* ]]
  nothing_unfinished
  as_before
  [ "$(configured SuspendTime)" = "$before" ]
}

@test "killed, and undone; killed while it is undone, and undone" {
  local place before
  before=$(configured SuspendTime)
  for place in installing.half telling.after finishing.before; do
    killed_at proving.before 3600
    run env TIDEPOOL_KILL_AT="apply.back.$place" tidepool apply --undo
    [ "$status" -eq 137 ]
    as_before
    run tidepool apply
    echo "$output"
    [[ $output == *'while it was undone'*'undone, all is as before: --undo'* ]]
    nothing_unfinished
    as_before
    [ "$(configured SuspendTime)" = "$before" ]
    grep -qx "SuspendTime=$before" "$LAB_DIR/etc/slurm.conf"
  done
}

@test "killed, and the worker ends a hold meanwhile: what is known of its node is not taken back" {
  local address
  address=$(address_of osg-001)
  killed_at telling.after 3610
  tidepool release --job "$HELD" --wait --timeout 120
  run -0 tidepool apply
  echo "$output"
  nothing_unfinished
  [ "$(node_field osg-001 NodeAddr)" = "$address" ]
  job_is "$HELD" RUNNING
  tidepool hold --job "$HELD" --wait --timeout 120
  as_before
  killed_at proving.before 3620
  tidepool release --job "$HELD" --wait --timeout 120
  run tidepool apply --undo
  echo "$output"
  [[ $output == *'undone, all is as before: --undo'* ]]
  nothing_unfinished
  [ "$(node_field osg-001 NodeAddr)" = "$address" ]
  [ "$(configured SuspendTime)" = 3610 ]
  job_is "$HELD" RUNNING
  tidepool hold --job "$HELD" --wait --timeout 120
  as_before
}

@test "the stand-in is down: the worker keeps held jobs alive while it is proven, and brings one back" {
  local apply
  "$LAB" standin stop
  wait_until 60 standin_is_missed
  tidepool apply --yes --slurm-conf "$(new_conf 's/^SuspendTime=.*/SuspendTime=3630/')" >"$LAB_DIR/log/apply" 2>&1 3>&- &
  apply=$!
  wait_until 60 grep -q 'comparing queue' "$LAB_DIR/log/apply"
  tidepool release --job "$HELD" --wait --timeout 120
  "$LAB" standin start
  wait "$apply"
  cat "$LAB_DIR/log/apply"
  grep -qx applied "$LAB_DIR/log/apply"
  job_is "$HELD" RUNNING
  [ "$(job_field "$HELD" Restarts)" = 0 ]
  tidepool hold --job "$HELD" --wait --timeout 120
  as_before
}
standin_is_missed() { hold_says "$HELD" '.trouble | startswith("stand-in down")'; }

@test "two at once: one after the other" {
  local first
  tidepool apply --yes --slurm-conf "$(new_conf 's/^SuspendTime=.*/SuspendTime=3701/')" >"$LAB_DIR/log/first" 2>&1 3>&- &
  first=$!
  wait_until 60 grep -q 'slurmctld:' "$LAB_DIR/log/first"
  sed 's/^SuspendTime=.*/SuspendTime=3702/' "$LAB_DIR/etc/slurm.conf" >"$LAB_DIR/second.conf"
  run -0 tidepool apply --yes --slurm-conf "$LAB_DIR/second.conf"
  [[ $output == *'waiting for another apply'* ]]
  wait "$first"
  [ "$(configured SuspendTime)" = 3702 ]
  as_before
}

@test "edited in place: apply without files takes up what differs from the last one" {
  sed -i 's/^SuspendTime=.*/SuspendTime=3801/' "$LAB_DIR/etc/slurm.conf"
  run -0 tidepool apply --yes
  echo "$output"
  [[ $output == *'suspendtime: 3702 -> 3801'*applied* ]]
  [ "$(configured SuspendTime)" = 3801 ]
  as_before
  run -0 tidepool apply --yes
  [ "$output" = 'nothing differs' ]
}

@test "who may not replace the files is told so before anything is done" {
  conf=$(new_conf 's/^SuspendTime=.*/SuspendTime=3900/')
  run -1 as_slurm tidepool apply --yes --slurm-conf "$conf"
  [[ $output == *'cannot be written to; run it as root; nothing was changed'* ]]
  nothing_unfinished
}

@test "an address moves from one pool to another, and the node that has it works" {
  # osg-004 goes; compute-02 comes, at its address.
  local address net conf pool
  net=10.$(cat "$LAB_DIR/id")
  address=$net.1.4
  conf=$(new_conf 's/osg-\[001-004\]/osg-[001-003]/g' 's/(\.1\.)\[1-4\]/\1[1-3]/' 's/compute-\[01-01\]/compute-[01-02]/g' \
    "s/$net\\.2\\.\\[1-1\\]/$net.2.1,$address/")
  pool=$(new_pool 's/osg-\[001-004\]/osg-[001-003]/' 's/(\.1\.)\[1-4\]/\1[1-3]/' 's/compute-\[01-01\]/compute-[01-02]/' \
    "s/addresses: $net\\.2\\.\\[1-1\\]/addresses: '$net.2.1,$address'/")
  # It is up: refused; with --drain it is emptied first.
  timeout 200 srun -p osg -w osg-004 true
  run -1 tidepool apply --yes --slurm-conf "$conf" --pool "$pool"
  echo "$output"
  [[ $output == *'osg-004 has a lease'* ]]
  # Killed while it drains: the node is as it was.
  run -137 env TIDEPOOL_KILL_AT=apply.draining.drained tidepool apply --yes --drain --slurm-conf "$conf" --pool "$pool"
  [[ $(node_field osg-004 State) == *DRAIN* ]]
  run tidepool apply
  [[ $output == *'it had changed nothing yet'* ]]
  [[ $(node_field osg-004 State) != *DRAIN* ]]
  # Killed when slurmctld has restarted.
  run -137 env TIDEPOOL_KILL_AT=apply.answering.before tidepool apply --yes --drain --timeout 4m --slurm-conf "$conf" --pool "$pool"
  echo "$output"
  run -0 tidepool apply
  echo "$output"
  as_before
  run -1 scontrol show node osg-004
  timeout 200 srun -p compute -w compute-02 hostname
  [ "$(node_field compute-02 NodeAddr)" = "$address" ]
  [ "$(tidepool pool list --json | jq -r '.[] | select(.name == "compute-02") | .address')" = "$address" ]
  # It gets another one: drained for that, and usable afterwards.
  run -0 tidepool apply --yes --drain --timeout 4m --slurm-conf "$(new_conf "s/$net\\.2\\.1,$address/$net.2.1,$net.2.9/")" \
    --pool "$(new_pool "s/$net\\.2\\.1,$address/$net.2.1,$net.2.9/")"
  echo "$output"
  has_no_flag compute-02 DRAIN
  timeout 200 srun -p compute -w compute-02 hostname
  [ "$(node_field compute-02 NodeAddr)" = "$net.2.9" ]
  as_before
}

@test "the held job comes back and all jobs complete" {
  tidepool release --all --wait --timeout 120
  let_go
  wait_until 200 no_jobs_left
  [ -z "$(scontrol -o show job | grep -v 'JobState=COMPLETED' || true)" ]
  no_restarts
}
no_jobs_left() { [[ -z $(squeue -h) ]]; }
