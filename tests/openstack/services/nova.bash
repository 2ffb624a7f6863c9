# shellcheck shell=bash
# Nova: API, conductor, scheduler and one compute host whose driver only remembers what it was told.
# What a test changes is in files of its own, so that only who reads them is restarted.

# - heal_instance_info_cache_interval, max_concurrent_builds: neutron is the bottleneck; more than four
#   builds at a time only wait for each other's row locks.
nova_configure() {
  put etc/nova/nova.conf nova-api nova-conductor nova-scheduler nova-compute <<CONF
[DEFAULT]
state_path = $CLOUD_DIR/data/nova
transport_url = $(queue_url)
my_ip = $HOST
host = compute1
compute_driver = fake.FakeDriver
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
reserved_host_memory_mb = 0
initial_cpu_allocation_ratio = 16.0
initial_ram_allocation_ratio = 1.0
initial_disk_allocation_ratio = 1.0
max_concurrent_builds = 4
heal_instance_info_cache_interval = -1
update_resources_interval = 300
[api]
auth_strategy = keystone
[api_database]
connection = $(database_url nova_api)
[database]
connection = $(database_url nova)
[conductor]
workers = 1
[scheduler]
workers = 1
[filter_scheduler]
track_instance_changes = false
[vnc]
enabled = false
[glance]
api_servers = $(url glance)
[placement]
$(service_credentials placement)
[neutron]
$(service_credentials neutron)
[service_user]
send_service_user_token = true
$(service_credentials nova)
[oslo_concurrency]
lock_path = $CLOUD_DIR/lock
$(token_check nova)
CONF
  # Looked at by the API when a server is asked for, and once more by the conductor.
  put etc/nova/quota.conf nova-api nova-conductor <<CONF
[quota]
instances = -1
cores = -1
ram = -1
server_groups = -1
server_group_members = -1
count_usage_from_placement = $COUNT_FROM_PLACEMENT
CONF
  put etc/nova/compute.conf nova-compute <<CONF
[DEFAULT]
shelved_offload_time = $OFFLOAD_TIME
CONF
  put etc/nova/api-paste.ini nova-api </usr/share/nova-common/api-paste.ini
}

_nova_manage() { nova-manage --config-file "$CLOUD_DIR/etc/nova/nova.conf" "$@"; }

nova_schema() {
  mariadb_empty nova_api nova nova_cell0 &&
    _nova_manage api_db sync &&
    _nova_manage cell_v2 map_cell0 &&
    _nova_manage db sync &&
    _nova_manage cell_v2 create_cell --name cell1
}

nova_discover() { _nova_manage cell_v2 discover_hosts; }

nova_api_start() {
  wsgi_start nova-api 3 /usr/bin/nova-api-wsgi OS_NOVA_CONFIG_DIR="$CLOUD_DIR/etc/nova" \
    OS_NOVA_CONFIG_FILES='api-paste.ini;nova.conf;quota.conf'
}

nova_conductor_start() { _nova_start conductor nova-conductor quota.conf; }
nova_scheduler_start() { _nova_start scheduler nova-scheduler; }
# Not Debian's package nova-compute: it would bring libvirt and qemu for a program of a few lines.
nova_compute_start() { _nova_start compute "python3 $CLOUD_HOME/python/nova_compute.py" compute.conf; }

# _nova_start SERVICE COMMAND [FILE]
_nova_start() {
  # shellcheck disable=SC2086 # words
  process_start "nova-$1" $2 --config-file "$CLOUD_DIR/etc/nova/nova.conf" \
    ${3:+--config-file "$CLOUD_DIR/etc/nova/$3"}
}

nova_api_ready() { answers "$(url nova-api)/"; }
nova_conductor_ready() { _nova_reports nova-conductor; }
nova_scheduler_ready() { _nova_reports nova-scheduler; }
nova_compute_ready() { _nova_reports nova-compute; }

# A service that has told the database that it lives, after its start, also listens to the queue. With
# the API stopped nobody can be asked.
_nova_reports() {
  ! process_runs nova-api || seed reports "$1" "$(service_since "$1")" 9<&-
}
