#!/usr/bin/env bats
# tidepool probe on the simulator: the four settings of a cloud, refusals, and what a killed one leaves.

bats_require_minimum_version 1.5.0
load ../simulator/sim
load probe

QUICK=()
for step in schedule boot cleanup pause unpause suspend resume stop start shelve upload offload unshelve delete linger; do
  QUICK+=(--time "$step=50ms")
done

setup_file() {
  sim_start "${QUICK[@]}"
  probe_up "$SIM_DIR/clouds.yaml" simulated shelve
  export OF_ALL=$SIM_PID
}
teardown_file() {
  sim_stop
  probe_down
}
setup() { probe_cloud demo shelve; }
teardown() {
  control DELETE /outcomes >/dev/null
  control PUT /policy '{"deny": []}' >/dev/null
  control PUT /quotas/demo '{"instances": -1}' >/dev/null
  # A test's own one; what a test sets is gone in the next.
  [[ $SIM_PID == "$OF_ALL" ]] || sim_stop
  [[ ! -s $BATS_TEST_TMPDIR/pid ]] || kill -9 "$(cat "$BATS_TEST_TMPDIR/pid")" 2>/dev/null || true
}

# remains: servers and images of probes.
remains() {
  control GET /servers | jq -r '.servers[] | select(.metadata["tidepool-probe"]) | .name'
  TOKEN=$(token demo)
  export TOKEN
  api GET /image/v2/images | jq -r '.images[].name | select(startswith("tidepool-probe"))'
}
nothing_remains() { [[ -z $(remains) && ! -e $PROBE_DIR/state/probe.intent ]] || { remains; return 1; }; }

# within SECONDS COMMAND...
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || { echo "not in time: $*"; return 1; }
    sleep 0.2
  done
}

# begin: in the background; its process is in $BATS_TEST_TMPDIR/pid.
begin() {
  "$TIDEPOOL" probe --json --guest-wait 0 >"$PROBE_DIR/result" 2>"$PROBE_DIR/said" 3>&- &
  echo $! >"$BATS_TEST_TMPDIR/pid"
}
task_is() { control GET /servers | jq -e --arg t "$1" 'any(.servers[]; .metadata["tidepool-probe"] and .task_state == $t)' >/dev/null; }
hang() { control POST /outcomes "{\"action\": \"$1\", \"server\": \"tidepool-probe\", \"result\": \"hang\", \"times\": 1}"; }

settings() { control PUT /settings "{\"shelved_offload_time\": $1, \"count_from_placement\": $([[ $2 == placement ]] && echo true || echo false)}"; }

# on_settings OFFLOAD COUNT: as a member and as an administrator.
on_settings() {
  settings "$1" "$2"
  probe
  same_on_every_cloud no
  shelve_frees "$1" "$2" no
  quota_remark "$1" "$2"
  nothing_remains
  probe_cloud admin shelve
  probe
  same_on_every_cloud yes
  shelve_frees "$1" "$2" yes
  nothing_remains
}

@test "offloaded at once, quota counted from the database" { on_settings 0 database; }
@test "offloaded at once, quota counted from placement" { on_settings 0 placement; }
@test "never offloaded, quota counted from the database" { on_settings -1 database; }
@test "never offloaded, quota counted from placement" { on_settings -1 placement; }

@test "the table says the same for people, and the result is private" {
  settings 0 database
  "$TIDEPOOL" probe --pool osg --guest-wait 0 >"$PROBE_DIR/table" 2>"$PROBE_DIR/said"
  cat "$PROBE_DIR/table"
  grep -Eq '^shelve +SHELVED_OFFLOADED +lost \(by contract\) +not visible +1/1/2048 +kept +[0-9.]+ s +[0-9.]+ s +this user$' "$PROBE_DIR/table"
  grep -Eq '^shelve-offload +forbidden .* not this user \(403\)$' "$PROBE_DIR/table"
  grep -Eq '^delete +gone +lost \(by contract\) +not visible +1/1/2048 > 0/0/0 +lost ' "$PROBE_DIR/table"
  grep -Eq '^suspend +yes +no quota, no placement' "$PROBE_DIR/table"
  grep -Eq '^requeue +yes +placement \(by contract\), instances, cores, memory' "$PROBE_DIR/table"
  grep -q 'suspend$' "$PROBE_DIR/said" # progress, on standard error
  expect 600 "$(stat -c %a "$PROBE_DIR/state/probe-osg.json")"
  nothing_remains
}

