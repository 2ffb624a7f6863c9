#!/usr/bin/env bats
# Dynamic nodes: slurm.conf names none of them, tidepool makes them in slurmctld. Pools come and go while
# jobs run and are held, and slurmctld does not restart. Their slurmd fetches slurm.conf.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds
load applies

setup_file() {
  holds_lab_up 3 '{mode: [suspend]}' --nodes-are dynamic
  warm 'osg-[001-002]' 2
  HELD=$(lasting -w osg-001)
  export HELD
  lasting -w osg-002 >/dev/null
  wait_until 100 running 2
  tidepool hold --job "$HELD" --wait --timeout 120
  picture_of_jobs >"$LAB_DIR/before"
  since >"$LAB_DIR/since"
}
teardown_file() { lab_down; }
teardown() { :; }

# since: which slurmctld it is, and since when it runs.
since() { slurmctld_pid && configured BOOT_TIME; }
same_slurmctld() { diff "$LAB_DIR/since" <(since); }
# Where a reconfigure follows a deletion, it begins anew.
as_before() {
  [[ $(scontrol --version) != *' 22.'* ]] || same_slurmctld
  diff "$LAB_DIR/before" <(picture_of_jobs)
}
known() { scontrol show node "$1" >/dev/null; }
unknown() { ! known "$1"; }
# with_pool NODES ADDRESSES [FEATURE]: a pool file that has the pool `more` too, in partition osg; prints where it is.
with_pool() {
  local net
  net=10.$(cat "$LAB_DIR/id")
  sed '/^  more:/d' "$LAB_DIR/etc/tidepool.yaml" >"$LAB_DIR/new.tidepool.yaml"
  cat >>"$LAB_DIR/new.tidepool.yaml" <<YAML
  more: {nodes: '$1', addresses: '$net.3.$2', subnet: $net.0.0/20, network: hpc, flavor: hpc.small, image: rocky9-slurm, partition: osg, features: [${3:-big}]}
YAML
  echo "$LAB_DIR/new.tidepool.yaml"
}

@test "slurm.conf names no node of the pools, and tidepool is content with it" {
  run -1 grep -E 'NodeName=(osg|compute)' "$LAB_DIR/etc/slurm.conf"
  has_flag osg-003 DYNAMIC_NORM
  run -0 tidepool check
  echo "$output"
  [[ $output == *'0 errors'* ]]
  run -0 tidepool slurm-conf
  [[ $output == *'NodeSet=osg Feature=osg'*'PartitionName=osg Nodes=osg '* ]]
  [[ $output != *NodeName=osg* ]]
}

@test "a pool comes while jobs run and are held: slurmctld does not restart, and a job runs on it" {
  pool=$(with_pool 'more-[1-2]' '[1-2]')
  run -0 tidepool apply --pool "$pool" --dry-run
  echo "$output"
  [[ $output == *'slurmctld: goes on'*'scontrol create more-[1-2]'* ]]
  unknown more-1
  run -0 tidepool apply --pool "$pool" --yes
  echo "$output"
  [[ $output == *'scontrol create more-[1-2]'*applied* ]]
  same_slurmctld
  as_before
  [ "$(timeout 200 srun -p osg --constraint=big hostname)" = more-1 ]
  [ "$(timeout 200 srun -p osg -N 2 -w more-1,more-2 hostname | sort | xargs)" = 'more-1 more-2' ]
  [ "$(node_field more-2 NodeAddr)" = "$(address_of more-2)" ]
  same_slurmctld
  as_before
}

@test "killed while nodes are made: finished by the next, or undone" {
  pool=$(with_pool 'more-[1-4]' '[1-4]')
  for place in creating.before creating.half creating.after; do
    run -137 env TIDEPOOL_KILL_AT="apply.$place" tidepool apply --pool "$pool" --yes
    as_before
    run tidepool apply --undo
    echo "$output"
    [[ $output == *'undone, all is as before: --undo'* ]]
    unknown more-3
    known more-1
  done
  # In use by now: not undone any more, but finished.
  run -137 env TIDEPOOL_KILL_AT=apply.creating.after tidepool apply --pool "$pool" --yes
  timeout 200 srun -p osg -w more-4 true
  run -1 tidepool apply --undo
  [[ $output == *'not undone, because nodes would go that are in use: more-4 has a lease'* ]]
  run -0 tidepool apply
  echo "$output"
  known more-4
  as_before
}

