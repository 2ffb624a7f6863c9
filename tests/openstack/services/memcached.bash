# shellcheck shell=bash
# memcached: where services keep the answers of keystone about tokens. Without it each request to any
# of them costs one to keystone.

memcached_start() {
  process_start memcached memcached -u "$(id -un)" -l "$HOST" -p "$(port memcached)" -U 0 -m 64 -c 2048
}

memcached_ready() { (exec 3<>"/dev/tcp/$HOST/$(port memcached)"); }
