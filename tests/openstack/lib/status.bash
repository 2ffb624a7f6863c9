# shellcheck shell=bash
# status and env.

# 0 only when all of it runs.
cloud_status() {
  local name state bad=0
  settings_load || die "no cloud in $CLOUD_DIR"
  printf 'cloud in %s, ports %d to %d on %s\n' "$CLOUD_DIR" "$PORT_BASE" "$((PORT_BASE + 9))" "$HOST"
  printf 'shelved_offload_time %s, count_usage_from_placement %s\n' "$OFFLOAD_TIME" "$COUNT_FROM_PLACEMENT"
  for name in "${SERVICES[@]}"; do
    if ! process_runs "$name"; then
      state=DEAD
    elif process_paused "$name"; then
      state=paused
    else
      state=runs
    fi
    [[ $state == runs ]] || bad=1
    printf '  %-15s %-6s %3d processes %5d MB  %s\n' "$name" "$state" \
      "$(process_all "$name" | wc -l)" "$(_memory "$name")" "log/$name.log"
  done
  printf '  %-15s %-6s %3d processes %5d MB\n' all "$( ((bad)) || echo runs)" \
    "$(process_all "${SERVICES[@]}" | wc -l)" "$(_memory "${SERVICES[@]}")"
  [[ -e $CLOUD_DIR/run/ready ]] || { echo "not ready: up has not come to its end" && bad=1; }
  return "$bad"
}

# _memory NAME…: proportional set size: memory that several share counts once.
_memory() {
  local pid
  for pid in $(process_all "$@"); do
    awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup" 2>/dev/null || true
  done | awk '{ kib += $1 } END { printf "%d\n", kib / 1024 }'
}

cloud_env() {
  { settings_load && [[ -e $CLOUD_DIR/run/ready ]]; } || die "no cloud is up in $CLOUD_DIR"
  cat <<ENV
export OPENSTACK_DIR=$(printf %q "$CLOUD_DIR")
export OS_CLIENT_CONFIG_FILE=$(printf %q "$CLOUD_DIR/clouds.yaml")
export OS_CLOUD=demo
ENV
}
