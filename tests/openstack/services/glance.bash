# shellcheck shell=bash
# Glance, with images in files.

glance_configure() {
  put etc/glance/glance-api.conf glance <<CONF
[DEFAULT]
bind_host = $HOST
enabled_backends =
[database]
connection = $(database_url glance)
[glance_store]
stores = file
default_store = file
filesystem_store_datadir = $CLOUD_DIR/data/images
[paste_deploy]
flavor = keystone
[oslo_concurrency]
lock_path = $CLOUD_DIR/lock
$(token_check glance)
CONF
  put etc/glance/glance-api-paste.ini glance </usr/share/glance-common/glance-api-paste.ini
  mkdir -p "$CLOUD_DIR/data/images"
}

glance_schema() {
  mariadb_empty glance && glance-manage --config-file "$CLOUD_DIR/etc/glance/glance-api.conf" db_sync
}

glance_start() {
  wsgi_start glance 1 /usr/bin/glance-wsgi-api OS_GLANCE_CONFIG_DIR="$CLOUD_DIR/etc/glance"
}

glance_ready() { answers "$(url glance)/"; }
