# shellcheck shell=bash
# Processes of the cloud. Each carries a mark in its environment, TIDEPOOL_OPENSTACK_PROCESS=FOLDER:NAME,
# as do all that descend from it: workers whose parent was killed, programs that left its process group,
# the port mapper that Erlang starts by itself. So all of a service can be found whatever has died, and
# nobody else's process can be taken for ours. run/NAME.pid has the first process's id and start time:
# what "runs" means.
readonly MARK=TIDEPOOL_OPENSTACK_PROCESS

# mark_self COMMAND ARGUMENT…: this command and what it runs are found as well. The environment that
# the kernel shows is the one a program was started with: hence exec.
mark_self() {
  local mark=$CLOUD_DIR:$1
  shift
  [[ ${!MARK:-} == "$mark" && ${TIDEPOOL_OPENSTACK_RUN:-} == "$$" ]] ||
    exec env "$MARK=$mark" TIDEPOOL_OPENSTACK_RUN=$$ "$CLOUD_HOME/cloud" "$@"
}

# process_start NAME COMMAND…: detached from us, its output in log/NAME.log.
process_start() {
  local name=$1 pid
  shift
  rm -f "$CLOUD_DIR/run/$name.stale"
  (
    close_inherited
    cd /
    unset TIDEPOOL_OPENSTACK_RUN
    export "$MARK=$CLOUD_DIR:$name"
    exec setsid "$@" </dev/null >>"$CLOUD_DIR/log/$name.log" 2>&1
  ) &
  pid=$!
  disown
  pidfile_write "$CLOUD_DIR/run/$name.pid" "$pid"
}

# process_pid NAME: its first process; fails when that does not run.
process_pid() { pidfile_read "$CLOUD_DIR/run/$1.pid"; }

process_runs() { process_pid "$1" >/dev/null; }
process_paused() { grep -qs '^State:[[:space:]]*T' "/proc/$(process_pid "$1")/status"; }

# process_all NAME…: every process of those names.
process_all() {
  local name patterns=()
  for name in "$@"; do patterns+=(-e "$MARK=$CLOUD_DIR:$name"); done
  { grep -lszxF "${patterns[@]}" /proc/[0-9]*/environ || true; } | cut -d/ -f3
}

process_none() { [[ -z $(process_all "$@") ]]; }

# process_signal SIGNAL NAME…
process_signal() {
  local pids
  pids=$(process_all "${@:2}")
  # shellcheck disable=SC2086 # a word each
  [[ -z $pids ]] || kill "-$1" $pids 2>/dev/null || true
}

# process_stop SECONDS NAME…: asks; whoever has not gone after SECONDS is killed. One that is paused
# would hear nothing.
process_stop() {
  local seconds=$1
  shift
  if ((seconds > 0)); then
    process_signal TERM "$@"
    process_signal CONT "$@"
    wait_for "$seconds" process_none "$@" || say "killing ${*}: not gone after $seconds s"
  fi
  wait_for 60 _process_killed "$@" || die "these do not die: $(process_all "$@" | xargs)"
  local name
  for name in "$@"; do rm -f "$CLOUD_DIR/run/$name.pid"; done
}

# Again and again: they may be starting others.
_process_killed() {
  process_signal KILL "$@"
  process_none "$@"
}

# process_kill_orphans: what an `up` that was killed left running: our mark, but not of this run.
process_kill_orphans() {
  local pid
  for pid in $(process_all up); do
    grep -qszxF "TIDEPOOL_OPENSTACK_RUN=$$" "/proc/$pid/environ" || [[ ! -e /proc/$pid ]] || echo "$pid"
  done
}
_orphans_killed() {
  local pids
  pids=$(_orphans)
  # shellcheck disable=SC2086 # a word each
  [[ -z $pids ]] || kill -KILL $pids 2>/dev/null || true
  [[ -z $pids ]]
}
