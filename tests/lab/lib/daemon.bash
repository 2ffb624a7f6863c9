# Daemons of the lab: each has a file run/NAME.pid that holds its process id and its start time
# (field 22 of /proc/PID/stat), so that a process id that was given to somebody else is never
# mistaken for ours.

# daemon_start NAME COMMAND...: starts it detached, in the lab's cgroup for daemons.
daemon_start() {
  local name=$1
  shift
  (
    cgroup_enter daemons
    close_inherited
    cd /
    exec setsid "$@" </dev/null >>"$LAB_DIR/log/$name.out" 2>&1
  ) &
  local pid=$!
  disown
  echo "$pid $(process_start_time "$pid")" >"$LAB_DIR/run/$name.pid"
}

# daemon_pid NAME: prints its process id; fails when it does not run.
daemon_pid() {
  local pid started
  read -r pid started 2>/dev/null <"$LAB_DIR/run/$1.pid" || return 1
  [[ $started && $(process_start_time "$pid") == "$started" ]] && echo "$pid"
}

daemon_runs() { daemon_pid "$1" >/dev/null; }
daemon_is_gone() { ! daemon_runs "$1"; }

# daemon_wait NAME SECONDS COMMAND...: until COMMAND succeeds; fails early when the daemon dies.
daemon_wait() {
  local name=$1 seconds=$2
  shift 2
  wait_for "$seconds" _works_or_dead "$name" "$@" && daemon_runs "$name"
}
_works_or_dead() { "${@:2}" || daemon_is_gone "$1"; }
