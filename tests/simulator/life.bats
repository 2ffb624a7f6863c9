#!/usr/bin/env bats
# A server's life: states, what is allowed in which, addresses, quotas, hosts. Expectations are what a
# real cloud did.

# Each test is a subshell of its own, and sim.bash reads these variables.
# shellcheck disable=SC2030,SC2031,SC2034

load sim

setup() { sim_start --time boot=200ms --time linger=300ms "${OPTIONS[@]}" && sim_login; }
teardown() { sim_stop; }

# walk ID ACTION STATE: does it and checks where it ends.
walk() {
  act "$1" "$2" >/dev/null
  expect 202 "$(status)"
  settle
  expect "$3" "$(state "$1")"
}

@test "every action goes from its states to its state, and is 409 from all others" {
  id=$(create a)
  settle
  expect "ACTIVE active None 1" "$(state "$id")"
  actions=(pause unpause suspend resume os-stop os-start shelve unshelve)
  # refused STATE ALLOWED...: all other actions are conflicts and change nothing.
  refused() {
    local before action
    before=$(state "$id")
    for action in "${actions[@]}"; do
      [[ " $* " == *" $action "* ]] && continue
      act "$id" "$action" | jq -e --arg s "vm_state $1" \
        '.conflictingRequest | .code == 409 and (.message | endswith($s) or endswith("not ready"))'
    done
    expect "$before" "$(state "$id")"
  }
  refused active pause suspend os-stop shelve
  walk "$id" pause "PAUSED paused None 3"
  refused paused unpause shelve
  walk "$id" unpause "ACTIVE active None 1"
  walk "$id" suspend "SUSPENDED suspended None 4"
  refused suspended resume shelve
  walk "$id" resume "ACTIVE active None 1"
  walk "$id" os-stop "SHUTOFF stopped None 4"
  refused stopped os-start shelve
  walk "$id" os-start "ACTIVE active None 1"
  walk "$id" shelve "SHELVED_OFFLOADED shelved_offloaded None 4"
  refused shelved_offloaded unshelve
  walk "$id" unshelve "ACTIVE active None 1"
}

@test "while a task runs everything but delete is refused" {
  id=$(create a)
  expect "Cannot 'suspend' instance $id while it is in vm_state building" \
    "$(act "$id" suspend | jq -r .conflictingRequest.message)"
  settle
  control PUT /times '{"suspend": "600s"}' >/dev/null
  act "$id" suspend >/dev/null
  expect "ACTIVE active suspending 1" "$(state "$id")"
  expect "Cannot 'pause' instance $id while it is in task_state suspending" \
    "$(act "$id" pause | jq -r .conflictingRequest.message)"
  expect "Cannot 'resume' instance $id while it is in vm_state active" \
    "$(act "$id" resume | jq -r .conflictingRequest.message)"
  api DELETE "/compute/v2.1/servers/$id"
  expect 204 "$(status)"
}

@test "a deleted server is DELETED for a moment and then 404, and its address is free only then" {
  control PUT /times '{"delete": "2s", "linger": "3s"}' >/dev/null
  id=$(create a 10.20.0.5)
  settle
  api DELETE "/compute/v2.1/servers/$id"
  expect "ACTIVE active deleting 1" "$(state "$id")"
  api DELETE "/compute/v2.1/servers/$id"
  expect 204 "$(status)"
  expect "Fixed IP address 10.20.0.5 is already in use on instance $id." \
    "$(api POST /compute/v2.1/servers "$(server_body b 10.20.0.5)" | jq -r .badRequest.message)"
  for ((tries = 0; tries < 600; tries++)); do
    [[ $(state "$id") == ACTIVE* ]] || break
    sleep 0.05
  done
  expect "DELETED deleted None 0" "$(state "$id")"
  expect 0 "$(api GET /compute/v2.1/servers | jq '.servers | length')"
  settle
  expect gone "$(state "$id")"
  [[ $(create b 10.20.0.5) != null ]]
}

@test "of three creates for one address at once one wins, the others end in ERROR" {
  control PUT /times '{"schedule": "3s"}' >/dev/null
  for name in a b c; do create "$name" 10.20.0.9 >/dev/null; done
  settle
  expect "ACTIVE ERROR ERROR" \
    "$(control GET /servers | jq -r '[.servers[].status] | sort | join(" ")')"
  api GET /compute/v2.1/servers/detail?status=ERROR | jq -e '.servers[0].fault | .code == 500 and
    (.message | startswith("Exceeded maximum number of retries. Exhausted all hosts"))'
  expect 1 "$(control GET /ports | jq '.ports | length')"
}

