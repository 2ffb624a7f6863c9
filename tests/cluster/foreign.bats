#!/usr/bin/env bats
# One project, several owners: another cluster, and people who make servers by hand and give them
# names and metadata that look like ours. None of theirs is ever touched; an orphan of our own is.

load ../lab/lib
load cloud

setup_file() {
  lab_up --nodes 4 --suspend-time 600 --resume-timeout 600
  second_cluster
  # Their slurmd is dead, as an orphan's mostly is: one that slurmctld uses would be left alone.
  printf 'osg-003\nosg-004\n' >"$LAB_DIR/etc/dead-nodes"
}
teardown_file() { lab_down; }

# second_cluster: the same node names in the same project, at other addresses, with a store of its own.
second_cluster() {
  install -d -o slurm -g slurm -m 700 "$LAB_DIR/state/other"
  sed -e 's/^cluster: .*/cluster: other/' -e "s|state/tidepool|state/other|" -e "s|log/tidepool.log|log/other.log|" \
    -e 's/\(addresses: 10\.[0-9]*\)\.1\./\1.5./' -e 's/\(addresses: 10\.[0-9]*\)\.2\./\1.6./' \
    "$LAB_DIR/etc/tidepool.yaml" >"$LAB_DIR/etc/other.yaml"
}
other() { tidepool --config "$LAB_DIR/etc/other.yaml" "$@"; }

# lookalikes: servers that are not ours, one id a line, kept in a file for the next test.
lookalikes() {
  local ours
  ours=$(cluster)
  make_server osg-002 '{}'
  make_server osg-003 '{"tidepool-node": "osg-003", "tidepool-lease": "6a1b2c3d-0000-4000-8000-000000000001"}'
  make_server osg-004 "{\"tidepool-cluster\": \"${ours}0\", \"tidepool-node\": \"osg-004\", \"tidepool-lease\": \"6a1b2c3d-0000-4000-8000-000000000002\"}"
  make_server osg-004 "{\"tidepool-cluster\": \"${ours^^}\", \"tidepool-node\": \"osg-004\", \"tidepool-lease\": \"6a1b2c3d-0000-4000-8000-000000000003\"}"
  make_server "tidepool-$ours-osg-001" "{\"cluster\": \"$ours\", \"node\": \"osg-001\"}"
  # Ours by the cluster's word, but of no node: somebody's own, who copied a line.
  make_server login "{\"tidepool-cluster\": \"$ours\"}"
}
# orphan NODE: a server of our own that no lease claims.
orphan() {
  make_server "$1" "{\"tidepool-cluster\": \"$(cluster)\", \"tidepool-node\": \"$1\", \"tidepool-lease\": \"6a1b2c3d-0000-4000-8000-00000000000$2\", \"tidepool-pool\": \"osg\"}"
}
all_there() {
  local id
  while read -r id; do
    has_server "$id" || { echo "gone: $id" && return 1; }
  done <"$LAB_DIR/theirs"
}

@test "reconcile deletes our orphan at once, and no server of others" {
  other node create osg-001
  cloud_servers | jq -r '.[].id' >"$LAB_DIR/theirs"
  [ "$(wc -l <"$LAB_DIR/theirs")" -eq 1 ]
  lookalikes >>"$LAB_DIR/theirs"
  [ "$(sort -u "$LAB_DIR/theirs" | grep -c .)" -eq 7 ]
  mine=$(orphan osg-004 7)
  cloud_settles

  run tidepool reconcile --dry-run --grace 0s --json
  echo "$output"
  [ "$status" -eq 0 ]
  [ "$(jq -r '.[].server' <<<"$output")" = "$mine" ]
  [ "$(jq -r '.[].action' <<<"$output")" = "would be deleted" ]
  has_server "$mine"

  # A minute's grace: it is younger.
  tidepool reconcile --grace 1h
  has_server "$mine"
  tidepool reconcile --grace 0s
  wait_until 100 has_no_server "$mine"
  all_there
}

@test "node create and node delete under a name that others use touch only our own server" {
  tidepool node create osg-001
  tidepool node create osg-002
  mine=$(server_of osg-002)
  [ "$(grep -c . <<<"$mine")" -eq 1 ]
  # And the other way round: our servers are foreign to the second cluster.
  other reconcile --grace 0s
  has_server "$mine"
  has_server "$(server_of osg-001)"
  tidepool node delete osg-001 osg-002 --force
  wait_until 100 has_no_server "$mine"
  [ -z "$(server_of osg-001)" ]
  all_there
}

@test "a worker that stays sweeps our orphan and leaves all others" {
  tidepool work --stay 3>&- &
  worker=$!
  mine=$(orphan osg-003 8)
  # The lab's grace is ten seconds.
  wait_until 200 has_no_server "$mine"
  noted osg-003 "orphan deleted"
  kill -TERM "$worker"
  wait "$worker"
  all_there
  servers_are 7
}

@test "an address that somebody else's server has is told to Slurm, and that server stays" {
  address=$(row osg-003 | jq -r .address)
  theirs=$(make_server mailhost '{}' "$address")
  cloud_settles
  job=$(submit -p osg -w osg-003 --wrap hostname)
  wait_until 250 noted osg-003 "given up"
  wait_until 100 reason_has osg-003 "tidepool: address_in_use"
  [ "$(job_state "$job")" = PENDING ]
  scancel "$job"
  has_server "$theirs"
  all_there
}
reason_has() { [[ $(node_field "$1" Reason) == *"$2"* ]]; }
