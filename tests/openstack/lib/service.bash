# shellcheck shell=bash
# The services by name, in the order in which they start. services/*.bash has for each NAME_start and
# NAME_ready, where - is _.

readonly SERVICES=(mariadb memcached epmd rabbitmq keystone placement glance neutron
  nova-api nova-conductor nova-scheduler nova-compute)
readonly PATIENCE=600 # seconds for one service to answer, on a busy machine

service_names() { echo "${SERVICES[*]}"; }

# service_start NAME…: those that do not run, after what is left of a killed one's workers was removed.
service_start() {
  local name
  for name in "$@"; do
    ! process_runs "$name" || continue
    process_stop 0 "$name"
    "${name//-/_}_start"
  done
}

# service_wait NAME: until it does its work, not only listens.
service_wait() {
  local name=$1 start=$SECONDS next=30 log=$CLOUD_DIR/log/$1.log
  until "${name//-/_}_ready" >/dev/null 2>&1; do
    process_runs "$name" || {
      log_tail "$log"
      die "$name has ended: see $log"
    }
    ((SECONDS - start < PATIENCE)) || {
      log_tail "$log"
      die "$name does not answer after $PATIENCE s: see $log"
    }
    if ((SECONDS - start >= next)); then
      say "$name: no answer after $next s, still waiting ($log)"
      next=$((next + 30))
    fi
    # Asking costs a process, which on a busy machine is taken from who is waited for.
    sleep "$( ((SECONDS - start < 5)) && echo 0.3 || echo 1)"
  done
  say "$name: answers$( ((SECONDS == start)) || echo " after $((SECONDS - start)) s")"
}

# service_stop NAME…: side by side. Those that have data get the time to put it away; of the others
# uWSGI would wait a minute for requests that hang.
service_stop() {
  (($#)) || return 0
  local seconds=10
  [[ " $* " != *" mariadb "* && " $* " != *" rabbitmq "* ]] || seconds=60
  process_stop "$seconds" "$@"
  say "stopped: $*"
}

# service_since NAME: the second in which its first process was started.
service_since() { stat -c %Y "$CLOUD_DIR/run/$1.pid"; }

cloud_service() {
  (($# == 2)) || wrong_usage "service needs an action and a name"
  [[ " ${SERVICES[*]} " == *" $2 "* ]] || wrong_usage "no service is called '$2': $(service_names)"
  folder_lock || die "no cloud in $CLOUD_DIR"
  settings_load || die "no cloud in $CLOUD_DIR"
  secrets_load
  case $1 in
    stop) service_stop "$2" ;;
    start) _start_and_wait "$2" ;;
    restart)
      service_stop "$2"
      _start_and_wait "$2"
      ;;
    # Stopped by a signal: connections stay open, nobody answers; a host that hangs.
    pause) process_signal STOP "$2" ;;
    continue) process_signal CONT "$2" ;;
    *) wrong_usage "no action is called '$1'" ;;
  esac
}

_start_and_wait() {
  [[ $1 != rabbitmq ]] || service_start epmd
  service_start "$1"
  service_wait "$1"
}
