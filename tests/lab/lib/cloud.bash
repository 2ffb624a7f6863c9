# The cloud of the lab: the OpenStack simulator on loopback, or somebody's clouds.yaml.

cloud_start() {
  local clouds=$LAB_DIR/etc/clouds.yaml
  if [[ $CLOUD != sim ]]; then
    [[ -r $CLOUD ]] || die "cannot read $CLOUD"
    install -o slurm -g slurm -m 600 "$CLOUD" "$clouds"
    daemon_start follow env LAB_DIR="$LAB_DIR" OS_CLIENT_CONFIG_FILE="$clouds" OS_CLOUD="$CLOUD_NAME" \
      "$LAB_HOME/follow"
    daemon_wait follow 120 test -s "$LAB_DIR/run/follow.headers" ||
      die "the cloud $CLOUD_NAME of $CLOUD lets nobody in: $(tail -n 5 "$LAB_DIR/log/follow.out")"
    return
  fi
  local options=(--port 0 --state-dir "$LAB_DIR/sim" --hook "$LAB_DIR/bin/vm"
    --network "$NETWORK:$LAB_NET" --flavor "$FLAVOR:$CPUS:1024:10" --image "$IMAGE")
  [[ -z $LATENCY ]] || options+=(--latency "$LATENCY")
  [[ -z $QUOTA_INSTANCES ]] || options+=(--quota-instances "$QUOTA_INSTANCES")
  [[ -z $BOOT_TIME ]] || options+=(--boot-time "$BOOT_TIME")
  mkdir -p "$LAB_DIR/sim"
  daemon_start simulator "$LAB_DIR/bin/programs/tidepool-sim" "${options[@]}"
  daemon_wait simulator 120 test -s "$LAB_DIR/sim/clouds.yaml" ||
    die "the simulator does not start: $(tail -n 5 "$LAB_DIR/log/simulator.out")"
  # For what has no right to read sim.json: see hibernate.
  jq -r .control_url "$LAB_DIR/sim/sim.json" >"$LAB_DIR/sim/control_url"
  install -o slurm -g slurm -m 600 "$LAB_DIR/sim/clouds.yaml" "$clouds"
}

cloud_is_up() { daemon_runs simulator || daemon_runs follow; }
