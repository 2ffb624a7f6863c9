# The lab's pool file: the same nodes and addresses as its slurm.conf.

pool_file_write() {
  cat >"$LAB_DIR/etc/tidepool.yaml" <<YAML
cluster: lab$LAB_ID
cloud: {name: $CLOUD_NAME, config: $LAB_DIR/etc/clouds.yaml}
slurm: {conf: $LAB_DIR/etc/slurm.conf, $(_nodes_are), restart: [$LAB_HOME/lab, slurmctld, restart, --dir, $LAB_DIR]}
state: {dir: $LAB_DIR/state/tidepool}
log: {file: $LAB_DIR/log/tidepool.log, level: info, format: text, syslog: false}
policy: {$(_policy)}
$(_standin)
pools:
  osg:
    nodes: $(OSG_LIST)
    addresses: $(osg_addresses)
    subnet: $LAB_NET
    network: $NETWORK
    flavor: $FLAVOR
    image: $IMAGE
    partition: osg
$(_hold)
  compute:
    nodes: $(COMPUTE_LIST)
    addresses: $(compute_addresses)
    subnet: $LAB_NET
    network: $NETWORK
    flavor: $FLAVOR
    image: $IMAGE
    partition: compute
$(_hold)
YAML
}

_nodes_are() {
  case $NODES_ARE in
    static) echo 'configless: false' ;;
    configless) echo 'configless: true' ;;
    dynamic) echo 'configless: true, nodes: dynamic' ;;
  esac
}
_standin() { [[ -z $STANDIN ]] || echo "standin: {node: $STANDIN, address: $(lab_standin_address "$LAB_ID")}"; }
_hold() { [[ -z $HOLD ]] || echo "    hold: ${HOLD//@LAB@/$LAB_DIR}"; }

_policy() {
  local key separator=
  for key in "${!POLICY[@]}"; do
    printf '%s%s: %s' "$separator" "$key" "${POLICY[$key]}"
    separator=', '
  done
}
