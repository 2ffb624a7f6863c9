#!/usr/bin/env bats
# Time limit: 3000 s: a start from nothing and several more, on two cores that others use too.
# The cloud of real services itself: that it works, that settings and services can be changed under it,
# and that nothing is left of it.
bats_require_minimum_version 1.5.0

setup_file() {
  type -P nova-conductor neutron-server >/dev/null ||
    skip "the packages of tests/openstack/packages are not installed: ./run openstack up does it"
  CLOUD=$BATS_TEST_DIRNAME/cloud
  OPENSTACK_DIR=$(mktemp -d /tmp/tidepool-openstack.XXXXXX)
  FILE_PID=$$
  export CLOUD OPENSTACK_DIR FILE_PID
  up
  eval "$("$CLOUD" env)"
  BASE=$(sed -n 's/^PORT_BASE=//p' "$OPENSTACK_DIR/settings")
  # The stock client takes seconds to start; what is asked often is asked with curl.
  TOKEN=$(openstack token issue -f value -c id)
  ADMIN_TOKEN=$(openstack --os-cloud admin token issue -f value -c id)
  export BASE TOKEN ADMIN_TOKEN
  NETWORK=$(api GET 3/v2.0/networks?name=hpc | jq -r '.networks[0].id')
  CAMPUS=$(api GET 3/v2.0/networks?name=campus | jq -r '.networks[0].id')
  IMAGE=$(api GET 2/v2/images?name=rocky9-slurm | jq -r '.images[0].id')
  export NETWORK CAMPUS IMAGE
}

teardown_file() {
  [ -z "${OPENSTACK_DIR:-}" ] || "$CLOUD" down
}

up() { "$CLOUD" up --owner "$FILE_PID" "$@"; }

# marked: the cloud's processes, by what they carry in their environment.
marked() {
  { grep -lszE "^TIDEPOOL_OPENSTACK_PROCESS=$OPENSTACK_DIR:" /proc/[0-9]*/environ || true; } |
    cut -d/ -f3
}

# sockets: addresses that the cloud's processes listen on, TCP and UDP.
sockets() {
  local pids
  pids=$(marked | paste -sd'|')
  [ -n "$pids" ]
  ss -Hltunp | grep -E "pid=($pids)," | awk '{ print $5 }'
}

first_pid() { cut -d' ' -f1 "$OPENSTACK_DIR/run/$1.pid"; }

wait_until() { # SECONDS COMMAND…
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || { echo "not within the time: $*" && return 1; }
    sleep 0.5
  done
}

# api METHOD PORT/PATH [BODY]: PORT counted from the cloud's first. Prints the answer's body.
api() {
  curl -sS -m 300 --noproxy '*' -X "$1" -H "X-Auth-Token: ${AS:-$TOKEN}" -H 'OpenStack-API-Version: compute 2.93' \
    -H 'Content-Type: application/json' ${3:+-d "$3"} "http://127.0.0.1:$((BASE + ${2%%/*}))/${2#*/}"
}
nova() { api "$1" "4/v2.1$2" "${@:3}"; }

# create NAME ADDRESS [FLAVOR]: prints the answer.
create() {
  nova POST /servers "{\"server\": {\"name\": \"$1\", \"flavorRef\": \"${3:-1}\", \"imageRef\": \"$IMAGE\",
    \"networks\": [{\"uuid\": \"$NETWORK\", \"fixed_ip\": \"$2\"}]}}"
}
id_of() { nova GET "/servers?name=^$1\$" | jq -er '.servers[0].id'; }
field() { nova GET "/servers/$(id_of "$1")" | jq -r ".server$2"; }
act() { nova POST "/servers/$(id_of "$1")/action" "{\"$2\": null}"; }
has_status() { [ "$(field "$1" .status)" = "$2" ]; }
gone() { [ "$(nova GET "/servers?name=^$1\$" | jq '.servers | length')" = 0 ]; }

# boot NAME ADDRESS: until it is ACTIVE.
boot() {
  create "$@"
  wait_until 300 has_status "$1" ACTIVE
}
destroy() {
  nova DELETE "/servers/$(id_of "$1")"
  wait_until 300 gone "$1"
}

