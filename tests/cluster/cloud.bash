# For bats files: what somebody else does in the same project, by the cloud's own API, and what the
# cloud's owner sees. `load cloud`, after ../lab/lib.

# member METHOD PATH [JSON], admin METHOD PATH [JSON]: as the project's member, for example
# `member GET compute/v2.1/servers`, or as the cloud's administrator. Prints the answer; fails on a
# status of 400 or more.
member() { _as demo "$@"; }
admin() { _as admin "$@"; }

_as() {
  local url file=$LAB_DIR/$1.token
  url=$(jq -r .url "$LAB_DIR/sim/sim.json")
  [[ -s $file ]] || _token_of "$1" "$url" >"$file"
  curl --silent --show-error --fail-with-body --noproxy '*' -X "$2" -H "X-Auth-Token: $(cat "$file")" \
    ${4:+-H 'Content-Type: application/json' --data "$4"} "$url/$3"
}

# _token_of USER URL: for the project of the same name.
_token_of() {
  local body
  body=$(jq -n --arg n "$1" '{auth: {identity: {methods: ["password"], password: {user: {name: $n,
    domain: {name: "Default"}, password: ($n + "-secret")}}},
    scope: {project: {name: $n, domain: {name: "Default"}}}}}')
  curl --silent --noproxy '*' -o /dev/null -D - -H 'Content-Type: application/json' --data "$body" \
    "$2/v3/auth/tokens" | tr -d '\r' | sed -n 's/^X-Subject-Token: //Ip'
}

# make_server NAME METADATA [ADDRESS]: by hand, on the nodes' network. Prints its id.
make_server() {
  local flavor image network
  flavor=$(member GET compute/v2.1/flavors | jq -r '.flavors[] | select(.name == "hpc.small") | .id')
  image=$(member GET image/v2/images | jq -r '.images[0].id')
  network=$(member GET networking/v2.0/networks | jq -r '.networks[] | select(.name == "hpc") | .id')
  member POST compute/v2.1/servers "$(jq -n --arg name "$1" --argjson metadata "$2" --arg ip "${3:-}" \
    --arg flavor "$flavor" --arg image "$image" --arg network "$network" \
    '{server: {name: $name, flavorRef: $flavor, imageRef: $image, metadata: $metadata,
      networks: [{uuid: $network} + (if $ip == "" then {} else {fixed_ip: $ip} end)]}}')" | jq -r .server.id
}

cluster() { echo "lab$(cat "$LAB_DIR/id")"; }
servers_are() { [[ $(sim_api GET servers | jq '.servers | length') == "$1" ]]; }
has_server() { sim_api GET servers | jq -e --arg id "$1" 'any(.servers[]; .id == $id)' >/dev/null; }
has_no_server() { [[ $(sim_api GET servers | jq --arg id "$1" 'any(.servers[]; .id == $id)') == false ]]; }
# server_of NODE: the ids of the servers that this cluster has for the node.
server_of() {
  sim_api GET servers | jq -r --arg node "$1" --arg cluster "$(cluster)" '.servers[]
    | select(.metadata["tidepool-cluster"] == $cluster and .metadata["tidepool-node"] == $node) | .id'
}
# no_ports: none that nova made is left.
no_ports() { [[ $(sim_api GET ports | jq '[.ports[] | select(.made_by_nova)] | length') == 0 ]]; }

# row NODE: its line of `pool list`.
row() { tidepool pool list --json | jq --arg n "$1" '.[] | select(.name == $n)'; }
row_is() { [[ $(row "$1" | jq -r .status) == "$2" ]]; }
# noted NODE WORDS: has tidepool said so of the node? A Reason goes when a node is used again, this stays.
noted() { tidepool status --node "$1" --events 200 --json | jq -e --arg w "$2" 'any(.events[]; (.event + " " + .detail) | contains($w))'; }
# rested POOL: it has no rest any more.
rested() { tidepool status --json | jq -e --arg p "$1" '.pools[$p].rests_until == null'; }
