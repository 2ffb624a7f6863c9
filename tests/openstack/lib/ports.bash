# shellcheck shell=bash
# Where the services listen: ten ports in a row on 127.0.0.1.

readonly HOST=127.0.0.1
readonly PORT_NAMES=(keystone placement glance neutron nova-api mariadb rabbitmq rabbitmq-dist epmd
  memcached)

# port NAME
port() {
  local i
  for i in "${!PORT_NAMES[@]}"; do
    [[ ${PORT_NAMES[i]} != "$1" ]] || { echo $((PORT_BASE + i)) && return; }
  done
  die "no port is called $1"
}

url() { echo "http://$HOST:$(port "$1")"; }

# ports_taken BASE: those of a block that somebody listens on, whatever the address.
ports_taken() {
  ss -Hltn "sport >= :$1 and sport < :$(($1 + ${#PORT_NAMES[@]}))" |
    awk '{ sub(/.*:/, "", $4); print $4 }' | sort -u
}

# Below the range that the kernel gives to outgoing connections (32768 and up).
ports_find() {
  local base
  for ((base = 17000; base < 32000; base += 20)); do
    [[ -n $(ports_taken "$base") ]] || { echo "$base" && return; }
  done
  die "no ten free ports in a row between 17000 and 32000: say --port-base"
}

# ports_check: before the first start; later they are our own.
ports_check() {
  local taken
  taken=$(ports_taken "$PORT_BASE")
  [[ -z $taken ]] || die "somebody listens on port ${taken//$'\n'/, } already: say --port-base N for others"
}
