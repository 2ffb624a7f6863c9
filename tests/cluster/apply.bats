#!/usr/bin/env bats
# A cluster full of work gets another configuration: jobs wait, run (one on two nodes), are held, and an
# array is half done. Then files that must not be taken, and slurmctld killed in the middle.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds
load applies

# Nodes 1 to 5 are held, 6 to 14 run a job each, 15 and 16 one together.
setup_file() {
  # Each node's slurmd fetches slurm.conf from slurmctld.
  holds_lab_up 16 '{mode: [suspend]}' --nodes-are configless
  warm 'osg-[001-016]' 16
  local node held=
  for node in {1..5}; do held+=,$(lasting -w "osg-00$node"); done
  for node in {6..14}; do lasting -w "$(printf 'osg-%03d' "$node")" >/dev/null; done
  lasting -N 2 -w 'osg-[015-016]' >/dev/null
  submit -p compute --array '1-6%1' \
    --wrap "[ \$SLURM_ARRAY_TASK_ID -le 3 ] || until [ -e $LAB_DIR/let-go ]; do sleep 0.5; done" >/dev/null
  submit -p osg --array 1-50 --wrap true >/dev/null
  # 15 on osg, and the array's fourth task.
  wait_until 250 running 16
  tidepool hold --job "${held#,}" --wait --timeout 120
}
teardown_file() { lab_down; }
teardown() { :; }

files() { sha256sum "$LAB_DIR/etc/slurm.conf" "$LAB_DIR/etc/tidepool.yaml"; }

@test "a plan says what differs, what it takes and whom it touches, and does nothing" {
  conf=$(new_conf 's/osg-\[001-016\]/osg-[001-036]/g' 's/(\.1\.)\[1-16\]/\1[1-36]/' \
    's/(PartitionName=osg .*)MaxTime=INFINITE/\1MaxTime=600/' 's/^SuspendTime=.*/SuspendTime=3000/' 's/^SlurmdDebug=.*/SlurmdDebug=debug/')
  pool=$(new_pool 's/osg-\[001-016\]/osg-[001-036]/' 's/(\.1\.)\[1-16\]/\1[1-36]/')
  before=$(files)
  run -0 tidepool apply --slurm-conf "$conf" --pool "$pool" --dry-run
  [[ $output == *'20 nodes are new: osg-[017-036]  [restart]'* ]] || [[ $(scontrol --version) != *' 22.'* ]]
  [[ $output == *'partition osg: maxtime: INFINITE -> 600'* ]]
  [[ $output == *'suspendtime: 3600 -> 3000'* ]]
  [[ $output == *'pool osg: 20 nodes more: osg-[017-036]'* ]]
  [[ $output == *'5 suspended jobs: stay so; held nodes get the new slurm.conf when they come back'* ]]
  tidepool apply --slurm-conf "$conf" --pool "$pool" --dry-run --json | jq -e '.plan.nodes_added == "osg-[017-036]" and .plan.refused == []'
  [ "$(files)" = "$before" ]
  run -2 tidepool apply --slurm-conf "$conf" --pool "$pool" </dev/null
  [ "$(files)" = "$before" ]
}

@test "applied: running and held jobs are what they were, nobody was started anew" {
  picture_of_jobs | grep -v PENDING >"$LAB_DIR/before"
  [ "$(wc -l <"$LAB_DIR/before")" = 16 ]
  run -0 tidepool apply --slurm-conf "$LAB_DIR/new.slurm.conf" --pool "$LAB_DIR/new.tidepool.yaml" --yes
  echo "$output"
  [[ $output == *applied* ]]
  [[ $output != *note:* ]]
  cmp "$LAB_DIR/etc/slurm.conf" "$LAB_DIR/new.slurm.conf"
  cmp "$LAB_DIR/etc/tidepool.yaml" "$LAB_DIR/new.tidepool.yaml"
  [ "$(find "$LAB_DIR/etc" -name '*.before-*' | wc -l)" = 2 ]
  [ "$(configured SuspendTime)" = 3000 ]
  # All those that ran or were held, exactly so.
  join <(cut -d' ' -f1 "$LAB_DIR/before") <(picture_of_jobs) | diff "$LAB_DIR/before" -
  no_restarts
}

