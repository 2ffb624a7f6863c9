# For bats files: what somebody else does in the same project, by the cloud's own API, and what the
# cloud's owner sees. `load cloud`, after ../lab/lib. The cloud is the simulator, unless the file has
# loaded another cloud's words before (tests/real/real.bash).

declare -F cloud_servers >/dev/null ||
  # shellcheck source=tests/cluster/simulator.bash
  source "$(dirname "${BASH_SOURCE[0]}")/simulator.bash"

# member METHOD PATH [JSON], admin METHOD PATH [JSON]: as the project's member, for example
# `member GET compute/v2.1/servers`, or as the cloud's administrator. Prints the answer; fails on a
# status of 400 or more.
member() { _as demo "$@"; }
admin() { _as admin "$@"; }

# The token is in a file, and stays out of the arguments, which everybody can read.
_as() {
  local url file=$LAB_DIR/$1.token
  url=$(cloud_url "${3%%/*}")/${3#*/}
  [[ -s $file ]] || (umask 077 && _token_of "$1" >"$file")
  curl --silent --show-error --fail-with-body --noproxy '*' --max-time 100 -X "$2" -H "@$file" \
    ${4:+-H 'Content-Type: application/json' --data "$4"} "$url"
}

# _token_of USER: a header line with one for the project of the same name.
_token_of() {
  PASSWORD=$(cloud_password "$1") jq -n --arg n "$1" '{auth: {
      identity: {methods: ["password"], password: {user: {name: $n, domain: {name: "Default"},
        password: env.PASSWORD}}},
      scope: {project: {name: $n, domain: {name: "Default"}}}}}' |
    curl --silent --noproxy '*' -o /dev/null -D - -H 'Content-Type: application/json' --data @- \
      "$(cloud_url identity)/v3/auth/tokens" |
    tr -d '\r' | sed -n 's/^X-Subject-Token:/X-Auth-Token:/Ip'
}

# make_server NAME METADATA [ADDRESS]: by hand, on the nodes' network. Prints its id.
make_server() {
  local flavor image network
  flavor=$(member GET compute/v2.1/flavors |
    jq -r --arg n "$CLOUD_FLAVOR" '.flavors[] | select(.name == $n) | .id')
  image=$(member GET image/v2/images | jq -r '.images[0].id')
  network=$(member GET networking/v2.0/networks | jq -r '.networks[] | select(.name == "hpc") | .id')
  member POST compute/v2.1/servers "$(jq -n --arg name "$1" --argjson metadata "$2" --arg ip "${3:-}" \
    --arg flavor "$flavor" --arg image "$image" --arg network "$network" \
    '{server: {name: $name, flavorRef: $flavor, imageRef: $image, metadata: $metadata,
      networks: [{uuid: $network} + (if $ip == "" then {} else {fixed_ip: $ip} end)]}}')" | jq -r .server.id
}

cluster() { echo "lab$(cat "$LAB_DIR/id")"; }
servers_are() { [[ $(cloud_servers | jq length) == "$1" ]]; }
no_servers() { servers_are 0; }
has_server() { cloud_servers | jq -e --arg id "$1" 'any(.[]; .id == $id)' >/dev/null; }
has_no_server() { [[ $(cloud_servers | jq --arg id "$1" 'any(.[]; .id == $id)') == false ]]; }
# server_of NODE: the ids of the servers that this cluster has for the node.
server_of() {
  cloud_servers | jq -r --arg node "$1" --arg cluster "$(cluster)" '.[]
    | select(.metadata["tidepool-cluster"] == $cluster and .metadata["tidepool-node"] == $node) | .id'
}
# server_status NODE: of the server of that name, in Nova's words.
server_status() { cloud_servers | jq -r --arg n "$1" '.[] | select(.name == $n) | .status'; }
server_status_is() { [[ $(server_status "$1") == "$2" ]]; }
# no_ports: none that nova made is left.
no_ports() { [[ $(cloud_ports | jq length) == 0 ]]; }

# row NODE: its line of `pool list`.
row() { tidepool pool list --json | jq --arg n "$1" '.[] | select(.name == $n)'; }
row_is() { [[ $(row "$1" | jq -r .status) == "$2" ]]; }
# noted NODE WORDS: has tidepool said so of the node? A Reason goes when a node is used again, this stays.
noted() { tidepool status --node "$1" --events 200 --json | jq -e --arg w "$2" 'any(.events[]; (.event + " " + .detail) | contains($w))'; }
# rested POOL: it has no rest any more.
rested() { tidepool status --json | jq -e --arg p "$1" '.pools[$p].rests_until == null'; }
no_worker() { tidepool status --json | jq -e '.worker == null'; }
# log_length: of tidepool's log, in lines.
log_length() { wc -l <"$LAB_DIR/log/tidepool.log"; }
# said_since LINE WORDS TIMES: tidepool's log has them so often after that line.
said_since() { (($(tail -n "+$(($1 + 1))" "$LAB_DIR/log/tidepool.log" | grep -c -- "$2") >= $3)); }
