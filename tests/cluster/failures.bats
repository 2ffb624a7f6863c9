#!/usr/bin/env bats
# A node that cannot come: slurmctld is told at once, in words that an administrator can act on; the job
# is requeued; and when the cause is gone the node is used again without an administrator's doing.

load ../lab/lib
load cloud
load troubles

setup_file() { troubles_lab_up 4; }
teardown_file() { lab_down; }

hosts_with() {
  local host
  for host in $(sim_api GET hosts | jq -r '.hosts[].name'); do
    sim_api PUT "hosts/$host" "{\"cores\": $1}"
  done
}

@test "no valid host" {
  hosts_with 0
  fails osg-001 "no_valid_host: server went to ERROR: No valid host was found"
  # The wreck is not left in the project.
  servers_are 0
  hosts_with 64
  works osg-001
}

@test "a server that goes to ERROR is replaced once; the second time the node is given up" {
  sim_api POST outcomes '{"action": "boot", "server": "osg-002", "result": "error", "message": "hypervisor trouble"}'
  [ "$(run_on 1 osg-002)" = osg-002 ]
  noted osg-002 "server replaced server went to ERROR: hypervisor trouble"
  sim_api POST outcomes '{"action": "boot", "server": "osg-003", "result": "error", "message": "hypervisor trouble", "times": -1}'
  fails osg-003 "server_error: server went to ERROR: hypervisor trouble"
  sim_api DELETE outcomes
  works osg-003
}

@test "a server that goes to ERROR while its job runs" {
  service
  begin srun -p osg -w osg-001 sleep 3600
  srun=$!
  wait_until 200 on_node_runs osg-001
  job=$(squeue -h -w osg-001 -o %A)
  wait_until 100 row_is osg-001 up
  sim_api PUT "servers/$(server_of osg-001)" '{"fault": "the host went up in smoke"}'
  wait_until 100 told osg-001 "server_error: server went to ERROR: the host went up in smoke"
  # srun's job does not start anew: it ends, and says why.
  wait_until 100 job_is "$job" NODE_FAIL
  wait "$srun" || true
  works osg-001
  service_ends
}
on_node_runs() { [[ $(squeue -h -t RUNNING -w "$1" -o %T) == RUNNING ]]; }

@test "a boot that never registers" {
  quiet
  echo osg-004 >"$LAB_DIR/etc/dead-nodes"
  sed -i 's/^policy: {/policy: {boot_timeout: 4s, /' "$LAB_DIR/etc/tidepool.yaml"
  fails osg-004 "timeout: server is ACTIVE, but slurmd did not register within 4.0 s"
  cp "$LAB_DIR/good.yaml" "$LAB_DIR/etc/tidepool.yaml"
  rm "$LAB_DIR/etc/dead-nodes"
  quiet
  works osg-004
  nothing_left
}