@test "with no time for scheduling the second create is refused up front" {
  control PUT /times '{"schedule": 0}' >/dev/null
  create a 10.20.0.9
  create b 10.20.0.9
  expect 400 "$(status)"
}

@test "an address outside the subnet, or on a shared network, ends in ERROR" {
  create a 192.168.77.5
  settle
  api GET /compute/v2.1/servers/detail | jq -e '.servers[0] | .status == "ERROR" and (.fault.message |
    endswith("Fixed IP 192.168.77.5 is not a valid ip address for network '"$NETWORK"'."))'
  control PUT /networks/hpc '{"owner": "admin", "shared": true}' >/dev/null
  id=$(create b 10.20.0.6)
  settle
  expect "ERROR error None 0" "$(state "$id")"
  id=$(create c)
  settle
  expect "ACTIVE active None 1" "$(state "$id")"
}

@test "quotas: refused in nova's words; ERROR counts; only delete and offloading give back" {
  control PUT /quotas/demo '{"instances": 2, "cores": 2, "ram": -1}' >/dev/null
  one=$(create a)
  two=$(create b)
  expect "Quota exceeded for cores, instances: Requested 1, 1, but already used 2, 2 of 2, 2 cores, instances" \
    "$(api POST /compute/v2.1/servers "$(server_body c)" | jq -r .forbidden.message)"
  settle
  control PUT "/servers/$two" '{"fault": "broken"}' >/dev/null
  create c
  expect 403 "$(status)"
  act "$one" shelve
  settle
  expect 2 "$(api GET /compute/v2.1/limits | jq .limits.absolute.totalCoresUsed)"
  control PUT /settings '{"count_from_placement": true}' >/dev/null
  expect "1 2" "$(api GET /compute/v2.1/limits |
    jq -r '.limits.absolute | "\(.totalCoresUsed) \(.totalInstancesUsed)"')"
  control PUT /quotas/demo '{"instances": 3}' >/dev/null
  [[ $(create c) != null ]]
  act "$one" unshelve
  settle
  expect 3 "$(api GET /compute/v2.1/limits | jq .limits.absolute.totalCoresUsed)"
  api DELETE "/compute/v2.1/servers/$two"
  settle
  expect 2 "$(api GET /compute/v2.1/limits | jq .limits.absolute.totalInstancesUsed)"
}

@test "books that are behind count what was given back for a while; the most that was used is kept" {
  control PUT /settings '{"count_from_placement": true}' >/dev/null
  control PUT /quotas/demo '{"cores": 2}' >/dev/null
  one=$(create a)
  two=$(create b)
  settle
  used() { control GET /quotas/demo | jq -r ".$1 | \"\(.instances) \(.cores)\""; }
  control PUT /lag '{"after": "600s", "server": "^a$"}' >/dev/null
  act "$one" shelve
  settle
  # The server says that it is away, and the books that it is not.
  expect "SHELVED_OFFLOADED shelved_offloaded None 4" "$(state "$one")"
  expect "2 2" "$(used used)"
  create c >/dev/null
  expect 403 "$(status)"
  member=$TOKEN
  TOKEN=$(token admin)
  expect 1 "$(api GET "/placement/allocations/$one" | jq '.allocations | length')"
  TOKEN=$member
  # Others are not late.
  act "$two" shelve
  settle
  expect "2 1" "$(used used)"
  # Back is back: nothing counts twice.
  act "$one" unshelve
  settle
  expect "2 1" "$(used used)"
  api DELETE "/compute/v2.1/servers/$one"
  settle
  expect "2 1" "$(used used)"
  control PUT /lag '{"after": "0s"}' >/dev/null
  expect "1 0" "$(used used)"
  expect "2 2" "$(used most)"
  control PUT /quotas/demo '{"cores": 5}' >/dev/null
  expect "1 0" "$(used most)"
  expect "after: not a duration" "$(control PUT /lag '{"after": "soon"}' | jq -r .error)"
}

