# The lab's pool file: the same nodes and addresses as its slurm.conf.

pool_file_write() {
  cat >"$LAB_DIR/etc/tidepool.yaml" <<YAML
cluster: lab$LAB_ID
cloud: {name: $CLOUD_NAME, config: $LAB_DIR/etc/clouds.yaml}
slurm: {conf: $LAB_DIR/etc/slurm.conf}
state: {dir: $LAB_DIR/state/tidepool}
log: {file: $LAB_DIR/log/tidepool.log, level: info, format: text}
pools:
  osg:
    nodes: $(OSG_LIST)
    addresses: $(osg_addresses)
    network: $NETWORK
    flavor: $FLAVOR
    image: $IMAGE
    partition: osg
  compute:
    nodes: $(COMPUTE_LIST)
    addresses: $(compute_addresses)
    network: $NETWORK
    flavor: $FLAVOR
    image: $IMAGE
    partition: compute
YAML
}
