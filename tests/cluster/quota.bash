# Fewer servers allowed than nodes asked for. `load quota` after ../lab/lib and cloud. The lab has
# compute-[01-02], and a cool_off of seconds.

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

# some_fit QUOTA NODES: a job for each node. QUOTA of them run; the other nodes are down with a Reason that
# names the quota, and their jobs are requeued.
some_fit() {
  local array over=$(($2 - $1)) reason
  # A task ends when it is told to, so that the room it takes is ours to give.
  array=$(submit -p osg -N1 --array="1-$2" --output "$LAB_DIR/jobs/%A_%a.out" \
    --wrap "while [ ! -e '$LAB_DIR/jobs/go' ]; do sleep 0.5; done; hostname")
  echo "$array" >"$LAB_DIR/array"
  wait_until 200 down_for_are "Quota exceeded for instances" "$over"
  reason=$(sinfo -h -N -o '%E' | grep -m 1 -i "Quota exceeded for instances")
  echo "$reason"
  [[ $reason == "tidepool: quota: "*instances* ]]
  wait_until 200 requeued_are "$array" "$over"
  wait_until 200 tasks_are "$array" RUNNING "$1"
  servers_are "$1"
}

# the_rest_follows NODES: they start once there is room, and nothing is left in the end.
the_rest_follows() {
  local array
  array=$(cat "$LAB_DIR/array")
  touch "$LAB_DIR/jobs/go"
  wait_until 240 tasks_are "$array" COMPLETED "$1"
  [ "$(cat "$LAB_DIR"/jobs/"$array"_*.out | sort | grep -c '^osg-')" -eq "$1" ]
  wait_until 200 no_servers
  wait_until 60 no_ports
  wait_until 200 all_powered_down
}

# neither_of_two: a two-node job of which one node fits gives up both, says why, and leaves no server;
# it runs once there is room.
neither_of_two() {
  local two reasons
  quota_instances 1
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
  wait_until 200 no_servers
  wait_until 60 no_ports

  quota_instances 5
  scontrol release "$two"
  wait_until 240 job_is "$two" COMPLETED
  [ "$(sort -u "$LAB_DIR/jobs/$two.out" | xargs)" = "compute-01 compute-02" ]
  wait_until 200 no_servers
}