@test "every service runs, and listens on loopback only" {
  run "$CLOUD" status
  [ "$status" -eq 0 ]
  [ "$(grep -c ' runs ' <<<"$output")" -eq 13 ]
  run sockets
  [ "${#lines[@]}" -ge 10 ]
  run ! grep -vE '^(127\.|\[::1\]|\[::ffff:127\.)' <<<"$output"
}

@test "passwords are in no file that others can read, and in no command line" {
  [ "$(stat -c %a "$OPENSTACK_DIR")" = 700 ]
  run find "$OPENSTACK_DIR" -path '*/data/mariadb/*' -prune -o -path '*/run/*' -prune -o \
    -perm /077 '(' -type f -o -type d ')' -print
  [ "$output" = "" ]
  local pid secret
  for pid in $(marked); do
    while IFS= read -r secret; do
      run ! grep -aqsF "$secret" "/proc/$pid/cmdline"
    done < <(sed 's/.*=//' "$OPENSTACK_DIR/secrets")
  done
}

@test "a password and an application credential give tokens" {
  [ -n "$(openstack token issue -f value -c id)" ]
  OS_CLOUD=demo-appcred openstack token issue -f value -c project_id >"$BATS_TEST_TMPDIR/credential"
  [ "$(cat "$BATS_TEST_TMPDIR/credential")" = "$(openstack token issue -f value -c project_id)" ]
}

@test "a server gets its address, is ACTIVE, and is deleted" {
  boot one 10.20.0.11
  [ "$(field one '.addresses.hpc[0].addr')" = 10.20.0.11 ]
  destroy one
  [ "$(api GET 3/v2.0/ports | jq -c .ports)" = "[]" ]
}

@test "the huge flavor fits on no host" {
  create big 10.20.0.20 4
  wait_until 300 has_status big ERROR
  [[ $(field big .fault.message) == "No valid host was found"* ]]
  destroy big
}

@test "on somebody else's shared network a member may choose no address" {
  local fixed=', "fixed_ips": [{"ip_address": "10.99.0.20"}]'
  run api POST 3/v2.0/ports "{\"port\": {\"network_id\": \"$CAMPUS\"$fixed}}"
  [ "$(jq -r .NeutronError.type <<<"$output")" = PolicyNotAuthorized ]
  run api POST 3/v2.0/ports "{\"port\": {\"network_id\": \"$CAMPUS\"}}"
  [[ $(jq -r '.port.fixed_ips[0].ip_address' <<<"$output") == 10.99.0.* ]]
  api DELETE "3/v2.0/ports/$(jq -r .port.id <<<"$output")"
}

