#!/usr/bin/env bats
# The lab itself: that it starts, that its VMs are machines of their own, and that nothing is left of it.

load ../lab/lib

setup() {
  LAB_DIR=$(mktemp -d /tmp/tidepool-lab.XXXXXX)
  OTHER_DIR=$LAB_DIR.other
  export LAB_DIR
}

teardown() {
  local folder
  for folder in "$LAB_DIR" "$OTHER_DIR"; do
    "$LAB" down --dir "$folder" || true
    # A test of what is no lab has put something of its own there.
    rm -rf "$folder"
  done
}

up() { "$LAB" up --dir "$LAB_DIR" --owner "$FILE_PID" "$@"; }
setup_file() { export FILE_PID=$$; }

# traces NUMBER: everything on this machine that carries a lab's number.
traces() {
  ip -o link show | grep -oE "(tplab$1|v$1-[0-9a-f]+)[:@]" || true
  ip netns list | grep -oE "^tplab$1-[^ ]+" || true
  find /sys/fs/cgroup -maxdepth 2 -name "tidepool-lab-$1" 2>/dev/null || true
  grep -E "tplab$1-" /proc/self/mounts || true
  ip -4 route show root "10.$1.0.0/20"
  grep -lsE "/tidepool-lab-$1/" /proc/[0-9]*/cgroup || true
}

# boot_vm ID NAME IP: a machine that somebody made by hand; no slurmd.
boot_vm() { "$LAB_DIR/bin/vm" boot "$1" "$2" "$3" <<<"{\"id\": \"$1\", \"name\": \"$2\", \"metadata\": {}}"; }

# boot_node ID CLUSTER NODE IP: one that tidepool made.
boot_node() {
  "$LAB_DIR/bin/vm" boot "$1" "$3" "$4" \
    <<<"{\"id\": \"$1\", \"metadata\": {\"tidepool-cluster\": \"$2\", \"tidepool-node\": \"$3\"}}"
}

# runs ID PROGRAM: is the program among the VM's processes?
runs() {
  local pid
  for pid in $(pids_in "vm-$1"); do
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != "$2" ] || return 0
  done
  return 1
}

# pids_in CGROUP: the processes in one of the lab's cgroups, or in all.
pids_in() {
  find /sys/fs/cgroup -path "*/tidepool-lab-$(cat "$LAB_DIR/id")/$1/cgroup.procs" -exec cat {} + 2>/dev/null
}

# first_process ID: the VM's process 1, as seen from here.
first_process() {
  local pid
  for pid in $(pids_in "vm-$1"); do
    if grep -qE '^NSpid:.*[[:space:]]1$' "/proc/$pid/status"; then
      echo "$pid"
      return
    fi
  done
  return 1
}

all_dead() { [ -z "$(pids_in '*')" ]; }
is_called() { [ "$(nsenter -t "$1" -u hostname)" = "$2" ]; }

@test "up gives a cluster whose nodes are powered down, and a cloud that answers" {
  up --nodes 3 --compute-nodes 1
  lab_use "$LAB_DIR"
  [ "$(scontrol ping)" = "Slurmctld(primary) at controller is UP" ]
  wait_until 30 node_is osg-003 idle~
  [ "$(sinfo -h -N -o %N | sort | xargs)" = "compute-01 osg-001 osg-002 osg-003" ]
  [ "$(node_field osg-003 NodeAddr)" = "10.$(cat "$LAB_DIR/id").1.3" ]
  [ "$(stat -c '%U %a' "$OS_CLIENT_CONFIG_FILE")" = "slurm 600" ]
  [ "$(stat -c '%U %a' "$LAB_DIR/state/tidepool")" = "slurm 700" ]
  [ "$(sim_api GET counts | jq -r type)" = object ]
  as_slurm test -x "$(command -v tidepool-resume)"
}

