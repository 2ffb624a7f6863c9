#!/usr/bin/env bats
# tidepool probe on real services, with the settings that they have: its table, and what a killed one
# leaves. About a minute.

bats_require_minimum_version 1.5.0
load ../cluster/probe

setup_file() { probe_up "$TIDEPOOL_REAL_CLOUD_DIR/clouds.yaml" probeshort shelve; }
teardown_file() {
  "$TIDEPOOL" probe --clean-up || true
  probe_down
}

@test "killed in the middle; the next one removes what it left, and measures" {
  "$TIDEPOOL" probe --guest-wait 0 >"$PROBE_DIR/first" 2>&1 3>&- &
  local pid=$! end=$((SECONDS + 180))
  until grep -q 'pause$' "$PROBE_DIR/first"; do
    ((SECONDS < end)) || { cat "$PROBE_DIR/first"; false; }
    sleep 0.1
  done
  kill -9 "$pid"
  probe
  cat "$PROBE_DIR/said"
  grep -q 'removed 1 things that an earlier probe left' "$PROBE_DIR/said"
  [[ ! -e $PROBE_DIR/state/probe.intent ]]
  same_on_every_cloud no
  expect "forbidden false" "$(step shelve-offload '"\(.outcome) \(.allowed)"')"
  expect false "$(step shelve .releases.quota_instances)"
  run -0 "$TIDEPOOL" probe --clean-up
  [[ $output == *"nothing is left"* ]]
}
