# shellcheck shell=bash disable=SC2034 # the services read the passwords
# Generated files: configuration and passwords.

# put FILE SERVICE…: standard input becomes CLOUD_DIR/FILE. Where that is a change, the services are
# marked to be restarted; on disk, so that an `up` that is killed before it has done so is made good.
put() {
  local file=$CLOUD_DIR/$1 name
  shift
  mkdir -p "$(dirname "$file")"
  cat >"$file.new"
  if cmp -s "$file" "$file.new"; then
    rm "$file.new"
    return
  fi
  for name in "$@"; do touch "$CLOUD_DIR/run/$name.stale"; done
  mv "$file.new" "$file"
}

# secrets_load: a cloud's passwords, made once; of nobody's choice and used nowhere else.
secrets_load() {
  local name
  if [[ ! -e $CLOUD_DIR/secrets ]]; then
    for name in DATABASE QUEUE SERVICE ADMIN DEMO OTHER; do
      printf '%s_PASSWORD=%s\n' "$name" "$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')"
    done >"$CLOUD_DIR/secrets.new"
    mv "$CLOUD_DIR/secrets.new" "$CLOUD_DIR/secrets"
  fi
  # shellcheck source=/dev/null
  source "$CLOUD_DIR/secrets"
}

database_url() {
  echo "mysql+pymysql://tidepool:$DATABASE_PASSWORD@$HOST:$(port mariadb)/$1?charset=utf8"
}
queue_url() { echo "rabbit://tidepool:$QUEUE_PASSWORD@$HOST:$(port rabbitmq)/"; }

# service_credentials USER: how a service logs in at keystone.
service_credentials() {
  cat <<CONF
auth_type = password
auth_url = $(url keystone)/v3
username = $1
password = $SERVICE_PASSWORD
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = RegionOne
CONF
}

# token_check USER: how a service checks other people's tokens; the answers are kept in memcached.
token_check() {
  cat <<CONF
[keystone_authtoken]
www_authenticate_uri = $(url keystone)/v3
memcached_servers = $HOST:$(port memcached)
service_token_roles = service
service_token_roles_required = true
$(service_credentials "$1")
CONF
}
