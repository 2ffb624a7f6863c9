# lab up, down, env, status.

lab_up() {
  _need_root
  mkdir -p "$LAB_DIR"
  _lock_folder || die "$LAB_DIR is being removed by somebody else: try again"
  chmod 755 "$LAB_DIR"
  if identity_load && lab_is_up; then
    say "is up already: $LAB_DIR (lab down first to start another)"
    return
  fi
  # What is here was killed, or is no lab at all.
  _is_a_lab_or_empty || die "$LAB_DIR is not empty and not a lab's folder"
  ! identity_load || identity_remove
  programs_end
  _remove_contents
  trap 'say "interrupted"; lab_remove; exit 130' INT TERM HUP
  trap '(($? == 0)) || lab_remove' EXIT
  [[ -z $OWNER ]] || owner_write
  _take_number
  _make_folders
  _save_settings
  identity_bridge_up
  programs_install
  plugins_install
  slurm_conf_write
  cloud_start
  pool_file_write
  plugins_policy_write
  controller_start
  [[ -z $STANDIN ]] || standin_start
  [[ $NODES_ARE != dynamic ]] || dynamic_nodes_make
  [[ -z $OWNER ]] || owner_watch
  touch "$LAB_DIR/run/up"
  trap - INT TERM HUP EXIT
  say "up: cluster lab$LAB_ID, $(OSG_LIST) and $(COMPUTE_LIST), in $LAB_DIR"
}

lab_is_up() {
  [[ -e $LAB_DIR/run/up ]] && daemon_runs slurmctld && daemon_runs munged && cloud_is_up
}

lab_down() {
  _need_root
  if [[ ! -d $LAB_DIR ]] || ! _lock_folder; then
    say "is down: nothing in $LAB_DIR"
    return
  fi
  _is_a_lab_or_empty || die "$LAB_DIR is not a lab's folder"
  lab_remove
  say "down: nothing is left of $LAB_DIR"
}

lab_env() {
  { identity_load && lab_is_up; } || die "no lab is up in $LAB_DIR"
  # shellcheck source=/dev/null
  source "$LAB_DIR/etc/lab.env"
  cat <<ENV
export LAB_DIR=$(printf %q "$LAB_DIR")
export SLURM_CONF=$(printf %q "$LAB_DIR/etc/slurm.conf")
export TIDEPOOL_CONFIG=$(printf %q "$LAB_DIR/etc/tidepool.yaml")
export OS_CLIENT_CONFIG_FILE=$(printf %q "$LAB_DIR/etc/clouds.yaml")
export OS_CLOUD=$(printf %q "$CLOUD_NAME")
export PATH=$(printf %q "$LAB_DIR/bin/programs"):\$PATH
ENV
}

# lab standin start|stop, lab slurmctld start|stop
lab_standin() { _part standin "$1"; }
lab_slurmctld() { _part slurmctld "$1"; }

_part() {
  { identity_load && [[ -e $LAB_DIR/run/up ]]; } || die "no lab is up in $LAB_DIR"
  # shellcheck source=/dev/null
  source "$LAB_DIR/etc/lab.env"
  "$1_$2"
}

lab_status() {
  identity_load || die "no lab in $LAB_DIR"
  local name pid disk
  printf 'lab %s in %s, network %s\n' "$LAB_ID" "$LAB_DIR" "$LAB_NET"
  for name in munged slurmctld simulator follow; do
    [[ -e $LAB_DIR/run/$name.pid ]] || continue
    pid=$(daemon_pid "$name") && printf '  %-10s runs, process %s\n' "$name" "$pid" ||
      printf '  %-10s DEAD\n' "$name"
  done
  for disk in "$LAB_DIR"/vm/*/; do
    [[ -d $disk ]] || continue
    printf '  vm %s %s %s %s\n' "$(basename "$disk")" "$(cat "$disk/name")" "$(cat "$disk/ip")" \
      "$(cat "$disk/state" 2>/dev/null || echo booting)"
  done
  lab_is_up
}

# lab_remove: every process, namespace, interface, cgroup and file of the lab, in whatever state it is.
lab_remove() {
  trap - INT TERM HUP EXIT
  # Nothing is asked to end: what a daemon would save goes with the folder.
  ! identity_load || identity_remove
  programs_end
  _remove_contents
  rmdir "$LAB_DIR" 2>/dev/null || true
}

# Two commands on one folder wait for each other. Fails when the folder went meanwhile.
_lock_folder() {
  exec 9<"$LAB_DIR" && flock 9 && [[ /proc/self/fd/9 -ef $LAB_DIR ]]
}

# Only one lab at a time sweeps and takes a number: a sweep removes by number, and the number must not
# be somebody's new one. A folder that every machine has is the lock.
_take_number() {
  exec 7</run
  flock 7
  _sweep
  identity_take
  exec 7<&-
}

# Removes labs that nobody can ask for any more: their folder is gone or is another lab's now, or the
# process that owned them (--owner) is gone.
_sweep() {
  local bridge folder
  while read -r bridge; do
    folder=$(cat "/sys/class/net/$bridge/ifalias" 2>/dev/null) || continue
    if [[ $(cat "$folder/id" 2>/dev/null) != "${bridge#tplab}" ]]; then
      say "removing what is left of a lab that was in $folder"
      (identity_use "${bridge#tplab}" && identity_remove) || say "that did not work"
    elif [[ $folder != "$LAB_DIR" ]] && owner_is_gone "$folder"; then
      say "removing the lab in $folder: the process that owned it is gone"
      "$LAB_HOME/lab" down --dir "$folder" 7<&- 9<&- || say "that did not work"
    fi
  done < <(ip -o link show type bridge | sed -nE 's/^[0-9]+: (tplab[0-9]+):.*/\1/p')
}

_is_a_lab_or_empty() {
  [[ -e $LAB_DIR/id || -e $LAB_DIR/owner || -z $(ls -A "$LAB_DIR") ]]
}

_remove_contents() {
  find "$LAB_DIR" -mindepth 1 -delete
}

_need_root() {
  [[ $(id -u) == 0 ]] || die "needs root: it makes network namespaces"
  id slurm >/dev/null 2>&1 || die "there is no user slurm (Debian's slurmctld package makes it)"
}

_make_folders() {
  mkdir -p "$LAB_DIR"/{etc,bin,log,run,run/munge,state,vm,guest,jobs}
  install -d -o slurm -g slurm -m 700 "$LAB_DIR/state/tidepool"
  install -d -o slurm -g slurm -m 755 "$LAB_DIR/state/slurmctld" "$LAB_DIR/log" "$LAB_DIR/run/munge"
  chmod 1777 "$LAB_DIR/jobs" # where anybody's jobs may write
  # munged makes its socket here; the rest of run/ stays root's.
  chown slurm:slurm "$LAB_DIR/run"
  setpriv --reuid slurm --regid slurm --clear-groups test -x "$LAB_DIR" ||
    die "user slurm cannot enter $LAB_DIR: use a folder that others can enter"
}

# What later commands need to know about this lab.
_save_settings() {
  printf '%s=%q\n' CLOUD "$CLOUD" CLOUD_NAME "$CLOUD_NAME" STANDIN "$STANDIN" >"$LAB_DIR/etc/lab.env"
}