@test "--dry-run makes nothing; an unknown pool is answered with the known ones" {
  local before
  before=$(control GET /counts | jq '.routes["POST /compute/v2.1/servers"]')
  run -0 "$TIDEPOOL" probe --dry-run
  [[ $output == *"flavor m1.small"*"project demo of cloud demo"* ]]
  expect "$before" "$(control GET /counts | jq '.routes["POST /compute/v2.1/servers"]')"
  run -2 "$TIDEPOOL" probe --pool nosuch
  [[ $output == *"no pool nosuch; it has osg"* ]]
  run -2 "$TIDEPOOL" probe --step-limit soon
  [[ $output == *--step-limit* ]]
}

@test "what the policy forbids is an answer, and check names it and what is usable" {
  control PUT /policy '{"deny": ["suspend", "createImage"]}'
  probe
  expect "forbidden false" "$(step suspend '"\(.outcome) \(.allowed)"')"
  expect false "$(mode suspend .usable)"
  expect true "$(mode pause .usable)"
  expect "forbidden false" "$(step snapshot+delete '"\(.outcome) \(.allowed)"')"
  expect "done" "$(step delete .outcome)"
  nothing_remains
  rm -f "$PROBE_DIR/state/probe-osg.json"
  probe_cloud demo suspend
  run "$TIDEPOOL" check --offline
  [[ $output == *"error: pools.osg.hold.mode: pool osg holds by suspend, which does not work on this cloud"*"usable here: pause, "* ]]
  probe_cloud demo '[suspend, pause]'
  run "$TIDEPOOL" check --offline
  [[ $output == *"warning: pools.osg.hold.mode: pool osg holds by suspend, which does not work"* ]]
}

@test "a step that fails, hangs or ends in ERROR is an answer, and the rest goes on" {
  control POST /outcomes '{"action": "suspend", "server": "tidepool-probe", "result": "error", "message": "no room for the memory", "times": 1}'
  hang shelve
  probe --step-limit 4s
  expect "failed: no room for the memory" "$(step suspend '"\(.outcome): \(.why)"')"
  expect "slow" "$(step shelve .outcome)"
  for name in pause stop delete; do expect "done" "$(step "$name" .outcome)"; done
  expect false "$(mode shelve .usable)"
  nothing_remains
}

@test "quota full and wrong credentials: said at once, nothing left, nothing stored" {
  rm -f "$PROBE_DIR"/state/probe*.json
  control PUT /quotas/demo '{"instances": 0}'
  run -1 probe
  [[ $output == *"could not be made: "*"Quota exceeded for instances"* ]]
  nothing_remains
  sed -i 's/demo-secret/wrong/' "$PROBE_DIR/clouds.yaml"
  rm -rf "$PROBE_DIR/state/cache"
  run -4 probe
  sed -i 's/wrong/demo-secret/' "$PROBE_DIR/clouds.yaml"
  [[ $output == *"mend the credentials of cloud demo in $PROBE_DIR/clouds.yaml"* ]]
  [[ ! -e $PROBE_DIR/state/probe.json ]]
}

