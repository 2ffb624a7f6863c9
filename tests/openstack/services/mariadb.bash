# shellcheck shell=bash
# MariaDB: a server of our own, with data, socket and port of our own; as whoever we are.

mariadb_start() {
  local data=$CLOUD_DIR/data/mariadb
  if [[ ! -d $data ]]; then
    # Beside, then moved: what a killed up left half made is not taken for a database.
    rm -rf "$data.new"
    step "mariadb: data folder" mariadb-install env UMASK=0600 UMASK_DIR=0700 mariadb-install-db \
      --no-defaults --user="$(id -un)" --datadir="$data.new" --skip-test-db --auth-root-authentication-method=normal
    mv "$data.new" "$data"
  fi
  # A commit reaches the kernel, not the disk: it survives a kill of the server. The row locks of many
  # concurrent port writes want more connections than the default. It has a umask of its own.
  process_start mariadb env UMASK=0600 UMASK_DIR=0700 mariadbd --no-defaults --user="$(id -un)" \
    --datadir="$data" --socket="$CLOUD_DIR/run/mariadb.sock" --pid-file="$CLOUD_DIR/run/mariadb.own" \
    --bind-address="$HOST" --port="$(port mariadb)" --skip-name-resolve --max-connections=600 \
    --innodb-buffer-pool-size=128M --innodb-flush-log-at-trx-commit=2 --skip-log-bin \
    --character-set-server=utf8mb3 --performance-schema=OFF
}

mariadb_ready() { _sql <<<'select 1'; }

_sql() { mariadb --no-defaults --socket="$CLOUD_DIR/run/mariadb.sock" --user=root 9<&-; }

# One account for all services: what they may do to each other's tables is not what we test. root has
# no password, and needs none: its only way in is the socket, in a folder that is ours alone.
mariadb_account() {
  _sql <<SQL
create user if not exists tidepool@'$HOST' identified by '$DATABASE_PASSWORD';
grant all on *.* to tidepool@'$HOST';
drop user if exists root@'127.0.0.1', root@'::1', root@'$(hostname)';
SQL
}

# mariadb_empty NAME…: databases without tables. MariaDB cannot take a CREATE TABLE back, so a schema
# whose making was interrupted is begun again from nothing.
mariadb_empty() {
  local name
  for name in "$@"; do
    echo "drop database if exists $name; create database $name character set utf8mb3;"
  done | _sql
}