@test "no valid host: too big, then all down; a host that is down hangs tasks and loses a stop" {
  for host in compute1 compute2 compute3 compute4; do
    control PUT "/hosts/$host" '{"ram": 2048}' >/dev/null
  done
  for name in a b c d e; do create "$name"; done
  settle
  expect "4 1" "$(control GET /servers |
    jq -r '[.servers[].status] | "\(map(select(. == "ACTIVE")) | length) \(map(select(. == "ERROR")) | length)"')"
  expect "No valid host was found. " \
    "$(control GET /servers | jq -r '.servers[] | select(.status == "ERROR").fault')"
  for name in a b; do
    host=$(control GET /servers | jq -r --arg n "$name" '.servers[] | select(.name == $n).host')
    id=$(control GET /servers | jq -r --arg n "$name" '.servers[] | select(.name == $n).id')
    control PUT "/hosts/$host" '{"up": false}' >/dev/null
    if [[ $name == a ]]; then action=suspend; else action=os-stop; fi
    act "$id" "$action"
    expect 202 "$(status)"
    settle
    [[ $(state "$id") == "ACTIVE active "*ing* || $(state "$id") == "ACTIVE active powering-off 1" ]]
    control PUT "/hosts/$host" '{"up": true}' >/dev/null
    settle
    if [[ $name == a ]]; then expect "SUSPENDED suspended None 4" "$(state "$id")"; fi
    if [[ $name == b ]]; then expect "ACTIVE active None 1" "$(state "$id")"; fi
  done
}

@test "a port made before stays after the server; one that nova made goes with it" {
  port=$(api POST /networking/v2.0/ports \
    '{"port": {"network_id": "'"$NETWORK"'", "fixed_ips": [{"ip_address": "10.20.0.8"}]}}' | jq -r .port.id)
  body=$(server_body a | jq -c --arg p "$port" '.server.networks += [{port: $p}]')
  id=$(api POST /compute/v2.1/servers "$body" | jq -r .server.id)
  settle
  expect 2 "$(api GET "/networking/v2.0/ports?device_id=$id" | jq '.ports | length')"
  api POST /compute/v2.1/servers "$body"
  expect 409 "$(status)"
  api DELETE "/compute/v2.1/servers/$id"
  settle
  expect "$port  DOWN" "$(api GET /networking/v2.0/ports |
    jq -r '.ports[] | "\(.id) \(.device_id) \(.status)"')"
}

@test "lists come newest first, in pages, and filtered" {
  for i in 1 2 3 4 5; do create "node-$i" "10.20.0.1$i" >/dev/null; done
  settle
  expect "node-5 node-4" \
    "$(api GET '/compute/v2.1/servers?limit=2' | jq -r '[.servers[].name] | join(" ")')"
  next="/compute/v2.1/servers?limit=2"
  seen=()
  while [[ $next ]]; do
    page=$(api GET "$next")
    mapfile -t -O "${#seen[@]}" seen < <(jq -r '.servers[].name' <<<"$page")
    next=$(jq -r '.servers_links[0].href // ""' <<<"$page")
    next=${next#"$URL"}
  done
  expect "node-5 node-4 node-3 node-2 node-1" "${seen[*]}"
  expect "node-3 node-2" \
    "$(api GET '/compute/v2.1/servers?name=^node-%5B23%5D$' | jq -r '[.servers[].name] | join(" ")')"
  expect 5 "$(api GET '/compute/v2.1/servers?ip=10.20.0.1' | jq '.servers | length')"
  expect 0 "$(api GET '/compute/v2.1/servers?ip=^10.20.0.11$' | jq '.servers | length')"
  TOKEN=$(token other)
  expect 0 "$(api GET /compute/v2.1/servers | jq '.servers | length')"
  TOKEN=$(token admin)
  expect 5 "$(api GET '/compute/v2.1/servers?all_tenants=1' | jq '.servers | length')"
}

@test "several servers in one request, as many as the quota lets in" {
  control PUT /quotas/demo '{"instances": 3}' >/dev/null
  body=$(server_body many | jq -c '.server += {min_count: 2, max_count: 5}')
  api POST /compute/v2.1/servers "$body"
  expect 202 "$(status)"
  expect "many-1 many-2 many-3" \
    "$(control GET /servers | jq -r '[.servers[].name] | join(" ")')"
}

@test "shelved servers leave their host when they are told to, and an image until they return" {
  control PUT /settings '{"shelved_offload_time": -1}' >/dev/null
  id=$(create a)
  settle
  walk "$id" shelve "SHELVED shelved None 4"
  expect a-shelved "$(api GET '/image/v2/images?name=a-shelved' | jq -r '.images[].name')"
  act "$id" shelveOffload
  expect 403 "$(status)"
  TOKEN=$(token admin)
  walk "$id" shelveOffload "SHELVED_OFFLOADED shelved_offloaded None 4"
  expect '{}' "$(api GET "/placement/allocations/$id" | jq -c .allocations)"
  walk "$id" unshelve "ACTIVE active None 1"
  expect 1 "$(api GET /image/v2/images | jq '.images | length')"
  expect 1 "$(api GET "/placement/allocations/$id" | jq '.allocations | length')"
}
