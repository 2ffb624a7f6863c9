# shellcheck shell=bash
# Keystone.

# password_hash_rounds: bcrypt's default makes each password login cost a quarter of a second of CPU;
# 4 is the least it takes. Whoever measures logins must not do it here.
keystone_configure() {
  put etc/keystone/keystone.conf keystone <<CONF
[database]
connection = $(database_url keystone)
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = $HOST:$(port memcached)
[identity]
password_hash_rounds = 4
[fernet_tokens]
key_repository = $CLOUD_DIR/data/fernet-keys
[credential]
key_repository = $CLOUD_DIR/data/credential-keys
[token]
provider = fernet
expiration = 86400
CONF
}

keystone_schema() {
  local manage=(keystone-manage --config-file "$CLOUD_DIR/etc/keystone/keystone.conf") me
  me=(--keystone-user "$(id -un)" --keystone-group "$(id -gn)")
  # The password goes by the environment: arguments can be read by everybody.
  mariadb_empty keystone &&
    "${manage[@]}" db_sync &&
    "${manage[@]}" fernet_setup "${me[@]}" &&
    "${manage[@]}" credential_setup "${me[@]}" &&
    OS_BOOTSTRAP_PASSWORD=$ADMIN_PASSWORD "${manage[@]}" bootstrap --bootstrap-region-id RegionOne \
      --bootstrap-public-url "$(url keystone)/v3" --bootstrap-internal-url "$(url keystone)/v3" \
      --bootstrap-admin-url "$(url keystone)/v3"
}

keystone_start() {
  wsgi_start keystone 2 /usr/bin/keystone-wsgi-public \
    OS_KEYSTONE_CONFIG_FILES="$CLOUD_DIR/etc/keystone/keystone.conf"
}

keystone_ready() { answers "$(url keystone)/v3"; }
