#!/usr/bin/env bats
# The simulator's answers against those of a real cloud (Nova 26.2, Keystone 22, Neutron 21, Glance 25,
# Placement 8), recorded in samples/: errors word for word, documents by their keys.

# Each test is a subshell of its own, and sim.bash reads these variables.
# shellcheck disable=SC2030,SC2031,SC2034

load sim

setup() {
  sim_start --flavor tiny:1:64:1 --flavor small:2:2048:10 --time boot=100ms
  sim_login
}
teardown() { sim_stop; }

# one_case JSON: sends the request and compares status, type and body.
one_case() {
  local sample name text
  sample=$1
  for name in NETWORK IMAGE SUBNET SERVER PORT TOKEN; do
    sample=${sample//"$name"/"${!name:-00000000-0000-4000-8000-000000000000}"}
  done
  local -a options=()
  text=$(jq -r '.token' <<<"$sample")
  [[ -z $text ]] || options+=(-H "X-Auth-Token: $text")
  text=$(jq -r '.version // ""' <<<"$sample")
  [[ -z $text ]] || options+=(-H "OpenStack-API-Version: $text")
  text=$(jq -r '.content_type // ""' <<<"$sample")
  [[ -z $text ]] ||
    options+=(-H "Content-Type: $text" --data-binary "$(jq 'if .body | type == "string" then .body
      else .body | tojson end' -r <<<"$sample")")
  curl -sS -X "$(jq -r .method <<<"$sample")" -w '%{stderr}%{http_code} %{content_type}' \
    "${options[@]}" "$URL$(jq -r .path <<<"$sample")" >"$SIM_DIR/body" 2>"$SIM_DIR/status"
  expect "$(jq -r '"\(.status) \(.type)"' <<<"$sample")" "$(cat "$SIM_DIR/status")" &&
    expect "$(jq -cS .expected <<<"$sample")" \
      "$(jq -cS 'if .errors then .errors[0].request_id = "REQUEST" else . end' "$SIM_DIR/body")"
}

# errors GIVEN: all recorded errors that belong to a situation.
errors() {
  local sample count=0 failed=0
  while read -r sample; do
    ((++count))
    one_case "$sample" || { echo "in: $(jq -r .name <<<"$sample")"; failed=1; }
  done < <(jq -c --arg g "$1" '.[] | select(.given == $g)' "$BATS_TEST_DIRNAME/samples/errors.json")
  ((count > 0 && failed == 0))
}

@test "errors: wrong requests" { errors nothing; }

@test "errors: a server that is building" {
  control PUT /times '{"schedule": "600s"}'
  SERVER=$(create a)
  errors building
}

@test "errors: a server that is being suspended" {
  SERVER=$(create a)
  settle
  control PUT /times '{"suspend": "600s"}'
  act "$SERVER" suspend
  errors suspending
}

@test "errors: servers that are active, suspended, locked, deleted" {
  SERVER=$(create a)
  settle
  errors active
  TOKEN=$(token admin) act "$SERVER" lock
  errors locked
  TOKEN=$(token admin) act "$SERVER" unlock
  act "$SERVER" suspend
  settle
  errors suspended
  api DELETE "/compute/v2.1/servers/$SERVER"
  settle
  errors deleted
}

@test "errors: addresses and ports" {
  SERVER=$(create a 10.20.7.7)
  settle
  errors "address in use"
  PORT=$(api POST /networking/v2.0/ports '{"port": {"network_id": "'"$NETWORK"'", "fixed_ips":
    [{"ip_address": "10.20.7.20"}]}}' | jq -r .port.id)
  errors port
  api POST /compute/v2.1/servers \
    "$(server_body b | jq -c --arg p "$PORT" '.server.networks = [{port: $p}]')"
  settle
  errors "port in use"
  control PUT /networks/hpc '{"owner": "admin", "shared": true}'
  errors shared
}

@test "errors: quotas" {
  for name in a b; do
    api POST /compute/v2.1/servers "$(server_body "$name" | jq -c '.server.flavorRef = "2"')"
  done
  control PUT /quotas/demo '{"cores": 4, "ram": 4096}'
  errors "quota cores"
  control PUT /quotas/demo '{"instances": 2}'
  errors "quota instances"
  control PUT /quotas/demo '{"instances": -1, "cores": -1}'
  errors "quota ram"
}

@test "errors: a body that is too large" {
  head -c 120000 /dev/zero | tr '\0' x >"$SIM_DIR/large"
  expect 413 "$(curl -sS -o "$SIM_DIR/body" -w '%{http_code}' -H "X-Auth-Token: $TOKEN" \
    -H 'Content-Type: application/json' --data-binary @"$SIM_DIR/large" "$URL/compute/v2.1/servers")"
  expect "413 Request Entity Too Large" "$(jq -r .code "$SIM_DIR/body")"
}

# shape NAME: the document on standard input has the keys of the sample of that name, no more or less.
shape() {
  local got
  got=$(jq -c 'def keys_of($p): if type == "object" then to_entries[] |
      (if $p == "" then .key else $p + "." + .key end) as $q | $q, (.value | keys_of($q))
    elif type == "array" then .[] | keys_of($p + "[]") else empty end; [keys_of("")] | unique')
  expect "$(jq -c --arg n "$1" '.[$n] | unique' "$BATS_TEST_DIRNAME/samples/shapes.json")" "$got" ||
    { echo "in: $1"; return 1; }
}

server_shape() {
  jq '(.server // .) | .metadata = {} | if .addresses == {} then . else
    .addresses = {NETWORK: .addresses[]} end' | shape "$1"
}

@test "shapes: servers at four microversions, for members and admins" {
  id=$(create a)
  settle
  act "$id" suspend
  settle
  for version in 2.1 2.47 2.79 2.93; do
    VERSION=$version api GET "/compute/v2.1/servers/$id" | server_shape "server at $version"
  done
  act "$id" resume
  settle
  api GET /compute/v2.1/servers/detail | jq '.servers[0]' | server_shape "server in a list at 2.93"
  TOKEN=$(token admin) api GET "/compute/v2.1/servers/$id" | server_shape "server as admin at 2.93"
  control PUT "/servers/$(create b)" '{"fault": "No valid host was found. "}'
  api GET '/compute/v2.1/servers/detail?status=ERROR' | jq '.servers[0] | .server_groups = [] |
    .addresses = {}' | server_shape "server in error at 2.93"
  api POST /compute/v2.1/servers "$(server_body c)" | shape "server created at 2.93"
}

@test "shapes: flavors, limits, quotas, actions, interfaces" {
  id=$(create a)
  settle
  api GET /compute/v2.1/flavors/1 | shape "flavor at 2.93"
  VERSION=2.1 api GET /compute/v2.1/limits | shape "limits at 2.1"
  api GET /compute/v2.1/limits | shape "limits at 2.93"
  project=$(api GET "/compute/v2.1/servers/$id" | jq -r .server.tenant_id)
  api GET "/compute/v2.1/os-quota-sets/$project" | shape "quota set at 2.93"
  api GET "/compute/v2.1/os-quota-sets/$project/detail" | shape "quota set in detail at 2.93"
  api GET "/compute/v2.1/servers/$id/os-interface" | shape "interfaces at 2.93"
  actions=$(api GET "/compute/v2.1/servers/$id/os-instance-actions")
  shape "instance actions at 2.93" <<<"$actions"
  request=$(jq -r '.instanceActions[0].request_id' <<<"$actions")
  api GET "/compute/v2.1/servers/$id/os-instance-actions/$request" | shape "instance action at 2.93"
}

@test "shapes: networks, subnets, ports, images" {
  id=$(create a)
  settle
  api GET /networking/v2.0/networks | shape networks
  api GET /networking/v2.0/subnets | shape subnets
  api GET "/networking/v2.0/ports?device_id=$id" | shape ports
  api POST /networking/v2.0/ports '{"port": {"network_id": "'"$NETWORK"'"}}' | shape "port created"
  api GET "/image/v2/images/$IMAGE" | shape image
  act "$id" shelve
  settle
  api GET '/image/v2/images?name=a-shelved' | jq '.images[0]' | shape snapshot
}

# authenticate METHOD JSON [SCOPE]
authenticate() {
  jq -nc --arg m "$1" --argjson j "$2" --argjson s "${3:-null}" '{auth: ({identity: {methods: [$m],
    ($m): $j}} + if $s then {scope: $s} else {} end)}' |
    curl -sS -H 'Content-Type: application/json' -d @- "$URL/v3/auth/tokens"
}

