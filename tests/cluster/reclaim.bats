#!/usr/bin/env bats
# The project is full of pilots, and a job of six nodes comes: six pilots step aside with what they have in
# memory, the job runs, the pilots come back and go on. Then the same where the quota counts instances,
# which nothing frees that keeps memory.

bats_require_minimum_version 1.5.0

load ../lab/lib
load cloud
load troubles
load holds
load reclaim

readonly RESUME_TIMEOUT=300 # the lab's

setup_file() {
  # Those of account cheap may be started anew.
  reclaim_lab_up 10 '{opportunistic: [
      {name: cheap, partitions: [osg], accounts: [cheap], min_run: 0s, may_requeue: true},
      {name: osg, partitions: [osg], min_run: 0s}], settle: 1s, poll: 2s}' \
    --compute-nodes 6 --suspend-time 5
  # A batch job on a node that is not up waits for slurmctld's half minute.
  warm 'osg-[001-010]' 10
  pilots 9
  pilots 1 --account cheap
}
teardown_file() { lab_down; }
setup() { mapfile -t PILOTS <"$LAB_DIR/pilots"; }
teardown() { :; }

@test "ten pilots fill the quota; a job of six nodes runs within its ResumeTimeout, in the room of six" {
  local began=$SECONDS job=$LAB_DIR/jobs/normal
  pilots_run
  uses 10
  (
    code=0
    # shellcheck disable=SC2016 # for the job's shell
    srun -p compute -N 6 --job-name normal bash -c 'hostname; until [[ -e $0 ]]; do sleep 0.2; done' "$job.end" \
      >"$job.out" 2>"$job.err" || code=$?
    echo "$code" >"$job.code"
  ) 3>&- &
  wait_until 250 six_hosts
  echo "the job runs after $((SECONDS - began)) s"
  ((SECONDS - began < RESUME_TIMEOUT))
  # Six, and no more: the others go on.
  suspended_are 6
  running_are 4
  [ "$(cloud_servers | jq '[.[] | select(.status == "SHELVED_OFFLOADED")] | length')" = 6 ]
  used_at_most 10
  suspended >"$LAB_DIR/aside"
}
six_hosts() { [[ $(sort "$LAB_DIR/jobs/normal.out" | xargs) == "compute-01 compute-02 compute-03 compute-04 compute-05 compute-06" ]]; }

@test "whoever looks at a pilot that stepped aside reads why; its run time stands still" {
  local job before
  job=$(head -n 1 "$LAB_DIR/aside")
  [[ $(admin_comment "$job") == *tidepool*compute* ]]
  [[ $(sinfo -h -N -n "$(squeue -h -j "$job" -o %N)" -o %E) == "tidepool: hold "* ]]
  # What a job is charged for.
  [ "$(job_field "$job" SuspendTime)" != None ]
  before=$(job_field "$job" RunTime)
  sleep 2
  [ "$(job_field "$job" RunTime)" = "$before" ]
}

@test "the job completes; the six come back, and all ten complete: the same processes and secrets" {
  touch "$LAB_DIR/jobs/normal.end"
  wait_until 60 ended_with_0
  wait_until 250 suspended_are 0
  wait_until 100 no_holds
  used_at_most 10
  all_end_right "${PILOTS[@]:0:8}"
  [ "$(scontrol -o show job | grep -c 'Restarts=[1-9]')" = 0 ]
  run ! grep -E 'osg-0.*(not responding, setting DOWN|unexpectedly rebooted)' "$LAB_DIR/log/slurmctld.log"
}
ended_with_0() { [[ $(cat "$LAB_DIR/jobs/normal.code") == 0 ]]; }

# hosts_have CORES: each; full: what they have is what is used.
hosts_have() {
  local host cores
  while read -r host cores; do sim_api PUT "hosts/$host" "{\"cores\": ${1/full/$cores}}" >/dev/null; done \
    < <(sim_api GET hosts | jq -r '.hosts[] | "\(.name) \(.cores_used)"')
}

@test "where no host has room (No valid host), a pilot leaves one, and comes back to it" {
  wait_until 100 servers_are 2
  quota_is -1
  hosts_have full
  [ "$(timeout 250 srun -p compute -w compute-01 hostname)" = compute-01 ]
  noted compute-01 "No valid host"
  # Its server goes after SuspendTime.
  wait_until 200 no_holds
  running_are 2
  [ "$(scontrol -o show job | grep -c 'Restarts=[1-9]')" = 0 ]
  hosts_have 1000
}

@test "where instances are the limit no pilot steps aside that keeps its memory, and the node is told why" {
  wait_until 100 servers_are 2
  quota_is -1 2
  # One that only those may have whose work may not be lost.
  run ! timeout 100 tidepool reclaim --nodes 2 --book quota --dry-run
  echo "$output"
  [[ $output == *instance* ]]
  suspended_are 0
}

@test "only one that may be started anew makes room for an instance" {
  [ "$(timeout 250 srun -p compute -w compute-01 hostname)" = compute-01 ]
  wait_until 100 restarted "${PILOTS[9]}"
  same_memory "$(memory "${PILOTS[8]}")"
  [ "$(job_field "${PILOTS[8]}" Restarts)" = 0 ]
  [[ $(admin_comment "${PILOTS[9]}") == *tidepool* ]]
}
restarted() { (($(job_field "$1" Restarts) >= 1)); }

@test "it starts anew when there is room again, and all complete" {
  all_end_right "${PILOTS[8]}"
  wait_until 250 fresh_start "${PILOTS[9]}"
  finish_all "${PILOTS[9]}"
  wait_until 100 job_is "${PILOTS[9]}" COMPLETED
  wait_until 60 no_holds
}
