#!/usr/bin/env bats
# By name only: two minutes; it is about the lab, and what stands on it fails without it.
# The lab's VMs follow the states of nova's servers, as the machines of a hypervisor would: tests of holds
# stand on this. One server goes through all of them, by the API's own actions.

load ../lab/lib
load real

setup_file() { real_up --nodes 1 --compute-nodes 1 --suspend-time 3000; }
teardown_file() { real_down; }

# act ACTION-JSON: on the node's server.
act() { member POST "compute/v2.1/servers/$(server_of osg-001)/action" "$1"; }
# follows ACTION-JSON STATUS STATE: the server goes to that status, then the machine to that state.
follows() {
  act "$1"
  wait_until 120 server_status_is osg-001 "$2"
  wait_until 60 machine_is osg-001 "$3"
}
# machine_pids: of the node's machine. machine_init: its first process (unshare), which lives as long.
machine_pids() { lab_pids "vm-$(vm_of osg-001)"; }
machine_init() {
  local pid
  for pid in $(machine_pids); do
    [[ $(cat "/proc/$pid/comm" 2>/dev/null) != unshare ]] || echo "$pid"
  done
}
# answers, silent: does its slurmd take connections?
answers() { timeout 2 bash -c ": </dev/tcp/$(row osg-001 | jq -r .address)/6818" 2>/dev/null; }
silent() { ! answers; }

new_init() { [[ -n $(machine_init) && $(machine_init) != "$1" ]]; }

@test "a server that is ACTIVE is a machine that runs and answers" {
  [ "$(timeout 280 srun -p osg -w osg-001 hostname)" = osg-001 ]
  machine_is osg-001 running
  wait_until 30 answers
}

@test "paused, suspended: its processes stop and it is silent; back: the same processes go on" {
  local before action there status back
  before=$(machine_init)
  [ -n "$before" ]
  for action in pause:PAUSED:unpause suspend:SUSPENDED:resume; do
    IFS=: read -r there status back <<<"$action"
    follows "{\"$there\": null}" "$status" frozen
    silent
    [ "$(machine_init)" = "$before" ]
    follows "{\"$back\": null}" ACTIVE running
    wait_until 30 answers
    [ "$(machine_init)" = "$before" ]
  done
}

@test "stopped, shelved: no process is left, its disk stays; back: it boots anew" {
  local before disk action there status back
  disk=$LAB_DIR/vm/$(vm_of osg-001)
  touch "$disk/spool/of-the-guest"
  for action in os-stop:SHUTOFF:os-start shelve:SHELVED_OFFLOADED:unshelve; do
    IFS=: read -r there status back <<<"$action"
    before=$(machine_init)
    follows "{\"$there\": null}" "$status" stopped
    [ -z "$(machine_pids)" ]
    silent
    follows "{\"$back\": null}" ACTIVE running
    wait_until 30 answers
    wait_until 30 new_init "$before"
    [ -e "$disk/spool/of-the-guest" ]
  done
}

@test "deleted: nothing of it is left" {
  tidepool node delete osg-001 --force
  wait_until 120 no_servers
  wait_until 60 gone
  silent
}
gone() { [[ -z $(vm_of osg-001) ]]; }
