#!/usr/bin/env bats
# The controls: counting, scripted faults, traffic, tokens, outcomes, the hook.

# Each test is a subshell of its own, and sim.bash reads these variables.
# shellcheck disable=SC2030,SC2031,SC2034

load sim

setup() {
  sim_start --time boot=100ms --hook "$BATS_TEST_DIRNAME/record-hook"
  sim_login
}
teardown() { sim_stop; }

fault() { control POST /faults "$1" | jq -e .id >/dev/null; }

@test "requests are counted by route and action, and remembered without secrets" {
  control POST /counts/reset
  id=$(create a)
  settle
  act "$id" suspend
  api GET /compute/v2.1/servers/nonsense/at/all
  token >/dev/null
  counts=$(control GET /counts)
  expect 1 "$(jq '.routes["POST /compute/v2.1/servers"]' <<<"$counts")"
  expect 1 "$(jq .actions.suspend <<<"$counts")"
  expect 1 "$(jq '.routes["GET (unknown)"]' <<<"$counts")"
  expect 4 "$(jq .total <<<"$counts")"
  journal=$(control GET /journal)
  expect '{"suspend": null}' \
    "$(jq -r '.requests[] | select(.action == "suspend").body' <<<"$journal")"
  [[ $journal != *demo-secret* ]]
  last=$(jq '.requests[-1].number' <<<"$journal")
  expect 0 "$(control GET "/journal?after=$last" | jq '.requests | length')"
}

@test "a fault answers instead, after some and for a number of requests" {
  fault '{"match": {"method": "GET", "path": "detail"}, "skip": 1, "times": 2, "status": 503,
    "headers": {"Retry-After": "7"}, "body": {"why": "scripted"}}'
  got=()
  for i in 1 2 3 4; do
    api GET /compute/v2.1/servers/detail >/dev/null
    got+=("$(status)")
  done
  expect "200 503 503 200" "${got[*]}"
  fault '{"match": {"path": "limits"}, "status": 429, "headers": {"Retry-After": "7"}}'
  expect "retry-after: 7" "$(curl -sSi -H "X-Auth-Token: $TOKEN" "$URL/compute/v2.1/limits" |
    tr -d '\r' | grep -i ^retry-after | tr '[:upper:]' '[:lower:]')"
  expect 0 "$(control GET /faults | jq '.faults | length')"
}

@test "a dropped connection: before the work nothing is done, after it the work is done" {
  fault '{"match": {"method": "POST", "path": "/servers$", "body": "\"before\""}, "drop_before": true}'
  fault '{"match": {"method": "POST", "path": "/servers$", "body": "\"after\""}, "drop_after": true}'
  run api POST /compute/v2.1/servers "$(server_body before)"
  expect 52 "$status"
  run api POST /compute/v2.1/servers "$(server_body after)"
  expect 52 "$status"
  expect after "$(control GET /servers | jq -r '.servers[].name')"
}

@test "a truncated answer, a reset, a stall" {
  fault '{"match": {"path": "limits"}, "truncate": true}'
  run api GET /compute/v2.1/limits
  expect 18 "$status"
  fault '{"match": {"path": "limits"}, "drop_after": true, "reset": true}'
  run api GET /compute/v2.1/limits
  expect 56 "$status"
  fault '{"match": {"path": "limits"}, "stall": "600s"}'
  run curl -sS -m 1 -H "X-Auth-Token: $TOKEN" "$URL/compute/v2.1/limits"
  expect 28 "$status"
  api GET /compute/v2.1/limits >/dev/null
  expect 200 "$(status)"
}