@test "interrupted: it cleans up; the time limit does the same" {
  local code=0
  hang suspend
  begin
  within 60 task_is suspending
  run -1 "$TIDEPOOL" probe
  [[ $output == *"another probe runs (process $(cat "$BATS_TEST_TMPDIR/pid"))"* ]]
  kill -TERM "$(cat "$BATS_TEST_TMPDIR/pid")"
  wait "$(cat "$BATS_TEST_TMPDIR/pid")" || code=$?
  cat "$PROBE_DIR/said"
  expect 1 "$code"
  grep -q 'cleaning up' "$PROBE_DIR/said"
  expect false "$(jq .complete "$PROBE_DIR/result")"
  nothing_remains
  hang suspend
  run probe --time-limit 3s
  expect 4 "$status"
  [[ $output == *"time limit is over"* ]]
  nothing_remains
}

# killed_at TASK: while the server is in that task.
killed_at() {
  begin
  within 60 task_is "$1"
  kill -9 "$(cat "$BATS_TEST_TMPDIR/pid")"
  [[ -n $(remains) && -e $PROBE_DIR/state/probe.intent ]]
}

@test "killed in the middle: the next probe removes what is left, and goes on" {
  hang boot
  killed_at spawning
  run -0 "$TIDEPOOL" probe --clean-up
  nothing_remains
  hang upload
  killed_at shelving_image_uploading
  probe
  grep -q 'that an earlier probe left' "$PROBE_DIR/said"
  expect "done" "$(step shelve .outcome)"
  nothing_remains
}

@test "killed between snapshot and delete: image and server go" {
  control PUT /policy '{"deny": ["shelve"]}' # so that the upload is the snapshot's
  hang upload
  killed_at image_snapshot
  run -0 "$TIDEPOOL" probe --clean-up
  [[ $output == *"removed 2 things"* ]]
  nothing_remains
}

@test "killed while the answer to a create is outstanding: the server that comes late goes too" {
  control POST /faults '{"match": {"method": "POST", "path": "/servers$"}, "delay": "4s"}'
  begin
  within 60 requests_in_flight
  kill -9 "$(cat "$BATS_TEST_TMPDIR/pid")"
  [[ -z $(remains) ]]
  run -0 "$TIDEPOOL" probe --clean-up
  [[ $output == *"removed 1 things"* ]]
  nothing_remains
}
requests_in_flight() { [[ $(jq -r .create_begun_ms "$PROBE_DIR/state/probe.intent" 2>/dev/null) -gt 0 ]]; }

@test "killed, and nobody probes again: the worker removes it, but nothing of a probe that runs" {
  hang suspend
  begin
  within 60 task_is suspending
  "$TIDEPOOL" work --stay >"$PROBE_DIR/worker" 2>&1 3>&- &
  worker=$!
  sleep 4 # several of the worker's looks, each past the grace of a second
  [[ -n $(remains) ]]
  kill -9 "$(cat "$BATS_TEST_TMPDIR/pid")"
  within 60 nothing_remains || { kill "$worker"; false; }
  kill "$worker"
  wait "$worker" || true
}

@test "a guest that answers is asked: what its memory knew is kept or lost" {
  local hook=$PROBE_DIR/hook said
  cat >"$hook" <<END
#!/bin/sh
# Stands for a guest: counts in its boot; a thawed one goes on.
cd "$PROBE_DIR"
case \$1 in
  boot) cat /proc/sys/kernel/random/uuid >boot; echo 1 >count ;;
  thaw) echo \$((\$(cat count) + 1)) >count ;;
  *) exit 0 ;;
esac
echo "tidepool-probe-mark \$(cat boot) \$(cat count)"
END
  chmod +x "$hook"
  sim_start "${QUICK[@]}" --hook "$hook"
  cp "$SIM_DIR/clouds.yaml" "$PROBE_DIR/clouds.yaml"
  "$TIDEPOOL" probe --json --guest-wait 20s >"$PROBE_DIR/result"
  for said in "pause true guest" "suspend true guest" "stop false guest" "shelve false guest" "snapshot+delete false guest"; do
    expect "${said#* }" "$(step "${said%% *}" '"\(.keeps_processes) \(.keeps_processes_by)"')"
  done
  nothing_remains
}
