# A lab with an owner (a test file's process, a demo) goes when its owner goes, however that ends.

# owner_write: LAB_DIR/owner holds process id and start time, as a daemon's file does.
owner_write() {
  local started
  started=$(process_start_time "$OWNER") || die "--owner: no process $OWNER"
  echo "$OWNER $started" >"$LAB_DIR/owner"
}

# owner_is_gone FOLDER: that lab has an owner, and it does not run any more.
owner_is_gone() {
  local pid started
  read -r pid started 2>/dev/null <"$1/owner" || return 1
  [[ $(process_start_time "$pid") != "$started" ]]
}

# owner_watch: waits in the background for the owner's end, then takes the lab down. In a cgroup of its
# own, which the watcher leaves before it does so: lab down kills what is in there.
owner_watch() {
  (
    cgroup_enter watcher
    close_inherited
    cd /
    # shellcheck disable=SC2016 # for the inner shell
    exec setsid bash -c 'tail --pid="$1" -s 0.5 -f /dev/null
      echo $$ >"$2/cgroup.procs"
      exec "$3" down --dir "$4"' watcher \
      "$OWNER" "$(dirname "$CGROUP_ROOT")" "$LAB_HOME/lab" "$LAB_DIR" </dev/null >/dev/null 2>&1
  ) &
  disown
}
