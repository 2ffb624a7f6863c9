# shellcheck shell=bash
# Placement.

placement_configure() {
  put etc/placement/placement.conf placement <<CONF
[placement_database]
connection = $(database_url placement)
[api]
auth_strategy = keystone
$(token_check placement)
CONF
}

placement_schema() {
  mariadb_empty placement &&
    OS_PLACEMENT_CONFIG_DIR=$CLOUD_DIR/etc/placement placement-manage \
      --config-file "$CLOUD_DIR/etc/placement/placement.conf" db sync
}

placement_start() {
  wsgi_start placement 2 /usr/bin/placement-api OS_PLACEMENT_CONFIG_DIR="$CLOUD_DIR/etc/placement"
}

placement_ready() { answers "$(url placement)/"; }
