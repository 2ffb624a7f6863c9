#!/usr/bin/env bats
# The files of etc/ do what they are there for.

setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  BIN=${TIDEPOOL_BIN:-$ROOT/build/bin}
  UNIT=$BATS_TEST_TMPDIR/tidepool.service
  # verify looks for the program: the build's stands in for the installed one.
  sed "s|/usr/sbin/tidepool|$BIN/tidepool|" "$ROOT/etc/tidepool.service" >"$UNIT"
}

@test "systemd finds nothing wrong with tidepool.service" {
  run systemd-analyze verify --man=no "$UNIT"
  echo "$output"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
}

@test "tidepool.service is confined" {
  run systemd-analyze security --offline=true --threshold=20 "$UNIT"
  echo "${lines[-1]}"
  [ "$status" -eq 0 ]
}

@test "the unit's command is one that tidepool knows" {
  read -r -a words < <(sed -n 's|^ExecStart=/usr/sbin/||p' "$ROOT/etc/tidepool.service")
  [ "${words[*]}" = "tidepool work --stay" ]
  "$BIN/tidepool" work --help | grep -q -- --stay
}

# slurmd stands in for itself where it is not installed: verify wants the program to exist.
standin_unit() {
  sed "s|/usr/sbin/slurmd|$(command -v slurmd || command -v true)|" "$ROOT/etc/tidepool-standin.service" \
    >"$BATS_TEST_TMPDIR/tidepool-standin.service"
  echo "$BATS_TEST_TMPDIR/tidepool-standin.service"
}

@test "systemd finds nothing wrong with tidepool-standin.service" {
  run systemd-analyze verify --man=no "$(standin_unit)"
  echo "$output"
  [ "$status" -eq 0 ]
  [ -z "$output" ]
}

@test "tidepool-standin.service is confined as far as slurmd allows, and comes back for ever" {
  run systemd-analyze security --offline=true --threshold=50 "$(standin_unit)"
  echo "${lines[-1]}"
  [ "$status" -eq 0 ]
  grep -qx 'Restart=always' "$ROOT/etc/tidepool-standin.service"
  grep -qx 'StartLimitIntervalSec=0' "$ROOT/etc/tidepool-standin.service"
}
