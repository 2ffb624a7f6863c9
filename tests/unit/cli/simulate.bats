#!/usr/bin/env bats
# tidepool simulate: a trace in, figures out; what is wrong is told with its place, and nothing printed.

bats_require_minimum_version 1.5.0

setup() {
  ROOT=$(cd "$BATS_TEST_DIRNAME/../../.." && pwd)
  PATH=${TIDEPOOL_BIN:-$ROOT/build/bin}:$PATH
  cd "$BATS_TEST_TMPDIR" || return 1
  cat >pool.yaml <<YAML
cluster: c
cloud: {name: nowhere}
state: {dir: $BATS_TEST_TMPDIR/none}
pools:
  osg: {nodes: 'o[1-4]', addresses: '10.0.1.[1-4]', network: n, flavor: f, image: i, partition: osg}
  compute: {nodes: 'n[1-4]', addresses: '10.0.0.[1-4]', network: n, flavor: f, image: i, partition: compute}
reclaim:
  opportunistic: [{name: osg, partitions: [osg], modes: [hibernate], min_run: 0s}]
  settle: 0s
YAML
  export TIDEPOOL_CONFIG=$BATS_TEST_TMPDIR/pool.yaml
  # Four pilots; after ten minutes a normal job of two nodes.
  cat >trace.txt <<'TRACE'
JobID|Submit|ElapsedRaw|NCPUS|Partition
1|1767571200|3600|8|osg
2|1767571200|3600|8|osg
3|1767571200|3600|8|osg
4|1767571200|3600|8|osg
5|1767571800|600|16|compute
TRACE
}

# says STATUS WORDS COMMAND...
says() {
  run --separate-stderr "${@:3}"
  # shellcheck disable=SC2154 # run sets it
  echo "status $status: $stderr"
  [ "$status" -eq "$1" ]
  [[ $stderr == *"$2"* ]]
  [ -z "$output" ]
}

# of WAY EXPRESSION: from the last JSON.
of() { jq -r --arg way "$1" ".ways[] | select(.way == \$way) | $2" out.json; }

@test "hold loses nothing where kill does" {
  tidepool simulate trace.txt --json >out.json
  [ "$(jq .jobs out.json)" -eq 5 ]
  [ "$(of hold '"\(.holds) \(.returns) \(.requeues) \(.normal.wait.mean_s)"')" = "2 2 0 150" ]
  [ "$(of hold .opportunistic.lost_core_hours)" = 0 ] || [ "$(of hold .opportunistic.lost_core_hours)" = 0.0 ]
  # Killed 510 s after they began: 2 * 8 cores * 510 s.
  [ "$(of kill '"\(.holds) \(.requeues) \(.normal.wait.mean_s)"')" = "0 2 96" ]
  [ "$(of kill '.opportunistic.lost_core_hours * 3600 | round')" -eq 8160 ]
  [ "$(of none '"\(.holds) \(.requeues)"')" = "0 0" ]
  [ "$(of none '.normal.wait.mean_s > 3000')" = true ]
  tidepool simulate trace.txt --compare hold --hold-time 10s --return-time 10s --boot-time 30s --json >out.json
  [ "$(jq '.ways | length' out.json)" -eq 1 ]
  [ "$(of hold .normal.wait.mean_s)" = 40 ] || [ "$(of hold .normal.wait.mean_s)" = 40.0 ]
}

@test "--events tells what happened to each job" {
  tidepool simulate trace.txt --compare hold --events events >/dev/null
  grep -qxF $'hold\t2026-01-05T00:10:00Z\theld\t1' events
  [ "$(grep -c ended events)" -eq 5 ]
  says 1 "--events: none/x: No such file" tidepool simulate trace.txt --events none/x
}

@test "the table has a column for each way" {
  run tidepool simulate trace.txt
  [ "$status" -eq 0 ]
  grep -qE '^ +hold +kill +none$' <<<"$output"
  grep -qF 'room in placement: 4 instances, 32 cores, 128 GiB' <<<"$output"
  grep -qF 'hibernate: 60 s to hold, 60 s to return (not probed); frees 1 instance, 8 cores, 32 GiB of a node' <<<"$output"
  grep -qE '^core-hours of work lost +0 +2 +0$' <<<"$output"
}

@test "a generated trace is the same each time, and can be replayed" {
  tidepool simulate --generate --days 2 --cluster-nodes 20 --seed 7 >a.swf
  tidepool simulate --generate --days 2 --cluster-nodes 20 --seed 7 >b.swf
  cmp a.swf b.swf
  [ "$(grep -vc '^;' a.swf)" -gt 10 ]
  tidepool simulate a.swf --nodes osg=20 --nodes compute=20 --compare hold,kill --json >out.json
  [ "$(of hold '.normal.ended + .opportunistic.ended')" -eq "$(jq .jobs out.json)" ]
  [ "$(of hold '.too_large + .stuck')" -eq 0 ]
  [ "$(of hold '.most_used.cores <= 160')" = true ]
}

@test "queues of a trace get the partitions' names" {
  printf '%s\n' '1 0 -1 600 8 -1 -1 8 -1 -1 1 -1 -1 -1 3 -1 -1 -1' >q.swf
  tidepool simulate q.swf --queue 3=osg --compare hold --json >out.json
  [ "$(of hold .opportunistic.jobs)" -eq 1 ]
  says 2 "--queue: the trace has no queue 4" tidepool simulate q.swf --queue 4=osg
}

@test "bad lines are told with their place, and left out only when asked" {
  echo '6|yesterday|600|8|osg' >>trace.txt
  says 1 "trace.txt:7: error: Submit: 'yesterday' is not a time" tidepool simulate trace.txt
  [[ $stderr == *"--skip-bad leaves bad lines out"* ]]
  run --separate-stderr tidepool simulate trace.txt --skip-bad --json
  [ "$status" -eq 0 ]
  [ "$(jq .jobs <<<"$output")" -eq 5 ]
  says 1 "none.txt" tidepool simulate none.txt
  : >empty
  says 1 "empty: error: is empty" tidepool simulate empty
}

@test "wrong options and pool files" {
  says 2 "name a trace, or --generate one" tidepool simulate
  says 2 "--book: 'nova' is not hypervisor, placement or quota" tidepool simulate trace.txt --book nova
  says 2 "--compare: 'freeze' is not hold, kill or none" tidepool simulate trace.txt --compare freeze
  says 2 "--hold-time: 'soon' is not a duration" tidepool simulate trace.txt --hold-time soon
  says 2 "--ram: '12' is not a size; write 256G or 512M" tidepool simulate trace.txt --ram 12
  says 2 "--nodes: the pool file has no pool x" tidepool simulate trace.txt --nodes x=3
  says 2 "--nodes: '0' is not a number of nodes" tidepool simulate trace.txt --nodes osg=0
  sed '/^reclaim/,$d' pool.yaml >none.yaml
  says 3 "none.yaml has no reclaim: section" tidepool simulate trace.txt --policy none.yaml
  says 3 "pools.osg.flavour" tidepool simulate trace.txt --policy <(sed 's/flavor/flavour/' pool.yaml)
}
