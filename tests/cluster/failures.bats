#!/usr/bin/env bats
# A node that cannot come: slurmctld is told at once, in words that an administrator can act on; the job
# is requeued; and when the cause is gone the node is used again without an administrator's doing.

load ../lab/lib
load cloud

setup_file() {
  # ResumeTimeout is far away: whatever slurmctld learns here it learns from tidepool.
  lab_up --nodes 6 --suspend-time 5 --suspend-timeout 5 --resume-timeout 900 --policy cool_off=2s \
    --policy cool_off_max=2s
  cp "$LAB_DIR/etc/tidepool.yaml" "$LAB_DIR/good.yaml"
}
teardown_file() { lab_down; }

no_worker() { tidepool status --json | jq -e '.worker == null'; }
reason_has() { [[ $(node_field "$1" Reason) == "tidepool: "*"$2"* ]]; }
requeued() { job_is "$1" PENDING && [[ $(job_field "$1" Restarts) -ge 1 ]]; }

# fails NODE WORDS: a job on the node is requeued, with these words in the node's Reason.
fails() {
  local job
  job=$(submit -p osg -w "$1" --wrap hostname)
  wait_until 200 reason_has "$1" "$2"
  echo "$(node_field "$1" Reason)"
  wait_until 100 requeued "$job"
  scancel "$job"
}
# works NODE: it is usable, by itself, and a job runs on it.
works() {
  wait_until 200 rested osg
  wait_until 200 node_is "$1" idle~
  [ "$(timeout 250 srun -p osg -w "$1" hostname)" = "$1" ]
}
# quiet: the worker has nothing to do any more, so that the next one reads its configuration anew.
quiet() {
  wait_until 200 servers_are 0
  wait_until 200 no_worker
}

@test "no valid host" {
  for host in $(sim_api GET hosts | jq -r '.hosts[].name'); do
    sim_api PUT "hosts/$host" '{"cores": 0}'
  done
  fails osg-001 "no_valid_host: server went to ERROR: No valid host was found"
  # The wreck is not left in the project.
  wait_until 100 servers_are 0
  for host in $(sim_api GET hosts | jq -r '.hosts[].name'); do
    sim_api PUT "hosts/$host" '{"cores": 64}'
  done
  works osg-001
}

@test "a server that goes to ERROR is replaced once; the second time the node is given up" {
  sim_api POST outcomes '{"action": "boot", "server": "osg-002", "result": "error", "message": "hypervisor trouble"}'
  [ "$(timeout 250 srun -p osg -w osg-002 hostname)" = osg-002 ]
  noted osg-002 "server replaced"
  sim_api POST outcomes '{"action": "boot", "server": "osg-003", "result": "error", "message": "hypervisor trouble", "times": 2}'
  fails osg-003 "server_error: server went to ERROR: "
  works osg-003
}

@test "an image that is gone" {
  quiet
  sed -i 's/image: .*/image: rocky8-gone/' "$LAB_DIR/etc/tidepool.yaml"
  fails osg-004 "bad_request: pool osg: image rocky8-gone"
  cp "$LAB_DIR/good.yaml" "$LAB_DIR/etc/tidepool.yaml"
  wait_until 200 no_worker
  works osg-004
}

@test "a wrong password" {
  quiet
  sed -i 's/demo-secret/wrong-secret/' "$OS_CLIENT_CONFIG_FILE"
  sim_api POST tokens/expire
  run tidepool reconcile --dry-run
  echo "$output"
  [ "$status" -eq 4 ]
  [[ $output == *401* || $output == *password* || $output == *credentials* ]]
  [[ $output != *wrong-secret* ]]
  fails osg-005 "auth: "
  run grep -rq wrong-secret "$LAB_DIR/log" "$LAB_DIR/state/tidepool"
  [ "$status" -eq 1 ]
  sed -i 's/wrong-secret/demo-secret/' "$OS_CLIENT_CONFIG_FILE"
  wait_until 200 no_worker
  works osg-005
}

@test "a boot that never registers" {
  quiet
  echo osg-006 >"$LAB_DIR/etc/dead-nodes"
  sed -i 's/^policy: {/policy: {boot_timeout: 4s, /' "$LAB_DIR/etc/tidepool.yaml"
  fails osg-006 "timeout: server is ACTIVE, but slurmd did not register within"
  wait_until 100 servers_are 0
  cp "$LAB_DIR/good.yaml" "$LAB_DIR/etc/tidepool.yaml"
  rm "$LAB_DIR/etc/dead-nodes"
  wait_until 200 no_worker
  works osg-006
}
