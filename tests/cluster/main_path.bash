# The main job, on a lab of any cloud: a queued job wakes a node, runs on it, and the node goes away.
# `load main_path` after ../lab/lib and cloud. The lab needs --node-addr stale.

# watch_states NODE: every state that the node goes through, one a line, until it is powered down.
watch_states() {
  local last="" now end=$((SECONDS + 300))
  while ((SECONDS < end)); do
    now=$(node_state "$1")
    if [[ $now != "$last" ]]; then
      echo "$now"
      last=$now
    fi
    [[ $now == idle~ && $(wc -l <"$LAB_DIR/states") -gt 2 ]] && return
    sleep 0.1
  done
}

# a_job_wakes NODE: from idle~ to idle~, and nothing is left in the cloud.
a_job_wakes() {
  local watcher job states
  wait_until 60 node_is "$1" idle~
  watch_states "$1" >"$LAB_DIR/states" 3>&- &
  watcher=$!
  # shellcheck disable=SC2016  # the job's shell expands it
  job=$(submit -p osg -w "$1" --wrap 'hostname; echo "$SLURM_JOB_NODELIST"')
  wait_until 240 job_is "$job" COMPLETED
  run cat "$LAB_DIR/jobs/$job.out"
  # shellcheck disable=SC2154  # lines is bats'
  [ "${lines[0]}" = "$1" ]
  wait "$watcher"
  states=$(tr '\n' ' ' <"$LAB_DIR/states")
  echo "states: $states"
  [[ $states =~ ^'idle~ '.*(allocated|mixed)'# '.*'idle% '.*'idle~ '$ ]]
  wait_until 120 no_servers
  wait_until 60 no_ports
  wait_until 60 row_is "$1" free
}

# address_told_first NODE: slurmctld knows the node's address before there is anything at it.
address_told_first() {
  # slurm.conf says addresses where nobody is: a node that worked was told right.
  local right told active
  right=$(row "$1" | jq -r .address)
  grep -q "NodeName=osg" "$LAB_DIR/etc/slurm.conf"
  run ! grep -qF "NodeAddr=$right" "$LAB_DIR/etc/slurm.conf"
  [ "$(timeout 280 srun -p osg -w "$1" hostname)" = "$1" ]
  [ "$(node_field "$1" NodeAddr)" = "$right" ]
  # Told when the server was asked for, not when it was there. The worker sees the server ACTIVE at
  # its next look, which may be after the job.
  wait_until 60 grep -q "server active node=$1" "$LAB_DIR/log/tidepool.log"
  told=$(log_line "slurmctld told addresses nodes=$1")
  active=$(log_line "server active node=$1")
  [ "$told" -lt "$active" ]
}
# log_line WORDS: the number of the first line of tidepool's log with them.
log_line() { grep -nF -- "$1" "$LAB_DIR/log/tidepool.log" | head -n 1 | cut -d: -f1; }

# several_at_once: a two-node job and an array, each node with one server.
several_at_once() {
  local two array
  two=$(submit -p osg -N2 --wrap 'srun hostname')
  array=$(submit -p compute --array=1-2 --wrap 'hostname')
  wait_until 240 job_is "$two" COMPLETED
  wait_until 240 job_is "$array" COMPLETED
  [ "$(sort "$LAB_DIR/jobs/$two.out" | uniq -c | wc -l)" -eq 2 ]
  cloud_servers | jq -e 'map(.name) | length == (unique | length)'
  wait_until 240 no_servers
  wait_until 60 no_ports
}

# made_by_hand NODE: the server carries cluster, node and lease, and starts at the node's address.
made_by_hand() {
  local address
  # Without a slurmd slurmctld does not take the node for its own, and does not put it away.
  echo "$1" >"$LAB_DIR/etc/dead-nodes"
  [ "$(tidepool node create "$1" --json | jq -r .name)" = "$1" ]
  address=$(row "$1" | jq -r .address)
  # By the stock command: it knows nothing of us.
  openstack server show "$1" -f json >"$LAB_DIR/show.json"
  cat "$LAB_DIR/show.json"
  grep -qF "$address" "$LAB_DIR/show.json"
  grep -q "tidepool-cluster.*$(cluster)" "$LAB_DIR/show.json"
  grep -q "tidepool-node.*$1" "$LAB_DIR/show.json"
  grep -q "tidepool-lease" "$LAB_DIR/show.json"
  # slurmctld was told its address too.
  wait_until 60 address_is "$1" "$address"
  tidepool node delete "$1"
  wait_until 120 no_servers
  rm "$LAB_DIR/etc/dead-nodes"
}
address_is() { [[ $(node_field "$1" NodeAddr) == "$2" ]]; }

# deleted_under_slurm NODE: by hand, while it is up; slurmctld uses it again.
deleted_under_slurm() {
  [ "$(timeout 280 srun -p osg -w "$1" hostname)" = "$1" ]
  tidepool node delete "$1"
  wait_until 60 no_servers
  wait_until 120 node_is "$1" idle~
  [ "$(timeout 280 srun -p osg -w "$1" hostname)" = "$1" ]
  wait_until 120 no_servers
}
