#!/usr/bin/env bats
# The lab's VMs: each is a machine of its own, and what happens to one happens to no other.

load ../lab/lib

setup_file() { lab_up; }
teardown_file() { lab_down; }
setup() { NUMBER=$(cat "$LAB_DIR/id"); }
teardown() {
  local disk
  rm -f "$LAB_DIR/etc/guests"
  for disk in "$LAB_DIR"/vm/*/; do
    [ ! -d "$disk" ] || "$LAB_DIR/bin/vm" destroy "$(basename "$disk")"
  done
}

# boot_vm ID NAME IP: a machine that somebody made by hand; no slurmd.
boot_vm() { "$LAB_DIR/bin/vm" boot "$1" "$2" "$3" <<<'{"metadata": {}}'; }

# boot_node ID CLUSTER NODE IP: one that tidepool made.
boot_node() {
  "$LAB_DIR/bin/vm" boot "$1" "$3" "$4" \
    <<<"{\"id\": \"$1\", \"metadata\": {\"tidepool-cluster\": \"$2\", \"tidepool-node\": \"$3\"}}"
}

# runs ID PROGRAM: is the program among the VM's processes?
runs() {
  local pid
  for pid in $(lab_pids "vm-$1"); do
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != "$2" ] || return 0
  done
  return 1
}

# first_process ID: the VM's process 1, as seen from here.
first_process() {
  local pid
  for pid in $(lab_pids "vm-$1"); do
    if grep -qE '^NSpid:.*[[:space:]]1$' "/proc/$pid/status"; then
      echo "$pid"
      return
    fi
  done
  return 1
}

is_called() { [ "$(nsenter -t "$1" -u hostname)" = "$2" ]; }

@test "a VM is a machine of its own; freeze, thaw, stop and destroy hit it and no other" {
  local pid other
  # Two servers may have one name.
  boot_vm aaaa-1 twin "10.$NUMBER.4.1"
  boot_vm aaaa-2 twin "10.$NUMBER.4.2"
  wait_until 30 first_process aaaa-1
  wait_until 30 first_process aaaa-2
  pid=$(first_process aaaa-1)
  other=$(first_process aaaa-2)
  wait_until 30 is_called "$pid" twin
  [ "$(ip netns exec "tplab$NUMBER-aaaa-1" ip -4 -o addr show eth0 | grep -oE '10\.[0-9.]+/20')" = "10.$NUMBER.4.1/20" ]

  "$LAB_DIR/bin/vm" freeze aaaa-1
  [ "$(cat "$LAB_DIR/vm/aaaa-1/state")" = frozen ]
  [ "$(ip netns exec "tplab$NUMBER-aaaa-1" cat /sys/class/net/eth0/carrier)" = 0 ]
  [ "$(ip netns exec "tplab$NUMBER-aaaa-2" cat /sys/class/net/eth0/carrier)" = 1 ]
  # A frozen process takes no signal until it is thawed.
  kill -TERM "$pid"
  kill -0 "$pid"
  "$LAB_DIR/bin/vm" thaw aaaa-1
  [ "$(ip netns exec "tplab$NUMBER-aaaa-1" cat /sys/class/net/eth0/carrier)" = 1 ]

  "$LAB_DIR/bin/vm" boot aaaa-1 twin "10.$NUMBER.4.1" <<<'{}'
  wait_until 30 first_process aaaa-1
  pid=$(first_process aaaa-1)
  "$LAB_DIR/bin/vm" stop aaaa-1
  run first_process aaaa-1
  [ "$status" -ne 0 ]
  [ -d "$LAB_DIR/vm/aaaa-1" ]
  "$LAB_DIR/bin/vm" destroy aaaa-1
  [ ! -e "$LAB_DIR/vm/aaaa-1" ]
  [ ! -e "/run/netns/tplab$NUMBER-aaaa-1" ]
  [ "$(first_process aaaa-2)" = "$other" ]
}

@test "a guest hibernates: off to the cloud, its processes wait; the next boot is theirs, or a fresh one" {
  local pid
  boot_vm dddd-1 sleeper "10.$NUMBER.4.1"
  wait_until 30 first_process dddd-1
  pid=$(first_process dddd-1)
  "$LAB_DIR/bin/vm" hibernate dddd-1
  [ "$(cat "$LAB_DIR/vm/dddd-1/state")" = hibernated ]
  # What shelve does to a server that is SHUTOFF.
  "$LAB_DIR/bin/vm" stop dddd-1
  boot_vm dddd-1 sleeper "10.$NUMBER.4.1"
  [ "$(cat "$LAB_DIR/vm/dddd-1/state")" = running ]
  [ "$(first_process dddd-1)" = "$pid" ]
  [ "$(ip netns exec "tplab$NUMBER-dddd-1" cat /sys/class/net/eth0/carrier)" = 1 ]

  printf 'sleeper power-key\nsleeper forgets\n' >"$LAB_DIR/etc/guests"
  "$LAB_DIR/bin/vm" stop dddd-1
  [ "$(cat "$LAB_DIR/vm/dddd-1/state")" = hibernated ]
  boot_vm dddd-1 sleeper "10.$NUMBER.4.1"
  wait_until 30 first_process dddd-1
  [ "$(first_process dddd-1)" != "$pid" ]

  # Too little swap.
  echo 'sleeper thaws' >"$LAB_DIR/etc/guests"
  run "$LAB_DIR/bin/vm" hibernate dddd-1
  [ "$status" -ne 0 ]
  [ "$(cat "$LAB_DIR/vm/dddd-1/state")" = running ]
}

@test "a server of the cluster runs slurmd as its node; one of another cluster does not" {
  echo osg-002 >"$LAB_DIR/etc/dead-nodes"
  boot_node bbbb-1 "lab$NUMBER" osg-001 "10.$NUMBER.1.1"
  boot_node bbbb-2 "lab$NUMBER" osg-002 "10.$NUMBER.1.2"
  boot_node bbbb-3 another osg-003 "10.$NUMBER.1.3"
  wait_until 60 runs bbbb-1 slurmd
  grep -q "^slurmd: slurmd version" "$LAB_DIR/vm/bbbb-1/console.log"
  # guest-init starts slurmd first and then waits in sleep.
  wait_until 60 runs bbbb-2 sleep
  wait_until 60 runs bbbb-3 sleep
  run runs bbbb-2 slurmd
  [ "$status" -ne 0 ]
  run runs bbbb-3 slurmd
  [ "$status" -ne 0 ]
}

@test "a boot that arrives after the server's destroy makes no machine" {
  "$LAB_DIR/bin/vm" destroy cccc-1
  boot_vm cccc-1 late "10.$NUMBER.4.1"
  [ ! -e "$LAB_DIR/vm/cccc-1" ]
}

@test "a server id that is a path is refused" {
  run boot_vm ../../etc name 10.0.0.1
  [ "$status" -ne 0 ]
  [[ $output == *"not a server id"* ]]
}