@test "a second up says that it is up already and changes nothing" {
  up
  local before
  before=$(cat "$LAB_DIR"/run/*.pid)
  run up
  [ "$status" -eq 0 ]
  [[ $output == *"is up already"* ]]
  [ "$(cat "$LAB_DIR"/run/*.pid)" = "$before" ]
}

@test "down removes every trace, VMs included" {
  up
  local number
  number=$(cat "$LAB_DIR/id")
  boot_vm aaaa-1 one "10.$number.4.1"
  boot_vm aaaa-2 two "10.$number.4.2"
  "$LAB_DIR/bin/vm" freeze aaaa-2
  [ -n "$(traces "$number")" ]
  "$LAB" down --dir "$LAB_DIR"
  [ -z "$(traces "$number")" ]
  [ ! -e "$LAB_DIR" ]
  run "$LAB" down --dir "$LAB_DIR"
  [ "$status" -eq 0 ]
}

@test "a lab of which every process was killed is cleaned by the next up" {
  up
  local number pid
  number=$(cat "$LAB_DIR/id")
  boot_vm aaaa-1 one "10.$number.4.1"
  for pid in $(pids_in '*'); do
    # The first of a machine takes the others with it.
    kill -KILL "$pid" 2>/dev/null || true
  done
  wait_until 30 all_dead
  run "$LAB" status --dir "$LAB_DIR"
  [ "$status" -ne 0 ]
  [[ $output == *DEAD* ]]
  up
  lab_use "$LAB_DIR"
  wait_until 30 node_is osg-001 idle~
  [ ! -e "$LAB_DIR/vm/aaaa-1" ]
  run traces "$number"
  [[ $output != *vm-aaaa-1* && $output != *tplab$number-aaaa-1* ]]
}

@test "a lab whose folder was deleted is removed by the next up of any lab" {
  up
  local number
  number=$(cat "$LAB_DIR/id")
  # Its processes die with the lab's cgroup, not with the folder.
  rm -rf "$LAB_DIR"
  run "$LAB" up --dir "$OTHER_DIR"
  [ "$status" -eq 0 ]
  [[ $output == *"removing what is left"* ]]
  [ "$(cat "$OTHER_DIR/id")" = "$number" ] || [ -z "$(traces "$number")" ]
}

@test "a lab goes when its owner goes" {
  sleep 300 3>&- &
  local owner=$!
  "$LAB" up --dir "$LAB_DIR" --owner "$owner"
  local number
  number=$(cat "$LAB_DIR/id")
  kill "$owner"
  wait "$owner" || true
  local deadline=$((SECONDS + 60))
  while [ -e "$LAB_DIR" ] && ((SECONDS < deadline)); do sleep 0.2; done
  [ ! -e "$LAB_DIR" ]
  [ -z "$(traces "$number")" ]
}

@test "two labs live side by side and one can go without the other" {
  up
  "$LAB" up --dir "$OTHER_DIR" --owner "$FILE_PID"
  [ "$(cat "$LAB_DIR/id")" != "$(cat "$OTHER_DIR/id")" ]
  "$LAB" down --dir "$OTHER_DIR"
  "$LAB" status --dir "$LAB_DIR"
  lab_use "$LAB_DIR"
  [ "$(scontrol ping)" = "Slurmctld(primary) at controller is UP" ]
}

@test "a VM is a machine of its own; freeze, thaw, stop and destroy hit it and no other" {
  up
  local number pid other
  number=$(cat "$LAB_DIR/id")
  # Two servers may have one name.
  boot_vm aaaa-1 twin "10.$number.4.1"
  boot_vm aaaa-2 twin "10.$number.4.2"
  wait_until 30 first_process aaaa-1
  wait_until 30 first_process aaaa-2
  pid=$(first_process aaaa-1)
  other=$(first_process aaaa-2)
  wait_until 30 is_called "$pid" twin
  [ "$(ip netns exec "tplab$number-aaaa-1" ip -4 -o addr show eth0 | grep -oE '10\.[0-9.]+/20')" = "10.$number.4.1/20" ]

  "$LAB_DIR/bin/vm" freeze aaaa-1
  [ "$(cat "$LAB_DIR/vm/aaaa-1/state")" = frozen ]
  [ "$(ip netns exec "tplab$number-aaaa-1" cat /sys/class/net/eth0/carrier)" = 0 ]
  [ "$(ip netns exec "tplab$number-aaaa-2" cat /sys/class/net/eth0/carrier)" = 1 ]
  # A frozen process takes no signal until it is thawed.
  kill -TERM "$pid"
  kill -0 "$pid"
  "$LAB_DIR/bin/vm" thaw aaaa-1
  [ "$(ip netns exec "tplab$number-aaaa-1" cat /sys/class/net/eth0/carrier)" = 1 ]

  "$LAB_DIR/bin/vm" boot aaaa-1 twin "10.$number.4.1" <<<'{}'
  wait_until 30 first_process aaaa-1
  pid=$(first_process aaaa-1)
  "$LAB_DIR/bin/vm" stop aaaa-1
  run first_process aaaa-1
  [ "$status" -ne 0 ]
  [ -d "$LAB_DIR/vm/aaaa-1" ]
  "$LAB_DIR/bin/vm" destroy aaaa-1
  [ ! -e "$LAB_DIR/vm/aaaa-1" ]
  [ ! -e "/run/netns/tplab$number-aaaa-1" ]
  [ "$(first_process aaaa-2)" = "$other" ]
}

@test "a server of the cluster runs slurmd as its node; one of another cluster does not" {
  up
  local number
  number=$(cat "$LAB_DIR/id")
  echo osg-002 >"$LAB_DIR/etc/dead-nodes"
  boot_node aaaa-1 "lab$number" osg-001 "10.$number.1.1"
  boot_node aaaa-2 "lab$number" osg-002 "10.$number.1.2"
  boot_node aaaa-3 another osg-003 "10.$number.1.3"
  wait_until 60 runs aaaa-1 slurmd
  grep -q "^slurmd: slurmd version" "$LAB_DIR/vm/aaaa-1/console.log"
  # guest-init starts slurmd first and then waits in sleep.
  wait_until 60 runs aaaa-2 sleep
  wait_until 60 runs aaaa-3 sleep
  run runs aaaa-2 slurmd
  [ "$status" -ne 0 ]
  run runs aaaa-3 slurmd
  [ "$status" -ne 0 ]
}

@test "a boot that arrives after the server's destroy makes no machine" {
  up
  "$LAB_DIR/bin/vm" destroy aaaa-1
  boot_vm aaaa-1 late "10.$(cat "$LAB_DIR/id").4.1"
  [ ! -e "$LAB_DIR/vm/aaaa-1" ]
}

@test "a server id that is a path is refused" {
  up
  run boot_vm ../../etc name 10.0.0.1
  [ "$status" -ne 0 ]
  [[ $output == *"not a server id"* ]]
}

@test "a folder that is no lab is left alone" {
  echo precious >"$LAB_DIR/file"
  run "$LAB" down --dir "$LAB_DIR"
  [ "$status" -ne 0 ]
  run up
  [ "$status" -ne 0 ]
  [ "$(cat "$LAB_DIR/file")" = precious ]
}

@test "wrong options are refused with what would be right" {
  run up --nodes many
  [ "$status" -ne 0 ]
  [[ $output == *"a number from 1 to 250"* ]]
  run up --no-such-option 1
  [ "$status" -ne 0 ]
  [[ $output == *--no-such-option* ]]
  run "$LAB" env --dir "$LAB_DIR"
  [ "$status" -ne 0 ]
  [[ $output == *"no lab is up"* ]]
}
