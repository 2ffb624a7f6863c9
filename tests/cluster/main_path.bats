#!/usr/bin/env bats
# The main job: a queued job wakes a node, runs on it, and the node goes away.

load ../lab/lib

setup_file() { lab_up --nodes 4 --compute-nodes 2 --suspend-time 5 --suspend-timeout 5 --node-addr stale; }
teardown_file() { lab_down; }

bats_require_minimum_version 1.5.0

free() { tidepool pool list --json | jq -e --arg n "$1" '.[] | select(.name==$n) | .status=="free"'; }
no_servers() { [[ $(sim_api GET servers | jq '.servers | length') == 0 ]]; }
no_ports() { [[ $(sim_api GET ports | jq '[.ports[] | select(.device_owner | startswith("compute"))] | length') == 0 ]]; }

# watch_states NODE: every state that the node goes through, one a line, until it is powered down.
watch_states() {
  local last="" now end=$((SECONDS + 150))
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

@test "a job on a powered-down node completes; the node comes, and goes" {
  wait_until 30 node_is osg-001 idle~
  watch_states osg-001 >"$LAB_DIR/states" &
  local watcher=$!
  # shellcheck disable=SC2016  # the job's shell expands it
  job=$(submit -p osg -w osg-001 --wrap 'hostname; echo "$SLURM_JOB_NODELIST"')
  wait_until 120 job_is "$job" COMPLETED
  run cat "$LAB_DIR/jobs/$job.out"
  [ "${lines[0]}" = osg-001 ]
  wait "$watcher"
  states=$(tr '\n' ' ' <"$LAB_DIR/states")
  echo "states: $states"
  [[ $states =~ ^'idle~ '.*(allocated|mixed)'# '.*'idle% '.*'idle~ '$ ]]
  wait_until 60 no_servers
  no_ports
  wait_until 60 free osg-001
}

@test "the address is told before slurmd registers" {
  # slurm.conf says addresses where nobody is: a node that worked was told right.
  local right
  right=$(tidepool pool list --json | jq -r '.[] | select(.name=="osg-002") | .address')
  grep -q "NodeName=osg" "$LAB_DIR/etc/slurm.conf"
  run ! grep -qF "NodeAddr=$right" "$LAB_DIR/etc/slurm.conf"
  srun -p osg -w osg-002 true
  [ "$(node_field osg-002 NodeAddr)" = "$right" ]
  # Told when the server was asked for, not when it was there.
  wait_until 60 grep -q 'server active node=osg-002' "$LAB_DIR/log/tidepool.log"
  told=$(grep -n 'slurmctld told addresses nodes=osg-002' "$LAB_DIR/log/tidepool.log" | head -n 1 | cut -d: -f1)
  active=$(grep -n 'server active node=osg-002' "$LAB_DIR/log/tidepool.log" | head -n 1 | cut -d: -f1)
  [ "$told" -lt "$active" ]
}

@test "a two-node job and an array run, each node with one server" {
  two=$(submit -p osg -N2 --wrap 'srun hostname')
  array=$(submit -p compute --array=1-2 --wrap 'hostname')
  wait_until 150 job_is "$two" COMPLETED
  wait_until 150 job_is "$array" COMPLETED
  [ "$(sort "$LAB_DIR/jobs/$two.out" | uniq -c | wc -l)" -eq 2 ]
  sim_api GET servers | jq -e '[.servers[].name] | length == (unique | length)'
  wait_until 120 no_servers
}

@test "each new node cost one create, and nobody asked for one server at a time" {
  counts=$(sim_api GET counts)
  echo "$counts"
  asked() { jq --arg r "$1" '[.routes | to_entries[] | select(.key | test($r)) | .value] | add // 0' <<<"$counts"; }
  # osg-001, osg-002, a pair for -N2 (one of them may have been up still), two of compute.
  [ "$(asked '^POST .*/servers$')" -le 6 ]
  [ "$(asked '^POST .*/servers$')" -ge 5 ]
  [ "$(asked '^GET .*/servers/\{')" -eq 0 ]
  [ "$(asked '^POST .*/auth/tokens$')" -eq 1 ]
  [ "$(asked '/flavors')" -le 2 ]
}

@test "servers carry cluster, node and lease, and start at the node's address" {
  # Without a slurmd slurmctld does not take the node for its own, and does not put it away.
  echo osg-003 >"$LAB_DIR/etc/dead-nodes"
  name=$(tidepool node create osg-003 --json | jq -r .name)
  [ "$name" = osg-003 ]
  address=$(tidepool pool list --json | jq -r '.[] | select(.name=="osg-003") | .address')
  openstack server show osg-003 -f json >"$LAB_DIR/show.json"
  cat "$LAB_DIR/show.json"
  grep -q "$address" "$LAB_DIR/show.json"
  grep -q "tidepool-lease" "$LAB_DIR/show.json"
  # slurmctld was told its address too.
  wait_until 60 address_is osg-003 "$address"
  tidepool node delete osg-003
  wait_until 90 no_servers
  rm "$LAB_DIR/etc/dead-nodes"
}
address_is() { [[ $(node_field "$1" NodeAddr) == "$2" ]]; }

@test "a node that is up is deleted by hand, and slurmctld uses it again" {
  srun -p osg -w osg-004 true
  tidepool node delete osg-004
  no_servers
  wait_until 60 node_is osg-004 idle~
  srun -p osg -w osg-004 true
  wait_until 90 no_servers
}