@test "a job would be lost: undone, and one that has begun on a new node waits again" {
  local waits fresh
  waits=$(submit -p osg -w osg-001 --wrap true)
  run -137 env TIDEPOOL_KILL_AT=apply.proving.before tidepool apply --pool "$(with_pool 'more-[1-5]' '[1-5]')" --yes
  # What nobody but Slurm can do to a job that was in the queue: it is held.
  scontrol hold "$waits"
  fresh=$(lasting -x 'osg-[001-003],more-[1-4]')
  wait_until 100 job_on "$fresh" more-5
  run -1 tidepool apply
  echo "$output"
  [[ $output == *"jobs $fresh had begun on nodes that go again: requeued"*"undone, all is as before: jobs would be lost: job $waits: held by Slurm"* ]]
  job_is "$fresh" PENDING
  wait_until 100 gone more-5
  # Its slurmd may have made it anew when it registered.
  wait_until 100 unknown more-5
  scancel "$waits" "$fresh"
  wait_until 100 as_before
}
job_on() { [[ $(job_field "$1" NodeList) == "$2" ]]; }

@test "nodes go, or become others: not while one is in use; drained first, and deleted or made anew" {
  pool=$(with_pool 'more-[2-4]' '[2-4]' huge)
  run -1 tidepool apply --pool "$pool" --yes
  [[ $output == *'more-[1-2,4] has a lease'* ]]
  known more-1
  run -0 tidepool apply --pool "$pool" --yes --drain --timeout 4m
  echo "$output"
  [[ $output == *'scontrol delete more-[1-4]'*'scontrol create more-[2-4]'*applied* ]]
  unknown more-1
  [ "$(node_field more-2 AvailableFeatures)" = more,osg,huge ]
  has_no_flag more-2 DRAIN
  [ -z "$(row more-1)" ]
  as_before
}

@test "more than slurmctld has room for: refused; a node that it has lost is made anew" {
  run -3 tidepool apply --pool "$(with_pool 'more-[2-90]' '[2-90]')" --yes
  echo "$output"
  [[ $output == *'MaxNodeCount: 64 for'* ]]
  scontrol delete nodename=osg-003
  # The worker is there: a job is held.
  wait_until 100 known osg-003
  [ "$(node_field osg-003 NodeAddr)" = "$(address_of osg-003)" ]
  as_before
}

@test "a new slurm.conf reaches every slurmd, the held one's before its job goes on" {
  tidepool apply --yes --slurm-conf "$(new_conf 's/^SlurmdDebug=.*/SlurmdDebug=debug/')"
  wait_until 60 grep -qx SlurmdDebug=debug "$(kept_conf osg-002)"
  [ "$(slurmd_debug osg-002)" = 5 ]
  grep -qx SlurmdDebug=verbose "$(kept_conf osg-001)"
  tidepool release --job "$HELD" --wait --timeout 120
  grep -qx SlurmdDebug=debug "$(kept_conf osg-001)"
  [ "$(slurmd_debug osg-001)" = 5 ]
}

@test "slurmctld restarts: the nodes are there, in their partitions, and all jobs complete" {
  restart_slurmctld
  known more-3
  [[ $(node_field more-3 Partitions) == osg ]]
  wait_until 100 has_no_flag osg-001 NOT_RESPONDING
  [ "$(timeout 200 srun -p osg -w osg-003 hostname)" = osg-003 ]
  let_go
  wait_until 200 no_jobs_left
  # But those that were cancelled above.
  [ -z "$(scontrol -o show job | grep -Ev 'JobState=(COMPLETED|CANCELLED)' || true)" ]
  [ "$(wc -l <"$LAB_DIR/before")" = 2 ]
  local job
  while read -r job _; do
    job_is "$job" COMPLETED
    [ "$(job_field "$job" Restarts)" = 0 ]
  done <"$LAB_DIR/before"
}
no_jobs_left() { [[ -z $(squeue -h) ]]; }
