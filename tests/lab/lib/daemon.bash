# Daemons of the lab: each has a file run/NAME.pid (see pidfile_write).

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
  pidfile_write "$LAB_DIR/run/$name.pid" "$pid"
}

# daemon_pid NAME: prints its process id; fails when it does not run.
daemon_pid() { pidfile_read "$LAB_DIR/run/$1.pid"; }

daemon_runs() { daemon_pid "$1" >/dev/null; }
daemon_is_gone() { ! daemon_runs "$1"; }

# daemon_wait NAME SECONDS COMMAND...: until COMMAND succeeds; fails early when the daemon dies.
daemon_wait() {
  local name=$1 seconds=$2
  shift 2
  wait_for "$seconds" _works_or_dead "$name" "$@" && daemon_runs "$name"
}
_works_or_dead() { "${@:2}" || daemon_is_gone "$1"; }