@test "nodes that are up have read it, held ones have not" {
  for node in osg-006 osg-015; do
    [ "$(slurmd_debug "$node")" = 5 ]
    grep -qx SlurmdDebug=debug "$(kept_conf "$node")"
  done
  for node in {1..5}; do grep -qx SlurmdDebug=verbose "$(kept_conf "osg-00$node")"; done
  [ "$(tidepool status --json | jq '.holds | length')" = 5 ]
}

@test "files that slurmctld or tidepool refuses change nothing" {
  before=$(files)
  pid=$(slurmctld_pid)
  run tidepool apply --yes --slurm-conf "$(new_conf 's/^SelectType=.*/&\nSchedulerType=sched\/nothing/')"
  echo "$output"
  [ "$status" -eq 3 ]
  [[ $output == *'slurmctld refuses it'*sched/nothing* ]]
  run tidepool apply --yes --slurm-conf "$(new_conf 's/^KillWait=/NoSuchParameter=/')"
  echo "$output"
  [ "$status" -eq 3 ]
  [[ $output == *NoSuchParameter* ]]
  # A node with a running job, and one that is held.
  run tidepool apply --yes --slurm-conf "$(new_conf 's/osg-\[001-036\]/osg-[001-014,017-036]/g' 's/(\.1\.)\[1-36\]/\1[1-14,17-36]/')" \
    --pool "$(new_pool 's/osg-\[001-036\]/osg-[001-014,017-036]/' 's/(\.1\.)\[1-36\]/\1[1-14,17-36]/')"
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *'osg-[015-016] has job'*'but goes'* ]]
  run tidepool apply --yes --slurm-conf "$(new_conf 's/osg-\[001-036\]/osg-[002-036]/g' 's/(\.1\.)\[1-36\]/\1[2-36]/')" \
    --pool "$(new_pool 's/osg-\[001-036\]/osg-[002-036]/' 's/(\.1\.)\[1-36\]/\1[2-36]/')"
  [ "$status" -eq 1 ]
  [[ $output == *'osg-001 is held'* ]]
  [ "$(files)" = "$before" ]
  [ "$(slurmctld_pid)" = "$pid" ]
}

@test "slurmctld that does not come up with the new file: back to the old one, by itself" {
  before=$(files)
  # The test start leaves accounting out, so that no database hears of it.
  run tidepool apply --yes --slurm-conf "$(new_conf 's/^SelectType=.*/&\nAccountingStorageType=accounting_storage\/nothing/')"
  echo "$output"
  [ "$status" -eq 1 ]
  [[ $output == *'undone, all is as before'* ]]
  [ "$(files)" = "$before" ]
  scontrol ping | grep -q 'is UP'
  join <(cut -d' ' -f1 "$LAB_DIR/before") <(picture_of_jobs) | diff "$LAB_DIR/before" -
}

@test "slurmctld killed in the middle of an apply: it is started again, and the apply is done" {
  tidepool apply --yes --slurm-conf "$(new_conf 's/^SuspendTime=.*/SuspendTime=3100/')" >"$LAB_DIR/log/apply" 2>&1 3>&- &
  local apply=$!
  wait_until 60 grep -q 'comparing queue' "$LAB_DIR/log/apply"
  kill_slurmctld
  wait "$apply"
  cat "$LAB_DIR/log/apply"
  [ "$(configured SuspendTime)" = 3100 ]
  join <(cut -d' ' -f1 "$LAB_DIR/before") <(picture_of_jobs) | diff "$LAB_DIR/before" -
}

@test "held nodes come back, read the new slurm.conf first, and all jobs complete" {
  tidepool release --all --wait --timeout 120
  for node in {1..5}; do
    [ "$(slurmd_debug "osg-00$node")" = 5 ]
    grep -qx SlurmdDebug=debug "$(kept_conf "osg-00$node")"
  done
  tidepool status --events 400 --json | jq -e 'any(.events[]; .event | endswith("slurm.conf brought up to date"))'
  let_go
  wait_until 280 no_jobs_left
  [ -z "$(scontrol -o show job | grep -v 'JobState=COMPLETED' || true)" ]
  no_restarts
}
no_jobs_left() { [[ -z $(squeue -h) ]]; }