@test "shapes: tokens, catalog, versions" {
  user='{"user": {"name": "demo", "domain": {"id": "default"}, "password": "demo-secret"}}'
  authenticate password "$user" '{"project": {"name": "demo", "domain": {"id": "default"}}}' | shape token
  authenticate password "$user" | shape "token without scope"
  id=$(sed -n 's/.*application_credential_id: //p' "$OS_CLIENT_CONFIG_FILE")
  authenticate application_credential "{\"id\": \"$id\", \"secret\": \"demo-appcred-secret\"}" |
    shape "token of an application credential"
  api GET /v3/auth/catalog | shape catalog
  api GET /v3 | shape "keystone version"
  api GET /compute/v2.1/ | shape "nova version"
  api GET /networking/ | shape "neutron versions"
  api GET /image/versions | shape "glance versions"
  api GET /placement/ | shape "placement versions"
}

@test "shapes: what an admin sees of hosts and placement" {
  id=$(create a)
  settle
  project=$(api GET "/compute/v2.1/servers/$id" | jq -r .server.tenant_id)
  TOKEN=$(token admin)
  provider=$(api GET /placement/resource_providers | jq -r '.resource_providers[0].uuid')
  api GET /compute/v2.1/os-hypervisors/detail | shape "hypervisors at 2.93"
  VERSION=2.1 api GET /compute/v2.1/os-hypervisors/detail | shape "hypervisors at 2.1"
  api GET /compute/v2.1/os-services | shape "services at 2.93"
  placement() { curl -sS -H "X-Auth-Token: $TOKEN" -H 'OpenStack-API-Version: placement 1.36' "$URL/placement$1"; }
  placement /resource_providers | shape "placement providers"
  placement "/resource_providers/$provider/inventories" | shape "placement inventories"
  placement "/resource_providers/$provider/usages" | shape "placement usages of a provider"
  placement "/usages?project_id=$project" | shape "placement usages of a project"
  placement "/allocations/$id" | jq '.allocations = {PROVIDER: .allocations[]}' |
    shape "placement allocations"
}

@test "microversions come back in the headers" {
  answer=$(curl -sSi -H "X-Auth-Token: $TOKEN" -H 'X-OpenStack-Nova-API-Version: 2.79' \
    "$URL/compute/v2.1/limits" | tr -d '\r')
  grep -qi '^OpenStack-API-Version: compute 2.79$' <<<"$answer"
  grep -qi '^X-OpenStack-Nova-API-Version: 2.79$' <<<"$answer"
  grep -qiE '^x-compute-request-id: req-[0-9a-f-]{36}$' <<<"$answer"
}
