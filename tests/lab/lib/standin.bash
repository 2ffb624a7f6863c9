# The slurmd that answers slurmctld's pings for held nodes. On a site it runs on the controller itself;
# here it has an address of its own, because several labs share the machine and its port.

# standin_start: also after standin_stop.
standin_start() {
  [[ $STANDIN ]] || die "this lab has no stand-in (lab up --standin NAME)"
  _standin_use
  [[ -z $(cgroup_pids "$MACHINE_CGROUP") ]] || return 0
  mkdir -p "$MACHINE_DISK"
  _machine_exists || _machine_wire "$(lab_standin_address "$LAB_ID")"
  # As its unit does. From 23.11 on a reconfigure, which it gets once for each held node, can end it.
  SLURMD_RESTART=always _machine_power_on "$STANDIN" "$STANDIN"
  wait_for 120 standin_answers || die "the stand-in does not answer: $(tail -n 5 "$MACHINE_DISK/slurmd.log")"
}

# standin_stop: its processes are killed; its host stays, and refuses connections.
standin_stop() {
  [[ $STANDIN ]] || die "this lab has no stand-in (lab up --standin NAME)"
  _standin_use
  cgroup_destroy "$MACHINE_CGROUP"
}

standin_answers() { (: <>"/dev/tcp/$(lab_standin_address "$LAB_ID")/6818") 2>/dev/null; }

_standin_use() {
  machine_use standin
  MACHINE_DISK=$LAB_DIR/standin
}
