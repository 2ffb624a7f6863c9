#!/usr/bin/env bats
# Quota of 5, ten nodes asked: five jobs run, five are told so at once, and start when there is room.
# Then a job of two nodes of which only one fits: it gets none, and nothing is left of the other.

load ../lab/lib
load cloud

setup_file() {
  lab_up --nodes 10 --compute-nodes 2 --quota-instances 5 --suspend-time 5 --suspend-timeout 5 \
    --resume-timeout 600 --policy cool_off=5s
}
teardown_file() { lab_down; }

# tasks ARRAY STATE: how many of an array's tasks are in that state.
tasks() { squeue -h -r -t all -j "$1" -o %T | grep -cx "$2"; }
tasks_are() { [ "$(tasks "$1" "$2")" -eq "$3" ]; }
# requeued ARRAY: how many of its tasks wait, and have started before.
requeued() {
  scontrol -o show job "$1" | grep -E 'JobState=PENDING' | grep -cE ' Restarts=[1-9]'
}
requeued_are() { [ "$(requeued "$1")" -eq "$2" ]; }

# down_for WORDS: the nodes whose Reason has these words.
down_for() { sinfo -h -N -o '%N|%E' | sort -u | grep -i -- "$1" | cut -d '|' -f 1; }
down_for_are() { [ "$(down_for "$1" | wc -l)" -eq "$2" ]; }
both_told() {
  [[ $(node_field compute-01 Reason) == "tidepool: "* && $(node_field compute-02 Reason) == "tidepool: "* ]]
}
all_powered_down() { [ "$(sinfo -h -N -o %T | sort -u)" = idle~ ]; }

@test "five run; five nodes are down with a Reason that names the quota, and their jobs are requeued" {
  # A task ends when it is told to, so that the room it takes is ours to give.
  array=$(submit -p osg -N1 --array=1-10 --output "$LAB_DIR/jobs/%A_%a.out" \
    --wrap "while [ ! -e '$LAB_DIR/jobs/go' ]; do sleep 0.5; done; hostname")
  echo "$array" >"$LAB_DIR/array"
  wait_until 200 down_for_are "Quota exceeded for instances" 5
  run down_for "Quota exceeded for instances"
  [[ "$(node_field "${lines[0]}" Reason)" == "tidepool: quota: "*instances* ]]
  wait_until 200 requeued_are "$array" 5
  wait_until 200 tasks_are "$array" RUNNING 5
  servers_are 5
}

@test "they start once there is room, and nothing is left in the end" {
  array=$(cat "$LAB_DIR/array")
  touch "$LAB_DIR/jobs/go"
  wait_until 240 tasks_are "$array" COMPLETED 10
  [ "$(cat "$LAB_DIR"/jobs/"$array"_*.out | sort | grep -c '^osg-')" -eq 10 ]
  wait_until 200 servers_are 0
  no_ports
  wait_until 200 all_powered_down
}

@test "a two-node job of which one node fits gives up both, says why, and leaves no server" {
  sim_api PUT quotas/demo '{"instances": 1}'
  two=$(submit -p compute -N2 --wrap 'srun hostname')
  wait_until 200 both_told
  reasons=$(node_field compute-01 Reason && node_field compute-02 Reason)
  echo "$reasons"
  grep -q 'Quota exceeded for instances' <<<"$reasons"
  grep -qE "job $two needs compute-0[12] too, which failed" <<<"$reasons"
  wait_until 200 job_is "$two" PENDING
  # Held, so that the next try does not come while we look.
  scontrol hold "$two"
  [ "$(job_field "$two" Restarts)" -ge 1 ]
  wait_until 200 servers_are 0
  no_ports

  sim_api PUT quotas/demo '{"instances": 5}'
  scontrol release "$two"
  wait_until 240 job_is "$two" COMPLETED
  [ "$(sort -u "$LAB_DIR/jobs/$two.out" | xargs)" = "compute-01 compute-02" ]
  wait_until 200 servers_are 0
}
