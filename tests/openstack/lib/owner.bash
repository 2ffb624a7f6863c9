# shellcheck shell=bash
# A cloud with an owner (a test file's process) goes when its owner goes, however that ends: two
# gigabytes of services must not outlive a test that was killed.

owner_watch() {
  [[ -n $OWNER ]] || return 0
  local started
  started=$(process_start_time "$OWNER") || die "--owner: no process $OWNER"
  if process_runs owner && [[ $(cat "$CLOUD_DIR/run/owner") == "$OWNER $started" ]]; then return; fi
  process_stop 0 owner
  echo "$OWNER $started" >"$CLOUD_DIR/run/owner"
  # shellcheck disable=SC2016 # for the inner shell
  process_start owner bash -c 'tail --pid="$1" -s 0.5 -f /dev/null; exec "$2" down --dir "$3"' owner \
    "$OWNER" "$CLOUD_HOME/cloud" "$CLOUD_DIR"
}