@test "a wrong fault is refused with the reason" {
  expect "unknown key: staus" "$(control POST /faults '{"staus": 500}' | jq -r .error)"
  expect 400 "$(curl -sS -o /dev/null -w '%{http_code}' -d '{"match": {"path": "("}}' "$CONTROL/_sim/faults")"
}

@test "outages: 503, resets, nobody listening; the controls stay" {
  control PUT /traffic '{"outage": "503"}'
  api GET /compute/v2.1/limits >/dev/null
  expect 503 "$(status)"
  control PUT /traffic '{"outage": "reset"}'
  run api GET /compute/v2.1/limits
  expect 56 "$status"
  control PUT /traffic '{"outage": "refuse"}'
  refused() {
    local code=0
    curl -sS -o /dev/null "$URL/v3" 2>/dev/null || code=$?
    [[ $code == 7 ]]
  }
  for ((tries = 0; tries < 600; tries++)); do refused && break; sleep 0.05; done
  refused
  control PUT /traffic '{"outage": "none"}'
  for ((tries = 0; tries < 600; tries++)); do refused || break; sleep 0.05; done
  api GET /compute/v2.1/limits >/dev/null
  expect 200 "$(status)"
}

@test "throttling says when to come back" {
  control PUT /traffic '{"rate": 0.001}'
  api GET /compute/v2.1/limits >/dev/null
  expect 200 "$(status)"
  answer=$(curl -sSi -H "X-Auth-Token: $TOKEN" "$URL/compute/v2.1/limits" | tr -d '\r')
  [[ $answer == "HTTP/1.1 429"* ]]
  [[ $answer =~ Retry-After:\ ([0-9]+) ]]
  ((BASH_REMATCH[1] > 1))
}

@test "tokens: expired all at once, revoked, short-lived, with the scope's rules" {
  control POST /tokens/expire
  api GET /compute/v2.1/limits >/dev/null
  expect 401 "$(status)"
  control PUT /settings '{"token_ttl": 0}'
  TOKEN=$(token)
  api GET /compute/v2.1/limits >/dev/null
  expect 401 "$(status)"
  control PUT /settings '{"token_ttl": "1m"}'
  TOKEN=$(token)
  curl -sS -X DELETE -H "X-Auth-Token: $TOKEN" -H "X-Subject-Token: $TOKEN" "$URL/v3/auth/tokens"
  api GET /compute/v2.1/limits >/dev/null
  expect 401 "$(status)"
  id=$(sed -n 's/.*application_credential_id: //p' "$OS_CLIENT_CONFIG_FILE")
  body='{"auth": {"identity": {"methods": ["application_credential"], "application_credential":
    {"id": "'$id'", "secret": "demo-appcred-secret"}}}}'
  expect 201 "$(curl -sS -o /dev/null -w '%{http_code}' -d "$body" "$URL/v3/auth/tokens")"
  scoped=$(jq -c '.auth.scope = {project: {name: "demo", domain: {id: "default"}}}' <<<"$body")
  expect 401 "$(curl -sS -o /dev/null -w '%{http_code}' -d "$scoped" "$URL/v3/auth/tokens")"
}

@test "policy forbids, outcomes decide, a server changes behind everybody's back" {
  control PUT /policy '{"deny": ["suspend"]}'
  id=$(create a)
  settle
  expect "Policy doesn't allow os_compute_api:os-suspend-server:suspend to be performed." \
    "$(act "$id" suspend | jq -r .forbidden.message)"
  control PUT /policy '{"deny": []}'
  control POST /outcomes '{"action": "suspend", "server": "^a$", "result": "lost"}'
  act "$id" suspend
  settle
  expect "ACTIVE active None 1" "$(state "$id")"
  control POST /outcomes '{"action": "boot", "result": "error", "message": "scripted"}'
  broken=$(create b)
  settle
  expect scripted "$(api GET "/compute/v2.1/servers/$broken" | jq -r .server.fault.message)"
  # It has never run, as a real guest of a build that fails has not.
  expect 0 "$(control GET /hooks | jq '[.hooks[] | select(.name == "b")] | length')"
  control DELETE /servers/a
  settle
  expect gone "$(state "$id")"
}