@test "a second up says that it is up already and changes nothing" {
  local before
  before=$(cat "$OPENSTACK_DIR"/run/*.pid "$OPENSTACK_DIR/clouds.yaml")
  run up
  [ "$status" -eq 0 ]
  [[ $output == *"is up already"* ]]
  [ "$(cat "$OPENSTACK_DIR"/run/*.pid "$OPENSTACK_DIR/clouds.yaml")" = "$before" ]
}

@test "settings are changed on the running cloud, and restart only whom they concern" {
  local api compute
  boot shelf 10.20.0.12
  api=$(first_pid nova-api) compute=$(first_pid nova-compute)
  up --offload-time -1
  [ "$(first_pid nova-api)" = "$api" ]
  [ "$(first_pid nova-compute)" != "$compute" ]
  act shelf shelve
  wait_until 300 has_status shelf SHELVED
  compute=$(first_pid nova-compute)
  up --count-from-placement --quota-cores 1
  [ "$(first_pid nova-api)" != "$api" ]
  [ "$(first_pid nova-compute)" = "$compute" ]
  # On its host it fills the quota; off it, counted in placement, it does not.
  run create second 10.20.0.13
  [[ $(jq -r .forbidden.message <<<"$output") == "Quota exceeded for cores"* ]]
  AS=$ADMIN_TOKEN nova POST "/servers/$(id_of shelf)/action" '{"shelveOffload": null}'
  wait_until 300 has_status shelf SHELVED_OFFLOADED
  boot second 10.20.0.13
  destroy second
  destroy shelf
  up --offload-time 0 --count-from-database --quota-cores -1
  grep -qx OFFLOAD_TIME=0 "$OPENSTACK_DIR/settings"
}

@test "a paused nova-compute takes nothing on, and does its work when it goes on" {
  boot two 10.20.0.14
  "$CLOUD" service pause nova-compute
  run "$CLOUD" status
  [ "$status" -ne 0 ]
  [[ $output == *paused* ]]
  act two suspend
  [ "$(field two '."OS-EXT-STS:task_state"')" = suspending ]
  "$CLOUD" service continue nova-compute
  wait_until 300 has_status two SUSPENDED
  destroy two
}

@test "nova-api and RabbitMQ are restarted, and the cloud works on" {
  "$CLOUD" service restart rabbitmq
  "$CLOUD" service restart nova-api
  "$CLOUD" status
  # Services find the queue again in their own time; what they were asked meanwhile is not lost.
  boot three 10.20.0.15
  destroy three
}

@test "what was killed is found out, and made good by the next up" {
  local survivor=''
  # A uWSGI master alone, an Erlang node without its script, neutron's parent.
  kill -KILL "$(first_pid placement)" "$(first_pid rabbitmq)" "$(first_pid neutron)"
  survivor=$(first_pid mariadb)
  wait_until 60 dead placement rabbitmq neutron
  up
  "$CLOUD" status
  [ "$(first_pid mariadb)" = "$survivor" ]
  boot four 10.20.0.16
  destroy four
}

dead() {
  local name
  for name in "$@"; do
    "$CLOUD" status | grep -qE "^  $name +DEAD" || return 1
  done
}

@test "down and up after kills of anything lose nothing and leave nothing" {
  local dir=$OPENSTACK_DIR pid
  boot five 10.20.0.17
  # shellcheck disable=SC2046 # a word each
  kill -KILL $(marked | shuf -n 15)
  "$CLOUD" down --keep
  [ "$(marked)" = "" ]
  [ "$(ss -Hltn "sport >= :$BASE and sport < :$((BASE + 10))")" = "" ]
  # An up that is killed in the middle leaves services, and perhaps a step that runs.
  "$CLOUD" up 3>&- &
  pid=$!
  wait_until 300 test -e "$dir/run/keystone.pid"
  kill -KILL "$pid"
  wait "$pid" || true
  [ -n "$(marked)" ]
  up
  has_status five ACTIVE
  # shellcheck disable=SC2046 # a word each
  kill -KILL $(marked | shuf -n 15)
  "$CLOUD" down
  [ "$(marked)" = "" ]
  [ ! -e "$dir" ]
  [ "$(ss -Hltn "sport >= :$BASE and sport < :$((BASE + 10))")" = "" ]
  run "$CLOUD" down
  [ "$status" -eq 0 ]
  [[ $output == *"is down"* ]]
}

@test "a folder that is no cloud's is left alone" {
  local dir=$BATS_TEST_TMPDIR/other
  mkdir "$dir"
  echo precious >"$dir/file"
  run "$CLOUD" up --dir "$dir"
  [ "$status" -ne 0 ]
  run "$CLOUD" down --dir "$dir"
  [ "$status" -ne 0 ]
  [ "$(cat "$dir/file")" = precious ]
}

@test "wrong options are refused with what would be right" {
  run "$CLOUD" up --offload-time 5
  [ "$status" -eq 2 ]
  [[ $output == *"0 or -1"* ]]
  run "$CLOUD" up --no-such-option 1
  [ "$status" -eq 2 ]
  [[ $output == *--no-such-option* ]]
  run "$CLOUD" service stop nova
  [ "$status" -eq 2 ]
  [[ $output == *nova-compute* ]]
  run "$CLOUD" env --dir "$BATS_TEST_TMPDIR/none"
  [ "$status" -ne 0 ]
  [[ $output == *"no cloud is up"* ]]
}
