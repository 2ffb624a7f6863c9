#!/usr/bin/env bats
bats_require_minimum_version 1.5.0
# The real services of a run: where they cannot be had, that is said loudly; where they fail, it counts.

setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  source "$ROOT/scripts/common.sh"
  source "$ROOT/scripts/test_count.sh"
  source "$ROOT/scripts/test_runners.sh"
  source "$ROOT/scripts/test_openstack.sh"
  LOGS=$BATS_TEST_TMPDIR/logs
  CLOUD_FOLDER=$BATS_TEST_TMPDIR/cloud
  mkdir "$LOGS" "$CLOUD_FOLDER"
  echo "the log's last words" >"$CLOUD_FOLDER.log"
}

# job COMMAND: stands for what brings them up.
job() {
  bash -c "$1" &
  CLOUD_JOB=$!
}

@test "packages that cannot be installed are a skip, and the summary shouts it" {
  job 'exit 1'
  cloud_ready contract "the contract suite" && false
  add contract 5 0 0 1
  run print_sums contract
  [ "$status" -eq 0 ]
  [[ $output == *"SKIPPED: the contract suite was NOT tested on real OpenStack services: the packages"* ]]
  [ "${lines[-1]}" = "5 passed, 0 failed, 1 skipped" ]
}

@test "services that do not come up are a failure, and their log is shown" {
  touch "$CLOUD_FOLDER/tidepool-openstack"
  job 'exit 1'
  cloud_ready contract "the contract suite" >"$BATS_TEST_TMPDIR/said" && false
  grep -q "the log's last words" "$BATS_TEST_TMPDIR/said"
  run print_sums contract
  [ "$status" -eq 1 ]
  [ "${lines[-1]}" = "0 passed, 1 failed" ]
}

@test "services that are up are waited for once" {
  job 'sleep 1'
  cloud_ready contract x
  [ "$CLOUD_STATE" = up ]
  cloud_ready real x
  [ "${FAILED[contract]:-0}${SKIPPED[real]:-0}" = 00 ]
}

@test "a run whose owner is told to end leaves no services and no folder" {
  local fake=$BATS_TEST_TMPDIR/root
  mkdir -p "$fake/tests/openstack" "$fake/scripts"
  cp "$ROOT"/scripts/*.sh "$fake/scripts"
  echo bash >"$fake/tests/openstack/packages" # is there
  # shellcheck disable=SC2016 # for the fake
  # "up" never ends; "down" says that it was called.
  printf '#!/bin/bash\ncase $1 in up) touch "$3/tidepool-openstack"; sleep 600 ;; down) echo down >"%s"; rm -rf "$3" ;; esac\n' \
    "$BATS_TEST_TMPDIR/told" >"$fake/tests/openstack/cloud"
  chmod +x "$fake/tests/openstack/cloud"
  cat >"$BATS_TEST_TMPDIR/run" <<'RUN'
ROOT=$1
set -euo pipefail
source "$ROOT/scripts/common.sh"
source "$ROOT/scripts/packages.sh"
LOGS=
source "$ROOT/scripts/test_openstack.sh"
cloud_begin
echo "$CLOUD_FOLDER $CLOUD_JOB" >"$2"
cloud_wait
RUN
  bash "$BATS_TEST_TMPDIR/run" "$fake" "$BATS_TEST_TMPDIR/begun" 3>&- &
  local pid=$! folder job
  for _ in {1..200}; do
    if [ -s "$BATS_TEST_TMPDIR/begun" ]; then break; fi
    sleep 0.1
  done
  read -r folder job <"$BATS_TEST_TMPDIR/begun"
  for _ in {1..200}; do
    if [ -e "$folder/tidepool-openstack" ]; then break; fi
    sleep 0.1
  done
  [ -e "$folder/tidepool-openstack" ]
  kill -TERM "$pid"
  wait "$pid" || true
  [ ! -e "$folder" ]
  [ "$(cat "$BATS_TEST_TMPDIR/told")" = down ]
  run ! kill -0 "$job"
}
