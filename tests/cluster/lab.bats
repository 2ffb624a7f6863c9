#!/usr/bin/env bats
# The lab itself: that it starts, that its VMs are machines of their own, and that nothing is left of it.

load ../lab/lib

bats_require_minimum_version 1.5.0

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

# boot_vm ID NAME IP: a machine that somebody made by hand; no slurmd.
boot_vm() { "$LAB_DIR/bin/vm" boot "$1" "$2" "$3" <<<'{"metadata": {}}'; }

# traces NUMBER: everything on this machine that carries the number of the lab that was in LAB_DIR.
# Nothing when another lab has taken the number meanwhile: it could not, had anything been left.
traces() {
  local folder
  folder=$(cat "/sys/class/net/tplab$1/ifalias" 2>/dev/null) || true
  [ -z "$folder" ] || [ "$folder" = "$LAB_DIR" ] || return 0
  ip -o link show | grep -oE "(tplab$1|v$1-[0-9a-f]+)[:@]" || true
  ip netns list | grep -oE "^tplab$1-[^ ]+" || true
  find /sys/fs/cgroup -maxdepth 2 -name "tidepool-lab-$1" 2>/dev/null || true
  grep -E "tplab$1-" /proc/self/mounts || true
  ip -4 route show root "10.$1.0.0/20"
  # A process that has ended but was not reaped yet is in a cgroup that is "(deleted)".
  grep -sE "/tidepool-lab-$1/[^ ]+$" /proc/[0-9]*/cgroup || true
}

no_traces() {
  local found
  found=$(traces "$1")
  echo "$found"
  [ -z "$found" ]
}

# kill_all: also what had only begun when the first were killed. The first of a machine takes the others
# with it.
kill_all() {
  local pid
  for pid in $(lab_pids '*'); do
    ((pid < 2)) || kill -KILL "$pid" 2>/dev/null || true
  done
  [ -z "$(lab_pids '*')" ]
}

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
  no_traces "$number"
  [ ! -e "$LAB_DIR" ]
  run "$LAB" down --dir "$LAB_DIR"
  [ "$status" -eq 0 ]
}

@test "a lab of which every process was killed is cleaned by the next up" {
  up
  local number
  number=$(cat "$LAB_DIR/id")
  boot_vm aaaa-1 one "10.$number.4.1"
  wait_until 30 kill_all
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
  local number pid
  number=$(cat "$LAB_DIR/id")
  pid=$(cut -d' ' -f1 "$LAB_DIR/run/slurmctld.pid")
  rm -rf "$LAB_DIR"
  "$LAB" up --dir "$OTHER_DIR" --owner "$FILE_PID"
  no_traces "$number"
  # Its processes die with the lab's cgroup, not with the folder.
  run grep -s '^State:.*[^ZX] (' "/proc/$pid/status"
  [ -z "$output" ]
}

@test "what a person's command left running goes with the lab" {
  up
  lab_use "$LAB_DIR"
  tidepool work --stay 3>&- &
  local worker=$! code=0
  wait_until 60 worker_is "$worker"
  "$LAB" down --dir "$LAB_DIR"
  wait "$worker" || code=$?
  [ "$code" -eq 137 ]
}
worker_is() { [[ $(tidepool status --json | jq -r .worker) == "$1" ]]; }

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
  no_traces "$number"
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

@test "a stand-in is a node in no partition, which slurmctld finds alive; it is killed and begun again" {
  local address
  up --standin keeper --hold '{mode: [pause]}'
  lab_use "$LAB_DIR"
  address=$(node_field keeper NodeAddr)
  wait_until 60 standin_is IDLE
  [ -z "$(node_field keeper Partitions)" ]
  # Not listed by sinfo, which shows partitions.
  run sinfo -h -N -o %N
  [[ $output != *keeper* ]]
  grep -qF "standin: {node: keeper, address: $address}" "$LAB_DIR/etc/tidepool.yaml"
  [ "$(grep -cxF '    hold: {mode: [pause]}' "$LAB_DIR/etc/tidepool.yaml")" = 2 ]
  answers "$address"
  "$LAB" standin stop
  run ! answers "$address"
  "$LAB" standin start
  answers "$address"
}
standin_is() { [[ $(node_field keeper State) == "$1" ]]; }
answers() { (: <>"/dev/tcp/$1/6818") 2>/dev/null; }

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
