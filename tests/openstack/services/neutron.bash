# shellcheck shell=bash
# Neutron: its server alone. No agent: there is nothing to plug a port into.

# - mechanism driver bindall: python/tidepool_bindall.py; without a driver that binds, no server boots.
# - network type local: needs no physical network.
# - no notices to nova: nova waits for none (vif_plugging_timeout 0).
# - setproctitle off: it would overwrite the environment by which processes are found.
# - no quota on networks and ports: nova's quotas are what tidepool meets.
neutron_configure() {
  put etc/neutron/neutron.conf neutron <<CONF
[DEFAULT]
bind_host = $HOST
bind_port = $(port neutron)
state_path = $CLOUD_DIR/data/neutron
core_plugin = ml2
service_plugins =
api_paste_config = $CLOUD_DIR/etc/neutron/api-paste.ini
transport_url = $(queue_url)
auth_strategy = keystone
api_workers = 2
rpc_workers = 1
rpc_state_report_workers = 0
setproctitle = off
dhcp_agent_notification = false
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
[database]
connection = $(database_url neutron)
max_pool_size = 20
[quotas]
quota_network = -1
quota_subnet = -1
quota_port = -1
quota_security_group = -1
quota_security_group_rule = -1
[ml2]
type_drivers = local,flat,vlan
tenant_network_types = local
mechanism_drivers = bindall
extension_drivers = port_security
[oslo_concurrency]
lock_path = $CLOUD_DIR/lock
$(token_check neutron)
CONF
  put etc/neutron/api-paste.ini neutron </usr/share/neutron-common/api-paste.ini
}

neutron_schema() {
  mariadb_empty neutron &&
    PYTHONPATH=$CLOUD_HOME/python neutron-db-manage \
      --config-file "$CLOUD_DIR/etc/neutron/neutron.conf" upgrade heads
}

neutron_start() {
  process_start neutron env PYTHONPATH="$CLOUD_HOME/python" neutron-server \
    --config-file "$CLOUD_DIR/etc/neutron/neutron.conf"
}

neutron_ready() { answers "$(url neutron)/"; }