@test "the hook runs for each change, in order, with the server on its standard input" {
  id=$(create good 10.20.0.7)
  settle
  for action in suspend resume os-stop os-start; do
    act "$id" "$action"
    settle
  done
  api DELETE "/compute/v2.1/servers/$id"
  settle
  expect "boot freeze thaw stop boot destroy" \
    "$(control GET /hooks | jq -r '[.hooks[].event] | join(" ")')"
  expect "boot $id good 10.20.0.7 by a test BUILD" \
    "$(control GET /hooks | jq -r '.hooks[0].output' | head -1)"
}

@test "a guest hibernates by itself: SHUTOFF, nothing released; it is shelved and comes back" {
  id=$(create a)
  settle
  control POST "/servers/a/hibernate"
  settle
  expect "SHUTOFF stopped None 4" "$(state "$id")"
  expect "boot hibernate" "$(control GET /hooks | jq -r '[.hooks[].event] | join(" ")')"
  # Only an ACTIVE one can.
  control POST "/servers/a/hibernate" | jq -e '.error | contains("not ACTIVE")'
  act "$id" shelve >/dev/null
  settle
  expect "SHELVED_OFFLOADED shelved_offloaded None 4" "$(state "$id")"
}

@test "a guest whose hibernation fails runs on, and nova does not notice" {
  id=$(create stays-awake)
  settle
  control POST "/servers/stays-awake/hibernate"
  settle
  expect "hibernate 4" "$(control GET /hooks | jq -r '.hooks[-1] | "\(.event) \(.status)"')"
  expect "ACTIVE active None 1" "$(state "$id")"
}

@test "a boot hook that fails makes the server ERROR and gives its address back" {
  id=$(create fails 10.20.0.7)
  settle
  expect "ERROR error None 0" "$(state "$id")"
  expect "boot 3 destroy 0" "$(control GET /hooks | jq -r '[.hooks[] | .event, .status] | join(" ")')"
  expect 0 "$(control GET /ports | jq '.ports | length')"
}

@test "a boot hook that hangs is killed and has failed" {
  sim_stop
  sim_start --hook "$BATS_TEST_DIRNAME/record-hook" --hook-timeout 1s
  sim_login
  id=$(create hangs)
  settle
  expect "ERROR error None 0" "$(state "$id")"
  expect 137 "$(control GET /hooks | jq '.hooks[0].status')"
}

@test "64 requests at a time, each with latency, side by side" {
  control POST /counts/reset
  control PUT /traffic '{"latency": "2s"}'
  for i in {1..64}; do
    curl -sS -o /dev/null -H "X-Auth-Token: $TOKEN" "$URL/compute/v2.1/limits" 3>&- &
    pids[i]=$!
  done
  wait "${pids[@]}"
  expect 64 "$(control GET /counts | jq '.statuses["200"]')"
  (($(control GET /counts | jq .max_in_flight) > 32))
}

@test "it ends at once when told to, in the middle of a stall, and takes its files with it" {
  fault '{"match": {"path": "limits"}, "stall": "600s"}'
  curl -sS -o /dev/null -H "X-Auth-Token: $TOKEN" "$URL/compute/v2.1/limits" 2>/dev/null 3>&- &
  caller=$!
  for ((tries = 0; tries < 600; tries++)); do
    (($(control GET /counts | jq .in_flight) == 1)) && break
    sleep 0.05
  done
  kill "$SIM_PID"
  timeout 60 tail --pid="$SIM_PID" -f /dev/null
  wait "$caller" || true
  [[ ! -e $SIM_DIR/clouds.yaml && ! -e $SIM_DIR/sim.pid ]]
}

@test "a second one on the same port says so and fails" {
  run "$SIM" --port "${URL##*:}" --state-dir "$SIM_DIR/second"
  expect 1 "$status"
  [[ $output == *"cannot listen on $URL"* ]]
}

@test "clouds.yaml is for its owner only" {
  expect 600 "$(stat -c %a "$OS_CLIENT_CONFIG_FILE")"
}
