# For bats files: a simulator of their own, and words to talk to it. `load sim`.
# TIDEPOOL_BIN is the folder with tidepool-sim; by default the checkout's build/bin.

SIM=${TIDEPOOL_BIN:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/build/bin}/tidepool-sim

# sim_start [OPTION]...: sets URL, CONTROL, SIM_PID and the client's variables.
sim_start() {
  SIM_DIR=$(mktemp -d "${BATS_TMPDIR:-/tmp}/tidepool-sim-test.XXXXXX")
  # bats waits for whoever holds its descriptor 3.
  "$SIM" --port 0 --state-dir "$SIM_DIR" "$@" >"$SIM_DIR/log" 2>&1 3>&- &
  SIM_PID=$!
  local tries
  for ((tries = 0; tries < 600; tries++)); do
    [[ ! -s $SIM_DIR/sim.json ]] || break
    kill -0 "$SIM_PID" || { cat "$SIM_DIR/log"; return 1; }
    sleep 0.1
  done
  URL=$(jq -r .url "$SIM_DIR/sim.json")
  CONTROL=$(jq -r .control_url "$SIM_DIR/sim.json")
  OS_CLIENT_CONFIG_FILE=$SIM_DIR/clouds.yaml
  OS_CLOUD=demo
  export SIM_DIR SIM_PID URL CONTROL OS_CLIENT_CONFIG_FILE OS_CLOUD
}

sim_stop() {
  [[ ${SIM_PID:-} ]] || return 0
  kill "$SIM_PID" 2>/dev/null || true
  wait "$SIM_PID" 2>/dev/null || true
  rm -rf "$SIM_DIR"
}

# token [PROJECT]: a fresh token of its user.
token() {
  local body
  body=$(jq -n --arg n "${1:-demo}" '{auth: {identity: {methods: ["password"], password: {user:
    {name: $n, domain: {id: "default"}, password: ($n + "-secret")}}},
    scope: {project: {name: $n, domain: {id: "default"}}}}}')
  curl -sS -D - -o /dev/null -H 'Content-Type: application/json' -d "$body" "$URL/v3/auth/tokens" |
    tr -d '\r' | sed -n 's/^X-Subject-Token: //p'
}

# sim_login [PROJECT]: sets TOKEN and the ids that requests need.
sim_login() {
  TOKEN=$(token "${1:-demo}")
  local network
  network=$(api GET /networking/v2.0/networks | jq '.networks[0]')
  NETWORK=$(jq -r .id <<<"$network")
  SUBNET=$(jq -r '.subnets[0]' <<<"$network")
  IMAGE=$(api GET '/image/v2/images?name=rocky9-slurm' | jq -r '.images[0].id')
  export TOKEN NETWORK SUBNET IMAGE
}

# api METHOD PATH [BODY]: prints the answer's body; its status is in $SIM_DIR/status. VERSION is the
# microversion of compute.
api() {
  local -a data=()
  [[ -z ${3:-} ]] || data=(-H 'Content-Type: application/json' -d "$3")
  curl -sS -X "$1" -w '%{stderr}%{http_code}' -H "X-Auth-Token: $TOKEN" \
    -H "OpenStack-API-Version: compute ${VERSION:-2.93}" "${data[@]}" "$URL$2" 2>"$SIM_DIR/status"
}

status() { cat "$SIM_DIR/status"; }

# control METHOD PATH [BODY]
control() { curl -sS -X "$1" ${3:+-d "$3"} "$CONTROL/_sim$2"; }

settle() { [[ $(control GET '/settle?timeout=120s' | jq .settled) == true ]]; }

# server_body NAME [ADDRESS]: a create request.
server_body() {
  jq -nc --arg name "$1" --arg ip "${2:-}" --arg network "$NETWORK" --arg image "$IMAGE" '{server:
    {name: $name, flavorRef: "1", imageRef: $image, metadata: {made: "by a test"}, networks:
    [{uuid: $network} + (if $ip == "" then {} else {fixed_ip: $ip} end)]}}'
}

# create NAME [ADDRESS]: prints the new server's id.
create() { api POST /compute/v2.1/servers "$(server_body "$@")" | jq -r .server.id; }

# act ID ACTION [ARGUMENT]: prints the answer's body.
act() { api POST "/compute/v2.1/servers/$1/action" "{\"$2\": ${3:-null}}"; }

# state ID: "STATUS vm_state task_state power_state", or the HTTP status when there is none.
state() {
  api GET "/compute/v2.1/servers/$1" | jq -r 'if .server then .server | [.status,
    ."OS-EXT-STS:vm_state", ."OS-EXT-STS:task_state" // "None", ."OS-EXT-STS:power_state"] |
    join(" ") else "gone" end'
}

# expect WANTED GOT: fails with both when they differ.
expect() {
  [[ $1 == "$2" ]] || {
    printf 'wanted: %s\ngot:    %s\n' "$1" "$2"
    return 1
  }
}
